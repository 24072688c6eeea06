/* The texts of the pages in each language. Before: every page of web/. */
#include "web/text.h"

#include <string.h>
#include <strings.h>

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
