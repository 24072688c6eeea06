/* Role: the phases of a connection and their deadlines. Each connection has one timer, set to its
 * earliest deadline. When that deadline moves to a later time the timer stays as it is and is set
 * again when it fires.
 * Before: p2p/conn.c. After: p2p/conn_pool.c, when a deadline has passed. */
#include <assert.h>
#include <sys/time.h>

#include <event2/event.h>

#include "p2p/conn_internal.h"

/* Closes an inbound connection that has not sent one byte; an honest client sends its hello at
 * once. */
enum { SILENT_MS = 5000 };

/* Interval of checks while our own line is doubted (p2p/line_life.h). */
enum { CHECK_MS = 250 };

const char *phase_name(enum phase p)
{
	static const char *const name[] = {
		"connecting", "hello", "handshake", "ready", "flushing", "closing"};
	return name[p];
}

static uint64_t earliest(uint64_t a, uint64_t b)
{
	return a == 0 ? b : b == 0 ? a : a < b ? a : b;
}

/* ---- deadlines ---- */

static uint64_t frame_end(const struct conn *c, uint64_t timeout)
{
	return c->frame_since + timeout + (uint64_t)conn_input(c) * 1000 / CONN_LEAST_RATE;
}

/* When the unfinished frame is late. A peer that keeps sending is not: the deadline is
 * frame_timeout, plus the time that the bytes received so far would take at CONN_LEAST_RATE. While
 * our own line is doubted the frame gets more time, and the doubt is checked again every
 * CHECK_MS. */
static uint64_t frame_deadline(const struct conn *c, uint64_t now)
{
	const struct limits *l = c->pool->limits;
	uint64_t end = frame_end(c, l->frame_timeout.max), last;

	if (c->phase != PHASE_READY || now < end ||
		!line_life_doubted(&c->pool->line, c->frame_since, now, l))
		return end;
	last = frame_end(c, line_life_patience(l->frame_timeout.max, l));
	return last < now + CHECK_MS ? last : now + CHECK_MS;
}

static uint64_t next_deadline(const struct conn *c, uint64_t now)
{
	const struct limits *l = c->pool->limits;
	uint64_t at = c->phase_deadline;

	if (!conn_alive(c))
		return at;
	if (c->resume)
		at = earliest(at, c->resume);
	if (c->frame_since)
		at = earliest(at, frame_deadline(c, now));
	if (c->write_since)
		at = earliest(at, c->write_since + l->write_timeout.max);
	return earliest(at, c->alarm);
}

void conn_schedule(struct conn *c)
{
	uint64_t now = conn_now(c), at = next_deadline(c, now);

	if (c->phase == PHASE_CLOSING || at == 0 || (c->armed && c->armed <= at))
		return;
	uint64_t wait = at > now ? at - now : 0;
	struct timeval tv = {(time_t)(wait / 1000), (suseconds_t)(wait % 1000 * 1000)};
	if (evtimer_add(c->timer, &tv) == 0)
		c->armed = at;
	else
		conn_close(c, CLOSE_LIMIT);
}

void conn_set_alarm(struct conn *c, uint64_t mono_ms)
{
	c->alarm = mono_ms;
	conn_schedule(c);
}

/* At SILENT_MS: an inbound connection that has sent at least one byte gets all of hello_timeout.
 * True when the deadline was moved so. */
static bool hello_goes_on(struct conn *c, uint64_t now)
{
	uint64_t whole = c->phase_since + c->pool->limits->hello_timeout.max;

	if (c->phase != PHASE_HELLO || now >= whole || conn_input(c) == 0)
		return false;
	c->phase_deadline = whole;
	return true;
}

static struct bound *phase_bound(struct limits *l, enum phase p)
{
	switch (p) {
	case PHASE_CONNECTING:
		return &l->connect_timeout;
	case PHASE_HELLO:
		return &l->hello_timeout;
	case PHASE_HANDSHAKE:
		return &l->handshake_timeout;
	case PHASE_READY:
	case PHASE_FLUSHING:
	case PHASE_CLOSING:
		break;
	}
	return &l->flush_timeout;
}

struct bound *conn_overdue(struct conn *c, uint64_t now)
{
	struct limits *l = c->pool->limits;

	if (c->phase_deadline && now >= c->phase_deadline && !hello_goes_on(c, now))
		return phase_bound(l, c->phase);
	if (!conn_alive(c))
		return NULL;
	if (c->frame_since && now >= frame_deadline(c, now))
		return &l->frame_timeout;
	if (c->write_since && now >= c->write_since + l->write_timeout.max)
		return &l->write_timeout;
	return NULL;
}

void conn_set_phase(struct conn *c, enum phase p)
{
	assert(p > c->phase || c->phase_since == 0);
	c->phase = p;
	c->phase_since = conn_now(c);
	c->phase_deadline = 0;
	if (p != PHASE_READY)
		c->phase_deadline = c->phase_since + phase_bound(c->pool->limits, p)->max;
	if (p == PHASE_HELLO && !c->outbound)
		c->phase_deadline =
			earliest(c->phase_deadline, c->phase_since + (uint64_t)SILENT_MS);
	conn_schedule(c);
}
