/* The texts of the pages in each language. Before: every page of web/. */
#include "web/text.h"

#include <string.h>
#include <strings.h>

#include "base/cursor.h"

static const char *const texts[WEB_TEXTS][WEB_LANGUAGES] = {
#define TEXT(name, english, russian) {english, russian},
#include "web/texts.def"
#undef TEXT
};

static const char *const codes[WEB_LANGUAGES] = {"en", "ru"};

const char *web_text(enum web_language language, enum web_text text)
{
	return texts[text][language];
}

const char *web_language_code(enum web_language language)
{
	return codes[language];
}

bool web_language_named(const char *code, enum web_language *to)
{
	for (int i = 0; i < WEB_LANGUAGES; i++)
		if (strcasecmp(code, codes[i]) == 0) {
			*to = (enum web_language)i;
			return true;
		}
	return false;
}

/* "ru-RU" is Russian too: what stands behind the first two letters is a country. */
enum web_language web_language_of(const char *header)
{
	enum web_language found = WEB_ENGLISH;

	while (*header) {
		size_t n = strcspn(header, ",");
		const char *word = header + strspn(header, " \t");
		char code[3] = {word[0], word[0] ? word[1] : '\0'};
		bool ends = code[1] && !strchr(",;- \t", code[1]) && strchr(",;- \t", word[2]);
		if (ends && web_language_named(code, &found))
			return found;
		header += n + (header[n] == ',');
	}
	return found;
}

/* ---- filling in ---- */

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Digits behind the last point or comma; groups of a large number have three. */
static bool is_fraction(struct slice number)
{
	size_t behind = 0, at = number.n;

	for (; at > 0 && is_digit(number.p[at - 1]); at--)
		behind++;
	return at > 0 && behind != 3 && (number.p[at - 1] == '.' || number.p[at - 1] == ',');
}

unsigned web_form(enum web_language language, struct slice number)
{
	unsigned last =
		number.n && is_digit(number.p[number.n - 1]) ? number.p[number.n - 1] - '0' : 0;
	bool teen = number.n > 1 && number.p[number.n - 2] == '1';

	if (language == WEB_ENGLISH)
		return !slice_eq(number, slice_str("1"));
	if (is_fraction(number))
		return 1;
	if (last == 0 || last > 4 || teen)
		return 2;
	return last == 1 ? 0 : 1;
}

bool web_is_mark(const char *text)
{
	return text[0] == '%' && text[1] >= '1' && text[1] <= '0' + WEB_VALUES;
}

static bool is_nested(const char *text)
{
	return text[0] == '&' && text[1] >= '1' && text[1] <= '0' + WEB_VALUES;
}

/* The form that fits, of {one|few|many}; the last of them when there are fewer. */
static struct slice take_form(struct web_fill *f)
{
	const char *at = f->left + 1;
	unsigned skip = web_form(f->language, f->number);

	while (skip && at[strcspn(at, "|}")] == '|') {
		at += strcspn(at, "|}") + 1;
		skip--;
	}
	f->left += strcspn(f->left, "}");
	f->left += *f->left == '}';
	return slice_of(at, strcspn(at, "|}"));
}

enum web_piece web_fill_next(struct web_fill *f, struct slice *piece)
{
	const char *at = f->left;

	if (!*at)
		return WEB_END;
	if (web_is_mark(at) || is_nested(at)) {
		*piece = f->number = f->value[at[1] - '1'];
		f->left += 2;
		return *at == '%' ? WEB_VALUE : WEB_SENTENCE;
	}
	if (*at == '{') {
		*piece = take_form(f);
		return WEB_LITERAL;
	}
	while (*f->left && *f->left != '{' && !web_is_mark(f->left) && !is_nested(f->left))
		f->left++;
	*piece = slice_of(at, (size_t)(f->left - at));
	return WEB_LITERAL;
}

const char *web_filled(enum web_language language, enum web_text text, const char *first,
	const char *second, char *to, size_t size)
{
	struct web_fill f = {.language = language,
		.left = web_text(language, text),
		.value = {slice_str(first ? first : ""), slice_str(second ? second : "")}};
	struct wr w = wr_of(to, size - 1);
	struct slice piece;

	while (web_fill_next(&f, &piece) != WEB_END)
		wr_bytes(&w, piece.p, piece.n < w.size - w.n ? piece.n : w.size - w.n);
	to[w.n] = 0;
	return to;
}
