/* Role: reads what stands behind the type of a record: addresses, numbers, hosts, texts and bytes,
 * and writes the record as JSON. Before: owner/zone_text.c. After: domain/domain.h. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/hex.h"
#include "base/utf8.h"
#include "domain/jsontext.h"
#include "owner/zone_text_internal.h"

enum { SHOWN = 60 /* bytes of a word in an error */, LABEL_MAX = 63 };

/* How a field of the chain is written in a zone file. */
enum look { LOOK_ADDRESS4, LOOK_ADDRESS6, LOOK_NUMBER, LOOK_HOST, LOOK_TEXT, LOOK_HEX };

static int shown(const struct zone_word *w)
{
	size_t n = w->text.n < SHOWN ? w->text.n : SHOWN;

	while (n < w->text.n && n > 0 && (w->text.p[n] & 0xC0) == 0x80)
		n--;
	return (int)n;
}

#define SHOW(w) shown(w), (const char *)(w)->text.p

bool zone_fail_here(struct zone_text *z, const char *fmt, ...)
{
	const struct zone_word *w = zone_peek(z);
	char text[ZONE_ERROR_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	return zone_fail(
		z->e, w ? w->line : z->entry.line, w ? w->column : z->entry.column, "%s", text);
}

bool zone_type_has_text(const struct record_type *t)
{
	static const char *const types[] = {
		"A", "AAAA", "CNAME", "NS", "MX", "SRV", "TXT", "TLSA", "PTR"};

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(t->name, types[i]) == 0)
			return true;
	return false;
}

static enum look look_of(const struct record_type *t, const struct dns_field *f)
{
	switch (f->kind) {
	case FIELD_IPV4:
		return LOOK_ADDRESS4;
	case FIELD_IPV6:
		return LOOK_ADDRESS6;
	case FIELD_BYTES:
		return LOOK_HEX;
	case FIELD_TEXT:
		return strcmp(t->name, "TXT") == 0 ? LOOK_TEXT : LOOK_HOST;
	default:
		return LOOK_NUMBER;
	}
}

/* ---- names ---- */

/* Letters become small: names on the chain with capitals are never answered. */
static bool lower_name(struct zone_text *z, const struct zone_word *w, char *to, size_t size)
{
	size_t n = w->text.n, label = 0;

	if (n == 0 || n >= size)
		return zone_fail(
			z->e, w->line, w->column, "a name has 1 to %d characters", ZONE_NAME_MAX);
	if (w->escaped || w->quoted)
		return zone_fail(
			z->e, w->line, w->column, "a name has neither quotes nor backslashes");
	for (size_t i = 0; i < n; i++) {
		uint8_t c = w->text.p[i];
		if (c <= ' ' || c >= 0x7F)
			return zone_fail(z->e, w->line, w->column,
				"%.*s: names are ASCII, without control characters", SHOW(w));
		label = c == '.' ? 0 : label + 1;
		if (label > LABEL_MAX)
			return zone_fail(z->e, w->line, w->column,
				"a part of a name has %d characters at most", LABEL_MAX);
		if (c == '.' && (i == 0 || w->text.p[i - 1] == '.') && n > 1)
			return zone_fail(z->e, w->line, w->column,
				"%.*s: a part between two dots is empty", SHOW(w));
		to[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	to[n] = 0;
	return true;
}

/* Appends "." and the origin of $ORIGIN, unless that is the name itself. */
static bool below_origin(const struct zone_text *z, char to[ZONE_NAME_MAX + 1])
{
	size_t n = strlen(to), more = strlen(z->origin);

	if (!more)
		return true;
	if (n + 1 + more > ZONE_NAME_MAX)
		return false;
	to[n] = '.';
	memcpy(to + n + 1, z->origin, more + 1);
	return true;
}

/* Makes a whole name, which has no dot at its end any more, relative. */
static bool make_relative(const struct zone_text *z, char name[ZONE_NAME_MAX + 1])
{
	size_t n = strlen(name), zone = z->name.n;

	if (n < zone || memcmp(name + n - zone, z->name.p, zone) != 0)
		return false;
	if (n == zone)
		memcpy(name, "@", 2);
	else if (name[n - zone - 1] == '.')
		name[n - zone - 1] = 0;
	else
		return false;
	return true;
}

bool zone_read_owner(struct zone_text *z, const struct zone_word *w, char to[ZONE_NAME_MAX + 1])
{
	if (!lower_name(z, w, to, ZONE_NAME_MAX + 1))
		return false;
	size_t n = strlen(to);
	bool good = true;
	if (to[0] == '$')
		return zone_fail(z->e, w->line, w->column,
			"%.*s: no name begins with a dollar sign", SHOW(w));
	if (to[n - 1] == '.') {
		to[n - 1] = 0;
		if (!make_relative(z, to))
			return zone_fail(z->e, w->line, w->column,
				"%.*s is not below %.*s: a name without a dot at its end is",
				SHOW(w), (int)z->name.n, (const char *)z->name.p);
	} else if (strcmp(to, "@") == 0) {
		strcpy(to, z->origin[0] ? z->origin : "@");
	} else {
		good = below_origin(z, to);
	}
	if (!good || (strcmp(to, "@") != 0 && strlen(to) + 1 + z->name.n > ZONE_NAME_MAX))
		return zone_fail(z->e, w->line, w->column,
			"the whole name has more than %d "
			"characters",
			ZONE_NAME_MAX);
	if (strchr(to, '*') && strcmp(to, "*") != 0)
		return zone_fail(z->e, w->line, w->column,
			"%.*s: only * alone stands for all names; it is answered at any depth",
			SHOW(w));
	return true;
}

/* A host in full, as the chain has it. */
static bool read_host(struct zone_text *z, const struct zone_word *w, char to[ZONE_NAME_MAX + 1])
{
	if (!lower_name(z, w, to, ZONE_NAME_MAX + 1))
		return false;
	size_t n = strlen(to);
	if (n > 1 && to[n - 1] == '.') {
		to[n - 1] = 0;
		return true;
	}
	if (strcmp(to, ".") == 0)
		return true;
	if (z->form == ZONE_LINE && strchr(to, '.'))
		return zone_fail(z->e, w->line, w->column,
			"%.*s: a whole name has a dot at its end (%.*s.); without it, it would be "
			"%.*s.%.*s",
			SHOW(w), SHOW(w), SHOW(w), (int)z->name.n, (const char *)z->name.p);
	bool apex = strcmp(to, "@") == 0;
	if (apex)
		strcpy(to, z->origin);
	bool good = apex || below_origin(z, to);
	n = strlen(to);
	if (!good || n + 1 + z->name.n > ZONE_NAME_MAX)
		return zone_fail(z->e, w->line, w->column,
			"the whole name has more than %d "
			"characters",
			ZONE_NAME_MAX);
	if (n)
		to[n++] = '.';
	memcpy(to + n, z->name.p, z->name.n);
	to[n + z->name.n] = 0;
	return true;
}

/* ---- fields ---- */

static void put_text(struct wr *w, struct slice text)
{
	for (size_t i = 0; i < text.n; i++)
		jt_put_escaped(w, text.p[i]);
}

static void put_quoted(struct wr *w, struct slice text)
{
	wr_u8(w, '"');
	put_text(w, text);
	wr_u8(w, '"');
}

/* The next word of a field; NULL, said, when there is none. */
static const struct zone_word *take_word(struct zone_text *z, const char *what)
{
	const struct zone_word *w = zone_peek(z);

	if (!w)
		zone_fail_here(z, "%s is missing", what);
	else
		z->next++;
	return w;
}

static bool field_address(struct zone_text *z, const struct dns_field *f, struct wr *out)
{
	bool four = f->kind == FIELD_IPV4;
	const struct zone_word *w =
		take_word(z, four ? "an address such as 1.2.3.4" : "an address such as 200::1");
	char text[DNSADDR_TEXT_MAX];
	uint8_t ip[16];

	if (!w)
		return false;
	if (four ? !dnsaddr_parse4(w->text, ip) : !dnsaddr_parse6(w->text, ip))
		return zone_fail(z->e, w->line, w->column,
			four ? "%.*s is no IPv4 address such as 1.2.3.4"
			     : "%.*s is no IPv6 address such as 200::1",
			SHOW(w));
	if (four)
		dnsaddr_text4(ip, text);
	else
		dnsaddr_text6(ip, text);
	put_quoted(out, slice_str(text));
	return true;
}

static bool field_number(struct zone_text *z, const struct dns_field *f, struct wr *out)
{
	unsigned most = f->kind == FIELD_U8 ? UINT8_MAX : UINT16_MAX;
	const struct zone_word *w = take_word(z, f->name);
	uint64_t v;

	if (!w)
		return false;
	if (w->quoted || !jt_integer(w->text, most, &v))
		return zone_fail(z->e, w->line, w->column, "%s is a number of 0 to %u, not %.*s",
			f->name, most, SHOW(w));
	wr_format(out, "%" PRIu64, v);
	return true;
}

static bool field_host(struct zone_text *z, struct wr *out)
{
	const struct zone_word *w = take_word(z, "a host such as www or www.example.net.");
	char host[ZONE_NAME_MAX + 1];

	if (!w || !read_host(z, w, host))
		return false;
	put_quoted(out, slice_str(host));
	return true;
}

/* Strings of one record are one text on the chain. In a line the last word may be the TTL. */
static bool field_text(struct zone_text *z, const struct zone_head *h, struct wr *out)
{
	const struct zone_word *first = take_word(z, "a text in quotes"), *w = first;
	uint32_t ttl;

	if (!first)
		return false;
	wr_u8(out, '"');
	for (;;) {
		put_text(out, w->text);
		w = zone_peek(z);
		bool last = z->next + 1 == z->entry.count;
		if (!w || (z->form == ZONE_LINE && last && first->quoted && !h->has_ttl &&
				  zone_read_ttl(w, &ttl)))
			break;
		z->next++;
	}
	wr_u8(out, '"');
	return true;
}

/* Hex in one word, or several in a file. */
static bool field_hex(struct zone_text *z, struct wr *out)
{
	const struct zone_word *w = take_word(z, "hex digits");
	uint8_t bytes[UINT8_MAX + 1];
	size_t n;
	bool comma = false;

	wr_u8(out, '[');
	for (; w; w = z->form == ZONE_FILE ? zone_peek(z) : NULL, z->next += w != NULL) {
		if (w->quoted || !hex_decode(w->text, bytes, sizeof bytes, &n) || n == 0)
			return zone_fail(z->e, w->line, w->column,
				"%.*s: hex digits, two for each byte, 256 bytes at most", SHOW(w));
		for (size_t i = 0; i < n; i++, comma = true)
			wr_format(out, "%s%u", comma ? "," : "", bytes[i]);
	}
	wr_u8(out, ']');
	return comma;
}

static bool read_field(
	struct zone_text *z, const struct zone_head *h, const struct dns_field *f, struct wr *out)
{
	switch (look_of(h->type, f)) {
	case LOOK_ADDRESS4:
	case LOOK_ADDRESS6:
		return field_address(z, f, out);
	case LOOK_NUMBER:
		return field_number(z, f, out);
	case LOOK_HOST:
		return field_host(z, out);
	case LOOK_TEXT:
		return field_text(z, h, out);
	case LOOK_HEX:
		return field_hex(z, out);
	}
	return false;
}

/* What may follow the fields: in a line, the TTL. */
static bool read_end(struct zone_text *z, struct zone_head *h)
{
	const struct zone_word *w = zone_peek(z);

	if (w && z->form == ZONE_LINE && !h->has_ttl && zone_read_ttl(w, &h->ttl)) {
		z->next++;
		w = zone_peek(z);
	}
	if (w)
		return zone_fail_here(z, "%.*s: nothing may follow a record of type %s here",
			SHOW(w), h->type->name);
	return true;
}

bool zone_read_fields(struct zone_text *z, struct zone_head *h, struct slice *json)
{
	struct wr out = wr_of(z->json, sizeof z->json);
	const struct dns_field *f = h->type->fields;

	wr_format(&out, "{\"type\":\"%s\",\"domain\":", h->type->name);
	put_quoted(&out, slice_str(z->owner));
	for (f++; strcmp(f->name, "ttl") != 0; f++) {
		wr_format(&out, ",\"%s\":", f->name);
		if (!read_field(z, h, f, &out))
			return false;
	}
	if (!read_end(z, h))
		return false;
	wr_format(&out, ",\"ttl\":%" PRIu32 "}", h->ttl);
	if (out.bad)
		return zone_fail_here(z, "the record is too long");
	*json = wr_done(&out);
	if (!utf8_valid(*json))
		return zone_fail(z->e, z->entry.word[0].line, z->entry.word[0].column,
			"the text of a record is UTF-8");
	return true;
}
