/* Measures how late the event loop calls what is due. Before: node/dispatch.c says that there is
 * work. After: api/status.c shows the figures. */
#include <event2/event.h>
#include <sys/time.h>

#include "node/loop_lag.h"

enum { PROBE_MS = 50 };

static const uint64_t step_ms[LAG_STEPS] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, UINT64_MAX};

void loop_lag_note(struct loop_lag *l, uint64_t late_ms)
{
	size_t i = 0;

	while (late_ms > step_ms[i])
		i++;
	l->count[i]++;
	l->samples++;
	if (late_ms > l->max_ms)
		l->max_ms = late_ms;
}

uint64_t loop_lag_quantile(const struct loop_lag *l, unsigned thousandths)
{
	uint64_t seen = 0;
	size_t i = 0;

	if (!l->samples)
		return 0;
	while ((seen += l->count[i]) * 1000 < l->samples * thousandths)
		i++;
	return step_ms[i] < l->max_ms ? step_ms[i] : l->max_ms;
}

struct api_lag loop_lag_told(const struct loop_lag *l)
{
	return (struct api_lag){
		l->samples, loop_lag_quantile(l, 500), loop_lag_quantile(l, 990), l->max_ms};
}

/* Milliseconds since the present turn of the loop began. libevent counts a timer from that moment,
 * so a timer that is added late in a turn fires sooner than it was asked to. */
static uint64_t turn_age_ms(const struct loop_lag *l)
{
	struct timeval now, began;

	if (gettimeofday(&now, NULL) || event_base_gettimeofday_cached(l->base, &began))
		return 0;
	int64_t us = (int64_t)(now.tv_sec - began.tv_sec) * 1000000 + now.tv_usec - began.tv_usec;
	return us > 0 ? (uint64_t)us / 1000 : 0;
}

static void arm(struct loop_lag *l)
{
	struct timeval tv = {0, PROBE_MS * 1000};

	l->busy = false;
	l->due_ms = clock_mono(l->clock) + PROBE_MS - turn_age_ms(l) % PROBE_MS;
	if (event_add(l->probe, &tv) != 0)
		l->due_ms = 0;
}

static void on_probe(evutil_socket_t fd, short what, void *ctx)
{
	struct loop_lag *l = ctx;
	uint64_t now = clock_mono(l->clock);

	(void)fd;
	(void)what;
	loop_lag_note(l, now > l->due_ms ? now - l->due_ms : 0);
	l->due_ms = 0;
	if (l->busy)
		arm(l);
}

void loop_lag_busy(struct loop_lag *l)
{
	l->busy = true;
	if (!l->due_ms)
		arm(l);
}

bool loop_lag_start(struct loop_lag *l, struct event_base *base, const struct clock *clock)
{
	*l = (struct loop_lag){.base = base, .clock = clock};
	l->probe = event_new(base, -1, 0, on_probe, l);
	return l->probe != NULL;
}

void loop_lag_stop(struct loop_lag *l)
{
	if (l->probe)
		event_free(l->probe);
	l->probe = NULL;
}
