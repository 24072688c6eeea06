/* Which server a question is sent to next, and when. The second server is asked when the time of
 * the first is over, and the first may still answer. Before: dns/upstream_table.c. After:
 * dns/upstream_try.c. */
#include "dns/upstream_internal.h"

enum {
	AGAIN_MIN_MS = 400, /* for a server that is asked again; 1,000 the next time */
	AGAIN_MORE_MS = 1000,
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

/* How long the latest try has before the next one. */
static uint64_t time_of(const struct dns_question *q)
{
	const struct dns_try *t = q->current;
	uint64_t ms = dns_try_patience(t), least = 0;

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

/* A reload may have moved the forwarder to another place. */
static uint32_t bit_of(const struct dns_try *t)
{
	const struct dns_upstream *u = t->question->u;

	if (!t->target)
		return dns_server_bit(t->at);
	for (size_t i = 0; i < u->target_count; i++)
		if (u->targets[i] == t->target)
			return dns_server_bit(i);
	return 0;
}

/* Servers of a delegation: at random those that were not asked yet, then those that did not answer.
 */
static int pick_server(const struct dns_question *q)
{
	uint32_t all = dns_server_bit(q->delegation->count) - 1, from = all & ~q->tried.asked,
		 n = 0;

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

static const struct dns_try *waited_for(const struct dns_question *q, bool even_lost)
{
	for (size_t i = 0; i < DNS_TRIES; i++) {
		const struct dns_try *t = dns_try_at(q, i);
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
		q->current = dns_try_begin(q, dns_try_take(q), at);
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
		struct dns_try *t = dns_try_at(q, i);
		if (t && !t->parked && now_of(q) >= t->sent_ms + dns_try_patience(t))
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
		struct dns_try *t = dns_try_at(q, i);
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

	for (size_t i = 0; i < q->u->target_count && (t = dns_try_place(q)); i++)
		dns_try_begin(q, t, (int)i);
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
