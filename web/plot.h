/* A figure over time as a small drawing (SVG) within a page, for any page: it is as wide as its
 * place, takes its colours from the style sheet, and says its numbers to who does not see it. */
#ifndef WEB_PLOT_H
#define WEB_PLOT_H

#include "api/history.h"
#include "web/page.h"

/* Writes a <figure>, 1.5 kB or so; several stand in an element of the class "plots". */
void page_plot(struct page *p, enum history_figure f, enum history_span s);

/* "1.5 kB/s", "22,522": a value of this figure with its unit; a dash for NAN. */
const char *plot_value(
	const struct page *p, enum history_figure f, double v, char to[PAGE_WORD_MAX]);

#endif
