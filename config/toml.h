/* TOML 1.1 text as a flat list that C code walks: one entry for each value, with its full dotted
 * key and its place. The only door to the TOML library, for node.toml and for key files
 * (protocol.md 9.3). Input may be anything: it is judged, bounded and never crashes the program. */
#ifndef CONFIG_TOML_H
#define CONFIG_TOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
	TOML_FILE_MAX = 1048576, /* bytes */
	TOML_ENTRIES_MAX = 4096, /* keys and list elements together */
	TOML_KEY_MAX = 255,      /* bytes of a whole dotted key */
	TOML_DOTS_MAX = 256,     /* dots of keys in one line, which bounds how deep they nest */
};

enum toml_kind {
	TOML_TEXT,
	TOML_NUMBER, /* a whole one, as int64 */
	TOML_FLOAT,
	TOML_BOOL,
	TOML_TIME,  /* a date or a time of day; no value is given */
	TOML_LIST,  /* its `count` elements are the next entries */
	TOML_TABLE, /* an empty table; or a table inside a list, whose content is not given */
};

struct toml_entry {
	const char *key; /* "net.listen"; unusual parts are quoted; elements carry the list's */
	uint32_t line, column; /* from 1: of the key, or of the element */
	enum toml_kind kind;
	bool element;     /* belongs to the list before it */
	int64_t number;   /* TOML_NUMBER; 0 or 1 for TOML_BOOL */
	double real;      /* TOML_FLOAT */
	const char *text; /* TOML_TEXT: UTF-8, NUL behind it (and maybe inside); else "" */
	size_t text_size; /* bytes without that NUL */
	size_t count;     /* TOML_LIST; 0 for lists inside lists, whose content is not given */
};

/* Entries in the order of the text; everything is owned by the document. */
struct toml_doc {
	struct toml_entry *entries;
	size_t count;
};

struct toml_error {
	uint32_t line, column; /* 0 when the error is not of one place */
	char text[200];        /* one line */
};

/* ERR_MALFORMED (no TOML, no UTF-8), ERR_TOO_BIG (over a bound above), ERR_NOMEM: *e is filled and
 * *doc is empty. */
enum err toml_parse(const char *text, size_t size, struct toml_doc *doc, struct toml_error *e);

/* The same for a file. ERR_NOT_FOUND when there is none, ERR_IO when it cannot be read. */
enum err toml_load(const char *path, struct toml_doc *doc, struct toml_error *e);

/* The entry of this dotted key (not of list elements), or NULL. */
const struct toml_entry *toml_find(const struct toml_doc *doc, const char *key);

/* "a number", "text", "a list", ... for messages. */
const char *toml_kind_name(enum toml_kind kind);

void toml_free(struct toml_doc *doc);

#ifdef __cplusplus
}
#endif

#endif
