/* What the commands that ask the node print for people: pure functions from the JSON of an answer
 * and the terminal's width to lines. */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include "base/slice.h"
#include "cli/out.h"

enum { PRINT_TEXT_MAX = 1024 };

void print_status(struct out *o, struct slice json); /* of GET /status */
void print_peers(struct out *o, struct slice json);  /* of GET /peers, with ?all or without */
void print_bans(struct out *o, struct slice json);
void print_limits(struct out *o, struct slice json);
void print_done(struct out *o, struct slice json); /* of a POST: what was done */

/* ---- print_domain.c: of GET /domain/…, and records and contacts of any transaction ---- */
void print_domain(struct out *o, struct slice json);
void print_data(struct out *o, struct slice json);

/* ---- print_show.c: of GET /block/…, /key/…, /chain ---- */
void print_block(struct out *o, struct slice json);
void print_key(struct out *o, struct slice json);
void print_chain(struct out *o, struct slice json);

/* Any object: a line for each member, those of inner objects indented. */
void print_object(struct out *o, struct slice json);

/* The answer itself, one line, for --json. What would steer a terminal is written as \uXXXX, which
 * means the same in JSON. */
void print_json(FILE *f, struct slice json);

/* The same for a part of a line. */
void print_json_text(FILE *f, struct slice json);

/* ---- members of an object, as the printers need them ---- */

/* A text; "" when it is absent or no string. Cut when it is too long. Returns `to`. */
const char *print_text(struct slice object, const char *key, char to[PRINT_TEXT_MAX]);

/* A whole number; 0 when it is absent, negative or none. */
uint64_t print_u64(struct slice object, const char *key);
int64_t print_i64(struct slice object, const char *key);

/* Any number, also one with a fraction. */
double print_number(struct slice object, const char *key);
bool print_bool(struct slice object, const char *key);

/* An object or array in it; "{}" or "[]" are empty slices too. */
struct slice print_inner(struct slice object, const char *key);

#endif
