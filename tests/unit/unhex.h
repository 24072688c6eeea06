/* Bytes of a test, written as hex. */
#ifndef TESTS_UNIT_UNHEX_H
#define TESTS_UNIT_UNHEX_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/hex.h"

/* A few thousand bytes in turn: good for the values of one test. */
static inline struct slice unhex(const char *text)
{
	static uint8_t space[1 << 16];
	static size_t used;
	size_t n;

	if (used + strlen(text) / 2 > sizeof space)
		used = 0;
	assert_true(hex_decode(slice_str(text), space + used, sizeof space - used, &n));
	used += n;
	return slice_of(space + used - n, n);
}

static inline void assert_hex(struct slice got, const char *expected)
{
	static char text[1 << 16];

	assert_true(2 * got.n < sizeof text);
	hex_upper(got, text);
	for (char *c = text; *c; c++)
		if (*c >= 'A' && *c <= 'F' && strpbrk(expected, "abcdef"))
			*c = (char)(*c - 'A' + 'a');
	assert_string_equal(text, expected);
}

#endif
