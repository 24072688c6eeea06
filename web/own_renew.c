/* Renews all names that expire soon: first what it costs, then the jobs. Before: web/routes.c.
 * After: web/own_names.h, web/own_renew_one.c. */
#include <stdio.h>

#include "base/mem.h"
#include "web/own_names.h"
#include "web/routes.h"

enum { DAY = 86400, RENEWED_MOST = 32, DAYS_MOST = 366 };

/* ---- the days ---- */

/* What was given as the number of days, and the number; 0 = it is none that can be. */
static unsigned days_of(const struct page *p, char text[HTTP_ARG_MAX])
{
	unsigned n = 0;

	if (!http_arg(p->call->request, "days", text, HTTP_ARG_MAX)) {
		text[0] = 0;
		return 0;
	}
	for (const char *c = text; *c && n <= DAYS_MOST; c++)
		n = *c >= '0' && *c <= '9' ? n * 10 + (unsigned)(*c - '0') : DAYS_MOST + 1;
	return n <= DAYS_MOST ? n : 0;
}

void own_put_days(struct page *p, const char *days, bool wrong)
{
	html_raw(p->w, "<form action=\"/own/renew\"><p><label>");
	page_say(p, TEXT_OWN_RENEW_ALL);
	wr_format(p->w,
		" <input type=\"number\" name=\"days\" min=\"1\" max=\"%d\" required%s value=\"",
		DAYS_MOST,
		wrong ? " autofocus aria-invalid=\"true\" aria-describedby=\"wrong-days\"" : "");
	html_str(p->w, days);
	html_raw(p->w, "\" aria-label=\"");
	page_say(p, TEXT_OWN_RENEW_DAYS);
	html_raw(p->w, "\"> ");
	page_say(p, TEXT_OWN_RENEW_DAYS);
	html_raw(p->w, "</label> <button>");
	page_say(p, TEXT_OWN_SHOW_COST);
	html_raw(p->w, "</button>");
	if (wrong) {
		html_raw(p->w, " <strong class=\"bad\" id=\"wrong-days\" role=\"alert\"> ");
		page_say(p, TEXT_OWN_BAD_DAYS);
		html_raw(p->w, "</strong>");
	}
	html_raw(p->w, "</p></form>\n");
}

static void put_way_back(struct page *p)
{
	html_raw(p->w, "<p><a href=\"/own\">");
	page_say(p, TEXT_MY_NAMES);
	html_raw(p->w, "</a></p>\n");
}

/* The field again, with the reason beside it. */
static int ask_again(struct page *p, const char *days)
{
	page_begin(p, web_text(p->language, TEXT_OWN_RENEW_NAMES), NULL);
	own_put_days(p, days, true);
	put_way_back(p);
	page_end(p);
	return 400;
}

/* ---- what it costs ---- */

static bool is_due(const struct page *p, const struct own_name *n, unsigned days)
{
	return n->expires < p->query.now + (int64_t)days * DAY;
}

/* Those that can be renewed: their name is known. */
static bool is_wanted(const struct page *p, const struct own_name *n, unsigned days)
{
	return n->name[0] && is_due(p, n, days);
}

/* Says how many are due and cannot be renewed, since they would be lost without a word. */
static void put_not_read(struct page *p, const struct own_names *names, unsigned days)
{
	char number[PAGE_WORD_MAX];
	unsigned n = 0;

	for (size_t i = 0; i < names->count; i++)
		n += !names->all[i].name[0] && is_due(p, &names->all[i], days);
	if (!n)
		return;
	html_raw(p->w, "<p class=\"warn\" role=\"note\">");
	page_say_with(p, TEXT_OWN_NOT_READ, page_number(p, n, number), NULL);
	html_raw(p->w, "</p>\n");
	own_put_unlock_all(p, names, WEB_TEXTS);
}

static double put_row(struct page *p, const struct own_name *n)
{
	struct own_quote q;

	own_quote(p, n->name, &q);
	page_row(p, NULL, NULL);
	html_foreign(p->w, slice_str(n->name));
	page_cell(p, NULL);
	page_put_date(p, n->expires);
	page_cell(p, NULL);
	if (q.difficulty)
		own_put_cost(p, q.difficulty);
	html_raw(p->w, " <small>");
	html_str(p->w, q.difficulty ? q.why : web_text(p->language, TEXT_OWN_NOT_OURS));
	html_raw(p->w, "</small>");
	page_row_end(p);
	return q.difficulty ? draft_mean_hashes(q.difficulty) : 0;
}

static void put_sum(struct page *p, unsigned count, double hashes)
{
	double rate = p->api->hooks.job_rate(p->api->hooks.ctx);
	char number[PAGE_WORD_MAX], time[PAGE_WORD_MAX];
	double seconds = rate > 0 ? hashes / rate : 0;

	html_raw(p->w, "<p>");
	if (rate > 0)
		page_say_with(p, TEXT_OWN_RENEW_SUM, page_number(p, count, number),
			page_span(p, seconds < 1e15 ? (uint64_t)seconds : (uint64_t)1e15, time));
	else
		page_say_with(p, TEXT_OWN_RENEW_COUNT, page_number(p, count, number), NULL);
	html_raw(p->w, "</p>\n");
	page_sentence(p, TEXT_OWN_ONE_BY_ONE);
}

static unsigned put_rows(struct page *p, const struct own_names *names, unsigned days)
{
	static const enum web_text columns[] = {
		TEXT_COLUMN_NAME, TEXT_EXPIRES, TEXT_OWN_TIME, WEB_TEXTS};
	double hashes = 0;
	unsigned n = 0;

	for (size_t i = 0; i < names->count && n < RENEWED_MOST; i++) {
		if (!is_wanted(p, &names->all[i], days))
			continue;
		if (n++ == 0)
			page_table(p, columns);
		hashes += put_row(p, &names->all[i]);
	}
	if (n) {
		page_table_end(p);
		put_sum(p, n, hashes);
	}
	return n;
}

static int show(struct page *p, const struct own_names *names, unsigned days)
{
	char number[24], here[sizeof "/own/renew?days=" + sizeof number];

	snprintf(number, sizeof number, "%u", days);
	snprintf(here, sizeof here, "/own/renew?days=%s", number);
	p->here = here;
	page_begin(p, web_text(p->language, TEXT_OWN_RENEW_NAMES), NULL);
	own_put_days(p, number, false);
	put_not_read(p, names, days);
	unsigned n = put_rows(p, names, days);
	if (n) {
		page_form(p, "/own/renew");
		own_hidden(p, "days", number);
		page_form_end(p, TEXT_OWN_START);
	} else {
		page_sentence(p, TEXT_OWN_NONE_EXPIRES);
	}
	put_way_back(p);
	page_end(p);
	p->here = NULL;
	return 200;
}

int page_own_renew(struct page *p, const char *last)
{
	char why[OWN_NAME_BYTES], text[HTTP_ARG_MAX];
	unsigned days = days_of(p, text);
	(void)last;

	if (!days)
		return ask_again(p, text);
	if (!p->call->came_status)
		return own_names_ask(p);
	struct own_names *names = own_names_read(p, why);
	if (!names)
		return own_refusal(p, 503, TEXT_OWN_RENEW_NAMES, why);
	int status = show(p, names, days);
	mem_free(names);
	return status;
}

static int start(struct page *p, const struct own_names *names, unsigned days)
{
	char said[1024] = "";
	unsigned n = 0;

	for (size_t i = 0; i < names->count && n < RENEWED_MOST; i++) {
		if (!is_wanted(p, &names->all[i], days))
			continue;
		n++;
		if (own_renew_one(p, names->all[i].name, said, sizeof said) != ERR_OK)
			return own_refusal(p, 400, TEXT_OWN_NOT_STARTED, said);
	}
	return page_go(p, "/own/jobs", slice_of(NULL, 0));
}

int form_own_renew(struct page *p, const char *last)
{
	char why[OWN_NAME_BYTES], text[HTTP_ARG_MAX];
	unsigned days = days_of(p, text);
	(void)last;

	if (!days)
		return ask_again(p, text);
	if (!p->call->came_status)
		return own_names_ask(p);
	struct own_names *names = own_names_read(p, why);
	if (!names)
		return own_refusal(p, 503, TEXT_OWN_RENEW_NAMES, why);
	int status = start(p, names, days);
	mem_free(names);
	return status;
}
