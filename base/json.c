/* Finds values in JSON texts whose structure is known. A nested value is skipped by counting
 * brackets. Before: the commands (answers of the node, import files), tests. After: nothing. */

#include "base/hex.h"
#include "base/json.h"
#include "base/utf8.h"

static void skip_space(struct rd *r)
{
	while (r->left && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
		rd_bytes(r, 1);
}

static bool take(struct rd *r, char c)
{
	skip_space(r);
	if (!r->left || *r->p != (uint8_t)c)
		return false;
	rd_bytes(r, 1);
	return true;
}

/* Skips from the opening quote to after the closing one. */
static void skip_string(struct rd *r)
{
	rd_bytes(r, 1);
	while (r->left && *r->p != '"')
		rd_bytes(r, *r->p == '\\' ? 2 : 1);
	rd_bytes(r, 1);
}

static bool ends_literal(uint8_t c)
{
	return c <= ' ' || c == ',' || c == ':' || c == ']' || c == '}' || c == '"';
}

static void skip_nested(struct rd *r)
{
	size_t depth = 0;

	do {
		uint8_t c = r->left ? *r->p : 0;
		if (c == '"') {
			skip_string(r);
			continue;
		}
		depth += c == '{' || c == '[';
		depth -= c == '}' || c == ']';
		rd_bytes(r, 1);
	} while (!r->bad && depth > 0);
}

/* Reads the next value and returns its raw text. */
static struct slice take_value(struct rd *r)
{
	skip_space(r);
	const uint8_t *from = r->p;

	if (!r->left || *r->p == ',' || *r->p == ':' || *r->p == ']' || *r->p == '}')
		rd_fail(r);
	else if (*r->p == '"')
		skip_string(r);
	else if (*r->p == '{' || *r->p == '[')
		skip_nested(r);
	else
		while (r->left && !ends_literal(*r->p))
			rd_bytes(r, 1);
	return r->bad ? slice_of(NULL, 0) : slice_of(from, (size_t)(r->p - from));
}

/* Prepares a reader at *at in an object or array, before the next member. False at the end or at
 * malformed text. */
static bool resume(struct slice text, size_t *at, char open, struct rd *r)
{
	if (*at > text.n)
		return false;
	*r = rd_of(slice_of(text.n ? text.p + *at : NULL, text.n - *at));
	skip_space(r);
	if (*at == 0 ? !take(r, open) : !take(r, ','))
		return false;
	skip_space(r);
	return r->left && *r->p != '}' && *r->p != ']';
}

bool json_member(struct slice object, size_t *at, struct slice *key, struct slice *value)
{
	struct rd r;

	if (!resume(object, at, '{', &r) || *r.p != '"')
		return false;
	*key = take_value(&r);
	if (!take(&r, ':'))
		return false;
	*value = take_value(&r);
	*at = object.n - r.left;
	return !r.bad;
}

bool json_element(struct slice array, size_t *at, struct slice *value)
{
	struct rd r;

	if (!resume(array, at, '[', &r))
		return false;
	*value = take_value(&r);
	*at = array.n - r.left;
	return !r.bad;
}

bool json_find(struct slice object, const char *key, struct slice *value)
{
	struct slice k, found;
	size_t n = strlen(key);

	for (size_t at = 0; json_member(object, &at, &k, &found);)
		if (k.n == n + 2 && memcmp(k.p + 1, key, n) == 0) {
			*value = found;
			return true;
		}
	return false;
}

/* ---- values ---- */

static bool take_hex4(struct rd *r, uint32_t *code)
{
	struct slice digits = rd_bytes(r, 4);

	*code = 0;
	for (size_t i = 0; i < digits.n; i++) {
		int d = hex_digit(digits.p[i]);
		if (d < 0)
			return false;
		*code = *code << 4 | (uint32_t)d;
	}
	return digits.n == 4;
}

/* Reads what follows "\u": a code point, or a surrogate and then its partner. */
static bool take_unicode(struct rd *r, uint32_t *code)
{
	uint32_t low;

	if (!take_hex4(r, code) || (*code >= 0xDC00 && *code < 0xE000))
		return false;
	if (*code < 0xD800 || *code >= 0xE000)
		return true;
	struct slice mark = rd_bytes(r, 2);
	if (mark.n != 2 || mark.p[0] != '\\' || mark.p[1] != 'u' || !take_hex4(r, &low) ||
		low < 0xDC00 || low >= 0xE000)
		return false;
	*code = 0x10000 + ((*code - 0xD800) << 10) + (low - 0xDC00);
	return true;
}

static bool take_escape(struct rd *r, struct wr *w)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char c = (char)rd_u8(r);
	uint32_t code;

	if (c == 'u') {
		if (!take_unicode(r, &code))
			return false;
		utf8_put(w, (int32_t)code);
		return true;
	}
	const char *at = c ? strchr(from, c) : NULL;
	if (at)
		wr_u8(w, (uint8_t)to[at - from]);
	return at != NULL;
}

bool json_get_text(struct slice value, uint8_t *to, size_t size, size_t *n)
{
	struct wr w = wr_of(to, size);

	*n = 0;
	if (value.n < 2 || value.p[0] != '"' || value.p[value.n - 1] != '"')
		return false;
	struct rd r = rd_of(slice_of(value.p + 1, value.n - 2));
	while (r.left && !r.bad) {
		uint8_t c = rd_u8(&r);
		if (c != '\\')
			wr_u8(&w, c);
		else if (!take_escape(&r, &w))
			return false;
	}
	*n = w.n;
	return !r.bad && !w.bad;
}

/* Converts digits; false when there is anything else, or it exceeds 64 bits. */
static bool digits(struct slice s, uint64_t *v)
{
	*v = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned d = s.p[i] - (unsigned)'0';
		if (d > 9 || *v > (UINT64_MAX - d) / 10)
			return false;
		*v = *v * 10 + d;
	}
	return s.n > 0;
}

bool json_get_u64(struct slice value, uint64_t *v)
{
	return digits(value, v);
}

bool json_get_i64(struct slice value, int64_t *v)
{
	bool minus = value.n > 0 && value.p[0] == '-';
	uint64_t size;

	if (!digits(slice_of(value.p + minus, value.n - minus), &size) ||
		size > (uint64_t)INT64_MAX + minus)
		return false;
	*v = minus ? -1 - (int64_t)(size - 1) : (int64_t)size;
	if (minus && size == 0)
		*v = 0;
	return true;
}

bool json_get_bool(struct slice value, bool *v)
{
	*v = slice_is(value, "true");
	return *v || slice_is(value, "false");
}

bool json_is_null(struct slice value)
{
	return slice_is(value, "null");
}
