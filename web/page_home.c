/* The first page: is the node well, what is new in the chain, what is near its bound, what did it
 * say last. Before: web/routes.c. After: web/page_home_blocks.c, web/page_bounds.c,
 * web/page_first.c; web/script.js keeps it at the present. */
#include <stdio.h>

#include "api/events.h"
#include "web/plot.h"
#include "web/routes.h"

enum { NAMES_SHOWN = 6 };

static void link_more(struct page *p, const char *path, enum web_text text)
{
	wr_format(p->w, "<p class=\"more\"><a href=\"%s\">", path);
	page_say(p, text);
	html_raw(p->w, "</a></p>\n");
}

/* ---- the state, in large ---- */

/* It is read aloud when it becomes another one, not at each percent. */
static void put_state(struct page *p, const struct page_state *s)
{
	wr_format(p->w, "<h1><span id=\"state\" class=\"state %s\">", page_state_class(s->level));
	html_str(p->w, s->text);
	html_raw(p->w, "</span></h1>\n<p id=\"said\" class=\"unseen\" role=\"status\" "
		       "aria-live=\"polite\"></p>\n");
}

static void put_advice(struct page *p, const struct page_state *s)
{
	html_raw(p->w, "<p id=\"advice\">");
	page_say(p, s->advice);
	html_raw(p->w, "</p>\n");
}

/* The height of the network's chain, but never less than ours. */
static uint64_t best_of(const struct figures *f)
{
	return f->sync.best > f->tip.height ? f->sync.best : f->tip.height;
}

/* The facts behind a state that is no good one. */
static void put_detail(struct page *p, const struct page_state *s)
{
	html_raw(p->w, "<p id=\"detail\" data-part>");
	if (s->level != STATE_GOOD)
		page_put_line(p, s->detail);
	html_raw(p->w, "</p>");
}

/* Without blocks to fetch its place stays empty, so that nothing below it moves. */
static void put_pace(struct page *p, const struct page_state *s, const struct figures *f)
{
	uint64_t left = best_of(f) - f->tip.height;
	double pace = f->sync.block_pace, seconds = pace > 0 ? (double)left / pace : 0;
	char number[PAGE_WORD_MAX], text[PAGE_WORD_MAX];

	html_raw(p->w, "<div class=\"now\"><p id=\"pace\">");
	if (left)
		page_say_with(p, TEXT_STATE_PACE, page_decimal(p, pace, number), NULL);
	if (seconds > 0 && seconds < 1e15) {
		html_raw(p->w, " · ");
		page_say_with(p, TEXT_STATE_LEFT, page_span(p, (uint64_t)seconds, text), NULL);
	}
	html_raw(p->w, "</p>");
	put_detail(p, s);
	html_raw(p->w, "</div>\n<p id=\"lost\" role=\"alert\"></p>\n");
}

static void put_progress(struct page *p, const struct figures *f)
{
	uint64_t best = best_of(f);

	html_raw(p->w, "<progress id=\"progress\" aria-label=\"");
	page_say(p, TEXT_CHAIN_HERE);
	wr_format(p->w, "\" max=\"%llu\" value=\"%llu\"></progress>\n",
		(unsigned long long)(best ? best : 1), (unsigned long long)f->tip.height);
}

/* ---- figures ---- */

static void figure(struct page *p, enum web_text term, const char *anchor)
{
	html_raw(p->w, "<div><dt>");
	page_head_term(p, term, anchor);
	html_raw(p->w, "</dt><dd>");
}

static void figure_more(struct page *p, enum web_text text)
{
	html_raw(p->w, " <small>");
	page_say(p, text);
	html_raw(p->w, " ");
}

static void put_chain_figures(struct page *p, const struct figures *f)
{
	figure(p, TEXT_COLUMN_HEIGHT, "height");
	page_live_number(p, "height", f->tip.height);
	figure_more(p, TEXT_OF);
	page_live_number(p, "best_height", best_of(f));
	html_raw(p->w, "</small>");
	page_fact_end(p);
	figure(p, TEXT_LAST_BLOCK, "tip");
	html_raw(p->w, "<span data-live=\"tip_timestamp\" data-as=\"time\">");
	if (f->tip.height)
		page_put_time(p, f->tip.timestamp);
	else
		html_raw(p->w, "–");
	html_raw(p->w, "</span>");
	page_fact_end(p);
}

static void put_peer_figures(struct page *p, const struct figures *f)
{
	figure(p, TEXT_PEERS_NUMBER, "peer");
	page_live_number(p, "peers", f->sync.peers);
	figure_more(p, TEXT_CALLED_US);
	page_live_number(p, "network.inbound", f->net.inbound);
	html_raw(p->w, ", ");
	page_say(p, TEXT_WE_CALLED);
	html_raw(p->w, " ");
	page_live_number(p, "network.outbound", f->net.outbound);
	html_raw(p->w, "</small>");
	page_fact_end(p);
}

static void put_node_figures(struct page *p, const struct figures *f)
{
	char text[PAGE_WORD_MAX];

	figure(p, TEXT_MEMORY, "budget");
	page_live_bytes(p, "memory_bytes", (uint64_t)figures_value(f, FIGURE_memory_bytes));
	figure_more(p, TEXT_OF);
	html_str(p->w, page_bytes(p, p->api->config->memory_budget, text));
	html_raw(p->w, "</small>");
	page_fact_end(p);
	figure(p, TEXT_STORE, "store");
	page_live_bytes(p, "store.store_bytes", (uint64_t)figures_value(f, FIGURE_store_bytes));
	page_fact_end(p);
	page_fact(p, TEXT_UPTIME);
	html_raw(p->w, "<span data-live=\"uptime_seconds\" data-as=\"span\">");
	html_str(p->w, page_span(p, (uint64_t)figures_value(f, FIGURE_uptime_seconds), text));
	html_raw(p->w, "</span>");
	page_fact_end(p);
}

static void put_dns_figure(struct page *p, const struct figures *f)
{
	char text[PAGE_WORD_MAX];

	figure(p, TEXT_DNS_QUESTIONS, "resolver");
	if (f->dns.figures) {
		html_raw(p->w,
			"<span data-live=\"dns.dns_questions_per_second\" data-as=\"decimal\">");
		html_str(p->w, page_decimal(p, f->dns.pace, text));
		html_raw(p->w, "</span>");
	} else {
		html_raw(p->w, "<a href=\"/node/resolver\">");
		page_say(p, f->dns.why[0] ? TEXT_DNS_BROKEN : TEXT_DNS_IS_OFF);
		html_raw(p->w, "</a>");
	}
	page_fact_end(p);
}

/* Only for whom they belong to. */
static void put_owner_figures(struct page *p, const struct figures *f)
{
	if (!page_may_own(p) || !f->keys.all)
		return;
	figure(p, TEXT_KEYS, "key");
	page_live_number(p, "keys.owner_keys", f->keys.all);
	figure_more(p, TEXT_KEYS_LOCKED);
	page_live_number(p, "keys.owner_keys_locked", f->keys.locked);
	html_raw(p->w, "</small>");
	page_fact_end(p);
	figure(p, TEXT_OPEN_JOBS, "job");
	page_live_number(p, "jobs.jobs_open", f->jobs.open);
	page_fact_end(p);
}

static void put_figures(struct page *p, const struct figures *f)
{
	html_raw(p->w, "<dl class=\"figures\">\n");
	put_chain_figures(p, f);
	put_peer_figures(p, f);
	put_dns_figure(p, f);
	put_owner_figures(p, f);
	put_node_figures(p, f);
	html_raw(p->w, "</dl>\n");
}

/* ---- figures over time ---- */

/* The last hour of three of them; the other ones are a link away. */
static void put_plots(struct page *p)
{
	bool asks = p->api->config->limits.dns;

	html_raw(p->w, "<div id=\"part-plots\" data-part>\n");
	if (p->api->history && bound_read(&p->api->config->limits.history_bytes.max)) {
		html_raw(p->w, "<div class=\"plots\">\n");
		page_plot(p, HISTORY_HEIGHT, HISTORY_HOUR);
		page_plot(p, asks ? HISTORY_DNS : HISTORY_IN, HISTORY_HOUR);
		page_plot(p, HISTORY_MEMORY, HISTORY_HOUR);
		html_raw(p->w, "</div>\n");
	}
	link_more(p, "/node/time", TEXT_OVER_TIME);
	html_raw(p->w, "</div>\n");
}

/* ---- the last lines of the log ---- */

static void put_log(struct page *p)
{
	struct log_tail *tail = p->api->events ? events_tail(p->api->events) : NULL;
	struct log_tail_line line;

	page_head(p, TEXT_LOG);
	html_raw(p->w, "<pre id=\"log\" lang=\"en\" tabindex=\"0\">");
	for (uint64_t i = tail ? log_tail_first(tail) : 0; tail && log_tail_get(tail, i, &line);
		i++) {
		html_str(p->w, log_level_name(line.level));
		html_raw(p->w, " ");
		html_str(p->w, line.text);
		html_raw(p->w, "\n");
	}
	html_raw(p->w, "</pre>\n");
}

/* ---- the page ---- */

/* What changes with a new block or a minute; the script asks for these parts alone. */
static void put_parts(struct page *p)
{
	struct view *v = chain_view(p->api->chain);

	put_plots(p);
	view_begin(v);
	html_raw(p->w, "<div id=\"part-blocks\" data-part>\n");
	page_put_chain(p, v);
	html_raw(p->w, "</div>\n<div id=\"part-names\" data-part>\n");
	page_put_latest(p, v, NAMES_SHOWN);
	link_more(p, "/explorer/names", TEXT_ALL_NAMES);
	html_raw(p->w, "</div>\n");
	view_end(v);
	html_raw(p->w, "<div id=\"part-bounds\" data-part>\n");
	page_put_bounds(p);
	html_raw(p->w, "</div>\n");
}

int page_home(struct page *p, const char *last)
{
	struct page_state state;
	struct figures f;
	char how[8];
	(void)last;

	if (http_arg(p->call->request, "hide", how, sizeof how))
		return page_hide_first(p, how);
	page_state(p, &state);
	if (http_has_arg(p->call->request, "part")) {
		put_detail(p, &state);
		put_parts(p);
		return 200;
	}
	figures_begin(&f, p->api);
	p->live = true;
	page_begin(p, NULL, NULL);
	html_raw(p->w, "<div class=\"hero\">\n");
	put_state(p, &state);
	put_advice(p, &state);
	put_progress(p, &f);
	put_pace(p, &state, &f);
	html_raw(p->w, "</div>\n");
	page_put_first(p, &f);
	put_figures(p, &f);
	put_parts(p);
	put_log(p);
	page_end(p);
	return 200;
}
