/* The memory of a set of names: pieces that are never moved but for the first, and the account of
 * all that is held. Before: dns/hosts_set.c. After: base/mem.h. */
#include "base/mem.h"
#include "dns/hosts_internal.h"

enum {
	PIECE = 1 << HOSTS_PIECE_BITS,
	FIRST_PIECE = 4096,
};

static bool account(struct dns_hosts *h, uint64_t more)
{
	if (h->bytes > h->most || more > h->most - h->bytes) {
		h->full = true;
		return false;
	}
	h->bytes += more;
	return true;
}

/* Memory that grows: both sizes are accounted while there may be two. */
void *hosts_grow(struct dns_hosts *h, void *old, size_t had, size_t size)
{
	if (!account(h, size))
		return NULL;
	void *p = mem_realloc(old, size);
	h->no_memory |= !p;
	h->bytes -= p ? had : size;
	return p;
}

struct dns_hosts *hosts_set_new(uint64_t most)
{
	struct dns_hosts *h = mem_alloc(sizeof *h);

	if (!h)
		return NULL;
	h->most = most;
	h->bytes = sizeof *h;
	h->full = h->bytes > most;
	h->seed = (uintptr_t)h; /* strangers do not know it */
	h->end = h->counted = 1;
	return h;
}

/* Gives back all but the record itself. */
void hosts_drop(struct dns_hosts *h)
{
	for (size_t i = 0; i < h->pieces; i++)
		mem_free(h->piece[i]);
	mem_free(h->piece);
	for (size_t i = 0; i < HOSTS_TABLES; i++) {
		mem_free(h->table[i].place);
		h->table[i] = (struct hosts_table){0};
	}
	h->piece = NULL;
	h->pieces = h->piece_slots = h->last_size = 0;
	h->bytes = sizeof *h;
}

void dns_hosts_free(struct dns_hosts *h)
{
	if (h)
		hosts_drop(h);
	mem_free(h);
}

uint8_t *hosts_at(const struct dns_hosts *h, uint64_t place)
{
	return h->piece[place >> HOSTS_PIECE_BITS] + (place & (PIECE - 1));
}

static bool add_piece(struct dns_hosts *h)
{
	if (h->pieces == h->piece_slots) {
		size_t slots = h->piece_slots ? 2 * h->piece_slots : 4;
		uint8_t **p =
			hosts_grow(h, h->piece, h->piece_slots * sizeof *p, slots * sizeof *p);
		if (!p)
			return false;
		h->piece = p;
		h->piece_slots = slots;
	}
	/* All but the first are whole at once. */
	size_t size = h->pieces ? PIECE : FIRST_PIECE;
	uint8_t *p = hosts_grow(h, NULL, 0, size);
	if (!p)
		return false;
	h->piece[h->pieces++] = p;
	h->last_size = size;
	return true;
}

/* The next n bytes, which lie in one piece; 0 when there is no room. */
uint32_t hosts_take(struct dns_hosts *h, size_t n)
{
	size_t in = h->end & (PIECE - 1);

	if (in + n > PIECE) {
		h->end += PIECE - in;
		in = 0;
	}
	if (h->end + n > UINT32_MAX) {
		h->full = true;
		return 0;
	}
	if (h->end >> HOSTS_PIECE_BITS == h->pieces && !add_piece(h))
		return 0;
	while (in + n > h->last_size) {
		uint8_t **last = &h->piece[h->pieces - 1];
		uint8_t *p = hosts_grow(h, *last, h->last_size, 2 * h->last_size);
		if (!p)
			return 0;
		*last = p;
		h->last_size *= 2;
	}
	uint32_t place = (uint32_t)h->end;
	h->end += n;
	return place;
}

/* Pieces for names up to that place; the only one may be small, but is there twice as it grows. */
uint64_t hosts_piece_bytes(uint64_t end)
{
	uint64_t pieces = end / (PIECE - HOSTS_RECORD_MAX) + 1, size = FIRST_PIECE;

	if (pieces > 1)
		return pieces * (PIECE + 4 * sizeof(uint8_t *));
	while (size < end)
		size *= 2;
	return size + size / 2 + 8 * sizeof(uint8_t *);
}
