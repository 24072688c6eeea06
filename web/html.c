/* Writes HTML so that nothing of a text becomes markup. Before: every page of web/. */
#include "web/html.h"

#include "base/utf8.h"

static const char unreadable[] = "\xEF\xBF\xBD"; /* U+FFFD */

void html_raw(struct wr *w, const char *markup)
{
	wr_bytes(w, markup, strlen(markup));
}

/* Characters that are not seen, or change how those around them are shown: controls, marks of
 * direction and their overrides, joiners, line and paragraph separators, tags, noncharacters. */
static bool is_hidden(int32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x61C ||
	       (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
	       (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF0 && c <= 0xFFFB) ||
	       (c & 0xFFFE) == 0xFFFE || (c >= 0xE0000 && c <= 0xE0FFF);
}

static void put_char(struct wr *w, struct slice one, bool lines)
{
	struct rd r = rd_of(one);
	int32_t c = utf8_take(&r);

	switch (c) {
	case '&':
		html_raw(w, "&amp;");
		break;
	case '<':
		html_raw(w, "&lt;");
		break;
	case '>':
		html_raw(w, "&gt;");
		break;
	case '"':
		html_raw(w, "&quot;");
		break;
	case '\'':
		html_raw(w, "&#39;");
		break;
	case '\n':
	case '\t':
		html_raw(w, lines && c == '\n' ? "\n" : " ");
		break;
	default:
		if (is_hidden(c))
			html_raw(w, unreadable);
		else
			wr_slice(w, one);
	}
}

static void put_text(struct wr *w, struct slice text, bool lines)
{
	size_t at = 0;

	while (at < text.n && !w->bad) {
		size_t n = utf8_good(slice_of(text.p + at, text.n - at));
		if (n)
			put_char(w, slice_of(text.p + at, n), lines);
		else
			html_raw(w, unreadable);
		at += n ? n : 1;
	}
}

/* The value of an attribute begins here. */
static bool begins_value(const struct wr *w)
{
	return w->n >= 2 && w->p[w->n - 1] == '"' && w->p[w->n - 2] == '=';
}

void html_text(struct wr *w, struct slice text)
{
	if (text.n && text.p[0] == '/' && begins_value(w)) {
		html_raw(w, "&#47;");
		text = slice_of(text.p + 1, text.n - 1);
	}
	put_text(w, text, false);
}

void html_path(struct wr *w, const char *path)
{
	put_text(w, slice_str(path), false);
}

void html_area(struct wr *w, struct slice text)
{
	put_text(w, text, true);
}

/* The next character, whole; a byte that is none; *c < 0 for it. */
static struct slice next_char(struct rd *r, int32_t *c)
{
	size_t n = utf8_good(slice_of(r->p, r->left));
	struct slice one = rd_bytes(r, n ? n : 1);
	struct rd inside = rd_of(one);

	*c = n ? utf8_take(&inside) : -1;
	return one;
}

void html_seen(struct wr *w, struct slice text)
{
	struct rd r = rd_of(text);
	int32_t c;

	while (r.left && !w->bad) {
		struct slice one = next_char(&r, &c);
		if (c == '\n')
			wr_u8(w, '\n');
		else if (c == '\t')
			wr_u8(w, ' ');
		else if (c < 0 || is_hidden(c))
			html_raw(w, unreadable);
		else
			wr_slice(w, one);
	}
}

bool html_shows_all(struct slice text)
{
	struct rd r = rd_of(text);
	int32_t c;

	while (r.left) {
		next_char(&r, &c);
		if (c < 0 || is_hidden(c))
			return false;
	}
	return true;
}

void html_str(struct wr *w, const char *text)
{
	html_text(w, slice_str(text));
}

void html_lines(struct wr *w, const char *text)
{
	html_area(w, slice_str(text));
}

void html_foreign(struct wr *w, struct slice text)
{
	html_raw(w, "<bdi>");
	html_text(w, text);
	html_raw(w, "</bdi>");
}

static bool is_plain(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_';
}

void html_url(struct wr *w, struct slice text)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.n && !w->bad; i++) {
		uint8_t c = text.p[i];
		const char coded[] = {'%', digits[c >> 4], digits[c & 15]};
		if (is_plain(c))
			wr_u8(w, c);
		else
			wr_bytes(w, coded, sizeof coded);
	}
}
