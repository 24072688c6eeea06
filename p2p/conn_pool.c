/* Role: the list of all connections. Connections are marked for closing here, by anybody, and freed
 * here, later, in one place.
 * Before: p2p/conn.c. After: nothing. */
#include <assert.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "base/log.h"
#include "p2p/conn_internal.h"

/* Time between the last message and the FIN. Release 0.10 drops unread input when it sees a FIN, so
 * an immediate one could lose the message. */
enum { FIN_GAP_MS = 25 };

bool conn_pool_link(struct conn_pool *p, struct conn *c)
{
	if (!bound_take(&p->limits->max_connections, 1))
		return false;
	c->next = p->all;
	if (c->next)
		c->next->link = &c->next;
	c->link = &p->all;
	p->all = c;
	p->count++;
	return true;
}

static void unlink_conn(struct conn *c)
{
	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
	c->pool->count--;
}

static void free_parts(struct conn *c)
{
	if (c->account) {
		struct evbuffer *out = bufferevent_get_output(c->bev);
		bound_give(&c->pool->limits->send_total_bytes, evbuffer_get_length(out));
		evbuffer_remove_cb_entry(out, c->account);
	}
	if (c->bev)
		bufferevent_free(c->bev);
	if (c->timer)
		event_free(c->timer);
}

void conn_abandon(struct conn *c)
{
	free_parts(c);
	if (!c->link)
		return;
	unlink_conn(c);
	bound_give(&c->pool->limits->max_connections, 1);
}

/* ---- marking ---- */

static void stop_io(struct conn *c)
{
	bufferevent_setcb(c->bev, NULL, NULL, NULL, NULL);
	bufferevent_disable(c->bev, EV_READ | EV_WRITE);
	evtimer_del(c->timer);
}

/* Called once for each connection, at the first mark: counts the reason and tells the owner. */
static void give_reason(struct conn *c, enum close_reason why)
{
	c->why = why;
	c->pool->closed[why]++;
	c->pool->hooks->marked(c);
}

void conn_close_at(struct conn *c, enum close_reason why, const char *file, int line)
{
	char text[NETADDR_TEXT_MAX];
	enum phase was = c->phase;

	if (was == PHASE_CLOSING)
		return;
	why = c->why ? c->why : why;
	log_debug("peer %llu %s: %s in phase %s (%s:%d)", (unsigned long long)c->id,
		netaddr_text(&c->addr, text), close_reason_name(why), phase_name(was), file, line);
	c->phase = PHASE_CLOSING;
	c->unread = conn_input(c);
	bound_give(&c->pool->limits->max_connections, 1);
	stop_io(c);
	c->next_closing = c->pool->closing;
	c->pool->closing = c;
	event_active(c->pool->reaper, EV_TIMEOUT, 0);
	if (c->why == CLOSE_NONE)
		give_reason(c, why);
}

void conn_delivered(struct conn *c)
{
	if (conn_output(c))
		return;
	c->phase_deadline = (c->last_write ? c->last_write : c->since) + FIN_GAP_MS;
	conn_schedule(c);
}

void conn_finish(struct conn *c, enum close_reason why)
{
	if (!conn_alive(c))
		return;
	if (c->phase < PHASE_HANDSHAKE) {
		conn_close(c, why);
		return;
	}
	conn_set_phase(c, PHASE_FLUSHING);
	bufferevent_setwatermark(c->bev, EV_WRITE, 0, 0);
	/* Read and discard input: closing a socket with unread bytes sends a reset instead of a
	 * FIN. */
	bufferevent_enable(c->bev, EV_READ);
	struct evbuffer *in = bufferevent_get_input(c->bev);
	evbuffer_drain(in, evbuffer_get_length(in));
	give_reason(c, why);
	conn_delivered(c);
}

/* ---- the end ---- */

void conn_pool_resume_writers(struct conn_pool *p)
{
	const struct bound *total = &p->limits->send_total_bytes;
	uint64_t mark = p->limits->conn_send_bytes.max / 2;

	if (!p->starved || total->used > total->max / 2)
		return;
	p->starved = false;
	for (struct conn *c = p->all; c; c = c->next) {
		if (!c->want_drain || !conn_alive(c) || conn_output(c) > mark)
			continue;
		c->want_drain = false;
		p->hooks->drained(c);
	}
}

/* The only place where a connection is freed. It runs from the event loop or from conn_pool_fini(),
 * so no caller up the stack still uses the connection. */
static void reap(struct conn_pool *p)
{
	while (p->closing) {
		struct conn *c = p->closing;

		p->closing = c->next_closing;
		free_parts(c);
		unlink_conn(c);
		p->freed++;
		p->hooks->release(c);
	}
	conn_pool_resume_writers(p);
}

static void on_reaper(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	reap(arg);
}

bool conn_pool_init(struct conn_pool *p)
{
	p->reaper = event_new(p->base, -1, 0, on_reaper, p);
	return p->reaper != NULL;
}

void conn_pool_close(struct conn_pool *p, enum close_reason why, bool flush)
{
	for (struct conn *c = p->all; c; c = c->next) {
		if (flush)
			conn_finish(c, why);
		else
			conn_close(c, why);
	}
}

void conn_pool_fini(struct conn_pool *p)
{
	conn_pool_close(p, CLOSE_SHUTDOWN, false);
	if (p->reaper) {
		reap(p);
		event_free(p->reaper);
	}
	p->reaper = NULL;
	assert(p->count == 0);
}
