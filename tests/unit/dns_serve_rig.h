/* All of answering but the listeners: questions as packets, a name server of our own on loopback,
 * and one domain of the chain, x.ygg, whose data the test sets. The clock is the test's. */
#ifndef TESTS_UNIT_DNS_SERVE_RIG_H
#define TESTS_UNIT_DNS_SERVE_RIG_H

#include "dns/exchange.h"
#include "dns/read.h"
#include "dns/serve_query.h"
#include "dns/write.h"
#include "tests/unit/dns_upstream_rig.h"

struct serving {
	struct rig *r;
	struct dns_access access;
	struct dns_figures figures;
	atomic_bool current;
	struct dns_serve_settings set;
	struct dns_serve *serve;
	struct dns_answer *answer;
	unsigned replies;
	size_t size; /* of the last message; 0 = there was none */
	uint8_t message[DNS_MESSAGE_MAX];
	uint16_t id;
	uint64_t source[DNS_SOURCES]; /* before the last question */
};

/* ---- in place of dns/chain_names.c ---- */

static unsigned looked_up;       /* names of the chain, in all */
static const char *records = ""; /* of x.ygg, in JSON */

uint64_t dns_chain_generation(const struct dns_chain *c)
{
	(void)c;
	return 1;
}

void dns_chain_end_turn(struct dns_chain *c)
{
	(void)c;
}

enum err dns_chain_find(
	struct dns_chain *c, struct slice top, int64_t now, struct dns_zone *z, int64_t *until)
{
	static char data[4096];

	(void)c;
	(void)now;
	looked_up++;
	z->found = slice_eq(top, slice_str("x.ygg"));
	snprintf(data, sizeof data, "{\"encrypted\":\"00\",\"zone\":\"ygg\",\"records\":[%s]}",
		records);
	z->data = slice_str(data);
	*until = INT64_MAX;
	return ERR_OK;
}

/* ---- the server ---- */

static inline void on_reply(void *ctx, const struct dns_client *c, struct slice answer)
{
	struct serving *s = ctx;
	struct dns_query q;
	bool tc;

	(void)c;
	s->replies++;
	s->size = answer.n;
	if (answer.n == 0)
		return;
	memcpy(s->message, answer.p, answer.n);
	if (dns_response_read(answer, &q, s->answer, &tc)) {
		assert_int_equal(q.id, s->id);
		return;
	}
	dns_answer_clear(s->answer); /* an error without a question */
	s->answer->rcode = answer.p[3] & 15;
}

static inline void serve(struct serving *s, void **state, uint64_t stale_ms)
{
	static const char *const allow[] = {"loopback"};
	struct rig *r = *state;
	size_t wrong;

	memset(s, 0, sizeof *s);
	s->r = r;
	start(r, 1);
	assert_true(dns_access_read(&s->access, allow, 1, &wrong));
	s->current = true;
	s->set = (struct dns_serve_settings){.clock = &r->clock,
		.rng = &r->rng,
		.limits = &r->limits,
		.figures = &s->figures,
		.access = &s->access,
		.upstream = r->u,
		.step = dns_upstream_answer(r->u),
		.wire = dns_upstream_message(r->u),
		.chain_is_current = &s->current,
		.stale_ms = stale_ms,
		.reply = on_reply,
		.ctx = s};
	s->serve = dns_serve_new(&s->set);
	s->answer = dns_answer_new();
	assert_true(s->serve && s->answer);
}

static inline void serve_end(struct serving *s)
{
	dns_upstream_free(s->r->u);
	s->r->u = NULL;
	dns_serve_free(s->serve);
	mem_free(s->answer);
}

static inline void packet(struct serving *s, struct slice p, enum dns_client_kind kind)
{
	struct dns_client c = {.kind = kind};

	for (size_t i = 0; i < DNS_SOURCES; i++)
		s->source[i] = s->figures.source[i];
	assert_true(netaddr_parse(slice_str("127.0.0.1:9"), &c.from));
	s->replies = 0;
	dns_serve_packet(s->serve, p, &c);
}

static inline struct dns_query query(struct serving *s, const char *name, uint16_t type)
{
	struct dns_query q = {.rd = true,
		.has_question = true,
		.id = ++s->id,
		.type = type,
		.klass = DNS_CLASS_IN};

	assert_true(dns_name_from_text(slice_str(name), &q.name));
	return q;
}

static inline void ask_query(
	struct serving *s, const struct dns_query *q, enum dns_client_kind kind)
{
	uint8_t to[DNS_QUESTION_MAX + 64];

	packet(s, slice_of(to, dns_query_write(q, to, sizeof to)), kind);
}

static inline void question(struct serving *s, const char *name)
{
	struct dns_query q = query(s, name, DNS_TYPE_A);

	ask_query(s, &q, DNS_CLIENT_TCP);
}

/* One reply came, from this source, and with this rcode. */
static inline void expect(struct serving *s, enum dns_source source, uint16_t rcode)
{
	assert_int_equal(s->replies, 1);
	assert_int_equal(s->answer->rcode, rcode);
	for (size_t i = 0; i < DNS_SOURCES; i++)
		assert_int_equal(s->figures.source[i] - s->source[i], i == source);
}

#endif
