/* Measures how late the event loop calls what is due. Before: node/engines.c says that there is
 * work. After: api/status.c shows the figures. */
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

#include "node/loop_lag.h"

enum { PROBE_MS = 50, NS_OF_MS = 1000000 };

static const uint64_t step_ms[LAG_STEPS] = {
	1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 70, 100, 150, 200, 500, 1000, UINT64_MAX};

/* ---- samples ---- */

static void put(struct lag_histogram *h, uint64_t ms)
{
	size_t i = 0;

	while (ms > step_ms[i])
		i++;
	h->count[i]++;
	h->samples++;
	if (ms > h->max_ms)
		h->max_ms = ms;
}

uint64_t loop_lag_own(uint64_t late_ms, struct loop_spent since)
{
	uint64_t blocked = late_ms > since.waited_ms ? late_ms - since.waited_ms : 0;
	uint64_t ran = late_ms < since.ran_ms ? late_ms : since.ran_ms;

	return blocked > ran ? blocked : ran;
}

void loop_lag_note(struct loop_lag *l, uint64_t late_ms, struct loop_spent since)
{
	put(&l->all, late_ms);
	put(&l->own, loop_lag_own(late_ms, since));
}

uint64_t loop_lag_quantile(const struct lag_histogram *h, unsigned thousandths)
{
	uint64_t seen = 0;
	size_t i = 0;

	if (!h->samples)
		return 0;
	while ((seen += h->count[i]) * 1000 < h->samples * thousandths)
		i++;
	return step_ms[i] < h->max_ms ? step_ms[i] : h->max_ms;
}

struct api_lag loop_lag_told(const struct loop_lag *l)
{
	return (struct api_lag){l->all.samples, loop_lag_quantile(&l->all, 500),
		loop_lag_quantile(&l->all, 990), l->all.max_ms, loop_lag_quantile(&l->own, 990)};
}

/* ---- the probe ---- */

/* Of the calling thread. Where the kernel does not say it, nothing: all lag is the loop's own. */
static struct loop_spent spent_now(void)
{
	unsigned long long ran, waited;
	char text[64];
	int fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = 0;
	if (sscanf(text, "%llu %llu", &ran, &waited) != 2)
		return (struct loop_spent){0, 0};
	return (struct loop_spent){ran / NS_OF_MS, waited / NS_OF_MS};
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
	l->spent = spent_now();
	l->due_ms = clock_mono(l->clock) + PROBE_MS - turn_age_ms(l) % PROBE_MS;
	if (event_add(l->probe, &tv) != 0)
		l->due_ms = 0;
}

static void on_probe(evutil_socket_t fd, short what, void *ctx)
{
	struct loop_lag *l = ctx;
	uint64_t now = clock_mono(l->clock);
	struct loop_spent since = spent_now();

	(void)fd;
	(void)what;
	since.ran_ms -= l->spent.ran_ms;
	since.waited_ms -= l->spent.waited_ms;
	loop_lag_note(l, now > l->due_ms ? now - l->due_ms : 0, since);
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
