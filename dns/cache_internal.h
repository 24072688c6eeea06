/* The state of the cache of answers, for dns/cache.c and dns/cache_forget.c. */
#ifndef DNS_CACHE_INTERNAL_H
#define DNS_CACHE_INTERNAL_H

#include "dns/cache.h"
#include "dns/cache_table.h"

enum { DNS_FORGET_NAMES = 8 /* that may wait for one look at all entries */ };

/* All answers to this name that were kept before the round. */
struct dns_forget_name {
	struct dns_name name;
	uint32_t round;
};

/* What is to be dropped out of its time. It counts as gone at once, and goes in many small turns:
 * one look at all entries for all that is wanted, from the first bucket on whenever more is. */
struct dns_forget {
	uint32_t round; /* how often something was to be forgotten; an entry has that of its time */
	bool is_looking;
	size_t bucket; /* where the look goes on */
	size_t name_count;
	struct dns_forget_name names[DNS_FORGET_NAMES];
	bool (*unwanted)(void *ctx, const struct dns_query *q); /* NULL = none */
	void *ctx;
	uint32_t unwanted_round;
	struct dns_entry *gone; /* out of the table, linked by `older`: they are freed in turns */
};

struct dns_cache {
	struct bound *bytes, *answer; /* borrowed */
	struct dns_table table;
	struct dns_forget forget;
	struct dns_cache_facts facts;
	uint8_t seed[16];
	size_t own_bytes;
	size_t swept; /* where the look at all entries goes on */
	size_t scratch_size;
	uint8_t scratch[]; /* an answer is written here before it is known how long it is */
};

/* Was it to be dropped since it was kept? */
bool dns_cache_is_forgotten(struct dns_cache *c, struct dns_entry *e);

/* Frees one of those that are out of the table already; false: there is none. */
bool dns_cache_free_one(struct dns_cache *c);

/* Frees all of them, and has nothing more to look for. */
void dns_cache_forget_end(struct dns_cache *c);

#endif
