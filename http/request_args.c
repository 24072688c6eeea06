/* Reads the arguments of a request, "a=1&b=%41", from its query and its form, straight from the
 * text: no table of arguments is built, so nothing has to be bounded or freed.
 * Before: http/request.c. After: api/routes.c and its functions. */
#include <stdio.h>

#include "base/hex.h"
#include "http/request.h"

enum { NAME_SHOWN = 32 /* most bytes of an unknown name that an error repeats */ };

/* One argument, still encoded. */
struct argument {
	struct slice key, value;
	bool form; /* it stands in the form, where a '+' is a blank */
};

/* Iterates over the arguments of the query, then over those of the form. */
struct argument_reader {
	struct rd rest[2];
};

static struct argument_reader reader_of(const struct http_request *q)
{
	return (struct argument_reader){{rd_of(slice_str(q->query)), rd_of(q->body)}};
}

/* The number of bytes before the first `c`, or all when there is none. */
static size_t up_to(struct slice text, char c)
{
	const uint8_t *at = text.n ? memchr(text.p, c, text.n) : NULL;

	return at ? (size_t)(at - text.p) : text.n;
}

/* Reads one argument. Several '&' in a row count as one. */
static bool next_of(struct rd *r, struct argument *a)
{
	while (r->left && *r->p == '&')
		rd_bytes(r, 1);
	if (!r->left)
		return false;
	struct slice pair = rd_bytes(r, up_to(slice_of(r->p, r->left), '&'));
	size_t key = up_to(pair, '='), value = key < pair.n ? key + 1 : key;
	a->key = slice_of(pair.p, key);
	a->value = slice_of(pair.p + value, pair.n - value);
	return true;
}

static bool next(struct argument_reader *from, struct argument *a)
{
	a->form = false;
	if (next_of(&from->rest[0], a))
		return true;
	a->form = true;
	return next_of(&from->rest[1], a);
}

static bool is(struct slice text, const char *word)
{
	return text.n == strlen(word) && memcmp(text.p, word, text.n) == 0;
}

/* ---- values ---- */

/* What a value may have. */
enum kind {
	PLAIN, /* no control character */
	LINES, /* line ends and tabs, too */
};

static bool is_allowed(uint8_t byte, enum kind kind)
{
	if (byte == '\n' || byte == '\r' || byte == '\t')
		return kind == LINES;
	return byte >= 0x20 && byte != 0x7F;
}

/* Decodes one character. False for a NUL, and for a %XX that is malformed or stands for a control
 * character. A '+' of a query stays a '+': addresses and names have no blanks. */
static bool take_char(struct rd *r, bool form, enum kind kind, char *c)
{
	*c = (char)rd_u8(r);
	if (form && *c == '+')
		*c = ' ';
	if (*c != '%')
		return *c != 0;
	struct slice digits = rd_bytes(r, 2);
	uint8_t byte = 0;
	size_t n;
	bool good = digits.n == 2 && hex_decode(digits, &byte, 1, &n) && is_allowed(byte, kind);
	*c = (char)byte;
	return good;
}

/* Decodes a text and adds a NUL. False when it is malformed or does not fit. */
static bool decode(struct slice text, bool form, enum kind kind, char *to, size_t size)
{
	struct rd r = rd_of(text);
	size_t used = 0;

	while (r.left)
		if (used + 1 >= size || !take_char(&r, form, kind, &to[used++]))
			return false;
	if (used < size)
		to[used] = 0;
	return used < size;
}

/* The length in bytes when decoded; SIZE_MAX when it is malformed. */
static size_t decoded_length(struct slice text, enum kind kind)
{
	struct rd r = rd_of(text);
	size_t n = 0;
	char c;

	for (; r.left; n++)
		if (!take_char(&r, false, kind, &c))
			return SIZE_MAX;
	return n;
}

bool http_decode(const char *text, char *to, size_t size)
{
	return decode(slice_str(text), false, PLAIN, to, size);
}

static bool get(
	const struct http_request *q, const char *key, enum kind kind, char *to, size_t size)
{
	struct argument_reader from = reader_of(q);
	struct argument a;

	while (next(&from, &a))
		if (is(a.key, key))
			return a.value.n && decode(a.value, a.form, kind, to, size);
	return false;
}

bool http_arg(const struct http_request *q, const char *key, char *to, size_t size)
{
	return get(q, key, PLAIN, to, size);
}

bool http_arg_lines(const struct http_request *q, const char *key, char *to, size_t size)
{
	return get(q, key, LINES, to, size);
}

bool http_has_arg(const struct http_request *q, const char *key)
{
	struct argument_reader from = reader_of(q);
	struct argument a;

	while (next(&from, &a))
		if (is(a.key, key))
			return true;
	return false;
}

void http_wipe_arg(const struct http_request *q, const char *key)
{
	struct rd form = rd_of(q->body);
	struct argument a;

	while (next_of(&form, &a))
		if (is(a.key, key) && a.value.n)
			memset((void *)(uintptr_t)a.value.p, 'x', a.value.n);
}

/* ---- checking all arguments ---- */

/* True when the key is one of the words of `names`. *any_length: it has a '*' behind it; *kind:
 * LINES when it has two. */
static bool is_among(struct slice key, const char *names, bool *any_length, enum kind *kind)
{
	for (const char *at = names; *at; at += strspn(at, " ")) {
		size_t n = strcspn(at, " *");
		size_t stars = strspn(at + n, "*");
		*any_length = stars > 0;
		*kind = stars > 1 ? LINES : PLAIN;
		if (key.n == n && memcmp(key.p, at, n) == 0)
			return true;
		at += n + stars;
	}
	return false;
}

/* How often the argument is there. It is asked at most once for each name that the path takes,
 * because the first unknown or repeated name ends the check. */
static unsigned count(const struct http_request *q, struct slice key)
{
	struct argument_reader from = reader_of(q);
	struct argument a;
	unsigned n = 0;

	while (next(&from, &a))
		n += a.key.n == key.n && memcmp(a.key.p, key.p, key.n) == 0;
	return n;
}

static void tell_unknown(struct slice key, const char *names, char error[HTTP_ERROR_MAX])
{
	struct wr w = wr_of(error, HTTP_ERROR_MAX - 1);
	size_t n = key.n < NAME_SHOWN ? key.n : NAME_SHOWN;

	wr_format(&w, "there is no argument %.*s here: this path takes %s", (int)n,
		(const char *)key.p, names[0] ? "" : "none");
	for (; *names; names++)
		if (*names != '*')
			wr_u8(&w, (uint8_t)*names);
	error[w.n] = 0;
}

/* Checks one argument. False with the sentence for the client. */
static bool check(const struct http_request *q, const struct argument *a, const char *names,
	size_t size, char error[HTTP_ERROR_MAX])
{
	int n = (int)(a->key.n < NAME_SHOWN ? a->key.n : NAME_SHOWN);
	const char *key = (const char *)a->key.p;
	enum kind kind = PLAIN;
	bool any_length = false, known = is_among(a->key, names, &any_length, &kind);
	size_t length = decoded_length(a->value, kind);

	if (!known)
		tell_unknown(a->key, names, error);
	else if (count(q, a->key) > 1)
		snprintf(error, HTTP_ERROR_MAX, "the argument %.*s is there twice", n, key);
	else if (length == SIZE_MAX)
		snprintf(error, HTTP_ERROR_MAX,
			"the argument %.*s is malformed: special characters are written as %%XX, "
			"control characters are not taken",
			n, key);
	else if (length >= size && !any_length)
		snprintf(error, HTTP_ERROR_MAX, "the argument %.*s is longer than %zu bytes", n,
			key, size - 1);
	else
		return true;
	return false;
}

bool http_check_args(
	const struct http_request *q, const char *names, size_t size, char error[HTTP_ERROR_MAX])
{
	struct argument_reader from = reader_of(q);
	struct argument a;

	while (next(&from, &a))
		if (!check(q, &a, names, size, error))
			return false;
	return true;
}
