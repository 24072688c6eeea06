/* Writes a question to a server, and compares the reply with it.
 * Before: dns/upstream_try.c, dns/upstream_probe.c, and the transports. After: dns/write.c. */
#include "dns/exchange.h"

#include <string.h>

#include "dns/name.h"
#include "dns/write.h"

void dns_asked_name(const struct dns_asked *q, struct dns_name *to)
{
	to->size = q->size;
	memcpy(to->wire, q->name, q->size);
}

struct dns_query dns_asked_query(const struct dns_asked *q)
{
	struct dns_query full = {.rd = q->rd,
		.cd = q->cd,
		.ad = q->ad,
		.dnssec_ok = q->dnssec_ok,
		.has_question = true,
		.type = q->type,
		.klass = q->klass};

	dns_asked_name(q, &full.name);
	return full;
}

void dns_exchange_draw(struct dns_exchange *x, const struct rng *rng)
{
	if (x->mixed)
		rng_fill(rng, x->capitals, sizeof x->capitals);
}

/* The name as we send it. */
static void write_name(const struct dns_exchange *x, struct dns_name *to)
{
	dns_asked_name(x->q, to);
	if (x->mixed)
		dns_name_set_capitals(to, x->capitals, sizeof x->capitals);
}

size_t dns_exchange_write(const struct dns_exchange *x, uint8_t to[DNS_QUESTION_MAX])
{
	struct dns_query q = dns_asked_query(x->q);

	q.id = x->id;
	q.edns = x->edns;
	if (x->mixed)
		dns_name_set_capitals(&q.name, x->capitals, sizeof x->capitals);
	return dns_query_write(&q, to, DNS_QUESTION_MAX);
}

bool dns_reply_id(struct slice message, uint16_t *id)
{
	if (message.n < DNS_HEADER_SIZE || (message.p[2] & 0xF8) != 0x80)
		return false;
	*id = (uint16_t)(message.p[0] << 8 | message.p[1]);
	return true;
}

static uint8_t lower(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte - 'A' + 'a') : byte;
}

static bool is_bare_formerr(const struct dns_exchange *x, struct slice message)
{
	return x->edns && message.p[4] == 0 && message.p[5] == 0 &&
	       (message.p[3] & 15) == DNS_RCODE_FORMERR;
}

enum dns_reply dns_reply_compare(const struct dns_exchange *x, struct slice message)
{
	struct dns_name sent;
	const uint8_t *got = message.p + DNS_HEADER_SIZE;
	bool same = true;

	if (is_bare_formerr(x, message))
		return DNS_REPLY_ANSWER;
	write_name(x, &sent);
	if (message.n < (size_t)DNS_HEADER_SIZE + sent.size + 4 || message.p[4] != 0 ||
		message.p[5] != 1)
		return DNS_REPLY_MALFORMED;
	for (size_t i = 0; i < sent.size; i++) {
		same &= got[i] == sent.wire[i];
		if (lower(got[i]) != x->q->name[i])
			return DNS_REPLY_MALFORMED;
	}
	got += sent.size;
	if ((got[0] << 8 | got[1]) != x->q->type || (got[2] << 8 | got[3]) != x->q->klass)
		return DNS_REPLY_MALFORMED;
	return same ? DNS_REPLY_ANSWER : DNS_REPLY_OTHER_CASE;
}

void dns_exchange_link(struct dns_exchange **place, struct dns_exchange *x)
{
	x->next = *place;
	x->place = place;
	if (x->next)
		x->next->place = &x->next;
	*place = x;
}

void dns_exchange_unlink(struct dns_exchange *x)
{
	*x->place = x->next;
	if (x->next)
		x->next->place = x->place;
	x->place = NULL;
	x->next = NULL;
}
