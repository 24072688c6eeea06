/* Writes what the chain knows of one name: state, owner, dates, records, history (protocol.md 7.6,
 * 8.6, 8.8). Before: cli/show.c and api/routes_chain.c. After: api/query_name.h,
 * api/query_data.c, chain/view.h. */
#include <string.h>

#include "base/mem.h"
#include "chain/crypto.h"
#include "domain/domain.h"
#include "domain/names.h"
#include "chain/domain_rules.h"
#include "chain/view.h"
#include "api/query.h"
#include "api/query_name.h"

static const struct domain_visitor nothing;

/* How many of a name's blocks, the newest first, are shown, and how many are counted. A name may
 * have any number, and each shown one costs reading its block. */
enum { HISTORY_SHOWN = 16, HISTORY_COUNTED = 1000 };

struct history {
	struct domain_row
		row[HISTORY_SHOWN + 1]; /* newest first; the last one is to compare with */
	size_t shown;
	uint64_t total;          /* counted */
	struct domain_row first; /* the oldest that was counted */
};

/* What is compared between two blocks of a name to find out what the newer one changed. */
struct deed {
	uint8_t owner[32], author[KEY_SIZE];
	size_t owner_size;
	uint8_t before[32],
		behind[32]; /* digests of the data before and after its encrypted name */
};

static const char *const states[] = {
	[DOMAIN_ALIVE] = "alive", [DOMAIN_EXPIRED] = "expired", [DOMAIN_FREE] = "free"};

/* Adds with wrap-around: a block's timestamp may be any number, and signed overflow is undefined.
 */
static int64_t plus(int64_t time, uint64_t seconds)
{
	return (int64_t)((uint64_t)time + seconds);
}

static struct block_owned *read_block(struct query *s, uint64_t id)
{
	struct block_owned *b;

	query_read(s, id, &b);
	return b;
}

/* The new owner of the name: the key in `signing`, or the author where that is empty (protocol.md
 * 7.6, 7.12). */
static struct slice owner_of(const struct block *b)
{
	return b->tx.signing.n ? b->tx.signing : b->pub_key;
}

/* ---- history ---- */

/* Collects the rows of a name from the newest to the oldest. One row more than are shown is kept,
 * so that the oldest shown one can be compared with the one before it. */
static void collect(struct view *v, struct slice identity, struct history *h)
{
	uint64_t below = view_height(v) + 1;
	struct domain_row row;

	*h = (struct history){.total = 0};
	while (h->total < HISTORY_COUNTED && view_domain(v, identity, below, &row)) {
		if (h->total <= HISTORY_SHOWN)
			h->row[h->total] = row;
		h->first = row;
		h->total++;
		below = row.id;
	}
	h->shown = h->total < HISTORY_SHOWN ? (size_t)h->total : HISTORY_SHOWN;
}

/* Reads what is compared of one block. The name in the data is encrypted with a fresh random key in
 * each block, so it differs even where nothing was changed, and is left out. */
static bool read_deed(struct query *s, uint64_t id, struct deed *d)
{
	struct block_owned *b = read_block(s, id);
	struct domain_text t = {.encrypted = {NULL, 0}};

	*d = (struct deed){.owner_size = 0};
	if (!b)
		return false;
	struct slice data = b->b.tx.data, owner = owner_of(&b->b);
	size_t name = domain_read(data, &t, &nothing) ? (size_t)(t.encrypted.p - data.p) : 0;
	size_t behind = name + t.encrypted.n;
	crypto_digest(slice_of(data.p, name), d->before);
	crypto_digest(slice_of(data.p + behind, data.n - behind), d->behind);
	d->owner_size = owner.n < sizeof d->owner ? owner.n : sizeof d->owner;
	memcpy(d->owner, owner.p, d->owner_size);
	memcpy(d->author, b->b.pub_key.p, b->b.pub_key.n < KEY_SIZE ? b->b.pub_key.n : KEY_SIZE);
	mem_free(b);
	return true;
}

/* What the block `row` did, compared with the row before it (`older`; NULL = there is none). A
 * renewal changes nothing but the date. */
static const char *kind_of(const struct query *s, const struct domain_row *row,
	const struct domain_row *older, const struct deed *d, const struct deed *before)
{
	if (!older)
		return "registered";
	if (domain_rules_state(s->params, older, row->timestamp) == DOMAIN_FREE)
		return "registered again";
	if (d->owner_size != before->owner_size || memcmp(d->owner, before->owner, d->owner_size))
		return "transferred";
	return memcmp(d->before, before->before, 32) || memcmp(d->behind, before->behind, 32)
		       ? "changed"
		       : "renewed";
}

/* Writes the newest blocks of the name. Each is compared with the one before it, whose deed is then
 * used for the next line, so every block is read only once. Ends early when one cannot be read. */
static void put_history(struct query *s, const struct history *h)
{
	struct deed deed, older = {.owner_size = 0};
	bool known = read_deed(s, h->row[0].id, &deed);

	json_u64(&s->j, "history_total", h->total);
	json_open(&s->j, "history", '[');
	for (size_t i = 0; i < h->shown && known; i++, deed = older) {
		const struct domain_row *row = &h->row[i];
		bool has_older = i + 1 < h->total && read_deed(s, row[1].id, &older);
		json_open(&s->j, NULL, '{');
		json_u64(&s->j, "block", row->id);
		query_put_time(&s->j, "time", row->timestamp);
		json_str(
			&s->j, "event", kind_of(s, row, has_older ? row + 1 : NULL, &deed, &older));
		json_hex(&s->j, "owner", slice_of(deed.owner, deed.owner_size));
		json_hex(&s->j, "author", slice_of(deed.author, KEY_SIZE));
		json_close(&s->j, '}');
		known = has_older;
	}
	json_close(&s->j, ']');
}

/* ---- the answer ---- */

static void put_name(struct json_wr *j, const struct query_name *n)
{
	if (n->is_identity) {
		json_raw(j, "name", slice_str("null"));
		json_raw(j, "subdomain", slice_str("null"));
	} else {
		json_str(j, "name", n->name);
		json_str(j, "subdomain", n->sub);
	}
	json_hex(j, "identity", slice_of(n->identity, 32));
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

/* "resolves": the DNS server would answer for it. A name in the last block does not resolve yet; it
 * does from the next block on (protocol.md 8.8). */
static void put_state(
	struct query *s, const struct query_name *n, const struct history *h, const struct block *b)
{
	enum domain_state state = domain_rules_state(s->params, &h->row[0], s->now);
	bool confirmed = n->is_identity || confirms(n, b);

	json_str(&s->j, "state", states[state]);
	json_bool(&s->j, "registered", true);
	if (n->is_identity)
		json_raw(&s->j, "confirmed", slice_str("null"));
	else
		json_bool(&s->j, "confirmed", confirmed);
	json_bool(&s->j, "resolves",
		state == DOMAIN_ALIVE && confirmed &&
			h->row[0].id < view_height(chain_view(s->chain)));
}

static void put_dates(struct query *s, const struct history *h)
{
	int64_t since = h->row[0].timestamp, expires = plus(since, s->params->domain_lifetime);

	json_u64(&s->j, "block", h->row[0].id);
	query_put_time(&s->j, "time", since);
	json_u64(&s->j, "registered_block", h->first.id);
	query_put_moment(&s->j, "registered_at", h->first.timestamp);
	query_put_moment(&s->j, "expires", expires);
	query_put_moment(&s->j, "renewable_from", since);
	query_put_moment(&s->j, "free_from", plus(expires, s->params->domain_renew_time));
}

/* Writes which state of the chain the answer is from: a node that is behind may not have the block
 * of a registration yet. */
static void put_as_of(struct query *s)
{
	struct chain_tip tip;

	chain_get_tip(s->chain, &tip);
	json_u64(&s->j, "as_of_height", tip.height);
	query_put_moment(&s->j, "as_of", tip.timestamp);
}

static void put_domain(
	struct query *s, const struct query_name *n, const struct history *h, const struct block *b)
{
	struct domain_text t;

	json_open(&s->j, NULL, '{');
	put_name(&s->j, n);
	if (domain_read(b->tx.data, &t, &nothing))
		json_raw_text(&s->j, "zone", t.zone);
	else
		json_raw(&s->j, "zone", slice_str("null"));
	put_state(s, n, h, b);
	put_as_of(s);
	json_hex(&s->j, "owner", owner_of(b));
	put_dates(s, h);
	put_history(s, h);
	query_put_data(&s->j, b->tx.data);
	json_close(&s->j, '}');
}

/* A name that nobody has registered is an answer, not an error: people ask whether it is free. */
static void put_free(struct query *s, const struct query_name *n)
{
	json_open(&s->j, NULL, '{');
	put_name(&s->j, n);
	json_text(&s->j, "zone", name_zone(slice_str(n->name)));
	json_str(&s->j, "state", states[DOMAIN_FREE]);
	json_bool(&s->j, "registered", false);
	json_bool(&s->j, "resolves", false);
	put_as_of(s);
	json_close(&s->j, '}');
}

static bool found(struct query *s, const struct query_name *n, const struct history *h)
{
	struct block_owned *b = read_block(s, h->row[0].id);

	if (!b)
		return false;
	put_domain(s, n, h, &b->b);
	mem_free(b);
	return true;
}

/* A name without a row is free if it may be registered, and otherwise not found, with the reason.
 * An identity without a row is not found: nobody knows which name it would be. */
bool query_domain(struct query *s, const char *what)
{
	struct view *v = chain_view(s->chain);
	struct history h;
	struct query_name n;

	s->missing = "domain";
	if (!query_name_read(what, &n, &s->why))
		return false;
	view_begin(v);
	collect(v, slice_of(n.identity, 32), &h);
	bool good = h.total > 0 && found(s, &n, &h);
	view_end(v);
	if (h.total > 0 || n.is_identity || (s->why = query_name_refused(&n)))
		return good;
	put_free(s, &n);
	return true;
}
