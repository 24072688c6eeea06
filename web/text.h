/* The texts of the pages in each language (web/texts.def), and which language a browser wants.
 * Pure. */
#ifndef WEB_TEXT_H
#define WEB_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum web_language { WEB_ENGLISH, WEB_RUSSIAN, WEB_LANGUAGES };

enum web_text {
#define TEXT(name, english, russian) TEXT_##name,
#include "web/texts.def"
#undef TEXT
	WEB_TEXTS
};

/* The text; static. */
const char *web_text(enum web_language language, enum web_text text);

/* "en", "ru"; static. */
const char *web_language_code(enum web_language language);

/* The first language of an Accept-Language header that we have; English when it has none. Weights
 * (";q=0.5") are not compared: browsers write the list in the order of its user. */
enum web_language web_language_of(const char *header);

/* ---- filling in ---- */

enum { WEB_VALUES = 6 };

/* A text on its way to the reader. Its %1 to %6 stand for values; &1 for one that is a sentence
 * itself (web/sentences.def); {day|days}, in Russian {день|дня|дней}, for the word that fits the
 * value before it. Everything is borrowed. */
struct web_fill {
	enum web_language language;
	const char *left; /* of the text */
	struct slice value[WEB_VALUES];
	struct slice number; /* the last value */
};

enum web_piece { WEB_END, WEB_LITERAL, WEB_VALUE, WEB_SENTENCE };

/* The next piece of it. */
enum web_piece web_fill_next(struct web_fill *f, struct slice *piece);

/* Is there a mark such as %1 here? */
bool web_is_mark(const char *text);

/* Fills in a text with its %1 and %2, NULL = nothing, as plain text, cut at `size` bytes. Returns
 * `to`. */
const char *web_filled(enum web_language language, enum web_text text, const char *first,
	const char *second, char *to, size_t size);

/* Which of the forms fits this number, which is written for people: 0 for one, 1 for few, in
 * Russian 2 for many. English: 0 for one, else 1. Russian: 21 дом, 22 дома, 25 домов, 2,5 дома. */
unsigned web_form(enum web_language language, struct slice number);

/* Reads a code. False when we have no such language; *to is unchanged then. */
bool web_language_named(const char *code, enum web_language *to);

#endif
