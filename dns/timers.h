/* Times at which something is due, many of them, on one timer of the loop: a hashed wheel. Setting
 * and stopping one costs the same however many there are, and allocates nothing. The clock is
 * given, so tests own it. One thread. */
#ifndef DNS_TIMERS_H
#define DNS_TIMERS_H

#include "base/clock.h"

struct event;
struct event_base;

/* Embedded in what it is about; zeroed = not set. */
struct dns_timer {
	struct dns_timer *next, **place; /* in a slot; place NULL = not set */
	uint64_t at_ms;                  /* monotonic */
	void (*due)(struct dns_timer *t);
};

enum { DNS_TIMER_SLOTS = 512, DNS_TIMER_SLOT_MS = 16 };

struct dns_timers {
	const struct clock *clock;
	struct event *event;
	uint64_t armed_ms;  /* when the loop's timer comes; UINT64_MAX = not */
	uint64_t looked_ms; /* everything before was called */
	size_t count;       /* that are set */
	struct dns_timer *slots[DNS_TIMER_SLOTS];
};

/* False when memory runs out. `base` and `clock` are borrowed. */
bool dns_timers_init(struct dns_timers *all, struct event_base *base, const struct clock *clock);

/* Frees the loop's timer. None may be set any more. */
void dns_timers_free(struct dns_timers *all);

/* t->due() is called once, in a later turn of the loop, as soon as the clock has reached at_ms. It
 * may set and stop any timer, and free what they are embedded in. One that is set already moves. */
void dns_timer_set(struct dns_timers *all, struct dns_timer *t, uint64_t at_ms);

/* Does nothing for one that is not set. */
void dns_timer_stop(struct dns_timers *all, struct dns_timer *t);

/* Calls all that are due. The loop does it; tests, too, after they moved the clock. */
void dns_timers_run(struct dns_timers *all);

#endif
