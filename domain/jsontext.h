/* JSON exactly as the reference reads it (protocol.md 8.3): values one after the other from a text,
 * with its three degrees of strictness. Nothing is allocated, nothing recurses, errors stick. */
#ifndef DOMAIN_JSONTEXT_H
#define DOMAIN_JSONTEXT_H

#include "base/cursor.h"

enum { JSON_DEPTH_MAX = 127 }; /* arrays and objects open at the same time, in a record */

/* A reader of values is a struct rd over the text; it fails for good at the first error. */

void jt_space(struct rd *r);

/* Skips white space, then takes c if it is next. */
bool jt_take(struct rd *r, char c);

/* The first byte of the next value, 0 at the end. */
char jt_peek(struct rd *r);

/* The next string, raw, without its quotes. Escapes and pairs of surrogates are checked. */
struct slice jt_string(struct rd *r);

/* The next number, raw. Grammar only. */
struct slice jt_number(struct rd *r);

/* Passes over a value of an ignored key: syntax only, any depth, surrogates need no partner. */
void jt_ignore(struct rd *r);

/* Passes over a value inside a record: strings and numbers fully valid, depth counted from `depth`
 * levels that are open around it. Returns its raw text. */
struct slice jt_value(struct rd *r, int depth);

/* Is this number, by grammar, one that the reference can hold (8.3, "Number magnitude")? */
bool jt_magnitude_ok(struct slice number);

/* An unsigned integer literal ≤ max: no sign, fraction or exponent. */
bool jt_integer(struct slice number, uint64_t max, uint64_t *v);

/* Decoding of a raw string, a character at a time: the code point, or −1 at the end. Only for
 * strings that jt_string() accepted. */
struct jt_chars {
	struct rd rest;
};
int32_t jt_next(struct jt_chars *c);

/* One byte of a text inside a JSON string, escaped as the reference does. */
void jt_put_escaped(struct wr *w, uint8_t byte);

/* Length in bytes after decoding; equality after decoding with a text without backslashes. */
size_t jt_decoded_size(struct slice raw);
bool jt_is(struct slice raw, const char *text);

/* Decodes into `to`; false when it does not fit. */
bool jt_decode(struct slice raw, char *to, size_t size, size_t *n);

#endif
