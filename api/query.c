/* Finds and reads blocks, and writes facts about the whole chain as JSON. Before:
 * cli/show.c and api/routes_chain.c. After: chain/view.h. */
#include "api/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/human.h"
#include "chain/signers.h"
#include "chain/view.h"

/* ---- parts of the answer ---- */

void query_put_time(struct json_wr *j, const char *name, int64_t seconds)
{
	char text[HUMAN_MAX];

	json_i64(j, "timestamp", seconds);
	json_str(j, name, human_iso(seconds, text));
}

void query_put_moment(struct json_wr *j, const char *name, int64_t seconds)
{
	char date[HUMAN_MAX], text[64];

	json_str(j, name, human_iso(seconds, date));
	snprintf(text, sizeof text, "%.40s_timestamp", name);
	json_i64(j, text, seconds);
}

/* ---- what can be asked for ---- */

static bool parse_hash(const char *text, uint8_t hash[32])
{
	size_t n;

	return hex_decode(slice_str(text), hash, 32, &n) && n == 32;
}

uint64_t query_block_index(const struct query *s, const char *what)
{
	uint8_t hash[32];
	struct chain_tip t;

	if (parse_hash(what, hash))
		return chain_index_of(s->chain, hash);
	if (what[strspn(what, "0123456789")])
		return 0;
	unsigned long long index = strtoull(what, NULL, 10);
	chain_get_tip(s->chain, &t);
	return index <= t.height ? index : 0;
}

bool query_read(struct query *s, uint64_t index, struct block_owned **out)
{
	enum err err = chain_block(s->chain, index, out);

	s->no_memory |= err == ERR_NOMEM;
	return err == ERR_OK;
}

bool query_chain(struct query *s, const char *what)
{
	struct json_wr *j = &s->j;
	struct view *v = chain_view(s->chain);
	struct rank_cursor w = RANK_START;
	struct ban ban = {0};
	struct chain_tip t;
	uint64_t authors = 0, bans = 0;

	(void)what;
	chain_get_tip(s->chain, &t);
	while (view_rank_next(v, &w))
		authors++;
	while (view_ban_after(v, &ban))
		bans++;
	json_open(j, NULL, '{');
	json_hex(j, "origin", slice_of(s->params->origin, 32));
	json_u64(j, "height", t.height);
	json_hex(j, "tip", slice_of(t.hash, t.height ? HASH_SIZE : 0));
	query_put_time(j, "tip_time", t.timestamp);
	json_u64(j, "last_full_block", t.last_full);
	json_u64(j, "authors", authors);
	json_u64(j, "banned_signers", bans);
	json_close(j, '}');
	return true;
}

/* True when the block was signed by a standby signer, who heals a window whose drawn signers do not
 * sign (protocol.md 7.9): its author is not among the drawn. */
static bool heals(struct view *v, const struct block_summary *h)
{
	struct block_summary full;
	struct draw d;

	if (h->full || !view_last_full(v, h->index, &full))
		return false;
	signers_draw(v, &full, &d);
	for (unsigned i = 0; i < d.n; i++)
		if (memcmp(d.keys[i], h->key, KEY_SIZE) == 0)
			return false;
	return true;
}

static void put_summary(struct query *s, struct view *v, const struct block_summary *h)
{
	struct ban ban;

	json_open(&s->j, NULL, '{');
	json_u64(&s->j, "index", h->index);
	query_put_time(&s->j, "time", h->timestamp);
	json_hex(&s->j, "hash", slice_of(h->hash, HASH_SIZE));
	json_hex(&s->j, "pub_key", slice_of(h->key, KEY_SIZE));
	json_bool(&s->j, "full", h->full);
	json_bool(&s->j, "heals", h->index >= s->params->healing_activation_height && heals(v, h));
	json_bool(&s->j, "banned", view_ban_of(v, h->key, &ban));
	json_close(&s->j, '}');
}

void query_blocks(struct query *s, uint64_t from, uint64_t count)
{
	struct view *v = chain_view(s->chain);
	struct block_summary h;

	json_open(&s->j, "blocks", '[');
	view_begin(v);
	for (uint64_t i = from; count-- > 0 && view_summary(v, i, &h); i++)
		put_summary(s, v, &h);
	view_end(v);
	json_close(&s->j, ']');
}
