/* Names in wire form: read from a message, compared, and turned into text and back. Pure.
 * Before: dns/read.c, dns/zone.c and others. After: nothing. */
#ifndef DNS_NAME_H
#define DNS_NAME_H

#include "base/cursor.h"
#include "dns/message.h"

/* Reads the name that begins at *r, which is a cursor within `message`, and leaves *r behind it.
 * Each pointer leads to a place before all bytes of the name that were read so far, but not into
 * the header; at most 126 pointers, 127 labels, 255 bytes: so the work is bounded whatever the
 * packet. *r becomes bad and the result false when the name is none. */
bool dns_name_read(struct rd *r, struct slice message, struct dns_name *out);

/* Is this one whole name in wire form, not compressed, and nothing behind it? */
bool dns_name_valid(struct slice wire);

/* The name's bytes; as long as the name lives. */
static inline struct slice dns_name_slice(const struct dns_name *n)
{
	return (struct slice){n->wire, n->size};
}

/* One byte, an ASCII letter in lower case. */
static inline uint8_t dns_byte_lower(uint8_t b)
{
	return (uint8_t)(b + ((uint8_t)(b - 'A') < 26 ? 32 : 0));
}

/* Equal but for the case of ASCII letters; both in wire form and not compressed. */
bool dns_wire_equal(struct slice a, struct slice b);

/* Makes ASCII letters lower case. */
void dns_name_lower(struct dns_name *n);

enum { DNS_CAPITALS = DNS_NAME_MAX / 8 + 1 }; /* bytes: a bit for each byte of a name */

/* Notes which of its letters are capitals. With the name in lower case that is the whole name. */
void dns_name_note_capitals(const struct dns_name *n, uint8_t bits[DNS_CAPITALS]);

/* Makes small letters capital where their bit is set; `size` bytes of bits, the letters behind them
 * stay. */
void dns_name_set_capitals(struct dns_name *n, const uint8_t *bits, size_t size);

/* Equal but for the case of ASCII letters. */
bool dns_name_equal(const struct dns_name *a, const struct dns_name *b);

/* Is `n` the name `top` or below it? The case of ASCII letters does not count. */
bool dns_name_is_below(const struct dns_name *n, const struct dns_name *top);

/* Labels without the root: 0 for the root. */
unsigned dns_name_labels(const struct dns_name *n);

/* Removes the first label; false for the root. */
bool dns_name_parent(const struct dns_name *n, struct dns_name *out);

/* Text of labels between dots to a name. One final dot is dropped; "" and "." are the root. False
 * for an empty label, one over 63 bytes, or a name over 255. No escapes: text of the chain and of
 * settings has none. */
bool dns_name_from_text(struct slice text, struct dns_name *out);

enum { DNS_NAME_TEXT_MAX = 4 * DNS_NAME_MAX + 2 };

/* Writes the name for people, without a final dot ("." for the root); dots inside labels, control
 * characters and bytes that are not ASCII as \DDD (RFC 1035 5.1). Adds a NUL; returns the length
 * without it. */
size_t dns_name_text(const struct dns_name *n, char to[DNS_NAME_TEXT_MAX]);

#endif
