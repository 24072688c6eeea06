/* How late the loop comes to what is due: a bounded histogram of milliseconds. While messages come
 * a timer is due twenty times a second and notes how late it was called; an idle node is not woken.
 */
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
	uint64_t count[LAG_STEPS]; /* each up to its step, the last above all */
};

bool loop_lag_start(struct loop_lag *l, struct event_base *base, const struct clock *clock);
void loop_lag_stop(struct loop_lag *l);

/* The loop has work: see to it that it is measured. */
void loop_lag_busy(struct loop_lag *l);

void loop_lag_note(struct loop_lag *l, uint64_t late_ms);

/* The step that this share (in thousandths) of all samples does not exceed; 0 without samples. */
uint64_t loop_lag_quantile(const struct loop_lag *l, unsigned thousandths);

/* What is shown of it. */
struct api_lag loop_lag_told(const struct loop_lag *l);

#endif
