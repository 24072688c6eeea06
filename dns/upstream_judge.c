/* What the answer to a try is worth: it ends the question, or the same server is asked in another
 * way, or the next one is.
 * Before: the transports call dns_try_over(). After: dns/read.c, dns/scrub.c, dns/upstream.c. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "dns/read.h"
#include "dns/scrub.h"
#include "dns/upstream_internal.h"

enum { RCODE_BITS = 15, YXDOMAIN = 6 };

static const char *name_of(const struct dns_try *t, char text[NETADDR_TEXT_MAX])
{
	return t->target ? t->target->f.text : netaddr_text(&dns_try_server(t)->addr, text);
}

/* An answer that must not come: noted for people. */
static void note_wrong(struct dns_try *t, const char *why, unsigned status, size_t size)
{
	char name[NETADDR_TEXT_MAX];

	log_info("DNS: %s sent a wrong answer: %s, status %u, %zu bytes", name_of(t, name), why,
		status, size);
	if (!t->target)
		return;
	t->target->f.bad++;
	dns_forwarder_error(&t->target->f, why);
}

/* And the next server is asked. */
static void refuse(struct dns_try *t, const char *why, unsigned status, size_t size)
{
	note_wrong(t, why, status, size);
	dns_try_failed(t);
}

/* The more a server tried, the better its code. */
static unsigned rank(uint16_t rcode)
{
	switch (rcode) {
	case DNS_RCODE_SERVFAIL:
		return 4;
	case DNS_RCODE_REFUSED:
		return 3;
	case DNS_RCODE_NOTIMP:
		return 2;
	default:
		return 1;
	}
}

static void fail_with(struct dns_try *t, uint16_t rcode)
{
	struct dns_question *q = t->question;
	char why[64];

	if (t->target) {
		snprintf(why, sizeof why, "status %u", rcode);
		dns_forwarder_error(&t->target->f, why);
	}
	if (!q->best || rank(rcode) > rank(q->best))
		q->best = rcode;
	dns_try_failed(t);
}

/* ---- an answer ---- */

/* The domain whose servers are asked. */
static const struct dns_name *top_of(const struct dns_question *q, struct dns_name *top)
{
	size_t size = q->delegation->top_size;

	top->size = (uint8_t)size;
	memcpy(top->wire, q->q.name + q->q.size - size, size);
	return top;
}

/* What a cache of HTTP has kept for so long has the rest of its time (RFC 8484, 5.1). */
static void age(struct dns_answer *a, uint32_t age_s)
{
	for (size_t i = 0; i < a->count; i++)
		a->rr[i].ttl = a->rr[i].ttl > age_s ? a->rr[i].ttl - age_s : 0;
}

static bool is_by_https(const struct dns_try *t)
{
	return t->target && t->target->kind == DNS_OVER_HTTPS;
}

static void finish(struct dns_try *t)
{
	struct dns_question *q = t->question;
	struct dns_upstream *u = q->u;
	bool of_domain = q->where == DNS_ASK_SERVERS;
	struct dns_query asked = dns_asked_query(&q->q);
	struct dns_name last = asked.name, top;
	struct dns_scrub how = {.top = of_domain ? top_of(q, &top) : NULL,
		.rebind_protection = u->rebind_protection && q->where == DNS_ASK_FORWARDERS,
		.keep_ad = u->trust_ad && !q->delegation};

	if (t->plain)
		dns_try_server(t)->plain_until_ms = clock_mono(u->clock) + DNS_REMEMBERED_MS;
	if (is_by_https(t))
		age(u->in, t->x.http.age_s);
	dns_scrub(u->in, &asked, &how, u->out, &last);
	dns_question_end(q, u->out, &last);
}

static bool is_verdict(uint16_t rcode)
{
	return rcode == DNS_RCODE_NOERROR || rcode == DNS_RCODE_NXDOMAIN || rcode == YXDOMAIN;
}

/* Has it an answer of use? A server that a domain names must be responsible for the name. */
static bool is_good(const struct dns_try *t, const struct dns_answer *a)
{
	return is_verdict(a->rcode) && (a->aa || t->question->where != DNS_ASK_SERVERS);
}

static bool has_second(const struct dns_try *t)
{
	return !t->second && (!t->target || t->target->second);
}

static void ask_second(struct dns_try *t, bool for_case)
{
	t->second = true;
	t->for_case = for_case;
	dns_try_again(t);
}

/* FORMERR of a server that does not know EDNS may come without our question. */
static bool dislikes_edns(const struct dns_try *t, struct slice message, const struct dns_answer *a)
{
	return t->x.edns &&
	       ((message.p[3] & RCODE_BITS) == DNS_RCODE_FORMERR || a->rcode == DNS_RCODE_BADVERS);
}

static void on_answer(struct dns_try *t, struct slice message)
{
	struct dns_answer *in = t->question->u->in;
	unsigned status = message.p[3] & RCODE_BITS;
	struct dns_query asked;
	bool tc = false, read = dns_response_read(message, &asked, in, &tc);

	if (dislikes_edns(t, message, in)) {
		t->plain = true;
		dns_try_again(t);
	} else if (!read || in->bad) {
		refuse(t, "it cannot be read", status, message.n);
	} else if (tc && has_second(t)) {
		ask_second(t, false);
	} else if (tc) {
		refuse(t, "it is cut", status, message.n);
	} else if (is_good(t, in)) {
		finish(t);
	} else {
		fail_with(t, is_verdict(in->rcode) ? DNS_RCODE_SERVFAIL : in->rcode);
	}
}

/* ---- everything that can become of a try ---- */

static void measure(struct dns_try *t)
{
	uint64_t took = t->second || t->x.again ? DNS_TOOK_UNKNOWN
						: dns_exchange_took(&t->x, t->sent_ms,
							  clock_mono(t->question->u->clock));

	if (t->target)
		dns_target_answered(t->target, took);
	else
		dns_server_measured(dns_try_server(t), took);
}

static void on_other_case(struct dns_try *t, struct slice message)
{
	uint64_t now = clock_mono(t->question->u->clock);
	char name[NETADDR_TEXT_MAX];

	log_info("DNS: %s changes the capitals of names (%zu bytes): it is asked by TCP, and for "
		 "an hour without them",
		name_of(t, name), message.n);
	dns_try_server(t)->no_case_until_ms = now + DNS_REMEMBERED_MS;
	if (has_second(t))
		ask_second(t, true);
	else
		dns_try_again(t);
}

static void on_failed(struct dns_try *t, const char *why)
{
	if (t->target)
		dns_forwarder_error(&t->target->f, why);
	if (t->for_case) {
		t->second = t->for_case = false;
		dns_try_again(t);
		return;
	}
	if (!t->second)
		dns_try_lost(t, why);
	dns_try_failed(t);
}

/* HTTP without a message: such a server is no better than a silent one. */
static void on_bad(struct dns_try *t, const char *why, size_t size)
{
	note_wrong(t, why, t->x.http.status, size);
	dns_try_lost(t, why);
	dns_try_failed(t);
}

static void on_unreachable(struct dns_try *t)
{
	bool latest = t->question->current == t;

	dns_try_lost(t, "nobody answers at this address");
	if (latest)
		dns_question_next(t->question);
}

void dns_try_over(struct dns_exchange *x, enum dns_reply how, struct slice message, const char *why)
{
	struct dns_try *t = (struct dns_try *)(void *)((char *)x - offsetof(struct dns_try, x));

	switch (how) {
	case DNS_REPLY_ANSWER:
		measure(t);
		on_answer(t, message);
		return;
	case DNS_REPLY_OTHER_CASE:
		measure(t);
		on_other_case(t, message);
		return;
	case DNS_REPLY_UNREACHABLE:
		on_unreachable(t);
		return;
	case DNS_REPLY_FAILED:
		on_failed(t, why);
		return;
	case DNS_REPLY_BAD:
		on_bad(t, why, message.n);
		return;
	case DNS_REPLY_MALFORMED:
		refuse(t, "it is to another question",
			message.n > 3 ? message.p[3] & RCODE_BITS : 0, message.n);
		return;
	}
}
