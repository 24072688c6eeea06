/* A datagram of a client: read it, and what is read can be answered and asked again. */
#include "dns/name.h"
#include "dns/read.h"
#include "dns/write.h"
#include "tests/fuzz/fuzz.h"

/* A question that was read: written by us, it is read as the same. */
static void ask_again(const struct dns_query *q)
{
	uint8_t space[512];
	struct dns_query back;
	uint16_t rcode;
	size_t n = dns_query_write(q, space, sizeof space);

	must(n > 0);
	must(dns_query_read(slice_of(space, n), &back, &rcode) == DNS_READ_OK);
	must(back.name.size == q->name.size && back.type == q->type && back.klass == q->klass);
	must(memcmp(back.name.wire, q->name.wire, q->name.size) == 0);
	must(back.id == q->id && back.rd == q->rd && back.cd == q->cd && back.ad == q->ad);
	must(back.edns == q->edns && back.dnssec_ok == q->dnssec_ok);
	must(!q->edns || back.payload == DNS_UDP_SIZE);
}

/* What is answered without records: it fits where any answer fits, and is one answer. */
static void answer(const struct dns_query *q, uint16_t rcode, struct dns_answer *a)
{
	uint8_t space[DNS_UDP_PLAIN];
	struct dns_query back;
	bool tc;
	size_t n = dns_error_write(q, rcode, q->cd, space, sizeof space);

	must(n >= DNS_HEADER_SIZE);
	must(dns_response_read(slice_of(space, n), &back, a, &tc));
	must(tc == q->cd && a->count == 0 && back.id == q->id && back.edns == q->edns);
	must(a->rcode == (rcode > 15 && !q->edns ? DNS_RCODE_SERVFAIL : rcode));
	must(back.has_question == q->has_question);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dns_answer *a;
	struct dns_query q;
	uint16_t rcode;

	a = a ? a : dns_answer_new();
	must(a);
	uint8_t *copy = own_copy(data, size);
	enum dns_reading reading = dns_query_read(slice_of(copy, size), &q, &rcode);
	mem_free(copy);
	must((reading == DNS_READ_ERROR) == (rcode != DNS_RCODE_NOERROR));
	if (reading == DNS_READ_SILENCE) {
		must(size < DNS_HEADER_SIZE || data[2] & 0x80);
		return 0;
	}
	must(!q.has_question || dns_name_valid(dns_name_slice(&q.name)));
	must(reading != DNS_READ_OK || (q.has_question && q.klass == DNS_CLASS_IN && !q.opcode));
	must(dns_udp_limit(&q) >= DNS_UDP_PLAIN && dns_udp_limit(&q) <= DNS_UDP_SIZE);
	if (!q.opcode)
		answer(&q, rcode, a);
	if (reading == DNS_READ_OK)
		ask_again(&q);
	return 0;
}
