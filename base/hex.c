/* Converts hexadecimal text to bytes and back. Before: settings, commands, keys and JSON. After:
 * nothing. */
#include "base/hex.h"

static const char digit[] = "0123456789ABCDEF";

void hex_upper(struct slice s, char *to)
{
	for (size_t i = 0; i < s.n; i++) {
		*to++ = digit[s.p[i] >> 4];
		*to++ = digit[s.p[i] & 15];
	}
	*to = 0;
}

void hex_write(struct wr *w, struct slice s)
{
	if (w->bad || s.n > (w->size - w->n) / 2) {
		w->bad = true;
		return;
	}
	for (size_t i = 0; i < s.n; i++) {
		w->p[w->n++] = (uint8_t)digit[s.p[i] >> 4];
		w->p[w->n++] = (uint8_t)digit[s.p[i] & 15];
	}
}

int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool hex_decode(struct slice text, uint8_t *to, size_t size, size_t *n)
{
	*n = 0;
	if (text.n % 2 || text.n / 2 > size)
		return false;
	for (size_t i = 0; i < text.n; i += 2) {
		int high = hex_digit(text.p[i]), low = hex_digit(text.p[i + 1]);
		if (high < 0 || low < 0)
			return false;
		to[i / 2] = (uint8_t)(high << 4 | low);
	}
	*n = text.n / 2;
	return true;
}
