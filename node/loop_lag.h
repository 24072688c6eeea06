/* Measures the lag of the event loop: how late it calls what is due, as a bounded histogram of
 * milliseconds. While messages come, a timer is due twenty times a second and notes how late it was
 * called. An idle node sets no timer, so that it can sleep.
 *
 * On a machine that is busy with other programs the loop is late because it has no processor. The
 * kernel says how long it waited for one (/proc/…/schedstat), so its own part is told apart. */
#ifndef NODE_LOOP_LAG_H
#define NODE_LOOP_LAG_H

#include <stdbool.h>

#include "base/clock.h"
#include "api/api.h"

struct event;
struct event_base;

enum { LAG_STEPS = 17 };

struct lag_histogram {
	uint64_t samples, max_ms;
	uint64_t count[LAG_STEPS]; /* samples by their lag; the steps are in loop_lag.c */
};

/* What the kernel says of a thread. */
struct loop_spent {
	uint64_t ran_ms, waited_ms; /* since its start: computed; was ready and had no processor */
};

struct loop_lag {
	struct event_base *base;
	const struct clock *clock;
	struct event *probe;
	uint64_t due_ms;         /* monotonic; 0 = not armed */
	bool busy;               /* something came since the probe was armed */
	struct loop_spent spent; /* when the probe was armed */
	struct lag_histogram all, own;
};

/* Borrows both. False when memory ran out. */
bool loop_lag_start(struct loop_lag *l, struct event_base *base, const struct clock *clock);
void loop_lag_stop(struct loop_lag *l);

/* To be called when the loop has work: arms the timer unless it is armed. */
void loop_lag_busy(struct loop_lag *l);

/* Adds one sample: so late, and what was spent since the probe was armed. */
void loop_lag_note(struct loop_lag *l, uint64_t late_ms, struct loop_spent since);

/* The part of a lag that the loop itself is to blame for: it waited for the disk, or computed. What
 * it computed counts even where that took longer because others computed, too. */
uint64_t loop_lag_own(uint64_t late_ms, struct loop_spent since);

/* The quantile, in milliseconds, rounded up to a step of the histogram: that share (in thousandths)
 * of all samples is not above it. 0 without samples. */
uint64_t loop_lag_quantile(const struct lag_histogram *h, unsigned thousandths);

/* The figures that api/status.c shows. */
struct api_lag loop_lag_told(const struct loop_lag *l);

#endif
