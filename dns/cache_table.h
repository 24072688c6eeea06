/* The entries of the cache, found in three ways: by a keyed hash, by when they were used last, and
 * by when they expire. Every byte is counted as the allocator set it aside, before it is there;
 * the index grows by small pieces. Before: dns/cache.c. After: base/mem.h. */
#ifndef DNS_CACHE_TABLE_H
#define DNS_CACHE_TABLE_H

#include "base/bound.h"
#include "base/slice.h"

/* An answer that is kept, one allocation: the message, and behind it where its TTLs stand. */
struct dns_entry {
	struct dns_entry *next;          /* of the same bucket */
	struct dns_entry *newer, *older; /* by use */
	uint64_t over_ms;                /* of no use from then on */
	uint64_t until_ms, kept_ms;      /* monotonic, as struct dns_keep has them */
	uint64_t failed_ms; /* of an expired one: until then it is not asked for anew */
	uint64_t generation;
	size_t bytes;         /* of the allocation */
	uint32_t place;       /* among all by until_ms */
	uint32_t hash;        /* the lower half */
	uint32_t round;       /* of dns/cache_forget.c, when it was kept or asked about */
	uint16_t type, klass; /* of the question */
	uint16_t size;        /* of the message */
	uint16_t ttls;        /* how many */
	uint8_t name_size;    /* of the question's name, which is in lower case */
	bool dnssec_ok, cd, ages;
	uint8_t wire[]; /* size bytes; then an offset of two bytes for each TTL */
};

/* Of an index without order: slot i has the head of bucket i, and the entry of place i. */
struct dns_slot {
	struct dns_entry *bucket, *heap;
};

struct dns_table {
	struct bound *bytes; /* borrowed */
	struct dns_slot **segment;
	size_t segments, directory; /* segments there are; pointers that fit into the directory */
	size_t directory_bytes;
	size_t count;
	size_t buckets; /* in use: at most one more than entries ever were */
	size_t low;     /* power of two: buckets <= 2 * low */
	struct dns_entry *newest, *oldest;
};

/* Memory that is counted in a row: the allocation, zeroed, and its bytes in *bytes. NULL when the
 * row has no room or memory runs out. */
void *dns_counted_alloc(struct bound *row, size_t size, size_t *bytes);
void dns_counted_free(struct bound *row, void *p, size_t bytes);

/* At least the bytes that dns_counted_alloc() takes, as far as one can know before. */
size_t dns_counted_guess(size_t size);

/* An empty table, without memory. */
void dns_table_init(struct dns_table *t, struct bound *bytes);

/* Frees all entries and the index; it is empty and usable again. */
void dns_table_clear(struct dns_table *t);

/* Frees the index alone and leaves the entries to the caller: the newest, from which `older` leads
 * to the others; each is freed by dns_counted_free(). NULL when it was empty. */
struct dns_entry *dns_table_empty(struct dns_table *t);

/* Bytes that the row must have left for an entry of this size, and for the index to grow if it has
 * to. */
size_t dns_table_need(const struct dns_table *t, size_t size);

/* An entry with room for `size` bytes of wire and offsets, in no order yet; NULL without room or
 * memory. Free it by dns_table_drop() once it was inserted, before by dns_counted_free(). */
struct dns_entry *dns_table_new(struct dns_table *t, size_t size);

/* Inserts an entry of dns_table_new() by its `hash` and `until_ms`, as the newest. It must not be
 * there yet. */
void dns_table_insert(struct dns_table *t, struct dns_entry *e);

/* The first entry of the bucket of this hash, whose others are reached by `next`; or NULL. */
struct dns_entry *dns_table_bucket(const struct dns_table *t, uint32_t hash);

/* The same by the bucket's number, below t->buckets. When one more is needed, entries of another go
 * into it, which is always the last. */
struct dns_entry *dns_table_chain(const struct dns_table *t, size_t bucket);

/* It was used: makes it the newest. */
void dns_table_use(struct dns_table *t, struct dns_entry *e);

/* The one that expires first, or NULL. */
struct dns_entry *dns_table_first(const struct dns_table *t);

/* Any of the t->count entries, by a number that is its own until one is inserted or dropped; the
 * place of a dropped one falls to another. */
struct dns_entry *dns_table_at(const struct dns_table *t, size_t place);

/* Takes it out and frees it. */
void dns_table_drop(struct dns_table *t, struct dns_entry *e);

#endif
