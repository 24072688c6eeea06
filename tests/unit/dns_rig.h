/* What tests of DNS share: names and packets from text, answers made at random, and comparison. */
#ifndef TESTS_UNIT_DNS_RIG_H
#define TESTS_UNIT_DNS_RIG_H

#include "base/mem.h"
#include "dns/rdata.h"
#include "dns/read.h"
#include "dns/write.h"
#include "tests/unit/main.h"

static inline struct dns_name name_of(const char *text)
{
	struct dns_name n;

	assert_true(dns_name_from_text(slice_str(text), &n));
	return n;
}

/* A question for A of class IN with RD. */
static inline struct dns_query query_of(const char *name)
{
	struct dns_query q = {.id = 0x1234, .rd = true, .has_question = true};

	q.name = name_of(name);
	q.type = DNS_TYPE_A;
	q.klass = DNS_CLASS_IN;
	return q;
}

static inline void add_bytes(struct dns_answer *a, enum dns_section section, const char *owner,
	uint16_t type, struct slice rdata)
{
	struct dns_name n = name_of(owner);

	assert_true(dns_answer_add(a, section, dns_name_slice(&n), type, 300, rdata));
}

static inline void add_a(
	struct dns_answer *a, enum dns_section section, const char *owner, uint32_t ip)
{
	uint8_t be[4] = {(uint8_t)(ip >> 24), (uint8_t)(ip >> 16), (uint8_t)(ip >> 8), (uint8_t)ip};

	add_bytes(a, section, owner, DNS_TYPE_A, slice_of(be, 4));
}

/* NS, CNAME, PTR and the like. */
static inline void add_name(struct dns_answer *a, enum dns_section section, const char *owner,
	uint16_t type, const char *target)
{
	struct dns_name n = name_of(target);

	add_bytes(a, section, owner, type, dns_name_slice(&n));
}

static inline void add_soa(struct dns_answer *a, const char *owner, uint32_t minimum)
{
	uint8_t space[600];
	struct wr w = wr_of(space, sizeof space);
	struct dns_name mname = name_of("ns.alfis.name"), rname = name_of("admin.alfis.name");

	wr_slice(&w, dns_name_slice(&mname));
	wr_slice(&w, dns_name_slice(&rname));
	for (int i = 0; i < 4; i++)
		wr_be(&w, 3600, 4);
	wr_be(&w, minimum, 4);
	add_bytes(a, DNS_SECTION_AUTHORITY, owner, DNS_TYPE_SOA, wr_done(&w));
}

/* ---- at random, the same at each run ---- */

struct dice {
	uint64_t state;
};

static inline unsigned roll(struct dice *d, unsigned sides)
{
	d->state = d->state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(d->state >> 33) % sides;
}

/* Few different labels, so that names have ends in common; some with odd bytes. */
static inline struct dns_name random_name(struct dice *d)
{
	static const char *const labels[] = {"a", "b", "www", "WWW", "example", "Example", "ygg"};
	struct dns_name n = {.size = 0};
	unsigned count = roll(d, 5);

	for (unsigned i = 0; i < count; i++) {
		const char *label = labels[roll(d, 7)];
		size_t size = roll(d, 20) ? strlen(label) : 1 + roll(d, 40);
		n.wire[n.size++] = (uint8_t)size;
		for (size_t j = 0; j < size; j++)
			n.wire[n.size++] =
				(uint8_t)(size == strlen(label) ? label[j] : (char)roll(d, 256));
	}
	n.wire[n.size++] = 0;
	return n;
}

/* Data that fits the type. */
static inline void random_rdata(struct dice *d, uint16_t type, struct wr *w)
{
	const struct dns_rdata_form *form = dns_rdata_form(type);
	size_t any = form->known ? 0 : roll(d, 60);

	for (size_t i = 0; i < form->head + any; i++)
		wr_u8(w, (uint8_t)roll(d, 256));
	for (unsigned i = 0; i < form->strings; i++) {
		wr_u8(w, 2);
		wr_bytes(w, "ab", 2);
	}
	for (unsigned i = 0; i < form->names; i++) {
		struct dns_name n = random_name(d);
		wr_slice(w, dns_name_slice(&n));
	}
	for (unsigned i = 0; i < (form->tail == DNS_TAIL_ANY ? roll(d, 9) : form->tail); i++)
		wr_u8(w, (uint8_t)roll(d, 256));
}

/* Answer, authority, additional, with `count` records in that order of sections. */
static inline void random_answer(struct dice *d, struct dns_answer *a, unsigned count)
{
	static const uint16_t types[] = {1, 2, 5, 6, 12, 14, 15, 16, 17, 18, 24, 26, 28, 30, 33, 35,
		36, 39, 46, 65, 257, 65280};
	unsigned section = 0;

	dns_answer_clear(a);
	a->rcode = (uint16_t)roll(d, 6);
	a->aa = roll(d, 2);
	for (unsigned i = 0; i < count; i++) {
		uint8_t space[1024];
		struct wr w = wr_of(space, sizeof space);
		uint16_t type = types[roll(d, sizeof types / sizeof *types)];
		struct dns_name owner = random_name(d);
		if (section < DNS_SECTION_ADDITIONAL && !roll(d, count))
			section++;
		random_rdata(d, type, &w);
		struct dns_rr rr = {.type = type,
			.klass = roll(d, 9) ? 1 : 3,
			.ttl = roll(d, 100000),
			.section = (uint8_t)section};
		assert_true(dns_answer_copy(a, &rr, dns_name_slice(&owner), wr_done(&w)));
	}
}

/* ---- comparison ---- */

/* The same data but for the case of names; compressed names take the case of the first. */
static inline bool same_record(const struct dns_rr *a, const struct dns_rr *b)
{
	bool names = dns_rdata_form(a->type)->compress;

	return a->section == b->section && a->type == b->type && a->klass == b->klass &&
	       a->ttl == b->ttl && dns_wire_equal(a->owner, b->owner) &&
	       (names ? dns_wire_equal(a->rdata, b->rdata) : slice_eq(a->rdata, b->rdata));
}

static inline void assert_same_records(
	const struct dns_answer *a, const struct dns_answer *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_true(same_record(&a->rr[i], &b->rr[i]));
}

#endif
