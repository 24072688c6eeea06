/* The latest registrations and changes, and the names that expire or fall free next. The chain has
 * no names, only hashes of them, so identities stand here. Before: web/routes.c. After:
 * chain/view.h. */
#include "api/name_facts.h"
#include "base/mem.h"
#include "chain/view.h"
#include "domain/domain.h"
#include "web/routes.h"

enum {
	LATEST_SHOWN = 20,
	DUE_SHOWN = 20,
	DUE_LOOKS = 200, /* blocks that are looked at for them */
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

/* ---- those that expire or fall free next ---- */

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

/* Names for which something happens so many seconds after their newest block. */
struct due {
	enum web_text head, none; /* its heading, and what is said when there is none */
	enum web_text column;     /* what happens then */
	uint64_t age;
};

static void put_columns(struct page *p, const struct due *d)
{
	const enum web_text all[] = {d->column, TEXT_IDENTITY, TEXT_ZONE, TEXT_COLUMN_OWNER,
		TEXT_COLUMN_BLOCK, WEB_TEXTS};

	page_table(p, all);
}

/* Shows the name of a full block if that block is its newest: its year began with it. */
static bool put_if_newest(
	struct page *p, struct view *v, uint64_t index, const struct due *d, bool first)
{
	struct domain_row row;
	struct block_owned *b;

	if (!query_read(&p->query, index, &b))
		return false;
	bool newest = view_domain(v, b->b.tx.identity, view_height(v) + 1, &row) && row.id == index;
	if (newest && first)
		put_columns(p, d);
	if (newest)
		put_row(p, &b->b, (int64_t)((uint64_t)b->b.timestamp + d->age));
	mem_free(b);
	return newest;
}

/* Walks the blocks of that age, from those whose time is now to those whose time comes within
 * SOON_DAYS. */
static void put_due(struct page *p, struct view *v, const struct due *d)
{
	int64_t from = p->query.now - (int64_t)d->age, end = from + (int64_t)SOON_DAYS * DAY;
	uint64_t i = block_at(v, from);
	struct block_summary h;
	int shown = 0;

	page_head(p, d->head);
	for (int looks = 0; looks < DUE_LOOKS && shown < DUE_SHOWN; looks++, i++) {
		if (!view_summary(v, i, &h) || h.timestamp >= end)
			break;
		if (h.full && h.index > 1)
			shown += put_if_newest(p, v, i, d, shown == 0);
	}
	if (shown)
		page_table_end(p);
	else
		page_sentence(p, d->none);
}

int page_names(struct page *p, const char *last)
{
	const struct chain_params *params = p->api->params;
	const struct due expire = {
		TEXT_EXPIRING_HEAD, TEXT_NONE_EXPIRES, TEXT_EXPIRES, params->domain_lifetime};
	const struct due fall_free = {TEXT_FREEING_HEAD, TEXT_NONE_FREES, TEXT_FREE_FROM,
		params->domain_lifetime + params->domain_renew_time};
	struct view *v = chain_view(p->api->chain);
	(void)last;

	page_begin(p, web_text(p->language, TEXT_LATEST), NULL);
	page_sentence(p, TEXT_NO_LIST);
	view_begin(v);
	page_put_latest(p, v, LATEST_SHOWN);
	put_due(p, v, &expire);
	put_due(p, v, &fall_free);
	view_end(v);
	page_end(p);
	return 200;
}
