/* Collects what the chain knows of one name (protocol.md 7.6, 8.6, 8.8). Before:
 * api/query_domain.c and the page of a name. After: api/query_name.h, chain/view.h. */
#include "api/name_facts.h"

#include <string.h>

#include "base/mem.h"
#include "chain/crypto.h"
#include "chain/view.h"
#include "domain/domain.h"

static const struct domain_visitor nothing;

struct rows {
	struct domain_row row[NAME_EVENTS + 1]; /* newest first; the last one is to compare with */
	struct domain_row first;
	uint64_t total;
};

/* What is compared between two blocks of a name to find out what the newer one changed. */
struct said {
	uint8_t owner[32], author[KEY_SIZE];
	size_t owner_size;
	uint8_t before[32],
		behind[32]; /* digests of the data before and after its encrypted name */
};

const char *name_deed_word(enum name_deed deed)
{
	static const char *const words[] = {[NAME_REGISTERED] = "registered",
		[NAME_REGISTERED_AGAIN] = "registered again",
		[NAME_TRANSFERRED] = "transferred",
		[NAME_CHANGED] = "changed",
		[NAME_RENEWED] = "renewed"};

	return words[deed];
}

const char *name_state_word(enum domain_state state)
{
	static const char *const words[] = {
		[DOMAIN_ALIVE] = "alive", [DOMAIN_EXPIRED] = "expired", [DOMAIN_FREE] = "free"};

	return words[state];
}

struct slice name_owner_of(const struct block *b)
{
	return b->tx.signing.n ? b->tx.signing : b->pub_key;
}

/* Adds with wrap-around: a block's timestamp may be any number, and signed overflow is undefined.
 */
static int64_t plus(int64_t time, uint64_t seconds)
{
	return (int64_t)((uint64_t)time + seconds);
}

/* Collects the rows of a name from the newest to the oldest. One row more than are shown is kept,
 * so that the oldest shown one can be compared with the one before it. */
static void collect(struct view *v, struct slice identity, struct rows *h)
{
	uint64_t below = view_height(v) + 1;
	struct domain_row row;

	*h = (struct rows){.total = 0};
	while (h->total < NAME_COUNTED && view_domain(v, identity, below, &row)) {
		if (h->total <= NAME_EVENTS)
			h->row[h->total] = row;
		h->first = row;
		h->total++;
		below = row.id;
	}
}

/* Takes what is compared of one block. The name in the data is encrypted with a fresh random key in
 * each block, so it differs even where nothing was changed, and is left out. */
static void say(const struct block *b, struct said *d)
{
	struct domain_text t = {.encrypted = {NULL, 0}};
	struct slice data = b->tx.data, owner = name_owner_of(b);

	*d = (struct said){.owner_size = 0};
	size_t name = domain_read(data, &t, &nothing) ? (size_t)(t.encrypted.p - data.p) : 0;
	size_t behind = name + t.encrypted.n;
	crypto_digest(slice_of(data.p, name), d->before);
	crypto_digest(slice_of(data.p + behind, data.n - behind), d->behind);
	d->owner_size = owner.n < sizeof d->owner ? owner.n : sizeof d->owner;
	memcpy(d->owner, owner.p, d->owner_size);
	memcpy(d->author, b->pub_key.p, b->pub_key.n < KEY_SIZE ? b->pub_key.n : KEY_SIZE);
}

static bool read_said(struct query *s, uint64_t id, struct said *d)
{
	struct block_owned *b;

	*d = (struct said){.owner_size = 0};
	if (!query_read(s, id, &b))
		return false;
	say(&b->b, d);
	mem_free(b);
	return true;
}

/* What the block `row` did, compared with the row before it (`older`; NULL = there is none). A
 * renewal changes nothing but the date. */
static enum name_deed deed_of(const struct query *s, const struct domain_row *row,
	const struct domain_row *older, const struct said *now, const struct said *before)
{
	if (!older)
		return NAME_REGISTERED;
	if (domain_rules_state(s->params, older, row->timestamp) == DOMAIN_FREE)
		return NAME_REGISTERED_AGAIN;
	if (now->owner_size != before->owner_size ||
		memcmp(now->owner, before->owner, now->owner_size))
		return NAME_TRANSFERRED;
	return memcmp(now->before, before->before, 32) || memcmp(now->behind, before->behind, 32)
		       ? NAME_CHANGED
		       : NAME_RENEWED;
}

bool name_deed_of(struct query *s, const struct block *b, enum name_deed *deed)
{
	struct domain_row row = {.id = b->index, .timestamp = b->timestamp}, older;
	struct said now, before;

	if (!view_domain(chain_view(s->chain), b->tx.identity, b->index, &older)) {
		*deed = NAME_REGISTERED;
		return true;
	}
	if (!read_said(s, older.id, &before))
		return false;
	say(b, &now);
	*deed = deed_of(s, &row, &older, &now, &before);
	return true;
}

/* Fills the events. Each block is compared with the one before it, whose values are then used for
 * the next event, so every block is read only once. Ends early when one cannot be read. */
static void fill_events(struct query *s, const struct rows *h, struct name_facts *f)
{
	size_t most = h->total < NAME_EVENTS ? (size_t)h->total : NAME_EVENTS;
	struct said now, older = {.owner_size = 0};
	bool known = read_said(s, h->row[0].id, &now);

	for (size_t i = 0; i < most && known; i++, now = older) {
		const struct domain_row *row = &h->row[i];
		bool has_older = i + 1 < h->total && read_said(s, row[1].id, &older);
		struct name_event *e = &f->events[f->count++];
		*e = (struct name_event){.block = row->id,
			.time = row->timestamp,
			.deed = deed_of(s, row, has_older ? row + 1 : NULL, &now, &older),
			.owner_size = now.owner_size};
		memcpy(e->owner, now.owner, sizeof e->owner);
		memcpy(e->author, now.author, sizeof e->author);
		known = has_older;
	}
}

/* True when the block's confirmation belongs to this name (protocol.md 8.6). Only who knows the
 * name can compute it, so it proves that the owner did not just copy the identity of another's
 * name. */
static bool confirms(const struct query_name *n, const struct block *b)
{
	uint8_t identity[32], confirmation[32];

	crypto_identity(slice_str(n->name), b->tx.signing, identity, confirmation);
	return slice_eq(b->tx.confirmation, slice_of(confirmation, 32));
}

/* A name in the last block does not resolve yet; it does from the next block on (protocol.md 8.8).
 */
static bool fill(struct query *s, const struct rows *h, struct name_facts *f)
{
	if (!query_read(s, h->row[0].id, &f->block))
		return false;
	f->registered = true;
	f->state = domain_rules_state(s->params, &h->row[0], s->now);
	f->confirmed = f->name.is_identity || confirms(&f->name, &f->block->b);
	f->resolves = f->state == DOMAIN_ALIVE && f->confirmed &&
		      h->row[0].id < view_height(chain_view(s->chain));
	f->since = h->row[0].timestamp;
	f->expires = plus(f->since, s->params->domain_lifetime);
	f->free_from = plus(f->expires, s->params->domain_renew_time);
	f->first = h->first;
	f->total = h->total;
	fill_events(s, h, f);
	return true;
}

/* A name without a row is free if it may be registered, and otherwise not found, with the reason.
 * An identity without a row is not found: nobody knows which name it would be. */
bool name_facts_read(struct query *s, const char *what, struct name_facts *out)
{
	struct view *v = chain_view(s->chain);
	struct rows h;

	*out = (struct name_facts){.state = DOMAIN_FREE};
	s->missing = "domain";
	if (!query_name_read(what, &out->name, &s->why))
		return false;
	view_begin(v);
	collect(v, slice_of(out->name.identity, 32), &h);
	bool good = h.total > 0 && fill(s, &h, out);
	view_end(v);
	if (h.total > 0 || out->name.is_identity)
		return good;
	s->why = query_name_refused(&out->name);
	return !s->why;
}

void name_facts_free(struct name_facts *f)
{
	mem_free(f->block);
	f->block = NULL;
}
