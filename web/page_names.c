/* The latest registrations and changes, and the names that expire or fall free next. The chain has
 * no names, only hashes of them, so identities stand here. Before: web/routes.c. After:
 * api/name_lists.h. */
#include "api/name_facts.h"
#include "api/name_lists.h"
#include "web/routes.h"

/* Begins its table with the first name. */
struct list {
	struct page *p;
	const enum web_text *columns;
	bool deeds; /* has a column for what the block did */
	int shown;
};

static void put_row(void *ctx, const struct block *b, int64_t time)
{
	struct list *l = ctx;
	struct page *p = l->p;

	if (l->shown++ == 0)
		page_table(p, l->columns);
	page_row(p, NULL, NULL);
	page_put_date(p, time);
	page_cell(p, "two");
	page_link_identity(p, b->tx.identity);
	page_cell(p, NULL);
	html_foreign(p->w, name_list_zone(b));
	if (l->deeds) {
		page_cell(p, NULL);
		page_put_deed(p, b);
	}
	page_cell(p, NULL);
	page_link_key(p, name_owner_of(b));
	page_cell(p, "n");
	page_link_block(p, b->index);
	page_row_end(p);
}

static void end_list(const struct list *l, enum web_text none)
{
	if (l->shown)
		page_table_end(l->p);
	else
		page_sentence(l->p, none);
}

void page_put_latest(struct page *p, struct view *v, int most)
{
	static const enum web_text columns[] = {TEXT_COLUMN_TIME, TEXT_IDENTITY, TEXT_ZONE,
		TEXT_COLUMN_EVENT, TEXT_COLUMN_OWNER, TEXT_COLUMN_BLOCK, WEB_TEXTS};
	struct list l = {p, columns, true, 0};

	page_head(p, TEXT_LATEST_HEAD);
	names_latest(&p->query, v, most, put_row, &l);
	end_list(&l, TEXT_NO_NAMES);
}

void page_put_owned(struct page *p, struct view *v, const uint8_t key[KEY_SIZE])
{
	static const enum web_text columns[] = {TEXT_EXPIRES, TEXT_IDENTITY, TEXT_ZONE,
		TEXT_COLUMN_EVENT, TEXT_COLUMN_OWNER, TEXT_COLUMN_BLOCK, WEB_TEXTS};
	struct list l = {p, columns, true, 0};
	char all[PAGE_WORD_MAX], own[PAGE_WORD_MAX];

	page_head(p, TEXT_KEY_OWNS);
	names_of_key(&p->query, v, key, put_row, &l);
	end_list(&l, TEXT_KEY_OWNS_NONE);
	html_raw(p->w, "<p class=\"dim\">");
	page_say_with(p, TEXT_KEY_OWNS_WHERE, page_number(p, OWNED_OF_ALL, all),
		page_number(p, OWNED_OF_KEY, own));
	html_raw(p->w, "</p>\n");
}

/* Names for which something happens so many seconds after their newest block. */
struct due {
	enum web_text head, none; /* its heading, and what is said when there is none */
	enum web_text column;     /* what happens then */
	uint64_t age;
};

static void put_due(struct page *p, struct view *v, const struct due *d)
{
	const enum web_text columns[] = {d->column, TEXT_IDENTITY, TEXT_ZONE, TEXT_COLUMN_OWNER,
		TEXT_COLUMN_BLOCK, WEB_TEXTS};
	struct list l = {p, columns, false, 0};

	page_head(p, d->head);
	names_due(&p->query, v, d->age, put_row, &l);
	end_list(&l, d->none);
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

	page_begin(p, web_text(p->language, TEXT_LATEST), "/names");
	page_sentence(p, TEXT_NO_LIST);
	view_begin(v);
	page_put_latest(p, v, NAME_LIST_MAX);
	put_due(p, v, &expire);
	put_due(p, v, &fall_free);
	view_end(v);
	page_end(p);
	return 200;
}
