/* CBOR (protocol.md 4.3), for blocks and for messages between peers: a strict reader that takes one
 * item at a time from untrusted bytes, and a writer of the shortest form. base/cbor.c alone uses
 * libcbor, to write heads. */
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
	CBOR_NONE /* the reader has failed */
};

struct cbor_item {
	enum cbor_kind kind;
	uint64_t value;    /* UINT; NINT: −1 − value; ARRAY and MAP: declared count; BOOL */
	struct slice text; /* BYTES, TEXT: borrowed from the input; TEXT is valid UTF-8 */
};

/* Reads the next head, and a string's content. Tags, floats, undefined, other simple values and
 * indefinite lengths fail the reader. */
struct cbor_item cbor_read(struct rd *r);

/* Read one item and fail the reader when it is of another kind, or above `max`; they then return 0
 * or an empty slice. */
uint64_t cbor_read_uint(struct rd *r, uint64_t max);
int64_t cbor_read_int64(struct rd *r);
bool cbor_read_bool(struct rd *r);
struct slice cbor_read_text(struct rd *r);
uint64_t cbor_read_map(struct rd *r);   /* count of pairs */
uint64_t cbor_read_array(struct rd *r); /* count of elements */

/* Skips one whole item, nested ones included. `depth` levels are already open around it; more than
 * 127 in all fail (protocol.md 4.3). No recursion. */
void cbor_skip(struct rd *r, unsigned depth);

/* Reads the next key of a map and returns its index in names[0 … count − 1] (count at most 32),
 * also set as a bit of *seen. A repeated name fails the reader. An unknown key is skipped with its
 * value. Returns −1 for that and after a failure. `depth` counts this map. */
int cbor_read_key(
	struct rd *r, const char *const *names, int count, uint32_t *seen, unsigned depth);

/* Write one item, or the head of a map or array, in the shortest form. When it does not fit, w->bad
 * is set. */
void cbor_write_uint(struct wr *w, uint64_t v);
void cbor_write_int64(struct wr *w, int64_t v);
void cbor_write_bool(struct wr *w, bool v);
void cbor_write_text(struct wr *w, struct slice s);
void cbor_write_hex(struct wr *w, struct slice bytes); /* as text in upper-case hex */
void cbor_write_map(struct wr *w, uint64_t pairs);
void cbor_write_array(struct wr *w, uint64_t elements);

#endif
