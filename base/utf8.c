/* Encodes and decodes UTF-8. Before: base/json.c, domain/jsontext.c (strings), domain/names.c.
 * After: utf8_valid() in base/cbor.c. */
#include "base/utf8.h"

#include "base/cbor.h"

size_t utf8_size(int32_t code)
{
	return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

void utf8_put(struct wr *w, int32_t code)
{
	static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
	size_t n = utf8_size(code);

	for (size_t i = 0; i < n; i++) {
		uint8_t bits = (uint8_t)(code >> 6 * (n - 1 - i));
		wr_u8(w, n == 1 ? bits : (uint8_t)(i ? 0x80 | (bits & 0x3F) : lead[n] | bits));
	}
}

int32_t utf8_take(struct rd *r)
{
	if (!r->left)
		return -1;
	uint8_t c = rd_u8(r);
	if (c < 0x80)
		return c;
	int more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : 1;
	int32_t code = c & (0x3F >> more);
	while (more-- > 0)
		code = code << 6 | (rd_u8(r) & 0x3F);
	return code;
}

size_t utf8_good(struct slice s)
{
	if (!s.n)
		return 0;
	uint8_t c = s.p[0];
	size_t n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
	return n <= s.n && utf8_valid(slice_of(s.p, n)) ? n : 0;
}
