/* One line of a table: its fields, memory for what is made of them, and what differs. */
#ifndef TESTS_REPLAY_ROW_H
#define TESTS_REPLAY_ROW_H

#include "base/cursor.h"
#include "p2p/wire.h"

struct row {
	struct slice line;
	char *what; /* where the first difference goes */
	size_t what_size;
	uint8_t *space; /* all memory that the line needs, in proportion to its length */
	size_t used, size;
	bool wrong;
};

void row_open(struct row *r, struct slice line, char *what, size_t what_size);

/* Frees the memory; true when nothing differed. */
bool row_close(struct row *r);

/* n bytes until row_close(); after a refusal (a line that is too long for its kind) everything
 * fails. Never NULL. */
uint8_t *row_take(struct row *r, size_t n);

/* The rest of the memory as a writer; row_keep() takes what was written. */
struct wr row_writer(struct row *r);
struct slice row_keep(struct row *r, const struct wr *w);

/* Fields of `object`; an absent one, or one of another kind, is a difference. */
struct slice row_hex_of(struct row *r, struct slice object, const char *key);
struct slice row_text_of(struct row *r, struct slice object, const char *key);
struct slice row_hex(struct row *r, const char *key);
struct slice row_text(struct row *r, const char *key);

/* A flag that may also be "crash", which counts as false; an absent one is false. */
bool row_flag(struct row *r, const char *key);
bool row_has(struct row *r, const char *key);

/* Notes the first difference only. */
__attribute__((format(printf, 2, 3))) void row_differ(struct row *r, const char *fmt, ...);
void row_same_bytes(struct row *r, const char *what, struct slice expected, struct slice got);
void row_same_flag(struct row *r, const char *what, bool expected, bool got);
void row_same_number(struct row *r, const char *what, uint64_t expected, uint64_t got);

/* Compares a decoded message with its JSON: every field that the JSON has. */
void row_same_message(struct row *r, struct slice fields, const struct message *m);

#endif
