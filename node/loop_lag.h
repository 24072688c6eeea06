/* Measures the lag of the event loop: how late it calls what is due, as a bounded histogram of
 * milliseconds. While messages come, a timer is due twenty times a second and notes how late it was
 * called. An idle node sets no timer, so that it can sleep. */
#ifndef NODE_LOOP_LAG_H
#define NODE_LOOP_LAG_H

#include <stdbool.h>

#include "base/clock.h"
#include "api/api.h"

struct event;
struct event_base;

enum { LAG_STEPS = 11 };

struct loop_lag {
	struct event_base *base;
	const struct clock *clock;
	struct event *probe;
	uint64_t due_ms; /* monotonic; 0 = not armed */
	bool busy;       /* something came since the probe was armed */
	uint64_t samples, max_ms;
	uint64_t count[LAG_STEPS]; /* samples by their lag; the steps are in loop_lag.c */
};

/* Borrows both. False when memory ran out. */
bool loop_lag_start(struct loop_lag *l, struct event_base *base, const struct clock *clock);
void loop_lag_stop(struct loop_lag *l);

/* To be called when the loop has work: arms the timer unless it is armed. */
void loop_lag_busy(struct loop_lag *l);

/* Adds one sample. */
void loop_lag_note(struct loop_lag *l, uint64_t late_ms);

/* The quantile, in milliseconds, rounded up to a step of the histogram: that share (in thousandths)
 * of all samples is not above it. 0 without samples. */
uint64_t loop_lag_quantile(const struct loop_lag *l, unsigned thousandths);

/* The figures that api/status.c shows. */
struct api_lag loop_lag_told(const struct loop_lag *l);

#endif
