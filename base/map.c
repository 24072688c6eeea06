/* A bounded hash map with open addressing. Before: any part that looks things up, with a row of
 * limits.def. After: base/mem.c. */
#include <string.h>

#include "base/map.h"
#include "base/mem.h"

enum { FIRST_SLOTS = 16 };

void map_init(struct map *m, struct bound *b, size_t key_size, size_t value_size, uint64_t seed)
{
	*m = (struct map){.bound = b, .seed = seed, .key_size = key_size, .value_size = value_size};
}

void map_clear(struct map *m)
{
	bound_give(m->bound, m->count);
	mem_free(m->table);
	m->table = NULL;
	m->slots = m->count = 0;
}

uint64_t map_hash(uint64_t seed, const void *p, size_t n)
{
	const uint8_t *b = p;
	uint64_t h = seed ^ n * 0x9E3779B97F4A7C15u;

	while (n > 0) {
		uint64_t word = 0;
		size_t take = n < 8 ? n : 8;
		memcpy(&word, b, take);
		h = (h ^ word) * 0xD6E8FEB86659FD93u;
		h ^= h >> 32 ^ seed >> 7;
		b += take;
		n -= take;
	}
	h = (h ^ h >> 29) * 0xBF58476D1CE4E5B9u;
	return h ^ h >> 32;
}

/* A slot has the key, the value, and a byte that says whether it is used. Key and value are aligned
 * to 8 bytes. */
static size_t round8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

static size_t value_at(const struct map *m)
{
	return round8(m->key_size);
}

static size_t used_at(const struct map *m)
{
	return value_at(m) + m->value_size;
}

static size_t width(const struct map *m)
{
	return round8(used_at(m) + 1);
}

static uint8_t *slot(const struct map *m, size_t i)
{
	return m->table + i * width(m);
}

static bool used(const struct map *m, size_t i)
{
	return slot(m, i)[used_at(m)] != 0;
}

static size_t home(const struct map *m, const void *key)
{
	return (size_t)map_hash(m->seed, key, m->key_size) & (m->slots - 1);
}

/* The slot that holds the key, or the free slot where it belongs. */
static uint8_t *find(const struct map *m, const void *key)
{
	size_t i = home(m, key);

	while (used(m, i) && memcmp(slot(m, i), key, m->key_size) != 0)
		i = (i + 1) & (m->slots - 1);
	return slot(m, i);
}

static bool grow(struct map *m)
{
	struct map bigger = *m;

	bigger.slots = m->slots ? m->slots * 2 : FIRST_SLOTS;
	bigger.table = mem_alloc(bigger.slots * width(m));
	if (!bigger.table)
		return false;
	for (size_t i = 0; i < m->slots; i++)
		if (used(m, i))
			memcpy(find(&bigger, slot(m, i)), slot(m, i), width(m));
	mem_free(m->table);
	*m = bigger;
	return true;
}

void *map_get(const struct map *m, const void *key)
{
	if (!m->slots)
		return NULL;
	uint8_t *s = find(m, key);
	return s[used_at(m)] ? s + value_at(m) : NULL;
}

void *map_put(struct map *m, const void *key, enum err *err)
{
	enum err ignored = ERR_OK;
	void *value = map_get(m, key);

	err = err ? err : &ignored;
	*err = ERR_OK;
	if (value)
		return value;
	if (!bound_take(m->bound, 1)) {
		*err = ERR_FULL;
		return NULL;
	}
	if ((m->count + 1) * 4 > m->slots * 3 && !grow(m)) {
		bound_give(m->bound, 1);
		*err = ERR_NOMEM;
		return NULL;
	}
	uint8_t *s = find(m, key);
	memcpy(s, key, m->key_size);
	memset(s + value_at(m), 0, m->value_size);
	s[used_at(m)] = 1;
	m->count++;
	return s + value_at(m);
}

/* Closes the gap at `hole` by moving later entries of the same run back, so that no tombstones are
 * needed. */
static void close_gap(struct map *m, size_t hole)
{
	size_t mask = m->slots - 1;

	for (size_t i = (hole + 1) & mask; used(m, i); i = (i + 1) & mask) {
		size_t wants = home(m, slot(m, i));
		if (((i - wants) & mask) >= ((i - hole) & mask)) {
			memcpy(slot(m, hole), slot(m, i), width(m));
			hole = i;
		}
	}
	slot(m, hole)[used_at(m)] = 0;
}

static void delete_slot(struct map *m, size_t i)
{
	close_gap(m, i);
	m->count--;
	bound_give(m->bound, 1);
}

bool map_delete(struct map *m, const void *key)
{
	if (!m->slots)
		return false;
	uint8_t *s = find(m, key);
	if (!s[used_at(m)])
		return false;
	delete_slot(m, (size_t)(s - m->table) / width(m));
	return true;
}

/* The entry that fills the gap comes from a later slot, so this slot is visited again. After the
 * last slot comes the first one: an entry that moves from there was returned before. */
void map_delete_here(struct map *m, size_t *at)
{
	delete_slot(m, --*at);
}

bool map_next(const struct map *m, size_t *at, const void **key, void **value)
{
	while (*at < m->slots) {
		size_t i = (*at)++;
		if (used(m, i)) {
			*key = slot(m, i);
			*value = slot(m, i) + value_at(m);
			return true;
		}
	}
	return false;
}
