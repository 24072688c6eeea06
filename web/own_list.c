/* The own names: state, date, key, records, last change; and what needs its owner. Before:
 * web/routes.c. After: web/own_names.h. */
#include <stdio.h>

#include "base/hex.h"
#include "base/mem.h"
#include "web/own_names.h"
#include "web/routes.h"

enum { DAY = 86400, SOON_DAYS = 30, RENEW_DAYS = 60, KEPT_FREE = 16384 };

/* ---- one name ---- */

static void put_state(struct page *p, const struct own_name *n)
{
	bool soon = n->expires < p->query.now + (int64_t)SOON_DAYS * DAY;

	if (n->state == DOMAIN_FREE)
		own_badge(p, "bad", TEXT_FREE_AGAIN);
	else if (n->state == DOMAIN_EXPIRED)
		own_badge(p, "bad", TEXT_OWN_EXPIRED);
	else if (soon)
		own_badge(p, "busy", TEXT_EXPIRING);
	else
		own_badge(p, "good", TEXT_OWN_ALIVE);
}

static void put_name(struct page *p, const struct own_name *n)
{
	char identity[OWN_NAME_BYTES];
	uint8_t bytes[32];
	size_t size = 0;

	if (n->name[0]) {
		html_raw(p->w, "<a href=\"/own/name/");
		html_url(p->w, slice_str(n->name));
		html_raw(p->w, "\">");
		html_foreign(p->w, slice_str(n->name));
		html_raw(p->w, "</a>");
		return;
	}
	own_name_text(n, "identity", identity);
	if (hex_decode(slice_str(identity), bytes, sizeof bytes, &size))
		page_link_identity(p, slice_of(bytes, size));
	html_raw(p->w, " <small>");
	page_put_line(p, n->reason);
	html_raw(p->w, "</small>");
}

static void put_row(struct page *p, const struct own_name *n)
{
	char number[PAGE_WORD_MAX];

	page_row(p, NULL, NULL);
	put_name(p, n);
	page_cell(p, NULL);
	put_state(p, n);
	page_cell(p, NULL);
	page_put_date(p, n->expires);
	page_put_year(p, n->expires);
	page_cell(p, NULL);
	html_foreign(p->w, slice_str(n->key));
	page_cell(p, "n");
	html_str(p->w, page_number(p, own_name_number(n, "records"), number));
	page_cell(p, NULL);
	page_put_time(p, own_name_time(n, "changed_timestamp"));
	html_raw(p->w, " ");
	page_link_block(p, own_name_number(n, "block"));
	page_row_end(p);
}

/* ---- the list ---- */

static void put_list(struct page *p, const struct own_names *names)
{
	static const enum web_text columns[] = {TEXT_COLUMN_NAME, TEXT_COLUMN_STATE, TEXT_EXPIRES,
		TEXT_TERM_KEY, TEXT_COLUMN_RECORDS, TEXT_OWN_CHANGED, WEB_TEXTS};
	size_t i = 0;

	if (!names->count) {
		page_sentence(p, TEXT_OWN_NO_NAMES);
		return;
	}
	page_table(p, columns);
	for (; i < names->count && i < OWN_NAMES_SHOWN && p->w->n + KEPT_FREE < p->w->size; i++)
		put_row(p, &names->all[i]);
	page_table_end(p);
	if (i < names->total)
		page_sentence(p, TEXT_LIST_CUT);
}

static bool has_names(const struct own_names *names, const struct own_key *key)
{
	for (size_t at = 0; at < names->count; at++)
		if (strcmp(names->all[at].key, key->name) == 0)
			return true;
	return false;
}

void own_put_unlock_all(struct page *p, const struct own_names *names, enum web_text before)
{
	struct own_key keys[OWN_KEYS_MAX];
	unsigned n = own_page_keys(p, keys);

	for (unsigned i = 0; i < n; i++) {
		if (!keys[i].locked || !has_names(names, &keys[i]))
			continue;
		if (before != WEB_TEXTS)
			page_sentence(p, before);
		before = WEB_TEXTS;
		own_command(p, "key unlock", keys[i].name);
	}
}

static void put_renew(struct page *p)
{
	char days[16];

	snprintf(days, sizeof days, "%d", RENEW_DAYS);
	own_put_days(p, days, false);
}

static int show(struct page *p, const struct own_names *names)
{
	page_begin(p, web_text(p->language, TEXT_MY_NAMES), "/domains");
	html_raw(p->w, "<p><a href=\"/own/new\">");
	page_say(p, TEXT_OWN_NEW);
	html_raw(p->w, "</a></p>\n");
	own_put_unlock_all(p, names, TEXT_OWN_LOCKED_NAMES);
	put_list(p, names);
	if (names->count)
		put_renew(p);
	page_end(p);
	return 200;
}

int page_own(struct page *p, const char *last)
{
	char why[OWN_NAME_BYTES];
	(void)last;

	if (!p->call->came_status)
		return own_names_ask(p);
	struct own_names *names = own_names_read(p, why);
	if (!names)
		return own_refusal(p, 503, TEXT_MY_NAMES, why);
	int status = show(p, names);
	mem_free(names);
	return status;
}
