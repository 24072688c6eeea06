/* Role: tells blocks by our keys that were made here from those that were not. Before:
 * node/node_foreign.c. After: chain/store_view.c. */
#include "owner/own_blocks.h"

void own_blocks_init(struct own_blocks *o, struct bound *row)
{
	*o = (struct own_blocks){0};
	said_init(&o->known, row);
}

void own_blocks_clear(struct own_blocks *o)
{
	said_clear(&o->known);
}

void own_blocks_made(struct own_blocks *o, struct slice hash)
{
	(void)said_first(&o->known, hash);
}

/* ---- looking ---- */

/* The highest index that was looked at and is still what it was. */
static uint64_t unchanged(const struct own_blocks *o, struct view *v)
{
	struct block_summary h;
	uint64_t index = o->looked;

	for (unsigned i = 0; i < OWN_BLOCKS_TAIL && index > 0; i++, index--)
		if (view_summary(v, index, &h) && memcmp(h.hash, o->tail[i], HASH_SIZE) == 0)
			break;
	return index;
}

static void note_tail(struct own_blocks *o, struct view *v, uint64_t looked)
{
	struct block_summary h;

	o->looked = looked;
	for (unsigned i = 0; i < OWN_BLOCKS_TAIL; i++)
		if (looked > i && view_summary(v, looked - i, &h))
			memcpy(o->tail[i], h.hash, HASH_SIZE);
}

static bool signed_here(const struct own_key *k, const uint8_t hash[HASH_SIZE])
{
	return (k->full && memcmp(k->full->hash, hash, HASH_SIZE) == 0) ||
	       (k->empty && memcmp(k->empty->hash, hash, HASH_SIZE) == 0);
}

static void add(struct own_foreign *to, unsigned *n, unsigned key, uint64_t index)
{
	unsigned i = 0;

	while (i < *n && to[i].key != key)
		i++;
	if (i == OWN_FOREIGN_MAX)
		return;
	if (i == *n)
		to[(*n)++] = (struct own_foreign){.key = key, .first = index};
	to[i].count++;
	to[i].last = index;
}

static void judge(struct own_blocks *o, const struct block_summary *h, const struct own_key *keys,
	unsigned n, struct own_foreign *to, unsigned *found)
{
	for (unsigned i = 0; i < n; i++) {
		if (memcmp(keys[i].signing, h->key, KEY_SIZE) != 0)
			continue;
		if (signed_here(&keys[i], h->hash) ||
			!said_first(&o->known, slice_of(h->hash, HASH_SIZE)))
			return;
		add(to, found, i, h->index);
		o->foreign++;
		o->newest = h->index;
		return;
	}
}

unsigned own_blocks_look(struct own_blocks *o, struct view *v, const struct own_key *keys,
	unsigned n, struct own_foreign to[OWN_FOREIGN_MAX])
{
	struct block_summary h;
	unsigned found = 0;

	view_begin(v);
	uint64_t height = view_height(v), from = o->looked ? unchanged(o, v) : height;
	uint64_t upto = height - from > OWN_BLOCKS_STEP ? from + OWN_BLOCKS_STEP : height;
	for (uint64_t i = from + 1; i <= upto && view_summary(v, i, &h); i++)
		judge(o, &h, keys, n, to, &found);
	note_tail(o, v, upto);
	view_end(v);
	return found;
}

uint64_t own_newest(struct view *v, const uint8_t key[KEY_SIZE])
{
	view_begin(v);
	uint64_t height = view_height(v), all = view_count(v, key, height + 1);
	uint64_t low = 1, high = all ? height : 0;

	/* the first index at which its count is what it is at the end */
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		if (view_count(v, key, middle + 1) == all)
			high = middle;
		else
			low = middle + 1;
	}
	view_end(v);
	return high;
}

/* ---- on disk ---- */

enum { VERSION = 1, HEAD = 1 + 3 * 8 + OWN_BLOCKS_TAIL * HASH_SIZE };

size_t own_blocks_size(const struct own_blocks *o)
{
	return HEAD + 8 * o->known.digests.count;
}

void own_blocks_encode(const struct own_blocks *o, struct wr *w)
{
	wr_u8(w, VERSION);
	wr_be(w, o->looked, 8);
	wr_be(w, o->foreign, 8);
	wr_be(w, o->newest, 8);
	wr_bytes(w, o->tail, sizeof o->tail);
	said_encode(&o->known, w);
}

void own_blocks_decode(struct own_blocks *o, struct slice bytes)
{
	struct rd r = rd_of(bytes);

	if (bytes.n < HEAD || rd_u8(&r) != VERSION)
		return;
	o->looked = rd_be64(&r);
	o->foreign = rd_be64(&r);
	o->newest = rd_be64(&r);
	rd_copy(&r, o->tail, sizeof o->tail);
	said_decode(&o->known, rd_bytes(&r, r.left));
}
