/* Answers from hosts files and block lists (8.9c, with the ADVICE).
 * Before: dns/serve_query.c. After: dns/hosts_set.c has the names. */
#include "dns/name.h"
#include "dns/hosts_internal.h"

enum { HOSTS_TTL = 2 }; /* seconds */

static void put(struct dns_answer *out, const struct dns_query *q, const void *data, size_t n)
{
	dns_answer_add(out, DNS_SECTION_ANSWER, dns_name_slice(&q->name), q->type, HOSTS_TTL,
		slice_of(data, n));
}

/* A blocked name has the null address of either family. */
static void answer_null(const struct dns_query *q, struct dns_answer *out)
{
	static const uint8_t null[16];

	if (q->type == DNS_TYPE_A)
		put(out, q, null, 4);
	if (q->type == DNS_TYPE_AAAA)
		put(out, q, null, 16);
}

static void answer_pointer(const struct dns_hosts *h, const struct dns_query *q,
	const uint8_t *data, struct dns_answer *out)
{
	struct dns_name name;
	uint32_t place;

	memcpy(&place, data, sizeof place);
	hosts_set_name(h, place, &name);
	put(out, q, name.wire, name.size);
}

static enum hosts_kind wanted(uint16_t type)
{
	switch (type) {
	case DNS_TYPE_A:
		return HOSTS_IPV4;
	case DNS_TYPE_AAAA:
		return HOSTS_IPV6;
	case DNS_TYPE_PTR:
		return HOSTS_POINTER;
	default:
		return HOSTS_NULL;
	}
}

enum dns_outcome dns_hosts_answer(
	const struct dns_hosts *h, const struct dns_query *q, struct dns_answer *out)
{
	struct dns_name name;
	const uint8_t *data;

	dns_answer_clear(out);
	name.size = q->name.size;
	memcpy(name.wire, q->name.wire, name.size);
	dns_name_lower(&name);
	uint32_t place = hosts_set_find(h, &name);
	if (!place)
		return DNS_PASS;
	out->aa = true;
	uint32_t at = hosts_set_first(h, place), next;
	if (!at)
		answer_null(q, out);
	for (; at; at = next) {
		enum hosts_kind kind = hosts_set_datum(h, at, &data, &next);
		if (kind != wanted(q->type))
			continue;
		if (kind == HOSTS_POINTER)
			answer_pointer(h, q, data, out);
		else
			put(out, q, data, hosts_data_size(kind));
	}
	return DNS_ANSWERED;
}

size_t dns_hosts_names(const struct dns_hosts *h)
{
	return h->names;
}

uint64_t dns_hosts_bytes(const struct dns_hosts *h)
{
	return h->bytes;
}

/* ---- reverse names ---- */

static void put_label(struct dns_name *name, const char *label, size_t n)
{
	name->wire[name->size++] = (uint8_t)n;
	memcpy(name->wire + name->size, label, n);
	name->size = (uint8_t)(name->size + n);
}

static void put_decimal(struct dns_name *name, unsigned byte)
{
	char digits[3];
	size_t n = 0;

	if (byte >= 100)
		digits[n++] = (char)('0' + byte / 100);
	if (byte >= 10)
		digits[n++] = (char)('0' + byte / 10 % 10);
	digits[n++] = (char)('0' + byte % 10);
	put_label(name, digits, n);
}

void hosts_reverse(enum hosts_kind kind, const uint8_t *data, struct dns_name *out)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = hosts_data_size(kind);

	out->size = 0;
	for (size_t i = n; i-- > 0;) {
		if (kind == HOSTS_IPV4) {
			put_decimal(out, data[i]);
			continue;
		}
		put_label(out, &hex[data[i] & 15], 1);
		put_label(out, &hex[data[i] >> 4], 1);
	}
	if (kind == HOSTS_IPV4)
		put_label(out, "in-addr", 7);
	else
		put_label(out, "ip6", 3);
	put_label(out, "arpa", 4);
	out->wire[out->size++] = 0;
}
