/* CBOR as both the chain and the wire use it: a strict pull reader over untrusted bytes and a
 * shortest-form writer. Heads are coded by libcbor; this file is its only includer. */
#ifndef BASE_CBOR_H
#define BASE_CBOR_H

#include "base/cursor.h"

enum cbor_kind {
	CBOR_UINT,
	CBOR_NINT,
	CBOR_BYTES,
	CBOR_TEXT,
	CBOR_ARRAY,
	CBOR_MAP,
	CBOR_BOOL,
	CBOR_NULL,
	CBOR_NONE /* after a failure */
};

struct cbor_item {
	enum cbor_kind kind;
	uint64_t value;    /* UINT; NINT: −1 − value; ARRAY and MAP: declared count; BOOL */
	struct slice text; /* BYTES, TEXT: borrowed from the input; TEXT is valid UTF-8 */
};

/* The next head (and content, for strings). Tags, floats, undefined, other simple values and
 * indefinite lengths fail the reader. */
struct cbor_item cbor_read(struct rd *r);

/* Typed forms that fail the reader on any other kind. */
uint64_t cbor_read_uint(struct rd *r, uint64_t max);
int64_t cbor_read_int64(struct rd *r);
bool cbor_read_bool(struct rd *r);
struct slice cbor_read_text(struct rd *r);
uint64_t cbor_read_map(struct rd *r);   /* count of pairs */
uint64_t cbor_read_array(struct rd *r); /* count of elements */

/* Skips one whole item of the kinds that cbor_read() knows; `depth` = levels already open, more
 * than 127 in all fails (protocol.md 4.3). No recursion. */
void cbor_skip(struct rd *r, unsigned depth);

/* The next key of a map of named fields: its place in names[0 … count − 1] (at most 32), also noted
 * as a bit of *seen. A repeated name fails; an unknown one is skipped with its value and gives -1,
 * as a failure does. `depth` counts this map. */
int cbor_read_key(
	struct rd *r, const char *const *names, int count, uint32_t *seen, unsigned depth);

void cbor_write_uint(struct wr *w, uint64_t v);
void cbor_write_int64(struct wr *w, int64_t v);
void cbor_write_bool(struct wr *w, bool v);
void cbor_write_text(struct wr *w, struct slice s);
void cbor_write_hex(struct wr *w, struct slice bytes); /* text of upper-case hex */
void cbor_write_map(struct wr *w, uint64_t pairs);
void cbor_write_array(struct wr *w, uint64_t elements);

/* Is this well-formed UTF-8 (no surrogates, no overlong forms)? */
bool utf8_valid(struct slice s);

#endif
