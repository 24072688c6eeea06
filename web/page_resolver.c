/* The DNS server: whether it runs, its forwarders, what it answered. Before: web/routes.c. After:
 * api/status_dns.h, dns/figures.h. */
#include <stdatomic.h>
#include <stdio.h>

#include "api/status_dns.h"
#include "base/mem.h"
#include "dns/name.h"
#include "web/plot.h"
#include "web/resolve_box.h"
#include "web/routes.h"

static void put_addresses(struct page *p, const struct api_dns *d)
{
	char text[NETADDR_TEXT_MAX];

	page_fact(p, TEXT_DNS_LISTENS);
	for (size_t i = 0; i < d->addresses; i++) {
		html_raw(p->w, i ? ", " : "");
		html_str(p->w, netaddr_text(&d->at[i], text));
	}
	page_fact_end(p);
}

static void put_facts(struct page *p, const struct figures *f)
{
	const struct bound *cache = &p->api->config->limits.dns_cache_bytes;
	char text[PAGE_WORD_MAX], most[PAGE_WORD_MAX];

	html_raw(p->w, "<dl class=\"facts\">\n");
	put_addresses(p, &f->dns);
	page_fact(p, TEXT_DNS_PACE);
	html_str(p->w, page_decimal(p, f->dns.pace, text));
	page_fact_end(p);
	page_fact(p, TEXT_DNS_HITS);
	snprintf(text, sizeof text, "%.0f %%", 100 * figures_value(f, FIGURE_dns_cache_hit_ratio));
	html_str(p->w, text);
	page_fact_end(p);
	page_fact(p, TEXT_DNS_CACHE);
	page_say_with(p, TEXT_PLOT_OF, page_bytes(p, bound_read(&cache->used), text),
		page_bytes(p, bound_read(&cache->max), most));
	page_fact_end(p);
	html_raw(p->w, "</dl>\n");
}

static void put_forwarder(struct page *p, const struct dns_forwarder_told *f)
{
	char number[PAGE_WORD_MAX];

	page_row(p, NULL, "long");
	html_foreign(p->w, slice_str(f->text));
	page_cell(p, NULL);
	wr_format(p->w, "<span class=\"state %s\">", f->facts.up ? "good" : "bad");
	page_say(p, f->facts.up ? TEXT_UP : TEXT_DOWN);
	html_raw(p->w, "</span>");
	page_cell(p, "n");
	if (f->facts.rtt_ms)
		page_say_with(p, TEXT_MILLISECONDS, page_number(p, f->facts.rtt_ms, number), NULL);
	page_cell(p, "n");
	html_str(p->w, page_number(p, f->facts.answered, number));
	page_cell(p, "long");
	page_put_line(p, f->facts.last_error);
	page_row_end(p);
}

static void put_forwarders(struct page *p)
{
	static const enum web_text columns[] = {TEXT_COLUMN_FORWARDER, TEXT_COLUMN_STATE,
		TEXT_COLUMN_ROUND_TRIP, TEXT_COLUMN_ANSWERED, TEXT_COLUMN_ERROR, WEB_TEXTS};
	size_t count;
	struct dns_forwarder_told *f = status_dns_forwarders(p->api, &count);

	page_head(p, TEXT_DNS_FORWARDERS);
	if (count) {
		page_table(p, columns);
		for (size_t i = 0; i < count; i++)
			put_forwarder(p, &f[i]);
		page_table_end(p);
	} else {
		page_sentence(p, TEXT_DNS_NO_FORWARDERS);
	}
	mem_free(f);
}

static void put_count(struct page *p, const char *what, const _Atomic uint64_t *total)
{
	uint64_t n = atomic_load_explicit(total, memory_order_relaxed);
	char number[PAGE_WORD_MAX];

	if (!n)
		return;
	page_row(p, NULL, NULL);
	page_put_line(p, what);
	page_cell(p, "n");
	html_str(p->w, page_number(p, n, number));
	page_row_end(p);
}

static bool counted(const _Atomic uint64_t *total, int n)
{
	for (int i = 0; i < n; i++)
		if (atomic_load_explicit(&total[i], memory_order_relaxed))
			return true;
	return false;
}

static void put_answers(struct page *p, const struct dns_figures *f)
{
	static const enum web_text by_source[] = {TEXT_COLUMN_SOURCE, TEXT_COLUMN_COUNT, WEB_TEXTS};
	static const enum web_text by_result[] = {TEXT_COLUMN_RESULT, TEXT_COLUMN_COUNT, WEB_TEXTS};
	char text[DNS_TYPE_TEXT_MAX];

	if (!counted(f->source, DNS_SOURCES) && !counted(f->rcode, DNS_RCODES))
		return;
	html_raw(p->w, "<div class=\"pair\"><section>\n");
	page_head(p, TEXT_DNS_ANSWERS);
	page_table(p, by_source);
	for (int i = 0; i < DNS_SOURCES; i++)
		put_count(p, dns_source_names[i], &f->source[i]);
	page_table_end(p);
	html_raw(p->w, "</section><section>\n");
	page_head(p, TEXT_DNS_RCODES);
	page_table(p, by_result);
	for (uint16_t i = 0; i < DNS_RCODES; i++)
		put_count(p, dns_rcode_text(i, text), &f->rcode[i]);
	page_table_end(p);
	html_raw(p->w, "</section></div>\n");
}

static void put_off(struct page *p)
{
	page_say(p, TEXT_DNS_OFF);
	html_raw(p->w, " <a href=\"/\">");
	page_say(p, TEXT_DNS_OFF_HOW);
	html_raw(p->w, "</a>");
}

/* Why there is nothing to show, or what should be known of the answers. */
static void put_state(struct page *p, const struct api_dns *d)
{
	if (d->figures && d->current)
		return;
	html_raw(p->w, "<p>");
	if (d->figures)
		page_say(p, TEXT_DNS_BEHIND);
	else if (!d->why[0])
		put_off(p);
	else {
		page_say(p, TEXT_DNS_FAILED);
		html_raw(p->w, " ");
		page_put_line(p, d->why);
	}
	html_raw(p->w, "</p>\n");
}

static void put_names(struct page *p, enum web_text head, enum dns_asked_order order)
{
	static const enum web_text columns[] = {
		TEXT_COLUMN_NAME, TEXT_COLUMN_QUESTIONS, TEXT_COLUMN_SLOWEST, WEB_TEXTS};
	struct dns_asked_told told[STATUS_NAMES];
	size_t n = p->api->hooks.dns_asked(p->api->hooks.ctx, order, told, STATUS_NAMES);
	char name[DNS_NAME_TEXT_MAX], number[PAGE_WORD_MAX];

	page_head(p, head);
	page_table(p, columns);
	for (size_t i = 0; i < n && page_has_room(p); i++) {
		page_row(p, NULL, "long");
		dns_name_text(&told[i].name, name);
		html_foreign(p->w, slice_str(name));
		page_cell(p, "n");
		html_str(p->w, page_number(p, told[i].questions, number));
		page_cell(p, "n");
		page_say_with(
			p, TEXT_MILLISECONDS, page_number(p, told[i].slowest_ms, number), NULL);
		page_row_end(p);
	}
	page_table_end(p);
}

/* Names only when the owner wants them on the page. */
static void put_asked(struct page *p, const struct api_dns *d)
{
	if (!d->keeps_names)
		return;
	html_raw(p->w, "<div class=\"pair\"><section>\n");
	put_names(p, TEXT_DNS_BUSIEST, DNS_ASKED_BUSIEST);
	html_raw(p->w, "</section><section>\n");
	put_names(p, TEXT_DNS_SLOWEST, DNS_ASKED_SLOWEST);
	html_raw(p->w, "</section></div>\n");
	page_sentence(p, TEXT_DNS_NAMES_EXPLAINED);
}

static void put_over_time(struct page *p)
{
	html_raw(p->w, "<div class=\"plots\">\n");
	page_plot(p, HISTORY_DNS, HISTORY_HOUR);
	page_plot(p, HISTORY_DNS, HISTORY_DAY);
	html_raw(p->w, "</div>\n");
}

int page_resolver(struct page *p, const char *last)
{
	struct resolve_box box;
	struct figures f;
	(void)last;

	if (resolve_box_ask(p, &box))
		return page_later(p, p->api->config->limits.dns_query_time.max);
	figures_begin(&f, p->api);
	page_begin(p, web_text(p->language, TEXT_RESOLVER), "/dns");
	put_state(p, &f.dns);
	if (f.dns.figures) {
		resolve_box_put(p, &box);
		put_facts(p, &f);
		put_over_time(p);
		put_forwarders(p);
		put_answers(p, f.dns.figures);
		put_asked(p, &f.dns);
	}
	page_end(p);
	return box.wrong == WEB_TEXTS && box.wrong_type == WEB_TEXTS ? 200 : 400;
}
