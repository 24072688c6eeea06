/* Names of DNS in wire form: read from messages, compared, turned into text and back. Before:
 * dns/read.c, dns/write.c, dns/zone.c. After: nothing. */
#include <stdio.h>

#include "dns/name.h"

enum { JUMPS_MAX = 126, POINTER = 0xC0 };

/* A name while it is read. */
struct walk {
	const uint8_t *p, *end;
	size_t before; /* offset: a pointer must lead to a smaller one */
	unsigned jumps;
};

/* Follows the pointer whose first byte is `high`, and whose second is next. */
static bool jump(struct walk *w, struct slice message, uint8_t high)
{
	if (w->p == w->end || ++w->jumps > JUMPS_MAX)
		return false;
	size_t target = (size_t)(high & 0x3F) << 8 | *w->p;
	if (target >= w->before || target < DNS_HEADER_SIZE)
		return false;
	w->before = target;
	w->p = message.p + target;
	return true;
}

/* Appends a label of n bytes, with its length; the root's is 0. */
static bool label(struct walk *w, struct dns_name *out, size_t n)
{
	if (n > DNS_LABEL_MAX || (size_t)(w->end - w->p) < n)
		return false;
	if (out->size + 1 + n + (n ? 1 : 0) > DNS_NAME_MAX)
		return false;
	out->wire[out->size] = (uint8_t)n;
	memcpy(out->wire + out->size + 1, w->p, n);
	out->size = (uint8_t)(out->size + 1 + n);
	w->p += n;
	return true;
}

bool dns_name_read(struct rd *r, struct slice message, struct dns_name *out)
{
	if (r->bad || !r->left) {
		rd_fail(r);
		return false;
	}
	struct walk w = {r->p, r->p + r->left, (size_t)(r->p - message.p), 0};
	const uint8_t *behind = NULL; /* the first pointer, where the reader goes on */
	uint8_t n = 1;

	out->size = 0;
	while (n && !r->bad) {
		if (w.p == w.end) {
			rd_fail(r);
			break;
		}
		n = *w.p++;
		if (n < POINTER && label(&w, out, n))
			continue;
		if (n >= POINTER && !behind)
			behind = w.p + 1;
		if (n < POINTER || !jump(&w, message, n))
			rd_fail(r);
		w.end = message.p + message.n;
	}
	if (r->bad)
		return false;
	rd_bytes(r, (size_t)((behind ? behind : w.p) - r->p));
	return true;
}

bool dns_name_valid(struct slice wire)
{
	size_t at = 0;

	if (wire.n > DNS_NAME_MAX)
		return false;
	while (at < wire.n && wire.p[at] && wire.p[at] <= DNS_LABEL_MAX)
		at += (size_t)wire.p[at] + 1;
	return at + 1 == wire.n && !wire.p[at];
}

/* Lengths of labels are below 'A', so they need no care. */
void dns_name_lower(struct dns_name *n)
{
	for (size_t i = 0; i < n->size; i++)
		n->wire[i] = dns_byte_lower(n->wire[i]);
}

void dns_name_note_capitals(const struct dns_name *n, uint8_t bits[DNS_CAPITALS])
{
	memset(bits, 0, DNS_CAPITALS);
	for (size_t i = 0; i < n->size; i++)
		if (n->wire[i] != dns_byte_lower(n->wire[i]))
			bits[i / 8] |= (uint8_t)(1u << i % 8);
}

/* A length is below 'a', so it is never taken for a letter. */
void dns_name_set_capitals(struct dns_name *n, const uint8_t *bits, size_t size)
{
	for (size_t i = 0; i < n->size && i / 8 < size; i++)
		if (n->wire[i] >= 'a' && n->wire[i] <= 'z' && bits[i / 8] >> i % 8 & 1)
			n->wire[i] = (uint8_t)(n->wire[i] - 'a' + 'A');
}

bool dns_wire_equal(struct slice a, struct slice b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (a.p[i] != b.p[i] && dns_byte_lower(a.p[i]) != dns_byte_lower(b.p[i]))
			return false;
	return true;
}

bool dns_name_equal(const struct dns_name *a, const struct dns_name *b)
{
	return dns_wire_equal(dns_name_slice(a), dns_name_slice(b));
}

bool dns_name_is_below(const struct dns_name *n, const struct dns_name *top)
{
	size_t at = 0;

	while (at < n->size && (size_t)(n->size - at) > top->size)
		at += (size_t)n->wire[at] + 1;
	return at < n->size &&
	       dns_wire_equal(slice_of(n->wire + at, n->size - at), dns_name_slice(top));
}

unsigned dns_name_labels(const struct dns_name *n)
{
	unsigned count = 0;

	for (size_t at = 0; at < n->size && n->wire[at]; at += (size_t)n->wire[at] + 1)
		count++;
	return count;
}

bool dns_name_parent(const struct dns_name *n, struct dns_name *out)
{
	size_t first = (size_t)n->wire[0] + 1;

	if (n->size <= 1)
		return false;
	size_t size = n->size - first;
	memmove(out->wire, n->wire + first, size);
	out->size = (uint8_t)size;
	return true;
}

bool dns_name_from_text(struct slice text, struct dns_name *out)
{
	size_t at = 0;

	out->size = 0;
	if (text.n && text.p[text.n - 1] == '.')
		text.n--;
	while (at < text.n) {
		size_t n = 0;
		while (at + n < text.n && text.p[at + n] != '.')
			n++;
		struct walk w = {text.p + at, text.p + at + n, 0, 0};
		if (!n || !label(&w, out, n))
			return false;
		at += n + 1;
		if (at == text.n) /* it ends in two dots */
			return false;
	}
	out->wire[out->size++] = 0;
	return true;
}

/* Writes a byte of a label; returns how many characters. */
static size_t show_byte(uint8_t b, char *to)
{
	if (b > ' ' && b < 0x7F && b != '.' && b != '\\') {
		*to = (char)b;
		return 1;
	}
	to[0] = '\\';
	to[1] = (char)('0' + b / 100);
	to[2] = (char)('0' + b / 10 % 10);
	to[3] = (char)('0' + b % 10);
	return 4;
}

size_t dns_name_text(const struct dns_name *n, char to[DNS_NAME_TEXT_MAX])
{
	size_t used = 0;

	for (size_t at = 0; at < n->size && n->wire[at]; at += (size_t)n->wire[at] + 1) {
		if (at)
			to[used++] = '.';
		for (size_t i = 1; i <= n->wire[at]; i++)
			used += show_byte(n->wire[at + i], to + used);
	}
	if (!used)
		to[used++] = '.';
	to[used] = 0;
	return used;
}
