/* Reads JSON exactly as the reference node does (protocol.md 8.3), value after value, with its
 * three degrees of strictness. No allocation, no recursion. Input is a struct rd over the text:
 * after the first error it stays failed (`bad`), so callers may check once at the end. */
#ifndef DOMAIN_JSONTEXT_H
#define DOMAIN_JSONTEXT_H

#include "base/cursor.h"

enum { JSON_DEPTH_MAX = 127 }; /* most arrays and objects open at a time, inside a record */

/* Skips white space. */
void jt_space(struct rd *r);

/* Skips white space, then consumes c if it is next; false if it is not. */
bool jt_take(struct rd *r, char c);

/* Skips white space and returns the next byte without consuming it; 0 at the end. */
char jt_peek(struct rd *r);

/* Reads a string; returns its raw text without quotes, borrowed. Escapes and surrogate pairs are
 * checked. */
struct slice jt_string(struct rd *r);

/* Reads a number; returns its raw text. Checks the grammar, not the magnitude. */
struct slice jt_number(struct rd *r);

/* Skips the value of an unknown key. Checks the syntax only: any depth, surrogates without a
 * partner and numbers of any magnitude are accepted. */
void jt_ignore(struct rd *r);

/* Reads a value inside a record and returns its raw text. Strings and numbers must be fully valid.
 * `depth` levels are already open around it; more than JSON_DEPTH_MAX in all fail. */
struct slice jt_value(struct rd *r, int depth);

/* True when the reference node can hold this number (8.3, "Number magnitude"). The text must be a
 * number by grammar. */
bool jt_magnitude_ok(struct slice number);

/* Parses an unsigned integer literal of at most `max`: no sign, fraction or exponent. False when it
 * is not one. */
bool jt_integer(struct slice number, uint64_t max, uint64_t *v);

/* Decodes a raw string one character at a time. jt_next() returns the code point, −1 at the end.
 * Only for strings that jt_string() accepted. */
struct jt_chars {
	struct rd rest;
};
int32_t jt_next(struct jt_chars *c);

/* Writes one byte of a JSON string, escaped as the reference node escapes it. */
void jt_put_escaped(struct wr *w, uint8_t byte);

/* The decoded length in bytes, and whether the decoded string equals `text`, which must be ASCII
 * without backslashes. Only for strings that jt_string() accepted. */
size_t jt_decoded_size(struct slice raw);
bool jt_is(struct slice raw, const char *text);

/* Decodes into `to` (no NUL is added); *n bytes. False when it does not fit `size`. */
bool jt_decode(struct slice raw, char *to, size_t size, size_t *n);

#endif
