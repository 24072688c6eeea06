/* Kept answers that are dropped before their time: of one name, those that hosts files answer now,
 * all. Nobody gets them from that moment on. Their memory comes back in short turns, because a look
 * at all entries of a large cache takes longer than a question may wait. Before: dns/cache.c asks
 * whether one is gone; dns/serve_query.c. After: dns/cache_table.c. */
#include "dns/cache_internal.h"
#include "dns/name.h"

enum { DROP_COST = 8 /* looks that take as long as to drop one */ };

static bool is_before(uint32_t round, uint32_t other)
{
	return (int32_t)(round - other) < 0;
}

/* ---- which ---- */

static bool is_named(const struct dns_forget *f, const struct dns_entry *e)
{
	struct slice own = slice_of(e->wire + DNS_HEADER_SIZE, e->name_size);

	for (size_t i = 0; i < f->name_count; i++)
		if (is_before(e->round, f->names[i].round) &&
			dns_wire_equal(own, dns_name_slice(&f->names[i].name)))
			return true;
	return false;
}

/* The chain may have led to a name that is unwanted. */
static bool is_unwanted(const struct dns_forget *f, const struct dns_entry *e)
{
	struct dns_query q = {.has_question = true, .type = e->type, .klass = e->klass};

	if (!f->unwanted || !is_before(e->round, f->unwanted_round))
		return false;
	if (e->generation)
		return true;
	q.name.size = e->name_size;
	memcpy(q.name.wire, e->wire + DNS_HEADER_SIZE, e->name_size);
	return f->unwanted(f->ctx, &q);
}

bool dns_cache_is_forgotten(struct dns_cache *c, struct dns_entry *e)
{
	const struct dns_forget *f = &c->forget;

	if (e->round == f->round || !f->is_looking)
		return false;
	if (is_named(f, e) || is_unwanted(f, e))
		return true;
	e->round = f->round; /* once is enough */
	return false;
}

/* ---- what is to go ---- */

static void look_from_the_start(struct dns_cache *c)
{
	c->forget.is_looking = c->table.count > 0;
	c->forget.bucket = 0;
}

static void look_no_more(struct dns_forget *f)
{
	f->is_looking = false;
	f->name_count = 0;
	f->unwanted = NULL;
}

/* Those that were out of the table before stand behind. */
static void forget_all(struct dns_cache *c)
{
	struct dns_forget *f = &c->forget;
	struct dns_entry *last = c->table.oldest;

	look_no_more(f);
	c->facts.dropped += c->table.count;
	if (!last)
		return;
	last->older = f->gone;
	f->gone = dns_table_empty(&c->table);
}

bool dns_cache_can_flush(const struct dns_cache *c)
{
	return c->forget.name_count < DNS_FORGET_NAMES;
}

bool dns_cache_flush(struct dns_cache *c, const struct dns_name *name)
{
	struct dns_forget *f = &c->forget;

	if (!name) {
		forget_all(c);
		return true;
	}
	if (!dns_cache_can_flush(c))
		return false;
	if (!c->table.count)
		return true;
	f->names[f->name_count++] = (struct dns_forget_name){.name = *name, .round = ++f->round};
	look_from_the_start(c);
	return true;
}

void dns_cache_drop(
	struct dns_cache *c, bool (*unwanted)(void *ctx, const struct dns_query *q), void *ctx)
{
	struct dns_forget *f = &c->forget;

	f->unwanted = c->table.count ? unwanted : NULL;
	f->ctx = ctx;
	if (!f->unwanted)
		return;
	f->unwanted_round = ++f->round;
	look_from_the_start(c);
}

/* ---- in turns ---- */

bool dns_cache_free_one(struct dns_cache *c)
{
	struct dns_entry *e = c->forget.gone;

	if (!e)
		return false;
	c->forget.gone = e->older;
	dns_counted_free(c->bytes, e, e->bytes);
	return true;
}

/* Returns how many looks it was worth. A bucket that is split later moves entries only to one that
 * is still to come. */
static size_t look_at_bucket(struct dns_cache *c, size_t bucket)
{
	struct dns_entry *next, *e = dns_table_chain(&c->table, bucket);
	size_t cost = 1;

	for (; e; e = next) {
		next = e->next;
		cost++;
		if (!dns_cache_is_forgotten(c, e))
			continue;
		c->facts.dropped++;
		dns_table_drop(&c->table, e);
		cost += DROP_COST;
	}
	return cost;
}

bool dns_cache_go_on(struct dns_cache *c, size_t most)
{
	struct dns_forget *f = &c->forget;
	size_t cost = 0;

	for (; cost < most && dns_cache_free_one(c); cost += DROP_COST)
		;
	while (cost < most && f->is_looking) {
		if (f->bucket < c->table.buckets)
			cost += look_at_bucket(c, f->bucket++);
		else
			look_no_more(f);
	}
	return f->gone || f->is_looking;
}

void dns_cache_forget_end(struct dns_cache *c)
{
	look_no_more(&c->forget);
	while (dns_cache_free_one(c))
		;
}
