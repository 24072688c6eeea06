/* Role: finds the names that changed last, expire next or fall free next, and writes them as JSON.
 * Before: api/routes_chain.c, web/page_names.c. After: chain/view.h. */
#include "api/name_lists.h"

#include "api/name_facts.h"
#include "base/mem.h"
#include "domain/domain.h"

enum { LOOKS = 200 /* blocks */, DAY = 86400, ZONE_MAX = 32 };

static const struct domain_visitor nothing;

struct slice name_list_zone(const struct block *b)
{
	struct domain_text t;

	if (!domain_read(b->tx.data, &t, &nothing) || t.zone.n > ZONE_MAX)
		return slice_of(NULL, 0);
	return t.zone;
}

/* ---- the latest ---- */

int names_latest(struct query *s, struct view *v, int most, name_visit *visit, void *ctx)
{
	struct block_summary h = {.index = view_height(v) + 1};
	struct block_owned *b;
	int visited = 0;

	while (visited < most && view_last_full(v, h.index, &h) && h.index > 1 &&
		query_read(s, h.index, &b)) {
		visit(ctx, &b->b, b->b.timestamp);
		visited++;
		mem_free(b);
	}
	return visited;
}

/* ---- those that a date comes for ---- */

/* The first block whose time is not before `time`, by halving: blocks are in the order of their
 * times but for seconds, since each is checked against the clock when it comes. */
static uint64_t block_at(struct view *v, int64_t time)
{
	uint64_t low = 1, high = view_height(v) + 1;
	struct block_summary h;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		if (!view_summary(v, middle, &h))
			break;
		if (h.timestamp < time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Visits the name of a full block if that block is its newest: its year began with it. */
static bool visit_if_newest(
	struct query *s, struct view *v, uint64_t index, uint64_t age, name_visit *visit, void *ctx)
{
	struct domain_row row;
	struct block_owned *b;

	if (!query_read(s, index, &b))
		return false;
	bool newest = view_domain(v, b->b.tx.identity, view_height(v) + 1, &row) && row.id == index;
	if (newest)
		visit(ctx, &b->b, (int64_t)((uint64_t)b->b.timestamp + age));
	mem_free(b);
	return newest;
}

int names_due(struct query *s, struct view *v, uint64_t age, name_visit *visit, void *ctx)
{
	int64_t from = s->now - (int64_t)age, end = from + (int64_t)NAME_LIST_DAYS * DAY;
	uint64_t i = block_at(v, from);
	struct block_summary h;
	int visited = 0;

	for (int looks = 0; looks < LOOKS && visited < NAME_LIST_MAX; looks++, i++) {
		if (!view_summary(v, i, &h) || h.timestamp >= end)
			break;
		if (h.full && h.index > 1)
			visited += visit_if_newest(s, v, i, age, visit, ctx);
	}
	return visited;
}

/* ---- those of a key ---- */

/* Visits the name of a full block if that block is its newest and gives it to the key. */
static bool visit_if_owned(struct query *s, struct view *v, uint64_t index,
	const uint8_t key[KEY_SIZE], name_visit *visit, void *ctx)
{
	struct domain_row row;
	struct block_owned *b;

	if (index < 2 || !query_read(s, index, &b))
		return false;
	bool owned = slice_eq(name_owner_of(&b->b), slice_of(key, KEY_SIZE)) &&
		     view_domain(v, b->b.tx.identity, view_height(v) + 1, &row) &&
		     row.id == index && domain_rules_state(s->params, &row, s->now) != DOMAIN_FREE;
	if (owned && visit)
		visit(ctx, &b->b, (int64_t)((uint64_t)b->b.timestamp + s->params->domain_lifetime));
	mem_free(b);
	return owned;
}

/* The second walk goes on below the first, so no block is looked at twice. */
int names_of_key(
	struct query *s, struct view *v, const uint8_t key[KEY_SIZE], name_visit *visit, void *ctx)
{
	struct block_summary h = {.index = view_height(v) + 1};
	int visited = 0, most = NAME_LIST_MAX;

	for (int i = 0; i < OWNED_OF_ALL && visited < most && view_last_full(v, h.index, &h); i++)
		visited += visit_if_owned(s, v, h.index, key, visit, ctx);
	for (int i = 0;
		i < OWNED_OF_KEY && visited < most && view_last_full_of(v, h.index, key, &h); i++)
		visited += visit_if_owned(s, v, h.index, key, visit, ctx);
	return visited;
}

/* ---- as JSON ---- */

static void put(void *ctx, const struct block *b, int64_t time)
{
	struct query *s = ctx;
	struct slice zone = name_list_zone(b);
	enum name_deed deed;

	json_open(&s->j, NULL, '{');
	query_put_time(&s->j, "time", time);
	json_hex(&s->j, "identity", b->tx.identity);
	if (zone.n)
		json_raw_text(&s->j, "zone", zone);
	else
		json_raw(&s->j, "zone", slice_str("null"));
	json_hex(&s->j, "owner", name_owner_of(b));
	json_u64(&s->j, "block", b->index);
	if (name_deed_of(s, b, &deed))
		json_str(&s->j, "event", name_deed_word(deed));
	json_close(&s->j, '}');
}

void query_names_of_key(struct query *s, struct view *v, const uint8_t key[KEY_SIZE])
{
	json_open(&s->j, "names", '[');
	names_of_key(s, v, key, put, s);
	json_close(&s->j, ']');
}

void query_names(struct query *s)
{
	struct view *v = chain_view(s->chain);
	uint64_t life = s->params->domain_lifetime;

	view_begin(v);
	json_open(&s->j, NULL, '{');
	json_open(&s->j, "latest", '[');
	names_latest(s, v, NAME_LIST_MAX, put, s);
	json_close(&s->j, ']');
	json_open(&s->j, "expiring", '[');
	names_due(s, v, life, put, s);
	json_close(&s->j, ']');
	json_open(&s->j, "falling_free", '[');
	names_due(s, v, life + s->params->domain_renew_time, put, s);
	json_close(&s->j, ']');
	json_close(&s->j, '}');
	view_end(v);
}
