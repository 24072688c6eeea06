/* Which names were asked for most within the last hour, and which of them took longest: kept only
 * while dns.page_names is set, in a table of bounded size, and forgotten after an hour.
 *
 * Before: dns/serve_query.c notes each answer. After: dns/server.h shows the list.
 * Threads: any; a lock of its own guards the table and its row. Times are monotonic. */
#ifndef DNS_ASKED_NAMES_H
#define DNS_ASKED_NAMES_H

#include "base/bound.h"
#include "dns/message.h"

struct dns_asked;

enum dns_asked_order { DNS_ASKED_BUSIEST, DNS_ASKED_SLOWEST };

struct dns_asked_told {
	struct dns_name name; /* in lower case */
	uint64_t questions;   /* that were answered within the hour */
	uint64_t slowest_ms;  /* the longest of them took */
};

/* One that keeps nothing. `row` counts names; borrowed. NULL when memory runs out. */
struct dns_asked *dns_asked_new(struct bound *row);
void dns_asked_free(struct dns_asked *a); /* NULL is fine */

/* Begins to keep names, or forgets all and keeps none from now on. False when memory runs out: none
 * are kept. */
bool dns_asked_keep(struct dns_asked *a, bool on);
bool dns_asked_is_kept(const struct dns_asked *a);

/* A question for this name was answered. At the bound the name with the fewest questions gives
 * way. */
void dns_asked_note(
	struct dns_asked *a, const struct dns_name *name, uint64_t took_ms, uint64_t now_ms);

/* Forgets what is older than an hour; to be called now and then, also when nobody asks. */
void dns_asked_forget(struct dns_asked *a, uint64_t now_ms);

/* The first of the list in this order, `max` at most; returns how many. */
size_t dns_asked_list(struct dns_asked *a, enum dns_asked_order order, uint64_t now_ms,
	struct dns_asked_told *to, size_t max);

#endif
