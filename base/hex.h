/* Hexadecimal text: written in upper case (protocol.md 2.1), read in either case. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include "base/cursor.h"

/* Writes 2·s.n digits and a NUL: `to` must hold 2·s.n + 1 bytes. */
void hex_upper(struct slice s, char *to);

/* Appends 2·s.n digits, without a NUL. */
void hex_write(struct wr *w, struct slice s);

/* Decodes digits to bytes; *n = number of bytes. False when the number of digits is odd, one of
 * them is not a digit, or the result does not fit `size`. */
bool hex_decode(struct slice text, uint8_t *to, size_t size, size_t *n);

/* Value 0 … 15 of one digit, or −1. */
int hex_digit(int c);

#endif
