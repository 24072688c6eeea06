/* Numbers of JSON: their grammar, and which of them the reference node can hold (protocol.md 8.3,
 * "Number magnitude"). Before: jsontext.c, domain_record.c. After: nothing. */
#include <float.h>
#include <math.h>

#include "domain/jsontext.h"

/* FLT_EVAL_METHOD 0 or 1: doubles are computed as doubles. (1 widens float only, which is not
 * used.) */
#if FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 1
#error "the magnitude rule needs plain binary64 arithmetic: build with -msse2 -mfpmath=sse"
#endif

static size_t take_digits(struct rd *r)
{
	size_t n = 0;

	for (; r->left && *r->p >= '0' && *r->p <= '9'; n++)
		rd_bytes(r, 1);
	return n;
}

static bool next_is(struct rd *r, const char *any)
{
	return r->left && *r->p && strchr(any, *r->p);
}

struct slice jt_number(struct rd *r)
{
	jt_space(r);
	const uint8_t *from = r->p;

	if (next_is(r, "-"))
		rd_bytes(r, 1);
	bool zero = next_is(r, "0");
	size_t n = take_digits(r);
	if (n == 0 || (zero && n > 1))
		rd_fail(r);
	if (next_is(r, ".")) {
		rd_bytes(r, 1);
		if (take_digits(r) == 0)
			rd_fail(r);
	}
	if (next_is(r, "eE")) {
		rd_bytes(r, 1);
		if (next_is(r, "+-"))
			rd_bytes(r, 1);
		if (take_digits(r) == 0)
			rd_fail(r);
	}
	return r->bad ? slice_of(NULL, 0) : slice_of(from, (size_t)(r->p - from));
}

bool jt_integer(struct slice number, uint64_t max, uint64_t *v)
{
	*v = 0;
	for (size_t i = 0; i < number.n; i++) {
		uint8_t d = (uint8_t)(number.p[i] - '0');
		if (d > 9 || *v > max / 10 || *v * 10 > max - d)
			return false;
		*v = *v * 10 + d;
	}
	return number.n > 0;
}

/* True for an integer −2^63 … 2^64−1 without fraction and exponent; "-0" does not count as one. */
static bool is_integer_value(struct slice s)
{
	uint64_t v;

	if (s.n && s.p[0] == '-')
		return jt_integer(slice_of(s.p + 1, s.n - 1), (uint64_t)1 << 63, &v) && v > 0;
	return jt_integer(s, UINT64_MAX, &v);
}

struct decimal {
	uint64_t m;
	int64_t e; /* at most the text's length, until read_exponent() adds the exponent */
};

static bool push_digit(struct decimal *d, uint8_t digit)
{
	if (d->m > (UINT64_MAX - digit) / 10)
		return false;
	d->m = d->m * 10 + digit;
	return true;
}

/* Steps (a) and (b) of 8.3: digits that fit 64 bits are kept; further ones move the point (before
 * it) or are dropped (behind it). */
static void read_mantissa(struct rd *r, struct decimal *d)
{
	bool fits = true;

	for (; r->left && *r->p >= '0' && *r->p <= '9';) {
		uint8_t digit = (uint8_t)(rd_u8(r) - '0');
		fits = fits && push_digit(d, digit);
		d->e += !fits;
	}
	if (!next_is(r, "."))
		return;
	rd_bytes(r, 1);
	for (fits = true; r->left && *r->p >= '0' && *r->p <= '9';) {
		uint8_t digit = (uint8_t)(rd_u8(r) - '0');
		fits = fits && push_digit(d, digit);
		d->e -= fits;
	}
}

/* Step (c) of 8.3. False when the exponent alone decides: the result is then *valid. */
static bool read_exponent(struct rd *r, struct decimal *d, bool *valid)
{
	bool minus = false;
	uint64_t x = 0;

	if (!next_is(r, "eE"))
		return true;
	rd_bytes(r, 1);
	if (next_is(r, "+-"))
		minus = rd_u8(r) == '-';
	while (r->left) {
		uint64_t digit = (uint64_t)(rd_u8(r) - '0');
		x = x > INT32_MAX ? x : x * 10 + digit;
	}
	if (x > INT32_MAX) {
		*valid = d->m == 0 || minus;
		return false;
	}
	d->e += minus ? -(int64_t)x : (int64_t)x;
	return true;
}

bool jt_magnitude_ok(struct slice number)
{
	struct rd r = rd_of(number);
	struct decimal d = {0, 0};
	static const double power[] = {1e289, 1e290, 1e291, 1e292, 1e293, 1e294, 1e295, 1e296,
		1e297, 1e298, 1e299, 1e300, 1e301, 1e302, 1e303, 1e304, 1e305, 1e306, 1e307, 1e308};
	bool valid;

	if (is_integer_value(number))
		return true;
	if (next_is(&r, "-"))
		rd_bytes(&r, 1);
	read_mantissa(&r, &d);
	if (!read_exponent(&r, &d, &valid))
		return valid;
	/* 2^64 · 10^288 is below the largest double, so smaller exponents always fit */
	if (d.m == 0 || d.e < 289)
		return true;
	return d.e <= 308 && !isinf((double)d.m * power[d.e - 289]);
}
