/* Pieces that several pages have: links, lists of facts, tables. Before: the pages. After:
 * web/html.h. */
#include "base/hex.h"
#include "web/page.h"

enum {
	SHOWN = 4, /* bytes of a key or hash that are shown; the link and its title have all */
	DAY = 86400
};

void page_link_block(struct page *p, uint64_t index)
{
	char number[PAGE_WORD_MAX];

	wr_format(p->w, "<a href=\"/explorer/block/%llu\">%s</a>", (unsigned long long)index,
		page_number(p, index, number));
}

/* A link whose text is the beginning of the bytes; a dash when there are none, as in the first
 * block, which has no identity. */
static void link_bytes(struct page *p, const char *path, struct slice bytes)
{
	struct slice head = slice_of(bytes.p, bytes.n < SHOWN ? bytes.n : SHOWN);

	if (!bytes.n) {
		html_raw(p->w, "–");
		return;
	}
	wr_format(p->w, "<a class=\"hex\" href=\"/explorer/%s/", path);
	hex_write(p->w, bytes);
	html_raw(p->w, "\" title=\"");
	hex_write(p->w, bytes);
	html_raw(p->w, "\">");
	hex_write(p->w, head);
	html_raw(p->w, bytes.n > SHOWN ? "…</a>" : "</a>");
}

void page_link_key(struct page *p, struct slice key)
{
	link_bytes(p, "key", key);
}

void page_link_identity(struct page *p, struct slice identity)
{
	link_bytes(p, "name", identity);
}

const char *page_short(
	const struct page *p, enum web_text text, struct slice bytes, char to[PAGE_WORD_MAX])
{
	char head[2 * SHOWN + sizeof "…"];

	hex_upper(slice_of(bytes.p, bytes.n < SHOWN ? bytes.n : SHOWN), head);
	strcat(head, "…");
	return page_fill(p, text, head, to);
}

void page_put_copy(struct page *p)
{
	html_raw(p->w, " data-copy=\"");
	page_say(p, TEXT_COPY);
	html_raw(p->w, "\" data-copied=\"");
	page_say(p, TEXT_COPIED);
	html_raw(p->w, "\"");
}

void page_put_hex(struct page *p, struct slice bytes, bool copy)
{
	html_raw(p->w, copy ? "<span class=\"hex whole copy\"" : "<span class=\"hex whole\"");
	if (copy)
		page_put_copy(p);
	html_raw(p->w, ">");
	hex_write(p->w, bytes);
	html_raw(p->w, "</span>");
}

enum { ROOM = 4096 }; /* bytes of one more row, and of the end of a page */

bool page_has_room(const struct page *p)
{
	return !p->w->bad && p->w->size - p->w->n > 2 * ROOM;
}

void page_term(struct page *p, enum web_text text, const char *anchor)
{
	wr_format(p->w, "<a class=\"term\" href=\"/glossary#%s\">", anchor);
	page_say(p, text);
	html_raw(p->w, "</a>");
}

void page_head_term(struct page *p, enum web_text text, const char *anchor)
{
	wr_format(p->w, "<a class=\"term\" href=\"/glossary#%s\">", anchor);
	page_say_head(p, text);
	html_raw(p->w, "</a>");
}

void page_put_year(struct page *p, int64_t expires)
{
	int64_t now = p->query.now;
	uint64_t seconds = expires > now ? (uint64_t)expires - (uint64_t)now : 0;
	uint64_t year = p->api->params->domain_lifetime / DAY, left = seconds / DAY;
	char number[PAGE_WORD_MAX], most[PAGE_WORD_MAX];

	if (!seconds || left > year)
		return;
	wr_format(p->w, "<p class=\"year\"><progress max=\"%llu\" value=\"%llu\" aria-label=\"",
		(unsigned long long)year, (unsigned long long)left);
	page_say(p, TEXT_EXPIRES);
	html_raw(p->w, "\"></progress> ");
	page_say_with(p, TEXT_YEAR_LEFT, page_number(p, left, number), page_number(p, year, most));
	html_raw(p->w, "</p>\n");
}

/* As a link to its explanation where web/glossary.def has one. */
static void say_word(struct page *p, enum web_text text)
{
	static const struct {
		enum web_text text;
		const char *anchor;
	} known[] = {
#define SEE(text, anchor) {text, anchor},
#include "web/glossary.def"
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (known[i].text == text) {
			page_head_term(p, text, known[i].anchor);
			return;
		}
	page_say_head(p, text);
}

void page_head(struct page *p, enum web_text text)
{
	html_raw(p->w, "<h2>");
	say_word(p, text);
	html_raw(p->w, "</h2>\n");
}

/* The next "[words](anchor)"; NULL = there is none. Other brackets stay. */
static const char *next_link(const char *text, const char **middle, const char **end)
{
	*middle = strstr(text, "](");
	*end = *middle ? strchr(*middle, ')') : NULL;
	if (!*end)
		return NULL;
	const char *open = *middle;
	while (open > text && *open != '[')
		open--;
	return *open == '[' ? open : NULL;
}

void page_explain(struct page *p, enum web_text text)
{
	const char *left = web_text(p->language, text), *middle, *end;

	for (const char *open; (open = next_link(left, &middle, &end)); left = end + 1) {
		html_text(p->w, slice_of(left, (size_t)(open - left)));
		wr_format(p->w, "<a class=\"term\" href=\"/glossary#%.*s\">",
			(int)(end - middle - 2), middle + 2);
		html_text(p->w, slice_of(open + 1, (size_t)(middle - open - 1)));
		html_raw(p->w, "</a>");
	}
	html_str(p->w, left);
}

void page_sentence(struct page *p, enum web_text text)
{
	html_raw(p->w, "<p>");
	page_explain(p, text);
	html_raw(p->w, "</p>\n");
}

void page_fact(struct page *p, enum web_text term)
{
	html_raw(p->w, "<div><dt>");
	say_word(p, term);
	html_raw(p->w, "</dt><dd>");
}

void page_fact_end(struct page *p)
{
	html_raw(p->w, "</dd></div>\n");
}

/* A table may be wider than its window and is then moved by keys, so it is a place to stop at, and
 * has a name for who does not see it: its columns. */
static void begin_wide(struct page *p, const enum web_text *columns)
{
	html_raw(p->w, "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"");
	for (size_t i = 0; columns[i] != WEB_TEXTS; i++) {
		html_raw(p->w, i ? ", " : "");
		page_say(p, columns[i]);
	}
	html_raw(p->w, "\">");
}

void page_table(struct page *p, const enum web_text *columns)
{
	size_t n = 0;

	while (n < PAGE_COLUMNS && columns[n] != WEB_TEXTS)
		n++;
	memcpy(p->columns, columns, n * sizeof *columns);
	p->columns[n] = WEB_TEXTS;
	begin_wide(p, columns);
	html_raw(p->w, n > 2 ? "<table class=\"cards\"><thead><tr>" : "<table><thead><tr>");
	for (; *columns != WEB_TEXTS; columns++) {
		html_raw(p->w, "<th scope=\"col\">");
		say_word(p, *columns);
		html_raw(p->w, "</th>");
	}
	html_raw(p->w, "</tr></thead><tbody>\n");
}

/* On a phone a row is a card, where each cell says what it is. */
static void begin_cell(struct page *p, const char *kind)
{
	enum web_text column = p->columns[p->column];

	html_raw(p->w, "<td");
	if (kind)
		wr_format(p->w, " class=\"%s\"", kind);
	if (column != WEB_TEXTS) {
		html_raw(p->w, " data-label=\"");
		page_say_head(p, column);
		html_raw(p->w, "\"");
		p->column++;
	}
	html_raw(p->w, ">");
}

void page_row(struct page *p, const char *kind, const char *cell)
{
	html_raw(p->w, "<tr");
	if (kind)
		wr_format(p->w, " class=\"%s\"", kind);
	html_raw(p->w, ">");
	p->column = 0;
	begin_cell(p, cell);
}

void page_cell(struct page *p, const char *kind)
{
	html_raw(p->w, "</td>");
	begin_cell(p, kind);
}

void page_row_end(struct page *p)
{
	html_raw(p->w, "</td></tr>\n");
}

void page_table_end(struct page *p)
{
	html_raw(p->w, "</tbody></table></div>\n");
}
