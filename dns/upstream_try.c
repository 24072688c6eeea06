/* One try of a question: its place, how it is sent, how long it has, and its end.
 * Before: dns/upstream_next.c. After: the transports, then dns/upstream_judge.c. */
#include "base/mem.h"
#include "dns/upstream_internal.h"

enum {
	FRESH_MIN_MS = 1000 /* by the second transport, or a connection that is to be made first */
};

struct dns_server *dns_try_server(const struct dns_try *t)
{
	return t->target ? &t->target->f.server : &t->question->delegation->servers[t->at];
}

/* ---- places for tries ---- */

struct dns_try *dns_try_at(const struct dns_question *q, size_t i)
{
	const struct dns_try *first = &q->first;

	if (i > 0)
		return q->more[i - 1];
	return first->used ? (struct dns_try *)(uintptr_t)first : NULL;
}

/* A place of those that all questions share; NULL when none is left. */
static struct dns_try *place_of_all(struct dns_question *q)
{
	struct dns_upstream *u = q->u;
	size_t i = 0;

	while (i < DNS_TRIES - 1 && q->more[i])
		i++;
	if (i == DNS_TRIES - 1 ||
		u->more_tries >= bound_read(&u->limits->dns_outstanding.max) / DNS_MORE_TRIES_OF)
		return NULL;
	q->more[i] = mem_alloc(sizeof *q->more[i]);
	u->more_tries += q->more[i] != NULL;
	return q->more[i];
}

static void free_place(struct dns_question *q, struct dns_try *t)
{
	for (size_t i = 0; i < DNS_TRIES - 1; i++)
		if (q->more[i] == t) {
			q->more[i] = NULL;
			q->u->more_tries--;
			mem_free(t);
		}
}

/* ---- one try ---- */

void dns_try_end(struct dns_try *t)
{
	struct dns_question *q = t->question;

	dns_exchange_cancel(&t->x);
	t->used = t->parked = false;
	if (q->current == t)
		q->current = NULL;
	if (t->target)
		dns_target_left(t->target);
	t->target = NULL;
	free_place(q, t);
}

void dns_question_stop(struct dns_question *q)
{
	dns_timer_stop(&q->u->timers, &q->timer);
	for (size_t i = 0; i < DNS_TRIES; i++) {
		struct dns_try *t = dns_try_at(q, i);
		if (t)
			dns_try_end(t);
	}
}

static bool note_sent(struct dns_try *t, enum err e)
{
	t->parked = e == ERR_FULL;
	return e == ERR_OK || e == ERR_FULL;
}

static bool send_to_target(struct dns_try *t)
{
	const struct dns_transport_functions *way =
		t->second ? t->target->second : t->target->first;

	if (!way)
		return false;
	t->x.mixed &= way->capitals;
	return note_sent(t, way->send(t->target, &t->x));
}

static bool send_to_server(struct dns_try *t)
{
	struct dns_upstream *u = t->question->u;
	struct dns_tcp_server tcp = {.to = dns_try_server(t)->addr, .common = true};

	t->x.mixed = false;
	return note_sent(t, t->second ? dns_tcp_send(&u->tcp, &tcp, &t->x)
				      : dns_udp_send(&u->delegated, &tcp.to, &t->x));
}

bool dns_try_send(struct dns_try *t)
{
	struct dns_upstream *u = t->question->u;
	const struct dns_server *s = dns_try_server(t);
	uint64_t now = clock_mono(u->clock);

	t->x.q = &t->question->q;
	t->x.again = false;
	t->x.waited_ms = 0;
	t->x.over = dns_try_over;
	t->x.edns = !t->plain && now >= s->plain_until_ms;
	t->x.mixed = u->use_0x20 && now >= s->no_case_until_ms;
	t->sent_ms = now;
	return t->target ? send_to_target(t) : send_to_server(t);
}

/* ---- time ---- */

uint64_t dns_try_patience(const struct dns_try *t)
{
	uint64_t ms = dns_server_timeout(dns_try_server(t));
	bool fresh = t->second || t->x.waited_ms;

	return fresh && ms < FRESH_MIN_MS ? FRESH_MIN_MS : ms;
}

void dns_try_lost(struct dns_try *t, const char *why)
{
	struct dns_server *s = dns_try_server(t);

	if (t->lost)
		return;
	t->lost = true;
	if (t->target)
		dns_target_lost(t->target, why);
	else if (s->losses < UINT8_MAX)
		s->losses++;
}

/* ---- which server ---- */

struct dns_try *dns_try_place(struct dns_question *q)
{
	return q->first.used ? place_of_all(q) : &q->first;
}

struct dns_try *dns_try_take(struct dns_question *q)
{
	struct dns_try *t = dns_try_place(q), *oldest = &q->first;

	if (t)
		return t;
	for (size_t i = 1; i < DNS_TRIES; i++)
		if (q->more[i - 1] && q->more[i - 1]->sent_ms < oldest->sent_ms)
			oldest = q->more[i - 1];
	dns_try_end(oldest);
	return dns_try_place(q);
}

/* One that is asked twice in a round begins the next one. */
static void note_round(struct dns_question *q, uint32_t at)
{
	q->tried.round = q->tried.round & at ? at : q->tried.round | at;
}

struct dns_try *dns_try_begin(struct dns_question *q, struct dns_try *t, int at)
{
	*t = (struct dns_try){.question = q, .at = (uint8_t)at, .used = true};
	t->repeated = q->tried.asked & dns_server_bit((size_t)at);
	q->begun++;
	q->repeats = (uint8_t)(q->repeats + t->repeated);
	q->tried.asked |= dns_server_bit((size_t)at);
	note_round(q, dns_server_bit((size_t)at));
	if (!q->delegation) {
		t->target = q->u->targets[at];
		t->target->users++;
		t->target->f.asked++;
	}
	if (dns_try_send(t))
		return t;
	dns_try_lost(t, t->target ? dns_target_why(t->target) : "it cannot be sent there");
	q->tried.failed |= dns_server_bit((size_t)at);
	dns_try_end(t);
	return NULL;
}

/* ---- the next one, and the end ---- */
