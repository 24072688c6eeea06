/* Parses TOML 1.1 into a flat list: one entry for each value, with its full dotted key and its
 * place. For node.toml and for key files (protocol.md 9.3). The input may be hostile: it is
 * bounded, and any text gives a result or an error. Only config/toml.cc includes the TOML library.
 */
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
	TOML_ENTRIES_MAX = 4096, /* keys and list elements in all */
	TOML_KEY_MAX = 255,      /* bytes of a whole dotted key */
	TOML_DOTS_MAX = 256,     /* dots of keys in one line, which bounds the nesting */
};

enum toml_kind {
	TOML_TEXT,
	TOML_NUMBER, /* a whole number */
	TOML_FLOAT,
	TOML_BOOL,
	TOML_TIME,  /* a date or a time of day; the value is not passed on */
	TOML_LIST,  /* its `count` elements are the entries that follow */
	TOML_TABLE, /* an empty table, or a table inside a list, whose content is not passed on */
};

struct toml_entry {
	/* "net.listen"; parts that are not bare keys are quoted; elements have the list's key */
	const char *key;
	uint32_t line, column; /* from 1; of the key, or of the element */
	enum toml_kind kind;
	bool element;     /* an element of the list before it */
	int64_t number;   /* TOML_NUMBER; 0 or 1 for TOML_BOOL */
	double real;      /* TOML_FLOAT */
	const char *text; /* TOML_TEXT: UTF-8 with a NUL at the end (and maybe inside); else "" */
	size_t text_size; /* bytes without the NUL at the end */
	/* TOML_LIST: elements; 0 for a list inside a list, whose content is not passed on */
	size_t count;
};

/* Entries in the order of the text. toml_free() frees them and all texts. */
struct toml_doc {
	struct toml_entry *entries;
	size_t count;
};

struct toml_error {
	uint32_t line, column; /* 0 = the error has no place */
	char text[200];        /* one line */
};

/* Parses `size` bytes. ERR_MALFORMED: not TOML or not UTF-8. ERR_TOO_BIG: over one of the bounds
 * above. ERR_NOMEM. On an error *e is filled and *doc is empty. */
enum err toml_parse(const char *text, size_t size, struct toml_doc *doc, struct toml_error *e);

/* The same for a file. Also ERR_NOT_FOUND: it does not exist; ERR_IO: it cannot be read. */
enum err toml_load(const char *path, struct toml_doc *doc, struct toml_error *e);

/* The first entry with this dotted key (never a list's element), or NULL. Owned by the document. */
const struct toml_entry *toml_find(const struct toml_doc *doc, const char *key);

/* Words for messages: "a whole number", "text", "a list". Static. */
const char *toml_kind_name(enum toml_kind kind);

/* Frees the entries and their texts. */
void toml_free(struct toml_doc *doc);

#ifdef __cplusplus
}
#endif

#endif
