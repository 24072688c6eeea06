/* Role: remembers what the owner was told. Before: node/node_say.c. After: base/fifo.c. */
#include "owner/said.h"

#include "chain/crypto.h"

void said_init(struct said *s, struct bound *row)
{
	fifo_init(&s->digests, row, sizeof(uint64_t));
}

void said_clear(struct said *s)
{
	fifo_clear(&s->digests);
}

static uint64_t digest_of(struct slice what)
{
	uint8_t digest[32];

	crypto_digest(what, digest);
	struct rd r = rd_of(slice_of(digest, 8));
	return rd_be64(&r);
}

static bool has(const struct said *s, uint64_t digest)
{
	for (size_t i = 0; i < s->digests.count; i++)
		if (*(const uint64_t *)fifo_at(&s->digests, i) == digest)
			return true;
	return false;
}

bool said_before(const struct said *s, struct slice what)
{
	return has(s, digest_of(what));
}

bool said_first(struct said *s, struct slice what)
{
	uint64_t digest = digest_of(what);

	if (has(s, digest))
		return false;
	fifo_push_evict(&s->digests, &digest, NULL);
	return true;
}

void said_encode(const struct said *s, struct wr *w)
{
	for (size_t i = 0; i < s->digests.count; i++)
		wr_be(w, *(const uint64_t *)fifo_at(&s->digests, i), 8);
}

void said_decode(struct said *s, struct slice bytes)
{
	uint64_t most = bound_read(&s->digests.bound->max), there = bytes.n / 8;
	struct rd r = rd_of(bytes);

	if (there > most)
		rd_bytes(&r, (size_t)(there - most) * 8);
	while (r.left >= 8) {
		uint64_t digest = rd_be64(&r);
		if (!has(s, digest))
			fifo_push_evict(&s->digests, &digest, NULL);
	}
}
