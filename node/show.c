/* The command `show`: reads the store, also beside a running node. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hex.h"
#include "base/json.h"
#include "base/mem.h"
#include "chain/crypto.h"
#include "chain/signers.h"
#include "chain/view.h"
#include "node/cli.h"
#include "node/offline.h"

enum { ANSWER_MAX = 2 * BLOCK_MAX_ENCODED + 65536 };

struct show {
	struct offline o;
	struct json_wr j; /* everything is built as one JSON object, and printed from it */
	uint8_t block[BLOCK_MAX_ENCODED];
	const char *missing; /* what was not found */
};

/* ---- parts of the answer ---- */

static void put_time(struct json_wr *j, const char *key, int64_t seconds)
{
	time_t t = (time_t)seconds;
	char text[64] = "";
	struct tm tm;

	if (gmtime_r(&t, &tm))
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	json_i64(j, "timestamp", seconds);
	json_str(j, key, text);
}

static void put_keys(struct json_wr *j, const char *name, const uint8_t (*keys)[KEY_SIZE], size_t n)
{
	json_open(j, name, '[');
	for (size_t i = 0; i < n; i++)
		json_hex(j, NULL, slice_of(keys[i], KEY_SIZE));
	json_close(j, ']');
}

static void put_transaction(struct json_wr *j, const struct transaction *t)
{
	json_open(j, "transaction", '{');
	json_text(j, "class", t->class_name);
	json_hex(j, "identity", t->identity);
	json_hex(j, "confirmation", t->confirmation);
	json_hex(j, "signing", t->signing);
	json_hex(j, "encryption", t->encryption);
	json_text(j, "data", t->data);
	json_close(j, '}');
}

/* Who may sign a full block, and whether it is locked. */
static void put_signers(struct show *s, uint64_t index)
{
	struct view *v = chain_view(s->o.chain);
	struct head h;
	struct draw d;

	if (!view_head(v, index, &h))
		return;
	signers_draw(v, &h, &d);
	put_keys(&s->j, "drawn", (const uint8_t(*)[KEY_SIZE])d.keys, d.n);
	json_bool(&s->j, "locked", signers_locked(v, &h, UINT64_MAX));
}

static void put_block(struct show *s, const struct block *b, size_t size)
{
	struct json_wr *j = &s->j;

	json_u64(j, "index", b->index);
	put_time(j, "time", b->timestamp);
	json_u64(j, "version", b->version);
	json_u64(j, "difficulty", b->difficulty);
	json_u64(j, "random", b->random);
	json_u64(j, "nonce", b->nonce);
	json_hex(j, "hash", b->hash);
	json_hex(j, "prev_block_hash", b->prev_hash);
	json_hex(j, "pub_key", b->pub_key);
	json_hex(j, "signature", b->signature);
	json_u64(j, "bytes", size);
	if (!b->full)
		return;
	put_transaction(j, &b->tx);
	put_signers(s, b->index);
}

/* ---- what can be shown ---- */

static bool parse_hash(const char *text, uint8_t hash[32])
{
	size_t n;

	return hex_decode(slice_str(text), hash, 32, &n) && n == 32;
}

static bool show_block(struct show *s, const char *what)
{
	struct block_owned *b;
	uint8_t hash[32];
	size_t n;
	uint64_t index = parse_hash(what, hash) ? chain_index_of(s->o.chain, hash)
						: strtoull(what, NULL, 10);

	s->missing = "block";
	if (!index || chain_read(s->o.chain, index, s->block, sizeof s->block, &n) != ERR_OK ||
		block_decode_owned(slice_of(s->block, n), &b) != ERR_OK)
		return false;
	put_block(s, &b->b, n);
	mem_free(b);
	return true;
}

static bool show_chain(struct show *s, const char *what)
{
	struct json_wr *j = &s->j;
	struct view *v = chain_view(s->o.chain);
	struct rank_walk w = RANK_START;
	struct ban ban = {0};
	struct chain_tip t;
	uint64_t authors = 0, bans = 0;

	(void)what;
	chain_get_tip(s->o.chain, &t);
	while (view_rank_next(v, &w))
		authors++;
	while (view_ban_after(v, &ban))
		bans++;
	json_hex(j, "origin", slice_of(s->o.params.origin, 32));
	json_u64(j, "height", t.height);
	json_hex(j, "tip", slice_of(t.hash, t.height ? HASH_SIZE : 0));
	put_time(j, "tip_time", t.timestamp);
	json_u64(j, "last_full_block", t.last_full);
	json_u64(j, "authors", authors);
	json_u64(j, "banned_signers", bans);
	return true;
}

/* A name, or its identity in hex. */
static bool show_domain(struct show *s, const char *what)
{
	struct view *v = chain_view(s->o.chain);
	uint8_t identity[32];
	struct domain_row row;
	struct block_owned *b;
	size_t n;

	s->missing = "domain";
	if (!parse_hash(what, identity))
		crypto_identity(slice_str(what), slice_of(NULL, 0), identity, NULL);
	if (!view_domain(v, slice_of(identity, 32), view_height(v) + 1, &row) ||
		chain_read(s->o.chain, row.id, s->block, sizeof s->block, &n) != ERR_OK ||
		block_decode_owned(slice_of(s->block, n), &b) != ERR_OK)
		return false;
	json_hex(&s->j, "identity", slice_of(identity, 32));
	json_u64(&s->j, "block", row.id);
	put_time(&s->j, "time", row.timestamp);
	json_hex(&s->j, "owner", b->b.tx.signing.n ? b->b.tx.signing : b->b.pub_key);
	json_text(&s->j, "data", b->b.tx.data);
	mem_free(b);
	return true;
}

static bool show_key(struct show *s, const char *what)
{
	struct view *v = chain_view(s->o.chain);
	uint8_t key[32];
	struct head full;
	struct ban ban;

	s->missing = "key";
	if (!parse_hash(what, key))
		return false;
	uint64_t end = view_height(v) + 1, count = view_count(v, key, end);
	if (!count)
		return false;
	json_hex(&s->j, "pub_key", slice_of(key, 32));
	json_u64(&s->j, "blocks", count);
	json_u64(&s->j, "last_full_block", view_last_full_of(v, end, key, &full) ? full.index : 0);
	json_bool(&s->j, "banned", view_ban_of(v, key, &ban));
	return true;
}

static const struct topic {
	const char *name;
	bool (*show)(struct show *s, const char *what);
	bool has_arg;
} topics[] = {
	{"block", show_block, true},
	{"domain", show_domain, true},
	{"key", show_key, true},
	{"chain", show_chain, false},
};

/* ---- output ---- */

static void print_text(struct slice object)
{
	struct slice key, value;
	char name[64];
	size_t n;

	for (size_t at = 0; json_member(object, &at, &key, &value);) {
		if (!json_get_text(key, (uint8_t *)name, sizeof name - 1, &n))
			continue;
		bool quoted = value.n >= 2 && value.p[0] == '"';
		printf("%-18.*s %.*s\n", (int)n, name, (int)(value.n - (quoted ? 2 : 0)),
			(const char *)value.p + quoted);
	}
}

static int run_topic(struct show *s, const struct topic *t, const struct cli *cli)
{
	struct wr w = wr_of(mem_alloc(ANSWER_MAX), ANSWER_MAX);
	int status = EXIT_TASK_FAILED;

	if (!w.p)
		return status;
	s->j.w = &w;
	json_open(&s->j, NULL, '{');
	if (t->show(s, cli->args[1])) {
		json_close(&s->j, '}');
		if (cli->json)
			printf("%.*s\n", (int)w.n, (const char *)w.p);
		else
			print_text(wr_done(&w));
		status = EXIT_DONE;
	} else {
		fprintf(stderr, "alfisd: no such %s: %s\n", s->missing, cli->args[1]);
	}
	mem_free(w.p);
	return status;
}

int cmd_show(const struct cli *cli, struct config *c)
{
	const struct topic *t = NULL;

	for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++)
		if (strcmp(topics[i].name, cli->args[0]) == 0)
			t = &topics[i];
	if (!t || t->has_arg != (cli->arg_count == 2)) {
		fprintf(stderr, "alfisd: usage: alfisd show chain | block N|HASH | domain "
				"NAME|IDENTITY | key PUBKEY\n");
		return EXIT_USAGE;
	}
	struct show *s = mem_alloc(sizeof *s);
	if (!s)
		return EXIT_TASK_FAILED;
	int status = offline_open(&s->o, c, true);
	if (status == EXIT_DONE)
		status = offline_close(&s->o, run_topic(s, t, cli));
	mem_free(s);
	return status;
}
