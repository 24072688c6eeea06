/* All figures over time: drawn, and as tables. Before: web/routes.c. After: web/plot.h. */
#include <math.h>
#include <stdio.h>

#include "base/human.h"
#include "web/plot.h"
#include "web/routes.h"

static bool is_shown(const struct page *p, int f)
{
	return f != HISTORY_DNS || p->api->config->limits.dns;
}

/* ---- the values, folded ---- */

struct values {
	float point[HISTORY_FIGURES][HISTORY_POINTS];
	unsigned count;
	int64_t newest; /* when its newest point began */
};

static void read_all(const struct page *p, enum history_span s, struct values *v)
{
	for (int f = 0; f < HISTORY_FIGURES; f++)
		v->count = history_read(p->api->history, (enum history_figure)f, s, v->point[f]);
	v->newest = p->now - (int64_t)(history_newest_ms(p->api->history, s) / 1000);
}

static bool is_gap(const struct values *v, unsigned i)
{
	for (int f = 0; f < HISTORY_FIGURES; f++)
		if (!isnan(v->point[f][i]))
			return false;
	return true;
}

/* When a point began, "14:05". */
static void put_hour(struct page *p, int64_t when)
{
	char iso[HUMAN_MAX];

	human_iso(when, iso);
	page_row(p, NULL, NULL);
	wr_format(p->w, "<time datetime=\"%s\">%.5s</time>", iso, iso[0] ? iso + 11 : "");
}

static void put_row(struct page *p, const struct values *v, unsigned i, int64_t when)
{
	char text[PAGE_WORD_MAX];

	put_hour(p, when);
	for (int f = 0; f < HISTORY_FIGURES; f++) {
		if (!is_shown(p, f))
			continue;
		page_cell(p, "n");
		html_str(p->w, plot_value(p, (enum history_figure)f, (double)v->point[f][i], text));
	}
	page_row_end(p);
}

/* Short words: each cell of the 156 rows has its own. */
static const enum web_text heads[HISTORY_FIGURES] = {
	[HISTORY_HEIGHT] = TEXT_COLUMN_HEIGHT,
	[HISTORY_PEERS] = TEXT_PEERS_NUMBER,
	[HISTORY_IN] = TEXT_COLUMN_IN,
	[HISTORY_OUT] = TEXT_COLUMN_OUT,
	[HISTORY_MEMORY] = TEXT_MEMORY,
	[HISTORY_DNS] = TEXT_COLUMN_QUESTIONS,
};

static void put_columns(struct page *p)
{
	enum web_text columns[HISTORY_FIGURES + 2] = {TEXT_COLUMN_TIME};
	size_t n = 1;

	for (int f = 0; f < HISTORY_FIGURES; f++)
		if (is_shown(p, f))
			columns[n++] = heads[f];
	columns[n] = WEB_TEXTS;
	page_table(p, columns);
}

/* The newest first; points without any value are left out. */
static void put_values(struct page *p, enum history_span s)
{
	struct values v;
	unsigned i;

	read_all(p, s, &v);
	html_raw(p->w, "<details><summary>");
	page_say(p, TEXT_PLOT_VALUES);
	html_raw(p->w, "</summary>\n");
	put_columns(p);
	for (i = v.count; i > 0 && page_has_room(p); i--)
		if (!is_gap(&v, i - 1))
			put_row(p, &v, i - 1,
				v.newest - (int64_t)(v.count - i) * history_spans[s].seconds);
	page_table_end(p);
	if (i > 0)
		page_sentence(p, TEXT_LIST_CUT);
	html_raw(p->w, "</details>\n");
}

/* ---- the page ---- */

static void put_span(struct page *p, enum history_span s)
{
	page_head(p, s == HISTORY_HOUR ? TEXT_LAST_HOUR : TEXT_LAST_DAY);
	html_raw(p->w, "<div class=\"plots\">\n");
	for (int f = 0; f < HISTORY_FIGURES; f++)
		if (is_shown(p, f) && page_has_room(p))
			page_plot(p, (enum history_figure)f, s);
	html_raw(p->w, "</div>\n");
	if (page_has_room(p))
		put_values(p, s);
}

int page_time(struct page *p, const char *last)
{
	(void)last;
	page_begin(p, web_text(p->language, TEXT_OVER_TIME), "/history");
	if (p->api->history && bound_read(&p->api->config->limits.history_bytes.max)) {
		page_sentence(p, TEXT_OVER_TIME_EXPLAINED);
		put_span(p, HISTORY_HOUR);
		put_span(p, HISTORY_DAY);
	} else {
		page_sentence(p, TEXT_OVER_TIME_OFF);
	}
	page_end(p);
	return 200;
}
