/* Hexadecimal text, as protocol.md 2.1 writes it (upper case) and as people type it (either case).
 */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include "base/cursor.h"

/* Writes 2·n upper-case digits and a NUL: `to` holds 2·s.n + 1 bytes. */
void hex_upper(struct slice s, char *to);

/* Appends the 2·n upper-case digits without a NUL. */
void hex_write(struct wr *w, struct slice s);

/* 2·n digits of either case to n bytes. False when the length is odd or a digit is wrong, or when
 * the result does not fit `size`; *n is the number of bytes. */
bool hex_decode(struct slice text, uint8_t *to, size_t size, size_t *n);

/* Value 0..15 of one digit of either case, or -1. */
int hex_digit(int c);

#endif
