/* The bounds of the node: what is in use of each, and what happens when it is met. Before:
 * web/page_home.c, web/routes.c. After: config/limits.h. */
#include "api/status.h"
#include "web/routes.h"

enum { FULLEST_SHOWN = 8 };

static const enum web_text columns[] = {TEXT_COLUMN_BOUND, TEXT_COLUMN_IN_USE, TEXT_COLUMN_MOST,
	TEXT_COLUMN_LIMIT, TEXT_COLUMN_MET, TEXT_COLUMN_THEN, WEB_TEXTS};

static const struct bound *bound_of(const struct page *p, size_t row)
{
	return limits_bound_const(&p->api->config->limits, row);
}

/* Full is how it is meant to be: a memory of what can be found again, a place to compute in, or a
 * queue that keeps others at work. */
static bool may_be_full(size_t row)
{
	switch (row) {
	case LIMIT_ROW_max_seen_blocks:
	case LIMIT_ROW_max_bad_blocks:
	case LIMIT_ROW_max_key_strengths:
	case LIMIT_ROW_max_draws:
	case LIMIT_ROW_max_hosts:
	case LIMIT_ROW_dns_rate_slots:
	case LIMIT_ROW_max_said:
	case LIMIT_ROW_max_own_blocks:
	case LIMIT_ROW_dns_cache_bytes:
	case LIMIT_ROW_verify_scratch_bytes:
	case LIMIT_ROW_max_verify_queue:
	case LIMIT_ROW_max_verify_bytes:
	case LIMIT_ROW_max_window:
	case LIMIT_ROW_commit_blocks:
	case LIMIT_ROW_commit_bytes:
	case LIMIT_ROW_mine_scratch_bytes:
		return true;
	default:
		return false;
	}
}

/* Nothing more of it can be had now. */
static bool is_met(const struct page *p, size_t row)
{
	const struct bound *b = bound_of(p, row);

	return status_has_current(row) && !may_be_full(row) && b->max && b->used >= b->max;
}

/* How much of it was in use at most, 0 to 1; times have no use. */
static double fullness(const struct page *p, size_t row)
{
	const struct bound *b = bound_of(p, row);

	return limit_rows[row].unit == UNIT_MS || !b->max ? 0 : (double)b->peak / (double)b->max;
}

static const char *amount(
	const struct page *p, enum limit_unit unit, uint64_t v, char to[PAGE_WORD_MAX])
{
	if (unit == UNIT_BYTES)
		return page_bytes(p, v, to);
	if (unit == UNIT_COUNT)
		return page_number(p, v, to);
	char number[PAGE_WORD_MAX];
	return v < 2000 ? page_fill(p, TEXT_MILLISECONDS, page_number(p, v, number), to)
			: page_span(p, v / 1000, to);
}

static void cell(struct page *p, const char *text)
{
	page_cell(p, "n");
	html_str(p->w, text);
}

static void put_row(struct page *p, size_t row)
{
	const struct bound *b = bound_of(p, row);
	enum limit_unit unit = limit_rows[row].unit;
	char text[PAGE_WORD_MAX];

	page_row(p, is_met(p, row) ? "met" : NULL, "long");
	wr_format(p->w, "<code>%s</code>", b->name);
	cell(p, status_has_current(row) ? amount(p, unit, b->used, text) : "–");
	cell(p, unit == UNIT_MS ? "–" : amount(p, unit, b->peak, text));
	cell(p, amount(p, unit, b->max, text));
	cell(p, page_number(p, b->hits, text));
	page_cell(p, "two");
	page_put_line(p, limit_rows[row].on_hit);
	page_row_end(p);
}

/* ---- folded, on the first page ---- */

/* What is met now comes before all that only was fuller. */
static double urgency(const struct page *p, size_t row)
{
	return fullness(p, row) + (is_met(p, row) ? 2 : 0);
}

/* The most urgent rows, in order. Returns how many there are. */
static size_t fullest(const struct page *p, size_t to[FULLEST_SHOWN])
{
	size_t n = 0;

	for (size_t row = 0; row < LIMIT_ROWS; row++) {
		size_t at = n < FULLEST_SHOWN ? n++ : FULLEST_SHOWN;
		for (; at && urgency(p, row) > urgency(p, to[at - 1]); at--)
			if (at < FULLEST_SHOWN)
				to[at] = to[at - 1];
		if (at < FULLEST_SHOWN)
			to[at] = row;
	}
	return n;
}

static unsigned count_met(const struct page *p)
{
	unsigned n = 0;

	for (size_t row = 0; row < LIMIT_ROWS; row++)
		n += is_met(p, row);
	return n;
}

void page_put_bounds(struct page *p)
{
	size_t rows[FULLEST_SHOWN], n = fullest(p, rows);
	unsigned met = count_met(p);
	char number[PAGE_WORD_MAX];

	wr_format(p->w, "<details%s><summary><h2>", met ? " open" : "");
	page_say(p, TEXT_BOUNDS);
	wr_format(p->w, "</h2> <span class=\"state %s\">", met ? "warn" : "good");
	if (met)
		page_say_with(p, TEXT_BOUNDS_MET, page_number(p, met, number), NULL);
	else
		page_say(p, TEXT_BOUNDS_FREE);
	html_raw(p->w, "</span></summary>\n");
	page_sentence(p, TEXT_BOUNDS_EXPLAINED);
	page_table(p, columns);
	for (size_t i = 0; i < n; i++)
		put_row(p, rows[i]);
	page_table_end(p);
	html_raw(p->w, "<p class=\"more\"><a href=\"/node/bounds\">");
	page_say(p, TEXT_ALL_BOUNDS);
	html_raw(p->w, "</a></p></details>\n");
}

/* ---- all of them ---- */

/* What can be in use comes first, then what never was, then times, which have no use. */
enum group { IN_USE, NOT_IN_USE, TIMES };

static enum group group_of(const struct page *p, size_t row)
{
	const struct bound *b = bound_of(p, row);

	if (b->hits || (limit_rows[row].unit != UNIT_MS && b->peak))
		return IN_USE;
	return limit_rows[row].unit == UNIT_MS ? TIMES : NOT_IN_USE;
}

static size_t count_of(const struct page *p, enum group group)
{
	size_t n = 0;

	for (size_t row = 0; row < LIMIT_ROWS; row++)
		n += group_of(p, row) == group;
	return n;
}

/* False when there was no room for all of them. */
static bool put_group(struct page *p, enum group group)
{
	size_t row = 0;

	page_table(p, columns);
	for (; row < LIMIT_ROWS && page_has_room(p); row++)
		if (group_of(p, row) == group)
			put_row(p, row);
	page_table_end(p);
	return row == LIMIT_ROWS;
}

/* A long list that few look for. */
static bool put_folded(struct page *p, enum group group, enum web_text title)
{
	char number[PAGE_WORD_MAX];

	if (!page_has_room(p))
		return false;
	html_raw(p->w, "<details><summary><h2>");
	page_say_with(p, title, page_number(p, count_of(p, group), number), NULL);
	html_raw(p->w, "</h2></summary>\n");
	bool whole = put_group(p, group);
	html_raw(p->w, "</details>\n");
	return whole;
}

int page_bounds(struct page *p, const char *last)
{
	(void)last;
	page_begin(p, web_text(p->language, TEXT_BOUNDS), "/limits");
	page_sentence(p, TEXT_BOUNDS_EXPLAINED);
	page_head(p, TEXT_BOUNDS_USED);
	bool whole = put_group(p, IN_USE) && put_folded(p, NOT_IN_USE, TEXT_BOUNDS_UNUSED) &&
		     put_folded(p, TIMES, TEXT_BOUNDS_TIMES);
	if (!whole)
		page_sentence(p, TEXT_LIST_CUT);
	page_end(p);
	return 200;
}
