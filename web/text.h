/* The texts of the pages in each language (web/texts.def), and which language a browser wants.
 * Pure. */
#ifndef WEB_TEXT_H
#define WEB_TEXT_H

#include <stdbool.h>

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

/* Reads a code. False when we have no such language; *to is unchanged then. */
bool web_language_named(const char *code, enum web_language *to);

#endif
