/* The tries of one question: which server is asked when, and how long it has. The second server is
 * asked when the time of the first is over, and the first may still answer.
 * Before: dns/upstream.c. After: the transports, then dns/upstream_judge.c. */
#include "base/mem.h"
#include "dns/upstream_internal.h"

enum {
	AGAIN_MIN_MS = 400, /* for a server that is asked again; 1,000 the next time */
	AGAIN_MORE_MS = 1000,
	FRESH_MIN_MS = 1000, /* by the second transport, or a connection that is to be made first */
	TRIES_MIN = 4,
	TRIES_MORE = 2,
};

static uint64_t now_of(const struct dns_question *q)
{
	return clock_mono(q->u->clock);
}

static uint64_t deadline_of(const struct dns_question *q)
{
	return q->born_ms + q->life_ms;
}

static size_t servers_of(const struct dns_question *q)
{
	return q->delegation ? q->delegation->count : q->u->target_count;
}

struct dns_server *dns_try_server(const struct dns_try *t)
{
	return t->target ? &t->target->f.server : &t->question->delegation->servers[t->at];
}

/* ---- places for tries ---- */

/* The question's try of this number, of DNS_TRIES; NULL = there is none. */
static struct dns_try *try_at(const struct dns_question *q, size_t i)
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
		struct dns_try *t = try_at(q, i);
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

/* How long its answer is waited for before it is late. */
static uint64_t patience(const struct dns_try *t)
{
	uint64_t ms = dns_server_timeout(dns_try_server(t));
	bool fresh = t->second || t->x.waited_ms;

	return fresh && ms < FRESH_MIN_MS ? FRESH_MIN_MS : ms;
}

/* How long the latest try has before the next one. */
static uint64_t time_of(const struct dns_question *q)
{
	const struct dns_try *t = q->current;
	uint64_t ms = patience(t), least = 0;

	if (t->parked)
		return DNS_PARKED_MS;
	if (t->repeated)
		least = q->repeats > 1 ? AGAIN_MORE_MS : AGAIN_MIN_MS;
	if (ms < least)
		ms = least;
	return ms < DNS_TIMEOUT_MAX_MS ? ms : DNS_TIMEOUT_MAX_MS;
}

static void set_timer(struct dns_question *q, uint64_t after_ms)
{
	uint64_t at = now_of(q) + after_ms;

	dns_timer_set(&q->u->timers, &q->timer, at < deadline_of(q) ? at : deadline_of(q));
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

static uint32_t bit(size_t i)
{
	return (uint32_t)1 << i;
}

/* A reload may have moved the forwarder to another place. */
static uint32_t bit_of(const struct dns_try *t)
{
	const struct dns_upstream *u = t->question->u;

	if (!t->target)
		return bit(t->at);
	for (size_t i = 0; i < u->target_count; i++)
		if (u->targets[i] == t->target)
			return bit(i);
	return 0;
}

/* Servers of a delegation: at random those that were not asked yet, then those that did not answer.
 */
static int pick_server(const struct dns_question *q)
{
	uint32_t all = bit(q->delegation->count) - 1, from = all & ~q->tried.asked, n = 0;

	if (!from)
		from = dns_tried_next(&q->tried, all & ~q->tried.failed);
	for (size_t i = 0; i < q->delegation->count; i++)
		n += from >> i & 1;
	if (n == 0)
		return -1;
	uint32_t at = n > 1 ? rng_below(q->u->rng, n) : 0;
	for (int i = 0;; i++)
		if (from >> i & 1 && at-- == 0)
			return i;
}

/* By a clock that is behind the chain the right certificates may seem to be none: servers without
 * any are asked before. */
static void put_off_tls(const struct dns_upstream *u)
{
	bool off = dns_targets_have_tls(u) && dns_tls_clock_is_behind(&u->tls);

	for (size_t i = 0; i < u->target_count; i++)
		u->forwarders[i]->put_off = off && dns_target_has_tls(u->targets[i]);
}

static int pick(const struct dns_question *q)
{
	size_t servers = servers_of(q), most = servers + TRIES_MORE;

	if (q->begun >= (most > TRIES_MIN ? most : TRIES_MIN))
		return -1;
	if (q->delegation)
		return pick_server(q);
	put_off_tls(q->u);
	return dns_forwarders_pick(
		q->u->forwarders, servers, &q->tried, true, now_of(q), q->u->rng);
}

/* A place for one more try without another one giving way; NULL = there is none. */
static struct dns_try *free_try(struct dns_question *q)
{
	return q->first.used ? place_of_all(q) : &q->first;
}

/* A place for one more try: the one whose question was sent first gives way, if it must. */
static struct dns_try *take_try(struct dns_question *q)
{
	struct dns_try *t = free_try(q), *oldest = &q->first;

	if (t)
		return t;
	for (size_t i = 1; i < DNS_TRIES; i++)
		if (q->more[i - 1] && q->more[i - 1]->sent_ms < oldest->sent_ms)
			oldest = q->more[i - 1];
	dns_try_end(oldest);
	return free_try(q);
}

/* One that is asked twice in a round begins the next one. */
static void note_round(struct dns_question *q, uint32_t at)
{
	q->tried.round = q->tried.round & at ? at : q->tried.round | at;
}

static struct dns_try *begin_try(struct dns_question *q, struct dns_try *t, int at)
{
	*t = (struct dns_try){.question = q, .at = (uint8_t)at, .used = true};
	t->repeated = q->tried.asked & bit((size_t)at);
	q->begun++;
	q->repeats = (uint8_t)(q->repeats + t->repeated);
	q->tried.asked |= bit((size_t)at);
	note_round(q, bit((size_t)at));
	if (!q->delegation) {
		t->target = q->u->targets[at];
		t->target->users++;
		t->target->f.asked++;
	}
	if (dns_try_send(t))
		return t;
	dns_try_lost(t, t->target ? dns_target_why(t->target) : "it cannot be sent there");
	q->tried.failed |= bit((size_t)at);
	dns_try_end(t);
	return NULL;
}

/* ---- the next one, and the end ---- */

static const struct dns_try *waited_for(const struct dns_question *q, bool even_lost)
{
	for (size_t i = 0; i < DNS_TRIES; i++) {
		const struct dns_try *t = try_at(q, i);
		if (t && (even_lost || !t->lost))
			return t;
	}
	return NULL;
}

/* Nobody is left to ask. With a code of somebody who failed it ends as soon as nobody else may
 * answer in time; without one, those who are late have until the end. */
static void wait_for_the_rest(struct dns_question *q)
{
	const struct dns_upstream *u = q->u;
	bool dead = !q->delegation && dns_forwarders_all_down(u->forwarders, u->target_count);

	q->last = true;
	if (waited_for(q, false) && q->timer.place)
		return;
	if (q->best || !waited_for(q, true))
		set_timer(q, 0);
	else
		set_timer(q, dead ? DNS_QUICK_MS : deadline_of(q) - now_of(q));
}

void dns_question_next(struct dns_question *q)
{
	int at;

	q->current = NULL;
	q->last = false;
	while (!q->current && (at = pick(q)) >= 0)
		q->current = begin_try(q, take_try(q), at);
	if (q->current)
		set_timer(q, time_of(q));
	else
		wait_for_the_rest(q);
}

void dns_try_failed(struct dns_try *t)
{
	struct dns_question *q = t->question;
	bool latest = q->current == t;

	q->tried.failed |= bit_of(t);
	dns_try_end(t);
	if (latest || q->last)
		dns_question_next(q);
}

void dns_try_again(struct dns_try *t)
{
	bool sent = dns_try_send(t);

	if (!sent && t->for_case) {
		t->second = t->for_case = false;
		sent = dns_try_send(t);
	}
	if (!sent)
		dns_try_failed(t);
	else if (t->question->current == t)
		set_timer(t->question, time_of(t->question));
}

static void end_by_time(struct dns_question *q)
{
	struct dns_answer *out = q->u->out;
	struct dns_name name;

	if (now_of(q) >= deadline_of(q))
		bound_hit(&q->u->limits->dns_query_time);
	if (!q->best) {
		dns_question_end(q, NULL, NULL);
		return;
	}
	dns_answer_clear(out);
	out->rcode = q->best;
	dns_asked_name(&q->q, &name);
	dns_question_end(q, out, &name);
}

/* A server that was asked just before the end has lost nothing. */
static void lose_late_ones(struct dns_question *q)
{
	for (size_t i = 0; i < DNS_TRIES; i++) {
		struct dns_try *t = try_at(q, i);
		if (t && !t->parked && now_of(q) >= t->sent_ms + patience(t))
			dns_try_lost(t, "no answer in time");
	}
}

static void on_timer(struct dns_timer *timer)
{
	struct dns_question *q =
		(struct dns_question *)(void *)((char *)timer -
						offsetof(struct dns_question, timer));
	struct dns_try *t = q->current;

	if (q->last || now_of(q) >= deadline_of(q)) {
		lose_late_ones(q);
		end_by_time(q);
		return;
	}
	if (t && t->parked && dns_try_send(t)) {
		set_timer(q, time_of(q));
		return;
	}
	if (t)
		dns_try_lost(t, "no answer in time");
	dns_question_next(q);
}

void dns_question_park(struct dns_question *q)
{
	for (size_t i = 0; i < DNS_TRIES; i++) {
		struct dns_try *t = try_at(q, i);
		if (!t || t->parked || t->x.carrier || !t->target || !dns_target_has_tls(t->target))
			continue;
		if (q->current != t) {
			dns_try_end(t);
			continue;
		}
		t->parked = true;
		set_timer(q, 0);
	}
}

/* All forwarders are down: each is asked once, at the same time, as far as there are places, and
 * there is one second. */
static void ask_all(struct dns_question *q)
{
	struct dns_try *t;

	for (size_t i = 0; i < q->u->target_count && (t = free_try(q)); i++)
		begin_try(q, t, (int)i);
	q->last = true;
	set_timer(q, waited_for(q, true) ? DNS_QUICK_MS : 0);
}

void dns_question_begin(struct dns_question *q)
{
	q->timer.due = on_timer;
	q->tried = (struct dns_tried){0, 0, 0};
	q->begun = q->repeats = 0;
	q->last = false;
	if (!q->delegation && dns_forwarders_all_down(q->u->forwarders, q->u->target_count))
		ask_all(q);
	else
		dns_question_next(q);
}
