/* Checks, encodes and decodes UTF-8. Before: base/json.c, base/cbor.c, domain/jsontext.c (strings),
 * domain/names.c. After: nothing. */
#include "base/utf8.h"

/* Length of the UTF-8 sequence that starts with this byte, 0 = none does. *low … *high is the range
 * of its second byte, which excludes overlong forms, surrogates and values over U+10FFFF. */
static size_t utf8_sequence(uint8_t first, uint8_t *low, uint8_t *high)
{
	*low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	*high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

bool utf8_valid(struct slice s)
{
	uint8_t low, high;

	for (size_t i = 0; i < s.n;) {
		if (s.p[i] < 0x80) {
			i++;
			continue;
		}
		size_t length = utf8_sequence(s.p[i], &low, &high);
		if (length == 0 || length > s.n - i || s.p[i + 1] < low || s.p[i + 1] > high)
			return false;
		for (size_t k = 2; k < length; k++)
			if ((s.p[i + k] & 0xc0) != 0x80)
				return false;
		i += length;
	}
	return true;
}

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
