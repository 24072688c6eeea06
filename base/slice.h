/* A borrowed range of bytes. The function that returns a slice says how long it stays valid. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const uint8_t *p; /* NULL only when n is 0 */
	size_t n;         /* bytes */
};

/* The n bytes at p. */
static inline struct slice slice_of(const void *p, size_t n)
{
	return (struct slice){p, n};
}

/* The text without its NUL. */
static inline struct slice slice_str(const char *s)
{
	return (struct slice){(const uint8_t *)s, strlen(s)};
}

/* True when both have the same bytes. Not for secrets: its time depends on them. */
static inline bool slice_eq(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* The same in a time that depends on the lengths alone: that of a secret and a guess must not tell
 * how much of the guess was right. */
static inline bool slice_eq_slowly(struct slice a, struct slice b)
{
	volatile uint8_t differs = a.n != b.n;

	for (size_t i = 0; i < a.n && i < b.n; i++)
		differs = (uint8_t)(differs | (uint8_t)(a.p[i] ^ b.p[i]));
	return !differs;
}

/* True when the bytes are this text. */
static inline bool slice_is(struct slice a, const char *s)
{
	return slice_eq(a, slice_str(s));
}

/* True for a "zero" value of protocol.md 2.1: empty, or every byte 0. */
static inline bool slice_zero(struct slice a)
{
	for (size_t i = 0; i < a.n; i++)
		if (a.p[i])
			return false;
	return true;
}

#endif
