/* Finds the form of an English line in web/sentences.def and fills in its Russian. A part of a line
 * may be a line itself: those wait on a small stack. Each form is compared from the left without
 * going back, so that the time is bounded by the length of the line times the number of forms.
 * Before: web/page_words.c. After: web/text.h. */
#include "web/sentence.h"

#include <errno.h>
#include <stdio.h>

#include "base/cursor.h"

enum { DEPTH = 8 };

static const struct {
	const char *english, *russian;
	size_t n; /* bytes of the English */
} rows[] = {
#define SENTENCE(english, russian) {english, russian, sizeof(english) - 1},
#include "web/sentences.def"
};

static const struct {
	int number;
	const char *russian;
} errors[] = {
#define ERROR(number, russian) {number, russian},
#include "web/sentences.def"
};

enum { ROWS = sizeof rows / sizeof rows[0], ERRORS = sizeof errors / sizeof errors[0] };

/* ---- the form of a line ---- */

/* The place of the text in what is left; `left.n` when it is not there. */
static size_t find(struct slice left, const char *text, size_t n)
{
	for (size_t at = 0; at + n <= left.n; at++)
		if (n == 0 || (left.p[at] == text[0] && memcmp(left.p + at, text, n) == 0))
			return at;
	return left.n;
}

/* The next %1 of a form, or its end. */
static const char *next_mark(const char *form)
{
	while (*form && !web_is_mark(form))
		form++;
	return form;
}

/* Where the first mark of the form is, or its end; NULL when the line begins in another way, which
 * is found soon for most forms. */
static const char *first_mark(const char *form, struct slice line)
{
	size_t i = 0;

	for (; form[i] && !web_is_mark(form + i); i++)
		if (i == line.n || line.p[i] != (uint8_t)form[i])
			return NULL;
	return form + i;
}

/* Is the end of the line that of the form? Most forms that begin with a mark are out with that. */
static bool may_end(const char *form, size_t n, struct slice line)
{
	return (n > 1 && web_is_mark(form + n - 2)) ||
	       (line.n && line.p[line.n - 1] == (uint8_t)form[n - 1]);
}

/* What stands for the marks goes to `value`. */
static bool fits(const char *form, struct slice line, struct slice value[WEB_VALUES])
{
	const char *mark = first_mark(form, line);

	if (!mark)
		return false;
	line = slice_of(line.p + (mark - form), line.n - (size_t)(mark - form));
	while (*mark) {
		const char *text = mark + 2, *next = next_mark(text);
		size_t n = (size_t)(next - text);
		if (n > line.n)
			return false;
		size_t at = *next ? find(line, text, n) : line.n - n;
		if (at + n > line.n || memcmp(line.p + at, text, n) != 0)
			return false;
		value[mark[1] - '1'] = slice_of(line.p, at);
		line = slice_of(line.p + at + n, line.n - at - n);
		mark = next;
	}
	return line.n == 0;
}

/* Would the row take a further part of the line, behind "; ", for a value that it shows as it is?
 */
static bool swallows(const char *english, const char *russian, const struct slice *value)
{
	size_t n = strlen(english);

	if (n < 2 || !web_is_mark(english + n - 2))
		return false;
	const char nested[] = {'&', english[n - 1], 0};
	struct slice last = value[english[n - 1] - '1'];
	return !strstr(russian, nested) && find(last, "; ", 2) < last.n;
}

static const char *russian_of(struct slice line, struct slice value[WEB_VALUES])
{
	for (size_t i = 0; i < ROWS; i++)
		if (may_end(rows[i].english, rows[i].n, line) &&
			fits(rows[i].english, line, value) &&
			!swallows(rows[i].english, rows[i].russian, value))
			return rows[i].russian;
	for (size_t i = 0; i < ERRORS; i++)
		if (slice_eq(line, slice_str(strerror(errors[i].number))))
			return errors[i].russian;
	return NULL;
}

/* ---- its Russian ---- */

/* What has no word in it, such as a number or the beginning of a key, is of no language. */
static bool has_word(struct slice text)
{
	for (size_t i = 1; i < text.n; i++)
		if (text.p[i - 1] >= 'a' && text.p[i - 1] <= 'z' && text.p[i] >= 'a' &&
			text.p[i] <= 'z')
			return true;
	return false;
}

struct stack {
	struct web_fill fill[DEPTH];
	size_t n;
};

static bool push(struct stack *s, enum web_language language, struct slice line)
{
	if (s->n == DEPTH)
		return false;
	struct web_fill *f = &s->fill[s->n];
	*f = (struct web_fill){.language = language};
	f->left = russian_of(line, f->value);
	s->n += f->left != NULL;
	return f->left != NULL;
}

static bool is_number(struct slice text)
{
	bool digits = text.n > 0 && text.p[0] >= '0' && text.p[0] <= '9', point = false;

	for (size_t i = 0; digits && i < text.n; i++) {
		digits = (text.p[i] >= '0' && text.p[i] <= '9') || (text.p[i] == ',' && !point) ||
			 (text.p[i] == '.' && !point && i + 1 < text.n);
		point = point || text.p[i] == '.';
	}
	return digits;
}

/* "22,522" as "22 522" and "0.5" as "0,5", as page_number() and page_decimal() write them. */
static void put_value(struct wr *w, struct slice text)
{
	bool number = is_number(text);

	for (size_t i = 0; i < text.n; i++)
		if (number && text.p[i] == ',')
			wr_bytes(w, "\xC2\xA0", 2);
		else
			wr_u8(w, number && text.p[i] == '.' ? ',' : text.p[i]);
}

/* Begins with a part that is a line itself. */
static bool put_part(struct stack *s, enum web_language language, struct slice line, struct wr *w)
{
	if (push(s, language, line))
		return true;
	put_value(w, line);
	return !has_word(line);
}

static bool translate(enum web_language language, const char *line, struct wr *w)
{
	struct stack s = {.n = 0};
	struct slice piece;

	if (!put_part(&s, language, slice_str(line), w))
		return false;
	while (s.n)
		switch (web_fill_next(&s.fill[s.n - 1], &piece)) {
		case WEB_END:
			s.n--;
			break;
		case WEB_VALUE:
			put_value(w, piece);
			break;
		case WEB_LITERAL:
			wr_bytes(w, piece.p, piece.n);
			break;
		case WEB_SENTENCE:
			if (!put_part(&s, language, piece, w))
				return false;
			break;
		}
	return !w->bad;
}

bool web_sentence(enum web_language language, const char *line, char to[SENTENCE_MAX])
{
	struct wr w = wr_of(to, SENTENCE_MAX - 1);

	if (language == WEB_RUSSIAN && line[0] && translate(language, line, &w)) {
		to[w.n] = 0;
		return true;
	}
	snprintf(to, SENTENCE_MAX, "%s", line);
	return language == WEB_ENGLISH || !line[0];
}
