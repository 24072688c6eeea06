/* Role: caches the strength of authors' keys, because computing one takes long.
 * Before: chain/verify.c computed a strength. After: chain/rules.c needs it again for the same
 * author. */
#include "chain/key_strength_cache.h"

void key_strength_cache_init(struct key_strength_cache *s, struct bound *b, uint64_t seed)
{
	*s = (struct key_strength_cache){0};
	map_init(&s->known, b, KEY_SIZE, 1, seed);
}

void key_strength_cache_clear(struct key_strength_cache *s)
{
	map_clear(&s->known);
}

int key_strength_cache_get(const struct key_strength_cache *s, const uint8_t key[KEY_SIZE])
{
	const uint8_t *bits = map_get(&s->known, key);

	return bits ? *bits : -1;
}

/* Removes one entry to make room. Each search goes on where the last one ended: if all began at
 * slot 0, its beginning would become empty and slow to pass. */
static void forget_one(struct key_strength_cache *s)
{
	const void *key;
	void *value;
	uint8_t copy[KEY_SIZE];

	if (!map_next(&s->known, &s->at, &key, &value)) {
		s->at = 0;
		if (!map_next(&s->known, &s->at, &key, &value))
			return;
	}
	memcpy(copy, key, KEY_SIZE);
	map_delete(&s->known, copy);
}

void key_strength_cache_put(struct key_strength_cache *s, const uint8_t key[KEY_SIZE], int bits)
{
	if (bits < 0)
		return;
	if (!map_get(&s->known, key) && !bound_has(s->known.bound, 1)) {
		bound_hit(s->known.bound);
		forget_one(s);
	}
	uint8_t *kept = map_put(&s->known, key, NULL);
	if (kept)
		*kept = (uint8_t)bits;
}
