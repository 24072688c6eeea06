/* Bounded cursors: struct rd reads untrusted bytes, struct wr writes into a buffer of known size.
 * An error is sticky: after the first one every call does nothing, reads return zeros, and `bad`
 * stays true, so the caller can check once at the end. */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include <string.h>

#include "base/slice.h"

struct rd {
	const uint8_t *p; /* next byte */
	size_t left;      /* bytes that remain */
	bool bad;         /* sticky: something was read beyond the end, or refused */
};

/* A reader of these bytes, which are borrowed as long as it is used. */
static inline struct rd rd_of(struct slice s)
{
	return (struct rd){s.p, s.n, false};
}

/* Makes the reader fail, because the caller refuses what it has read. */
static inline void rd_fail(struct rd *r)
{
	r->bad = true;
	r->left = 0;
}

/* Reads n bytes; borrowed from the input. An empty slice after a failure. */
static inline struct slice rd_bytes(struct rd *r, size_t n)
{
	if (r->bad || n > r->left) {
		rd_fail(r);
		return (struct slice){NULL, 0};
	}
	struct slice s = {r->p, n};
	if (n) /* an empty reader may have p == NULL */
		r->p += n;
	r->left -= n;
	return s;
}

/* Copies n bytes to `to`; zeros after a failure. */
static inline void rd_copy(struct rd *r, void *to, size_t n)
{
	struct slice s = rd_bytes(r, n);
	if (s.n == n && n)
		memcpy(to, s.p, n);
	else
		memset(to, 0, n);
}

/* Reads an unsigned big-endian number of 1 to 8 bytes. */
static inline uint64_t rd_be(struct rd *r, unsigned bytes)
{
	struct slice s = rd_bytes(r, bytes);
	uint64_t v = 0;
	for (size_t i = 0; i < s.n; i++)
		v = v << 8 | s.p[i];
	return v;
}

/* Read one unsigned big-endian number of 8, 16, 32 or 64 bits; 0 after a failure. */
static inline uint8_t rd_u8(struct rd *r)
{
	return (uint8_t)rd_be(r, 1);
}

/* See rd_u8(). */
static inline uint16_t rd_be16(struct rd *r)
{
	return (uint16_t)rd_be(r, 2);
}

/* See rd_u8(). */
static inline uint32_t rd_be32(struct rd *r)
{
	return (uint32_t)rd_be(r, 4);
}

/* See rd_u8(). */
static inline uint64_t rd_be64(struct rd *r)
{
	return rd_be(r, 8);
}

/* True when all bytes were read and nothing failed. */
static inline bool rd_done(const struct rd *r)
{
	return !r->bad && r->left == 0;
}

struct wr {
	uint8_t *p;  /* start of the buffer */
	size_t n;    /* bytes written */
	size_t size; /* capacity */
	bool bad;    /* sticky: did not fit */
};

/* A writer into `size` bytes at `p`, which the caller keeps. */
static inline struct wr wr_of(void *p, size_t size)
{
	return (struct wr){p, 0, size, false};
}

/* Appends n bytes, all or none: when they do not fit, the writer fails. */
static inline void wr_bytes(struct wr *w, const void *p, size_t n)
{
	if (w->bad || n > w->size - w->n) {
		w->bad = true;
		return;
	}
	if (n)
		memcpy(w->p + w->n, p, n);
	w->n += n;
}

/* wr_bytes() of a slice. */
static inline void wr_slice(struct wr *w, struct slice s)
{
	wr_bytes(w, s.p, s.n);
}

/* Like printf(). The NUL is not counted, but needs room: one byte more than the text. */
void wr_format(struct wr *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Appends the lowest `bytes` bytes (at most 8) of a number, the most significant first. */
static inline void wr_be(struct wr *w, uint64_t v, unsigned bytes)
{
	uint8_t b[8];
	for (unsigned i = 0; i < bytes; i++)
		b[i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
	wr_bytes(w, b, bytes);
}

/* The same, the least significant byte first. */
static inline void wr_le(struct wr *w, uint64_t v, unsigned bytes)
{
	uint8_t b[8];
	for (unsigned i = 0; i < bytes; i++)
		b[i] = (uint8_t)(v >> 8 * i);
	wr_bytes(w, b, bytes);
}

/* Appends one byte. */
static inline void wr_u8(struct wr *w, uint8_t v)
{
	wr_bytes(w, &v, 1);
}

/* What was written, inside the buffer; empty after a failure. */
static inline struct slice wr_done(const struct wr *w)
{
	return (struct slice){w->p, w->bad ? 0 : w->n};
}

#endif
