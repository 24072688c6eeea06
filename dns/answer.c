/* An answer while it is made: records with copies of their names and data in a room of fixed size.
 * Before: dns/zone.c, dns/hosts.c, dns/read.c, dns/scrub.c. After: dns/write.c. */
#include "dns/answer.h"

#include "base/map.h"
#include "base/mem.h"

/* What one allocation holds. */
struct whole {
	struct dns_answer answer;
	struct dns_rr rr[DNS_ANSWER_RECORDS];
	uint8_t room[DNS_ANSWER_ROOM];
};

struct dns_answer *dns_answer_new(void)
{
	struct whole *w = mem_alloc_unset(sizeof *w);

	if (!w)
		return NULL;
	w->answer = (struct dns_answer){.rr = w->rr, .room = w->room};
	return &w->answer;
}

void dns_answer_clear(struct dns_answer *a)
{
	*a = (struct dns_answer){.rr = a->rr, .room = a->room};
}

struct wr dns_answer_room(const struct dns_answer *a)
{
	return wr_of(a->room + a->used, DNS_ANSWER_ROOM - a->used);
}

bool dns_answer_take(struct dns_answer *a, const struct dns_rr *rr, const struct wr *written)
{
	if (written->bad || a->count == DNS_ANSWER_RECORDS) {
		a->bad = true;
		return false;
	}
	a->rr[a->count++] = *rr;
	a->used += written->n;
	return true;
}

bool dns_answer_add(struct dns_answer *a, enum dns_section section, struct slice owner,
	uint16_t type, uint32_t ttl, struct slice rdata)
{
	struct dns_rr rr = {.ttl = ttl, .type = type, .klass = DNS_CLASS_IN, .section = section};

	return dns_answer_copy(a, &rr, owner, rdata);
}

bool dns_answer_copy(
	struct dns_answer *a, const struct dns_rr *from, struct slice owner, struct slice rdata)
{
	struct wr w = dns_answer_room(a);
	struct dns_rr rr = *from;

	rr.owner = slice_of(w.p, owner.n);
	rr.rdata = slice_of(w.p + owner.n, rdata.n);
	wr_slice(&w, owner);
	wr_slice(&w, rdata);
	return dns_answer_take(a, &rr, &w);
}

/* ---- records that are there already ---- */

enum { SLOTS = 2 * DNS_ANSWER_RECORDS };

/* Indices of records by their hash, 1 more than they are; 0 = free. */
struct known {
	uint16_t slot[SLOTS];
};

static bool same(const struct dns_rr *a, const struct dns_rr *b)
{
	return a->section == b->section && a->type == b->type && a->klass == b->klass &&
	       a->ttl == b->ttl && slice_eq(a->owner, b->owner) && slice_eq(a->rdata, b->rdata);
}

/* The slot of an equal record, or the free one where it belongs. The address of the answer is a
 * seed that nobody outside knows. */
static uint16_t *find(struct known *k, const struct dns_answer *a, const struct dns_rr *rr)
{
	uint64_t h = map_hash((uintptr_t)a, rr->rdata.p, rr->rdata.n);
	size_t at = (size_t)map_hash(h + rr->type, rr->owner.p, rr->owner.n) % SLOTS;

	while (k->slot[at] && !same(&a->rr[k->slot[at] - 1], rr))
		at = (at + 1) % SLOTS;
	return &k->slot[at];
}

bool dns_answer_append(struct dns_answer *to, const struct dns_answer *from)
{
	struct known k = {{0}};

	for (size_t i = 0; i < to->count; i++)
		*find(&k, to, &to->rr[i]) = (uint16_t)(i + 1);
	for (size_t i = 0; i < from->count; i++) {
		const struct dns_rr *rr = &from->rr[i];
		uint16_t *slot = find(&k, to, rr);
		if (*slot)
			continue;
		if (!dns_answer_copy(to, rr, rr->owner, rr->rdata))
			return false;
		*slot = (uint16_t)to->count;
	}
	to->bad = to->bad || from->bad;
	return !to->bad;
}

size_t dns_answer_count(const struct dns_answer *a, enum dns_section section)
{
	size_t count = 0;

	for (size_t i = 0; i < a->count; i++)
		count += a->rr[i].section == section;
	return count;
}
