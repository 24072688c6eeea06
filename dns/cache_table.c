/* The entries of the cache: a hash table that grows by one bucket at a time (linear hashing), a
 * list by last use, and a heap by the time at which they expire. Before: dns/cache.c. After:
 * base/mem.c, config/limits.def. */
#include "dns/cache_table.h"

#include "base/mem.h"

enum {
	SEGMENT = 512,  /* slots of a segment: 8 kB */
	DIRECTORY = 32, /* pointers of the first directory */
	SLACK = 64,     /* what an allocator adds to an allocation, as a guess */
};

/* ---- counted memory ---- */

size_t dns_counted_guess(size_t size)
{
	return size + SLACK;
}

void *dns_counted_alloc(struct bound *row, size_t size, size_t *bytes)
{
	void *p = bound_has(row, dns_counted_guess(size)) ? mem_alloc(size) : NULL;

	if (!p)
		return NULL;
	*bytes = mem_usable(p);
	if (!bound_take(row, *bytes)) {
		mem_free(p);
		return NULL;
	}
	return p;
}

void dns_counted_free(struct bound *row, void *p, size_t bytes)
{
	if (p)
		bound_give(row, bytes);
	mem_free(p);
}

/* ---- the index ---- */

static struct dns_slot *slot(const struct dns_table *t, size_t i)
{
	return &t->segment[i / SEGMENT][i % SEGMENT];
}

void dns_table_init(struct dns_table *t, struct bound *bytes)
{
	*t = (struct dns_table){.bytes = bytes, .low = 1};
}

static size_t segment_bytes(void)
{
	return dns_counted_guess(sizeof(size_t) + SEGMENT * sizeof(struct dns_slot));
}

/* Has the index no slot for one more entry? */
static bool is_full(const struct dns_table *t)
{
	return t->count == t->segments * SEGMENT;
}

/* Makes the directory of segments twice as long. */
static bool grow_directory(struct dns_table *t)
{
	size_t bytes, room = t->directory ? 2 * t->directory : DIRECTORY;
	struct dns_slot **bigger = dns_counted_alloc(t->bytes, room * sizeof *bigger, &bytes);

	if (!bigger)
		return false;
	if (t->segments)
		memcpy(bigger, t->segment, t->segments * sizeof *bigger);
	dns_counted_free(t->bytes, t->segment, t->directory_bytes);
	t->segment = bigger;
	t->directory = room;
	t->directory_bytes = bytes;
	return true;
}

/* A segment knows the bytes of its allocation: they stand behind its slots. */
static size_t *bytes_of(struct dns_slot *segment)
{
	return (size_t *)(void *)(segment + SEGMENT);
}

static bool grow(struct dns_table *t)
{
	size_t bytes;

	if (t->segments == t->directory && !grow_directory(t))
		return false;
	struct dns_slot *more = dns_counted_alloc(
		t->bytes, SEGMENT * sizeof(struct dns_slot) + sizeof bytes, &bytes);
	if (!more)
		return false;
	*bytes_of(more) = bytes;
	t->segment[t->segments++] = more;
	return true;
}

size_t dns_table_need(const struct dns_table *t, size_t size)
{
	size_t need = dns_counted_guess(sizeof(struct dns_entry) + size);

	if (is_full(t))
		need += segment_bytes();
	if (is_full(t) && t->segments == t->directory)
		need += dns_counted_guess(2 * (t->directory + DIRECTORY) * sizeof *t->segment);
	return need;
}

/* ---- by hash ---- */

static struct dns_entry **bucket_of(const struct dns_table *t, uint32_t hash)
{
	size_t i = hash & (2 * t->low - 1);

	return &slot(t, i < t->buckets ? i : i - t->low)->bucket;
}

struct dns_entry *dns_table_bucket(const struct dns_table *t, uint32_t hash)
{
	return t->buckets ? *bucket_of(t, hash) : NULL;
}

struct dns_entry *dns_table_chain(const struct dns_table *t, size_t bucket)
{
	return slot(t, bucket)->bucket;
}

/* One bucket more: those that belong into it come out of the one whose half it is. */
static void split(struct dns_table *t)
{
	struct dns_entry *e, **from;

	if (t->buckets == 2 * t->low)
		t->low *= 2;
	if (t->buckets++ == 0)
		return;
	from = &slot(t, t->buckets - 1 - t->low)->bucket;
	e = *from;
	*from = NULL;
	while (e) {
		struct dns_entry *next = e->next, **to = bucket_of(t, e->hash);
		e->next = *to;
		*to = e;
		e = next;
	}
}

static void leave_bucket(struct dns_table *t, struct dns_entry *e)
{
	struct dns_entry **at = bucket_of(t, e->hash);

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
}

/* ---- by last use ---- */

static void leave_list(struct dns_table *t, struct dns_entry *e)
{
	*(e->newer ? &e->newer->older : &t->newest) = e->older;
	*(e->older ? &e->older->newer : &t->oldest) = e->newer;
}

static void enter_list(struct dns_table *t, struct dns_entry *e)
{
	e->newer = NULL;
	e->older = t->newest;
	*(t->newest ? &t->newest->newer : &t->oldest) = e;
	t->newest = e;
}

void dns_table_use(struct dns_table *t, struct dns_entry *e)
{
	if (t->newest == e)
		return;
	leave_list(t, e);
	enter_list(t, e);
}

/* ---- by when they expire: a heap, the first at place 0 ---- */

static void put_at(struct dns_table *t, size_t place, struct dns_entry *e)
{
	slot(t, place)->heap = e;
	e->place = (uint32_t)place;
}

/* Moves e, which belongs at `place` or nearer to the root, there. */
static void rise(struct dns_table *t, size_t place, struct dns_entry *e)
{
	while (place > 0) {
		struct dns_entry *up = slot(t, (place - 1) / 2)->heap;
		if (up->until_ms <= e->until_ms)
			break;
		put_at(t, place, up);
		place = (place - 1) / 2;
	}
	put_at(t, place, e);
}

/* Moves e, which belongs at `place` or below, there; `count` places are in use. */
static void sink(struct dns_table *t, size_t place, struct dns_entry *e, size_t count)
{
	for (size_t down = 2 * place + 1; down < count; down = 2 * place + 1) {
		if (down + 1 < count &&
			slot(t, down + 1)->heap->until_ms < slot(t, down)->heap->until_ms)
			down++;
		struct dns_entry *below = slot(t, down)->heap;
		if (below->until_ms >= e->until_ms)
			break;
		put_at(t, place, below);
		place = down;
	}
	put_at(t, place, e);
}

/* The last one fills the gap. */
static void leave_heap(struct dns_table *t, struct dns_entry *e)
{
	struct dns_entry *last = slot(t, t->count - 1)->heap;
	size_t place = e->place;

	slot(t, t->count - 1)->heap = NULL;
	if (last == e)
		return;
	if (last->until_ms < e->until_ms)
		rise(t, place, last);
	else
		sink(t, place, last, t->count - 1);
}

struct dns_entry *dns_table_first(const struct dns_table *t)
{
	return t->count ? slot(t, 0)->heap : NULL;
}

struct dns_entry *dns_table_at(const struct dns_table *t, size_t place)
{
	return slot(t, place)->heap;
}

/* ---- entries ---- */

struct dns_entry *dns_table_new(struct dns_table *t, size_t size)
{
	size_t bytes;
	struct dns_entry *e;

	if (is_full(t) && !grow(t))
		return NULL;
	e = dns_counted_alloc(t->bytes, sizeof *e + size, &bytes);
	if (e)
		e->bytes = bytes;
	return e;
}

void dns_table_insert(struct dns_table *t, struct dns_entry *e)
{
	if (t->buckets <= t->count)
		split(t);
	struct dns_entry **bucket = bucket_of(t, e->hash);
	e->next = *bucket;
	*bucket = e;
	enter_list(t, e);
	rise(t, t->count++, e);
}

void dns_table_drop(struct dns_table *t, struct dns_entry *e)
{
	leave_bucket(t, e);
	leave_list(t, e);
	leave_heap(t, e);
	t->count--;
	dns_counted_free(t->bytes, e, e->bytes);
}

struct dns_entry *dns_table_empty(struct dns_table *t)
{
	struct dns_entry *newest = t->newest;

	for (size_t i = 0; i < t->segments; i++)
		dns_counted_free(t->bytes, t->segment[i], *bytes_of(t->segment[i]));
	dns_counted_free(t->bytes, t->segment, t->directory_bytes);
	dns_table_init(t, t->bytes);
	return newest;
}

void dns_table_clear(struct dns_table *t)
{
	struct dns_entry *older;

	for (struct dns_entry *e = dns_table_empty(t); e; e = older) {
		older = e->older;
		dns_counted_free(t->bytes, e, e->bytes);
	}
}
