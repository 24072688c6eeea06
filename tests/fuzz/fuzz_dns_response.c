/* An answer of another server: what is read can be written and read again as the same, and fits any
 * limit as a beginning of it. The first two bytes are a limit. */
#include "dns/rdata.h"
#include "dns/read.h"
#include "dns/write.h"
#include "tests/fuzz/fuzz.h"

/* The same but for the case of names. */
static bool same(const struct dns_rr *a, const struct dns_rr *b)
{
	bool names = dns_rdata_form(a->type)->compress;

	return a->section == b->section && a->type == b->type && a->klass == b->klass &&
	       a->ttl == b->ttl && dns_wire_equal(a->owner, b->owner) &&
	       (names ? dns_wire_equal(a->rdata, b->rdata) : slice_eq(a->rdata, b->rdata));
}

/* `cut` has the first records of `whole`, and all of them unless it was cut. */
static void must_begin(const struct dns_answer *whole, const struct dns_answer *cut)
{
	must(cut->count <= whole->count && cut->rcode == whole->rcode && cut->aa == whole->aa);
	for (size_t i = 0; i < cut->count; i++)
		must(same(&whole->rr[i], &cut->rr[i]));
}

static void try_limit(const struct dns_answer *a, const struct dns_query *q, size_t limit)
{
	static uint8_t wire[DNS_MESSAGE_MAX];
	static struct dns_answer *again;
	struct dns_query back;
	bool tc;

	again = again ? again : dns_answer_new();
	must(again);
	size_t n = dns_answer_write(a, q, wire, limit);
	must(n <= limit);
	if (!n)
		return;
	must(dns_response_read(slice_of(wire, n), &back, again, &tc));
	must(back.id == q->id && back.edns == q->edns && back.has_question == q->has_question);
	if (a->rcode > 15 && !q->edns)
		return;
	must_begin(a, again);
	must(!tc || again->count < a->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dns_answer *a;
	struct dns_query q;
	bool tc;

	if (size < 2)
		return 0;
	a = a ? a : dns_answer_new();
	must(a);
	uint8_t *copy = own_copy(data + 2, size - 2);
	bool good = dns_response_read(slice_of(copy, size - 2), &q, a, &tc);
	mem_free(copy);
	must(a->count <= DNS_ANSWER_RECORDS && a->used <= DNS_ANSWER_ROOM);
	for (size_t i = 0; i < a->count; i++)
		must(dns_name_valid(a->rr[i].owner) &&
			dns_rdata_valid(a->rr[i].type, a->rr[i].rdata));
	if (!good || a->bad)
		return 0;
	try_limit(a, &q, (size_t)data[0] << 8 | data[1]);
	try_limit(a, &q, DNS_MESSAGE_MAX);
	return 0;
}
