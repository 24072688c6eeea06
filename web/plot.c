/* Draws a figure over time. Before: web/page_time.c and other pages. After: api/history.h has the
 * points. */
#include "web/plot.h"

#include <math.h>
#include <stdio.h>

/* In units of the drawing: its size, and where the line is; left of it and below are the labels. */
enum { WIDTH = 320, HEIGHT = 112, LEFT = 78, RIGHT = 314, TOP = 12, BOTTOM = 90 };

static const enum web_text names[HISTORY_FIGURES] = {
	[HISTORY_HEIGHT] = TEXT_PLOT_HEIGHT,
	[HISTORY_PEERS] = TEXT_PEERS,
	[HISTORY_IN] = TEXT_PLOT_IN,
	[HISTORY_OUT] = TEXT_PLOT_OUT,
	[HISTORY_MEMORY] = TEXT_PLOT_MEMORY,
	[HISTORY_DNS] = TEXT_PLOT_DNS,
};

/* What no number of ours can be stays what can be written. */
static uint64_t whole(double v)
{
	return v < 0x1p63 ? (uint64_t)rint(v) : (uint64_t)1 << 63;
}

const char *plot_value(
	const struct page *p, enum history_figure f, double v, char to[PAGE_WORD_MAX])
{
	char text[PAGE_WORD_MAX];

	if (isnan(v))
		snprintf(to, PAGE_WORD_MAX, "–");
	else if (f == HISTORY_MEMORY)
		page_bytes(p, whole(v), to);
	else if (f == HISTORY_IN || f == HISTORY_OUT)
		page_fill(p, TEXT_A_SECOND, page_bytes(p, whole(v), text), to);
	else if (f == HISTORY_DNS)
		page_fill(p, TEXT_A_SECOND, v > 0 ? page_decimal(p, v, text) : "0", to);
	else
		page_number(p, whole(v), to);
	return to;
}

/* ---- what is drawn ---- */

struct plot {
	float point[HISTORY_POINTS];
	unsigned count;
	bool known;         /* there is a value */
	double least, most; /* of the values */
	double low, high;   /* of the drawing */
};

/* The height is drawn from its least value, since all that moves is far from 0. Memory is drawn
 * within its budget. */
static void scale(const struct page *p, enum history_figure f, struct plot *t)
{
	t->low = f == HISTORY_HEIGHT ? t->least : 0;
	t->high = t->most;
	if (f == HISTORY_MEMORY && p->api->config->memory_budget > t->most)
		t->high = (double)p->api->config->memory_budget;
	if (t->high <= t->low)
		t->high = t->low + 1;
}

static void look(const struct page *p, enum history_figure f, enum history_span s, struct plot *t)
{
	t->count = p->api->history ? history_read(p->api->history, f, s, t->point) : 0;
	t->known = false;
	for (unsigned i = 0; i < t->count; i++) {
		double v = (double)t->point[i];
		if (isnan(v))
			continue;
		if (!t->known || v < t->least)
			t->least = v;
		if (!t->known || v > t->most)
			t->most = v;
		t->known = true;
	}
	if (t->known)
		scale(p, f, t);
}

/* How high a value stands in the drawing. */
static double place(const struct plot *t, double v)
{
	return BOTTOM - (v - t->low) / (t->high - t->low) * (BOTTOM - TOP);
}

/* A line through neighbours; one that has none is a dot. */
static void put_line(struct page *p, const struct plot *t)
{
	bool on = false;

	html_raw(p->w, "<path d=\"");
	for (unsigned i = 0; i < t->count; i++) {
		double v = (double)t->point[i];
		double x = RIGHT - (double)(t->count - 1 - i) * (RIGHT - LEFT) / (t->count - 1);
		bool next = i + 1 < t->count && !isnan(t->point[i + 1]);
		if (!isnan(v))
			wr_format(p->w, "%s%.0f %.1f%s", on ? "L" : "M", x, place(t, v),
				on || next ? "" : "h.1");
		on = !isnan(v);
	}
	html_raw(p->w, "\"/>");
}

/* The newest value, so that it is seen where the line is short, too. */
static void put_newest(struct page *p, const struct plot *t)
{
	double v = (double)t->point[t->count - 1];

	if (!isnan(v))
		wr_format(p->w, "<circle cx=\"%d\" cy=\"%.1f\" r=\"2.5\"/>", RIGHT, place(t, v));
}

static void put_label(struct page *p, int x, int y, bool left_of, const char *text)
{
	wr_format(p->w, "<text x=\"%d\" y=\"%d\"%s>", x, y, left_of ? " text-anchor=\"end\"" : "");
	html_str(p->w, text);
	html_raw(p->w, "</text>");
}

static void put_axes(
	struct page *p, enum history_figure f, enum history_span s, const struct plot *t)
{
	char text[PAGE_WORD_MAX], span[PAGE_WORD_MAX];
	uint64_t seconds = (uint64_t)history_spans[s].seconds * t->count;

	wr_format(p->w, "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>", LEFT, RIGHT, TOP, TOP);
	wr_format(p->w, "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>", LEFT, RIGHT, BOTTOM,
		BOTTOM);
	put_label(p, LEFT - 6, TOP + 4, true, plot_value(p, f, t->high, text));
	put_label(p, LEFT - 6, BOTTOM + 3, true, plot_value(p, f, t->low, text));
	page_fill(p, TEXT_AGO, page_span(p, seconds, span), text);
	put_label(p, LEFT, HEIGHT - 6, false, text);
	put_label(p, RIGHT, HEIGHT - 6, true, web_text(p->language, TEXT_NOW));
}

/* ---- for who does not see it ---- */

static void put_words(
	struct page *p, enum history_figure f, enum history_span s, const struct plot *t)
{
	char least[PAGE_WORD_MAX], most[PAGE_WORD_MAX];
	const char *id = history_names[f], *span = history_spans[s].name;

	wr_format(p->w,
		"<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"t-%s-%s d-%s-%s\">"
		"<title id=\"t-%s-%s\">",
		WIDTH, HEIGHT, span, id, span, id, span, id);
	page_say(p, names[f]);
	html_raw(p->w, ", ");
	page_say(p, s == HISTORY_HOUR ? TEXT_LAST_HOUR : TEXT_LAST_DAY);
	wr_format(p->w, "</title><desc id=\"d-%s-%s\">", span, id);
	page_say_with(p, TEXT_PLOT_RANGE, plot_value(p, f, t->least, least),
		plot_value(p, f, t->most, most));
	html_raw(p->w, "</desc>");
}

/* The value of now; of a rate whose newest point has only begun the one before. */
static double latest(const struct plot *t)
{
	double v = (double)t->point[t->count - 1];

	return isnan(v) && t->count > 1 ? (double)t->point[t->count - 2] : v;
}

static void put_caption(struct page *p, enum history_figure f, const struct plot *t)
{
	char value[PAGE_WORD_MAX], all[PAGE_WORD_MAX];

	html_raw(p->w, "<figcaption>");
	page_say(p, names[f]);
	html_raw(p->w, " <b>");
	if (t->known)
		plot_value(p, f, latest(t), value);
	if (t->known && f == HISTORY_MEMORY)
		page_say_with(
			p, TEXT_PLOT_OF, value, page_bytes(p, p->api->config->memory_budget, all));
	else
		html_str(p->w, t->known ? value : "");
	html_raw(p->w, "</b></figcaption>");
}

void page_plot(struct page *p, enum history_figure f, enum history_span s)
{
	struct plot t;

	look(p, f, s, &t);
	html_raw(p->w, "<figure class=\"plot\">");
	put_caption(p, f, &t);
	if (t.known && t.count > 1) {
		put_words(p, f, s, &t);
		put_axes(p, f, s, &t);
		put_line(p, &t);
		put_newest(p, &t);
		html_raw(p->w, "</svg>");
	} else {
		html_raw(p->w, "<p>");
		page_say(p, TEXT_PLOT_NOTHING);
		html_raw(p->w, "</p>");
	}
	html_raw(p->w, "</figure>\n");
}
