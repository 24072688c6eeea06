/* A block in words. See cli/block_words.h. */
#include "cli/block_words.h"

#include <stdio.h>

#include "api/query.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/human.h"
#include "base/json.h"
#include "base/mem.h"
#include "chain/crypto.h"
#include "chain/domain_rules.h"
#include "chain/hash_scratch.h"
#include "cli/print.h"
#include "cli/term.h"
#include "domain/names.h"
#include "owner/owner_line.h"

enum { JSON_MAX = 8 * BLOCK_MAX_ENCODED + 65536, ALIGNMENT = 64 };

/* ---- tests ---- */

/* False when memory runs out, too. */
static bool hash_is_right(const struct block *b)
{
	size_t size = blakeout_scratch_size(1, 0);
	struct wr in = wr_of(mem_alloc(PREIMAGE_MAX), PREIMAGE_MAX);
	uint8_t hash[1][BLAKEOUT_SIZE], *scratch = mem_alloc(size + ALIGNMENT);
	bool good = in.p && scratch;

	if (good) {
		block_preimage(b, PREIMAGE_HASH, &in);
		struct slice bytes = wr_done(&in);
		blakeout_lanes(&bytes, 1, hash,
			scratch + ALIGNMENT - (uintptr_t)scratch % ALIGNMENT, size);
		good = bytes.n && memcmp(hash[0], b->hash.p, HASH_SIZE) == 0;
	}
	mem_free(in.p);
	mem_free(scratch);
	return good;
}

static const char *fault_of_form(const struct block *b)
{
	if (b->version != CHAIN_VERSION)
		return "it is of another version of the network";
	if (b->index < 2 || b->hash.n != HASH_SIZE || b->pub_key.n != KEY_SIZE ||
		b->prev_hash.n != HASH_SIZE)
		return "it has no index, hash, author or previous hash";
	if (!b->full || !block_is_domain(b))
		return "it has no name: signing full blocks is the work of a node";
	return NULL;
}

static const char *fault_of_work(const struct block_words *w, enum domain_check domain)
{
	const struct block *b = w->b;

	if (hash_difficulty(b->hash) < (int64_t)b->difficulty)
		return "its hash has fewer zero bits than its difficulty";
	if (b->difficulty < domain_rules_least_difficulty(w->params, b, domain))
		return "its difficulty is less than this network ever asks for";
	return hash_is_right(b) ? NULL : "its hash is not the one of its content";
}

static const char *fault_of_owner(const struct transaction *tx)
{
	struct key_public keys;
	char why[KEY_ERROR_MAX];

	if (tx->identity.n != HASH_SIZE || tx->confirmation.n != HASH_SIZE)
		return "it has no identity or confirmation of a name";
	if (tx->signing.n != KEY_SIZE || tx->encryption.n != KEY_SIZE)
		return "it has no owner";
	memcpy(keys.signing, tx->signing.p, KEY_SIZE);
	memcpy(keys.encryption, tx->encryption.p, KEY_SIZE);
	return owner_keys_check(&keys, why) ? NULL : "its new owner's keys are nobody's";
}

static const char *fault_of_data(enum domain_check domain)
{
	static const char *const faults[] = {
		[DOMAIN_MALFORMED] = "its data cannot be read",
		[DOMAIN_MANY_RECORDS] = "it has too many records",
		[DOMAIN_CLEARNET] = "it has an address that its zone does not allow",
		[DOMAIN_LONG] = "it has a record that is too long for its zone",
	};

	return domain == DOMAIN_OK ? NULL : faults[domain];
}

/* The name that the key reads must be the one that the chain will know it by. */
static const char *fault_of_name(const struct block_words *w)
{
	const struct transaction *tx = &w->b->tx;
	struct slice name = slice_of(w->name, w->name_size);
	uint8_t identity[HASH_SIZE], confirmation[HASH_SIZE];

	if (!name.n)
		return NULL;
	crypto_identity(name, tx->signing, identity, confirmation);
	if (memcmp(identity, tx->identity.p, HASH_SIZE) != 0 ||
		memcmp(confirmation, tx->confirmation.p, HASH_SIZE) != 0)
		return "the name that it tells its owner is not the one that it is for";
	if (name_check(name) != NAME_FINE || !zone_is_known(name_zone(name)))
		return "its name is none that the network allows";
	return NULL;
}

const char *block_words_fault(const struct block_words *w)
{
	const struct block *b = w->b;
	const char *why = fault_of_form(b);

	if (!why && w->params->has_origin && memcmp(w->origin, w->params->origin, HASH_SIZE) != 0)
		why = "it is for another network than these settings";
	if (why)
		return why;
	enum domain_check domain = domain_check(b->tx.data);
	why = fault_of_data(domain);
	if (!why)
		why = fault_of_owner(&b->tx);
	if (!why)
		why = fault_of_work(w, domain);
	return why ? why : fault_of_name(w);
}

/* ---- words ---- */

static bool is_transfer(const struct block_words *w)
{
	return memcmp(w->b->tx.signing.p, w->pub.signing, KEY_SIZE) != 0;
}

struct slice block_words_cipher(const struct block_words *w, uint8_t to[BLOCK_WORDS_CIPHER])
{
	struct domain_visitor nobody = {.ctx = NULL};
	struct domain_text t;
	size_t n;

	if (memcmp(w->b->tx.encryption.p, w->pub.encryption, KEY_SIZE) != 0 ||
		!domain_read(w->b->tx.data, &t, &nobody) ||
		!domain_hex(t.encrypted, to, BLOCK_WORDS_CIPHER, &n))
		return slice_of(NULL, 0);
	return slice_of(to, n);
}

static void print_owner(const struct block_words *w, struct out *o)
{
	const struct transaction *tx = &w->b->tx;
	struct key_public keys;
	char line[OWNER_LINE_SIZE];

	if (!is_transfer(w)) {
		out_line(o, "owner     its author");
		return;
	}
	memcpy(keys.signing, tx->signing.p, KEY_SIZE);
	memcpy(keys.encryption, tx->encryption.p, KEY_SIZE);
	owner_line_write(&keys, line);
	out_line(o, "owner     somebody else: %s", line);
}

static void print_records(const struct block_words *w, struct out *o)
{
	uint8_t *space = mem_alloc(JSON_MAX);
	struct wr json = wr_of(space, space ? JSON_MAX : 0);
	struct json_wr j = {.w = &json};

	json_open(&j, NULL, '{');
	query_put_data(&j, w->b->tx.data);
	json_close(&j, '}');
	print_data(o, wr_done(&json));
	mem_free(space);
}

void block_words_print(const struct block_words *w)
{
	struct out o = {.f = stdout, .width = term_width(), .now = clock_wall(&clock_system)};
	const struct block *b = w->b;
	char hex[2 * HASH_SIZE + 1], when[HUMAN_MAX];

	out_line(&o, "block     %llu of %s, with the data of a name", (unsigned long long)b->index,
		human_date(b->timestamp, when));
	hex_upper(b->prev_hash, hex);
	out_line(&o, "on top of %s", hex);
	hex_upper(b->pub_key, hex);
	out_line(&o, "author    %s, key %s", hex, w->key);
	if (w->name_size)
		out_line(&o, "name      %.*s", (int)w->name_size, (const char *)w->name);
	hex_upper(b->tx.identity, hex);
	out_line(&o, "identity  %s%s", hex,
		w->name_size ? "" : ", of a name that only its owner can read");
	print_owner(w, &o);
	out_line(&o, "work      difficulty %u, its hash has %d zero bits", (unsigned)b->difficulty,
		hash_difficulty(b->hash));
	print_records(w, &o);
}

static void print_done_json(const struct cli *cli, const struct block_words *w)
{
	const struct block *b = w->b;
	uint8_t *space = mem_alloc(JSON_MAX);
	struct wr json = wr_of(space, space ? JSON_MAX : 0);
	struct json_wr j = {.w = &json};

	json_open(&j, NULL, '{');
	json_bool(&j, "signed", !cli->dry_run);
	json_u64(&j, "index", b->index);
	json_text(&j, "name", slice_of(w->name, w->name_size));
	json_hex(&j, "identity", b->tx.identity);
	json_hex(&j, "author", b->pub_key);
	json_hex(&j, "owner", b->tx.signing);
	json_hex(&j, "prev_block_hash", b->prev_hash);
	json_hex(&j, "hash", b->hash);
	json_u64(&j, "difficulty", b->difficulty);
	json_i64(&j, "timestamp", b->timestamp);
	json_text(&j, "data", b->tx.data);
	json_close(&j, '}');
	print_json(stdout, wr_done(&json));
	mem_free(space);
}

void block_words_done(const struct cli *cli, const struct block_words *w)
{
	if (cli->json) {
		print_done_json(cli, w);
		return;
	}
	printf("%s; it stays good until somebody else's full block arrives\n",
		cli->dry_run ? "nothing is signed: --dry-run" : "signed");
	if (!cli->dry_run)
		printf("next: alfisd block submit %s\n",
			cli_printable(cli->output ? cli->output : cli->args[0]));
}
