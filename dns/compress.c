/* Compression of names while a message is written. Before: dns/write.c. After: dns/name.h. */
#include "dns/compress.h"

enum {
	PROBES = 8, /* slots that a name may stand in */
	POINTER = 0xC000,
	LABELS_MAX = 127,
};

/* Where the labels of a name begin, and the hash from each to the end. */
struct suffixes {
	unsigned count;
	uint8_t at[LABELS_MAX];
	uint32_t hash[LABELS_MAX];
};

static void find_suffixes(struct slice name, struct suffixes *s)
{
	uint32_t h = 2166136261u;

	s->count = 0;
	for (size_t at = 0; name.p[at]; at += (size_t)name.p[at] + 1)
		s->at[s->count++] = (uint8_t)at;
	for (unsigned i = s->count; i-- > 0;) {
		const uint8_t *label = name.p + s->at[i];
		for (unsigned j = 0; j <= *label; j++)
			h = (h ^ dns_byte_lower(label[j])) * 16777619u;
		s->hash[i] = h;
	}
}

/* Does the name at offset `at` of our own message equal this one, which is not compressed? */
static bool is_at(const struct wr *w, size_t at, const uint8_t *name)
{
	const uint8_t *p = w->p + at;

	for (;;) {
		while (*p >= POINTER >> 8)
			p = w->p + ((size_t)(p[0] & 0x3F) << 8 | p[1]);
		size_t n = (size_t)*p + 1;
		if (!dns_wire_equal(slice_of(p, n), slice_of(name, n)))
			return false;
		if (n == 1)
			return true;
		p += n;
		name += n;
	}
}

/* Offset of an equal name, or 0. */
static size_t look_up(
	const struct dns_compress *c, const struct wr *w, uint32_t hash, const uint8_t *name)
{
	for (unsigned i = 0; i < PROBES; i++) {
		const struct dns_written *s = &c->slot[(hash + i) % DNS_COMPRESS_SLOTS];
		if (!s->at)
			return 0;
		if (s->hash == hash >> 16 && is_at(w, s->at, name))
			return s->at;
	}
	return 0;
}

static void remember(struct dns_compress *c, uint32_t hash, size_t at)
{
	if (at > DNS_POINTER_MAX)
		return;
	for (unsigned i = 0; i < PROBES; i++) {
		struct dns_written *s = &c->slot[(hash + i) % DNS_COMPRESS_SLOTS];
		if (!s->at) {
			*s = (struct dns_written){(uint16_t)at, (uint16_t)(hash >> 16)};
			return;
		}
	}
}

void dns_compress_know(struct dns_compress *c, struct slice name, size_t at)
{
	struct suffixes s;

	find_suffixes(name, &s);
	for (unsigned i = 0; i < s.count; i++)
		remember(c, s.hash[i], at + s.at[i]);
}

void dns_compress_pointer(struct wr *w, size_t at)
{
	wr_be(w, POINTER | at, 2);
}

void dns_compress_name(struct dns_compress *c, struct wr *w, struct slice name)
{
	struct suffixes s;
	size_t start = w->n, found = 0;
	unsigned i = 0;

	find_suffixes(name, &s);
	while (i < s.count && !(found = look_up(c, w, s.hash[i], name.p + s.at[i])))
		i++;
	wr_bytes(w, name.p, found ? s.at[i] : name.n);
	if (found)
		dns_compress_pointer(w, found);
	for (unsigned j = 0; j < i && !w->bad; j++)
		remember(c, s.hash[j], start + s.at[j]);
}
