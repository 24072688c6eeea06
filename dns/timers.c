/* A hashed wheel of timers. A slot has those of 16 ms, and of every later turn of the wheel, which
 * takes 8 s; so nothing is moved as time goes by.
 * Before: dns/upstream.c and its transports set times. After: they are called back. */
#include <assert.h>
#include <event2/event.h>

#include "dns/timers.h"

static struct dns_timer **slot_of(struct dns_timers *all, uint64_t at_ms)
{
	return &all->slots[at_ms / DNS_TIMER_SLOT_MS % DNS_TIMER_SLOTS];
}

static void link_in(struct dns_timer **place, struct dns_timer *t)
{
	t->next = *place;
	t->place = place;
	if (t->next)
		t->next->place = &t->next;
	*place = t;
}

static void link_out(struct dns_timer *t)
{
	*t->place = t->next;
	if (t->next)
		t->next->place = t->place;
	t->place = NULL;
	t->next = NULL;
}

/* Without memory for the loop's timer the next turn of the loop tries again. */
static void arm(struct dns_timers *all, uint64_t at_ms)
{
	uint64_t now = clock_mono(all->clock), ms = at_ms > now ? at_ms - now : 0;
	struct timeval tv = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

	all->armed_ms = at_ms;
	if (event_add(all->event, &tv) != 0)
		event_active(all->event, EV_TIMEOUT, 0);
}

/* The earliest time that is set. Slots are looked at in the order of time, so the first that has
 * one of this turn of the wheel has the earliest. */
static uint64_t earliest(const struct dns_timers *all)
{
	uint64_t first = all->looked_ms / DNS_TIMER_SLOT_MS, least = UINT64_MAX;

	for (uint64_t i = first; i < first + DNS_TIMER_SLOTS; i++) {
		const struct dns_timer *t = all->slots[i % DNS_TIMER_SLOTS];
		for (; t; t = t->next)
			if (t->at_ms < least)
				least = t->at_ms;
		if (least < (i + 1) * DNS_TIMER_SLOT_MS)
			break;
	}
	return least;
}

static void arm_next(struct dns_timers *all)
{
	all->armed_ms = UINT64_MAX;
	if (all->count)
		arm(all, earliest(all));
	else
		event_del(all->event);
}

/* Moves those of a slot that are due to a list of their own. */
static void take_due(struct dns_timer **slot, uint64_t now, struct dns_timer **due)
{
	struct dns_timer *next;

	for (struct dns_timer *t = *slot; t; t = next) {
		next = t->next;
		if (t->at_ms > now)
			continue;
		link_out(t);
		link_in(due, t);
	}
}

void dns_timers_run(struct dns_timers *all)
{
	uint64_t now = clock_mono(all->clock), from = all->looked_ms / DNS_TIMER_SLOT_MS,
		 to = now / DNS_TIMER_SLOT_MS;
	struct dns_timer *due = NULL;

	if (to - from >= DNS_TIMER_SLOTS)
		from = to - DNS_TIMER_SLOTS + 1;
	for (uint64_t i = from; all->count && i <= to; i++)
		take_due(&all->slots[i % DNS_TIMER_SLOTS], now, &due);
	all->looked_ms = now;
	while (due) {
		struct dns_timer *t = due;
		link_out(t);
		all->count--;
		t->due(t);
	}
	arm_next(all);
}

static void on_event(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	dns_timers_run(ctx);
}

/* A time that has passed goes where the next look begins. */
void dns_timer_set(struct dns_timers *all, struct dns_timer *t, uint64_t at_ms)
{
	dns_timer_stop(all, t);
	t->at_ms = at_ms > all->looked_ms ? at_ms : all->looked_ms;
	link_in(slot_of(all, t->at_ms), t);
	all->count++;
	if (t->at_ms < all->armed_ms)
		arm(all, t->at_ms);
}

void dns_timer_stop(struct dns_timers *all, struct dns_timer *t)
{
	if (!t->place)
		return;
	link_out(t);
	all->count--;
}

bool dns_timers_init(struct dns_timers *all, struct event_base *base, const struct clock *clock)
{
	*all = (struct dns_timers){
		.clock = clock, .armed_ms = UINT64_MAX, .looked_ms = clock_mono(clock)};
	all->event = event_new(base, -1, 0, on_event, all);
	return all->event != NULL;
}

void dns_timers_free(struct dns_timers *all)
{
	assert(all->count == 0);
	if (all->event)
		event_free(all->event);
	all->event = NULL;
}
