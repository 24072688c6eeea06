/* Writes one block as JSON. Before: cli/show.c and api/routes_chain.c. After: api/query.h,
 * api/name_facts.h. */
#include "api/name_facts.h"
#include "api/query.h"
#include "base/mem.h"
#include "chain/signers.h"
#include "chain/view.h"

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
	query_put_data(j, t->data);
	json_close(j, '}');
}

/* Writes the drawn signers of a full block (protocol.md 7.7), and whether it is locked (7.8). */
static void put_signers(struct query *s, uint64_t index)
{
	struct view *v = chain_view(s->chain);
	struct block_summary h;
	struct draw d;

	if (!view_summary(v, index, &h))
		return;
	signers_draw(v, &h, &d);
	put_keys(&s->j, "drawn", (const uint8_t(*)[KEY_SIZE])d.keys, d.n);
	json_bool(&s->j, "locked", signers_locked(v, &h, UINT64_MAX));
}

static void put_block(struct query *s, const struct block *b, size_t size)
{
	struct json_wr *j = &s->j;
	enum name_deed deed;

	json_u64(j, "index", b->index);
	query_put_time(j, "time", b->timestamp);
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
	if (name_deed_of(s, b, &deed))
		json_str(j, "event", name_deed_word(deed));
	put_signers(s, b->index);
}

bool query_block(struct query *s, const char *what)
{
	struct block_owned *b;
	uint64_t index = query_block_index(s, what);

	s->missing = "block";
	if (!index || !query_read(s, index, &b))
		return false;
	json_open(&s->j, NULL, '{');
	put_block(s, &b->b, b->canonical.n);
	json_close(&s->j, '}');
	mem_free(b);
	return true;
}
