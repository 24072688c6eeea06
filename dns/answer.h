/* An answer while it is made: records in sections, not yet a message. Its room is fixed, so nothing
 * is allocated for a question; what does not fit sets `bad`, and the server answers SERVFAIL.
 * Each loop has a few of these, made at its start.
 * Before: dns/zone.c, dns/hosts.c, dns/read.c fill it. After: dns/write.c. */
#ifndef DNS_ANSWER_H
#define DNS_ANSWER_H

#include "base/cursor.h"
#include "dns/message.h"

enum {
	DNS_ANSWER_RECORDS = 1024, /* records of one answer */
	DNS_ANSWER_ROOM = 81920,   /* bytes of their names and data */
};

/* Owner and data point into the answer's own room. Names within the data of NS, CNAME, PTR, MX,
 * SOA, SRV and the like are not compressed. */
struct dns_rr {
	struct slice owner; /* wire form, with the root's zero */
	struct slice rdata;
	uint32_t ttl; /* seconds */
	uint16_t type, klass;
	uint8_t section; /* enum dns_section */
};

struct dns_answer {
	uint16_t rcode;
	bool aa, ad;
	bool bad;          /* sticky: a record did not fit */
	uint32_t left_out; /* records of the chain that no message can have */
	size_t count;      /* of rr */
	size_t used;       /* of room */
	struct dns_rr *rr; /* DNS_ANSWER_RECORDS; in the order in which they were added */
	uint8_t *room;     /* DNS_ANSWER_ROOM */
};

/* One allocation, freed by mem_free(); NULL when memory ran out. */
struct dns_answer *dns_answer_new(void);

/* Makes it an empty NOERROR. */
void dns_answer_clear(struct dns_answer *a);

/* Copies owner and data, of class IN. False, and `bad`, when it does not fit. */
bool dns_answer_add(struct dns_answer *a, enum dns_section section, struct slice owner,
	uint16_t type, uint32_t ttl, struct slice rdata);

/* The same for any class: type, class, TTL and section are those of `rr`. */
bool dns_answer_copy(
	struct dns_answer *a, const struct dns_rr *rr, struct slice owner, struct slice rdata);

/* The room that is left, for one who writes owner and data there himself; dns_answer_take() then
 * makes a record of it, whose slices point to what was written. */
struct wr dns_answer_room(const struct dns_answer *a);
bool dns_answer_take(struct dns_answer *a, const struct dns_rr *rr, const struct wr *written);

/* Adds the records of `from` behind those of `to`; exact duplicates in a section are left out.
 * Flags and rcode of `to` stay. */
bool dns_answer_append(struct dns_answer *to, const struct dns_answer *from);

/* Records of the section. */
size_t dns_answer_count(const struct dns_answer *a, enum dns_section section);

#endif
