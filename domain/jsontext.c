/* Reads JSON as the reference node does: strings, and whole values without recursion. Before:
 * domain.c, domain_record.c and chain/txjson.c say which value they expect. After: jsonnumber.c
 * reads numbers. */
#include <stdio.h>

#include "base/hex.h"
#include "base/utf8.h"
#include "domain/jsontext.h"

/* ---- small things ---- */

void jt_space(struct rd *r)
{
	while (r->left && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
		rd_bytes(r, 1);
}

char jt_peek(struct rd *r)
{
	jt_space(r);
	return r->left ? (char)*r->p : 0;
}

bool jt_take(struct rd *r, char c)
{
	if (!c || jt_peek(r) != c)
		return false;
	rd_bytes(r, 1);
	return true;
}

/* The text from `from` up to where the reader is now; empty after a failure. */
static struct slice since(const struct rd *r, const uint8_t *from)
{
	return r->bad ? slice_of(NULL, 0) : slice_of(from, (size_t)(r->p - from));
}

/* ---- strings ---- */

static uint32_t hex4(struct rd *r)
{
	struct slice digits = rd_bytes(r, 4);
	uint32_t v = 0;

	for (size_t i = 0; i < digits.n; i++) {
		int d = hex_digit(digits.p[i]);
		if (d < 0)
			rd_fail(r);
		v = v << 4 | (uint32_t)(d & 15);
	}
	return v;
}

static bool is_high(uint32_t c)
{
	return c >= 0xD800 && c < 0xDC00;
}

static bool is_low(uint32_t c)
{
	return c >= 0xDC00 && c < 0xE000;
}

/* Reads the digits after "\u". With `pairs`, a surrogate must have its partner, and their code
 * point is returned. */
static uint32_t take_u(struct rd *r, bool pairs)
{
	uint32_t c = hex4(r), low;

	if (!pairs || (!is_high(c) && !is_low(c)))
		return c;
	if (is_low(c) || rd_u8(r) != '\\' || rd_u8(r) != 'u' || (low = hex4(r), !is_low(low))) {
		rd_fail(r);
		return 0;
	}
	return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
}

static bool is_plain(uint8_t c)
{
	return c >= 0x20 && c != '"' && c != '\\';
}

/* Reads a string with its quotes. With `pairs`, escaped surrogates must come in pairs; without,
 * which is for ignored values, four hex digits suffice (protocol.md 8.3). Characters that need no
 * look are passed over in one step. */
static void take_string(struct rd *r, bool pairs)
{
	if (!jt_take(r, '"')) {
		rd_fail(r);
		return;
	}
	while (!r->bad) {
		size_t plain = 0;
		while (plain < r->left && is_plain(r->p[plain]))
			plain++;
		rd_bytes(r, plain);
		uint8_t c = rd_u8(r);
		if (c == '"')
			return;
		if (c < 0x20)
			rd_fail(r);
		if (c != '\\')
			continue;
		c = rd_u8(r);
		if (c == 'u')
			take_u(r, pairs);
		else if (!c || !strchr("\"\\/bfnrt", c))
			rd_fail(r);
	}
}

struct slice jt_string(struct rd *r)
{
	jt_space(r);
	const uint8_t *from = r->p;

	take_string(r, true);
	struct slice s = since(r, from);
	return s.n >= 2 ? slice_of(s.p + 1, s.n - 2) : slice_of(NULL, 0);
}

/* Reads what follows a backslash. The string was accepted before, so the escape is valid. */
static int32_t unescape(struct rd *r)
{
	uint8_t c = rd_u8(r);

	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'u':
		return (int32_t)take_u(r, true);
	default:
		return c;
	}
}

int32_t jt_next(struct jt_chars *chars)
{
	struct rd *r = &chars->rest;

	if (!r->left || *r->p != '\\')
		return utf8_take(r);
	rd_bytes(r, 1);
	return unescape(r);
}

size_t jt_decoded_size(struct slice raw)
{
	struct jt_chars c = {rd_of(raw)};
	size_t n = 0;

	for (int32_t code; (code = jt_next(&c)) >= 0;)
		n += utf8_size(code);
	return n;
}

bool jt_is(struct slice raw, const char *text)
{
	struct jt_chars c = {rd_of(raw)};
	size_t n = strlen(text);

	if (raw.n <= n) /* an escape is longer than its character, so there is none */
		return slice_is(raw, text);
	for (; *text; text++)
		if (jt_next(&c) != (unsigned char)*text)
			return false;
	return jt_next(&c) < 0;
}

bool jt_decode(struct slice raw, char *to, size_t size, size_t *n)
{
	struct jt_chars c = {rd_of(raw)};
	struct wr w = wr_of(to, size);

	for (int32_t code; (code = jt_next(&c)) >= 0;)
		utf8_put(&w, code);
	*n = w.n;
	return !w.bad;
}

void jt_put_escaped(struct wr *w, uint8_t byte)
{
	static const char escaped[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
	const char *at = byte ? strchr(escaped, byte) : NULL;
	char text[8];

	if (at) {
		wr_u8(w, '\\');
		wr_u8(w, (uint8_t)letter[at - escaped]);
	} else if (byte < 0x20) {
		wr_bytes(w, text, (size_t)snprintf(text, sizeof text, "\\u%04x", byte));
	} else {
		wr_u8(w, byte);
	}
}

/* ---- whole values ---- */

static void take_word(struct rd *r, const char *word)
{
	struct slice s = rd_bytes(r, strlen(word));

	if (!slice_is(s, word))
		rd_fail(r);
}

/* Reads a value that is not an array or object. `strict`: inside a record, where strings and
 * numbers must be fully valid. */
static void take_scalar(struct rd *r, bool strict)
{
	switch (jt_peek(r)) {
	case '"':
		take_string(r, strict);
		break;
	case 't':
		take_word(r, "true");
		break;
	case 'f':
		take_word(r, "false");
		break;
	case 'n':
		take_word(r, "null");
		break;
	default: {
		struct slice number = jt_number(r);
		if (!r->bad && strict && !jt_magnitude_ok(number))
			rd_fail(r);
	}
	}
}

/* The open brackets, one bit a level, 1 = object. A text of at most 64 kB cannot open more. */
enum { LEVELS = 65536 };
struct levels {
	uint8_t bits[LEVELS / 8];
	int count;
};

/* True when the innermost open bracket is that of an object. */
static bool in_object(const struct levels *l)
{
	int top = l->count - 1;

	return l->bits[top / 8] >> top % 8 & 1;
}

/* Reads an opening bracket and notes it; fails when more than `most` would be open. The bits are
 * not cleared at the start, since that would cost 8 kB for each value: the first level of a byte
 * clears the byte. */
static void open_level(struct rd *r, struct levels *l, int most)
{
	bool object = rd_u8(r) == '{';
	int i = l->count++;

	if (i >= most || i >= LEVELS) {
		l->count--;
		rd_fail(r);
		return;
	}
	unsigned below = i % 8 ? l->bits[i / 8] & ((1u << i % 8) - 1) : 0;
	l->bits[i / 8] = (uint8_t)(below | (unsigned)object << i % 8);
}

static void take_key(struct rd *r, bool strict)
{
	jt_space(r);
	take_string(r, strict);
	if (!jt_take(r, ':'))
		rd_fail(r);
}

/* After a value: closes the arrays and objects that end here, or goes on to the next element. */
static void after_value(struct rd *r, struct levels *l, bool strict)
{
	while (l->count > 0 && !r->bad) {
		if (jt_take(r, in_object(l) ? '}' : ']')) {
			l->count--;
			continue;
		}
		if (!jt_take(r, ','))
			rd_fail(r);
		else if (in_object(l))
			take_key(r, strict);
		return;
	}
}

/* Reads a whole value with a loop and a list of open brackets instead of recursion, because a text
 * decides how deep it is nested. */
static void take_value(struct rd *r, bool strict, int most)
{
	struct levels l;

	l.count = 0;
	do {
		char c = jt_peek(r);
		if (c != '{' && c != '[') {
			take_scalar(r, strict);
			after_value(r, &l, strict);
			continue;
		}
		open_level(r, &l, most);
		if (r->bad)
			return;
		if (jt_take(r, c == '{' ? '}' : ']')) {
			l.count--;
			after_value(r, &l, strict);
		} else if (c == '{') {
			take_key(r, strict);
		}
	} while (!r->bad && l.count > 0);
}

void jt_ignore(struct rd *r)
{
	take_value(r, false, LEVELS);
}

struct slice jt_value(struct rd *r, int depth)
{
	jt_space(r);
	const uint8_t *from = r->p;

	take_value(r, true, JSON_DEPTH_MAX - depth);
	return since(r, from);
}
