/* Checks a text for UTF-8; encodes and decodes it, one character at a time. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/cursor.h"

/* True when the bytes are well-formed UTF-8: no surrogates, no overlong forms. */
bool utf8_valid(struct slice s);

/* Bytes that the code point takes, 1 … 4; and writing it. */
size_t utf8_size(int32_t code);
void utf8_put(struct wr *w, int32_t code);

/* Reads the next code point; −1 at the end. The text must be valid. */
int32_t utf8_take(struct rd *r);

/* Length of the character that any bytes begin with, 1 … 4; 0 when they begin with an invalid one,
 * or are empty. */
size_t utf8_good(struct slice s);

#endif
