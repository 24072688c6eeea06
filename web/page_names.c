/* The latest registrations and changes, and the names that expire next. The chain has no names,
 * only hashes of them, so identities stand here. Before: web/routes.c. After: chain/view.h. */
#include "api/name_facts.h"
#include "base/mem.h"
#include "chain/view.h"
#include "domain/domain.h"
#include "web/routes.h"

enum {
	LATEST_SHOWN = 20,
	EXPIRING_SHOWN = 20,
	EXPIRING_LOOKS = 200, /* blocks with a name that are looked at for them */
	DAY = 86400,
	SOON_DAYS = 30
};

static const struct domain_visitor nothing;

static void put_zone(struct page *p, struct slice data)
{
	struct domain_text t;

	if (domain_read(data, &t, &nothing))
		html_foreign(p->w, slice_of(t.zone.p, t.zone.n < 32 ? t.zone.n : 32));
}

static void put_row(struct page *p, const struct block *b, int64_t time)
{
	page_row(p, NULL, NULL);
	page_put_date(p, time);
	page_cell(p, "two");
	page_link_identity(p, b->tx.identity);
	page_cell(p, NULL);
	put_zone(p, b->tx.data);
	page_cell(p, NULL);
	page_link_key(p, name_owner_of(b));
	page_cell(p, "n");
	page_link_block(p, b->index);
	page_row_end(p);
}

static const enum web_text columns[] = {TEXT_COLUMN_TIME, TEXT_IDENTITY, TEXT_ZONE,
	TEXT_COLUMN_OWNER, TEXT_COLUMN_BLOCK, WEB_TEXTS};

/* ---- the latest ---- */

void page_put_latest(struct page *p, struct view *v, int most)
{
	struct block_summary h = {.index = view_height(v) + 1};
	struct block_owned *b;
	int shown = 0;

	page_head(p, TEXT_LATEST_HEAD);
	while (shown < most && view_last_full(v, h.index, &h) && h.index > 1 &&
		query_read(&p->query, h.index, &b)) {
		if (shown++ == 0)
			page_table(p, columns);
		put_row(p, &b->b, b->b.timestamp);
		mem_free(b);
	}
	if (shown)
		page_table_end(p);
	else
		page_sentence(p, TEXT_NO_NAMES);
}

/* ---- those that expire next ---- */

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

/* Shows the name of a full block if that block is its newest: its year began with it. */
static bool put_if_newest(struct page *p, struct view *v, uint64_t index, bool first)
{
	struct domain_row row;
	struct block_owned *b;

	if (!query_read(&p->query, index, &b))
		return false;
	bool newest = view_domain(v, b->b.tx.identity, view_height(v) + 1, &row) && row.id == index;
	if (newest && first)
		page_table(p, columns);
	if (newest)
		put_row(p, &b->b,
			(int64_t)((uint64_t)b->b.timestamp + p->api->params->domain_lifetime));
	mem_free(b);
	return newest;
}

/* Walks the blocks of a year ago, from those whose names expire now to those that expire in
 * SOON_DAYS. */
static void put_expiring(struct page *p, struct view *v)
{
	int64_t year = (int64_t)p->api->params->domain_lifetime;
	uint64_t i = block_at(v, p->query.now - year);
	int64_t end = p->query.now - year + (int64_t)SOON_DAYS * DAY;
	struct block_summary h;
	int shown = 0;

	page_head(p, TEXT_EXPIRING_HEAD);
	for (int looks = 0; looks < EXPIRING_LOOKS && shown < EXPIRING_SHOWN; looks++, i++) {
		if (!view_summary(v, i, &h) || h.timestamp >= end)
			break;
		if (h.full && h.index > 1)
			shown += put_if_newest(p, v, i, shown == 0);
	}
	if (shown)
		page_table_end(p);
	else
		page_sentence(p, TEXT_NONE_EXPIRES);
}

int page_names(struct page *p, const char *last)
{
	struct view *v = chain_view(p->api->chain);
	(void)last;

	page_begin(p, web_text(p->language, TEXT_LATEST), NULL);
	page_sentence(p, TEXT_NO_LIST);
	view_begin(v);
	page_put_latest(p, v, LATEST_SHOWN);
	put_expiring(p, v);
	view_end(v);
	page_end(p);
	return 200;
}
