/* Characters of UTF-8 texts, one at a time; whether a text is valid says utf8_valid()
 * (base/cbor.h). */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/cursor.h"

/* Bytes of a code point, 1 … 4. */
size_t utf8_size(int32_t code);
void utf8_put(struct wr *w, int32_t code);

/* The next code point of a valid text; −1 at its end. */
int32_t utf8_take(struct rd *r);

/* Bytes of the valid character at the start of any bytes; 0 when there is none. */
size_t utf8_good(struct slice s);

#endif
