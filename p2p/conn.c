/* Role: reads and writes the bytes of one connection, within the limits on buffers.
 * Before: the kernel. After: p2p/key_exchange.c until the keys are agreed, then p2p/peer.c.
 * Deadlines are in p2p/conn_time.c, marking and freeing in p2p/conn_pool.c. */
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "p2p/conn_internal.h"

enum {
	READ_AT_ONCE = 16384,   /* most bytes a connection reads in one turn, for fairness */
	WRITE_AT_ONCE = 131072, /* more than a frame: one frame is one write */
	/* libevent stores output in blocks of a power of two and frees a block when its last byte
	 * is sent. With large blocks a few unsent bytes would keep much memory in use. */
	PIECE = 2048,
};

/* ---- input ---- */

size_t conn_input(const struct conn *c)
{
	return evbuffer_get_length(bufferevent_get_input(c->bev));
}

void conn_peek(const struct conn *c, void *to, size_t n)
{
	ev_ssize_t got = evbuffer_copyout(bufferevent_get_input(c->bev), to, n);
	assert(got == (ev_ssize_t)n);
	(void)got;
}

void conn_take(struct conn *c, void *to, size_t n)
{
	int got = evbuffer_remove(bufferevent_get_input(c->bev), to, n);
	assert(got == (int)n);
	(void)got;
	c->frame_since = 0;
	c->frame_size = 0;
	c->bytes_in += n;
	c->pool->bytes_in += n;
}

/* Keeps the input within limits.conn_receive_bytes: the next read takes at most what is left of it.
 * (libevent's read watermark would do the same, but crashes when memory runs out while it is set.)
 * A reader leaves less than one frame, and the limit is more than one frame, so something is always
 * left to read. */
static void bound_next_read(struct conn *c)
{
	size_t left = c->pool->limits->conn_receive_bytes.max - conn_input(c);

	bufferevent_set_max_single_read(c->bev, left < READ_AT_ONCE ? left : READ_AT_ONCE);
}

void conn_pause(struct conn *c, uint64_t ms)
{
	c->resume = conn_now(c) + ms;
}

/* Calls the reader. If it leaves complete frames (STEP_AGAIN), socket reads are disabled and the
 * timer calls the reader again in the next turn: a full buffer that nobody empties would make
 * libevent call us without end. */
static void pump(struct conn *c)
{
	bool paused = c->resume != 0;

	bound_peak(&c->pool->limits->conn_receive_bytes, conn_input(c));
	c->resume = 0;
	if (c->pool->hooks->readable(c) == STEP_AGAIN)
		conn_pause(c, 0);
	if (!conn_alive(c))
		return;
	if (paused != (c->resume != 0))
		(paused ? bufferevent_enable : bufferevent_disable)(c->bev, EV_READ);
	bound_next_read(c);
	if (conn_input(c) == 0 || c->phase < PHASE_HANDSHAKE || c->resume)
		c->frame_since = 0;
	else if (c->frame_since == 0)
		c->frame_since = conn_now(c);
	conn_schedule(c);
}

static void on_read(struct bufferevent *bev, void *arg)
{
	struct conn *c = arg;
	struct evbuffer *in = bufferevent_get_input(bev);

	c->last_read = conn_now(c);
	if (c->phase == PHASE_READY)
		line_life_heard(&c->pool->line, c->last_read, c->pool->limits);
	if (conn_alive(c))
		pump(c);
	else
		evbuffer_drain(in, evbuffer_get_length(in));
}

/* ---- output ---- */

size_t conn_output(const struct conn *c)
{
	return evbuffer_get_length(bufferevent_get_output(c->bev));
}

static bool put_pieces(struct evbuffer *out, const uint8_t *p, size_t n)
{
	for (size_t piece; n > 0; p += piece, n -= piece) {
		piece = n < PIECE ? n : PIECE;
		if (evbuffer_add(out, p, piece))
			return false;
	}
	return true;
}

/* The only function that adds output, because libevent itself does not limit it. */
enum send_result conn_write(struct conn *c, const void *bytes, size_t n)
{
	struct limits *l = c->pool->limits;
	size_t pending;

	if (!conn_alive(c))
		return SEND_GONE;
	pending = conn_output(c);
	if (pending + n > l->conn_send_bytes.max) {
		bound_hit(&l->conn_send_bytes);
		c->want_drain = true;
		return SEND_FULL;
	}
	if (!bound_has(&l->send_total_bytes, n)) {
		bound_hit(&l->send_total_bytes);
		c->want_drain = c->pool->starved = true;
		return SEND_FULL;
	}
	if (!put_pieces(bufferevent_get_output(c->bev), bytes, n)) {
		conn_close(c, CLOSE_LIMIT); /* out of memory */
		return SEND_GONE;
	}
	bound_peak(&l->conn_send_bytes, pending + n);
	return SEND_OK;
}

/* Called by libevent whenever the output buffer grows or shrinks. Updates the sum of all output,
 * the byte counts and the write deadline. */
static void on_output(struct evbuffer *out, const struct evbuffer_cb_info *info, void *arg)
{
	struct conn *c = arg;
	struct bound *total = &c->pool->limits->send_total_bytes;
	uint64_t now = conn_now(c);

	if (info->n_added)
		bound_take(total, info->n_added);
	if (info->n_deleted) {
		bound_give(total, info->n_deleted);
		c->bytes_out += info->n_deleted;
		c->pool->bytes_out += info->n_deleted;
		c->last_write = now;
	}
	if (evbuffer_get_length(out) == 0)
		c->write_since = 0;
	else if (info->n_deleted || c->write_since == 0)
		c->write_since = now;
	conn_schedule(c);
}

/* Called when the output has fallen to the low watermark: half of conn_send_bytes, or 0 while
 * flushing. */
static void on_write(struct bufferevent *bev, void *arg)
{
	struct conn *c = arg;
	(void)bev;

	if (!conn_alive(c)) {
		conn_delivered(c);
		return;
	}
	if (c->want_drain) {
		c->want_drain = false;
		c->pool->hooks->drained(c);
	}
	conn_pool_resume_writers(c->pool);
}

/* ---- what else happens to a socket ---- */

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct conn *c = arg;

	if (what & BEV_EVENT_ERROR)
		c->error = errno;
	if (what & BEV_EVENT_CONNECTED && bufferevent_enable(bev, EV_READ) == 0) {
		conn_set_phase(c, PHASE_HELLO);
		c->pool->hooks->connected(c);
		return;
	}
	conn_close(c, c->phase == PHASE_CONNECTING ? CLOSE_CONNECT : CLOSE_PEER);
}

static void expire(struct conn *c, struct bound *late)
{
	enum close_reason why = CLOSE_TIMEOUT;

	if (conn_alive(c) || conn_output(c))
		bound_hit(late);
	if (c->phase == PHASE_CONNECTING) {
		c->error = ETIMEDOUT;
		why = CLOSE_CONNECT;
	} else if (late == &c->pool->limits->write_timeout) {
		why = CLOSE_OUTPUT;
	}
	conn_close(c, why);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	uint64_t now = conn_now(c);
	struct bound *late = conn_overdue(c, now);
	(void)fd, (void)what;

	c->armed = 0;
	if (late) {
		expire(c, late);
		return;
	}
	if (c->resume && now >= c->resume && conn_alive(c))
		pump(c);
	if (conn_alive(c) && c->alarm && now >= c->alarm) {
		c->alarm = 0;
		c->pool->hooks->alarm(c);
	}
	conn_schedule(c);
}

/* ---- beginnings ---- */

/* Owns `fd` from here on, also on failure. On failure errno is set and the caller calls
 * conn_abandon(). */
static bool open_conn(struct conn_pool *p, struct conn *c, int fd)
{
	int one = 1;

	c->pool = p;
	c->timer = evtimer_new(p->base, on_timer, c);
	c->bev = bufferevent_socket_new(p->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!c->bev)
		close(fd);
	else
		c->account = evbuffer_add_cb(bufferevent_get_output(c->bev), on_output, c);
	if (!c->account || !c->timer) {
		errno = ENOMEM;
		return false;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	bufferevent_setcb(c->bev, on_read, on_write, on_event, c);
	bufferevent_setwatermark(c->bev, EV_WRITE, p->limits->conn_send_bytes.max / 2, 0);
	bound_next_read(c);
	bufferevent_set_max_single_write(c->bev, WRITE_AT_ONCE);
	c->since = conn_now(c);
	errno = ENOBUFS;
	return conn_pool_link(p, c);
}

bool conn_accept(struct conn_pool *p, struct conn *c, int fd)
{
	if (!open_conn(p, c, fd) || bufferevent_enable(c->bev, EV_READ)) {
		conn_abandon(c);
		return false;
	}
	conn_set_phase(c, PHASE_HELLO);
	return true;
}

static int dial_socket(const struct sockaddr_storage *to, const struct netaddr *source)
{
	int fd = socket(to->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_storage from;

	if (fd < 0 || !source)
		return fd;
	socklen_t n = netaddr_to_sockaddr(source, &from);
	if (from.ss_family == to->ss_family && bind(fd, (struct sockaddr *)&from, n)) {
		int e = errno;
		close(fd);
		errno = e;
		return -1;
	}
	return fd;
}

bool conn_dial(struct conn_pool *p, struct conn *c, const struct netaddr *bind_to)
{
	struct sockaddr_storage to;
	socklen_t n = netaddr_to_sockaddr(&c->addr, &to);
	int fd = dial_socket(&to, bind_to);

	c->outbound = true;
	if (fd < 0)
		return false;
	if (!open_conn(p, c, fd) ||
		bufferevent_socket_connect(c->bev, (struct sockaddr *)&to, (int)n)) {
		int e = errno;
		conn_abandon(c);
		errno = e;
		return false;
	}
	conn_set_phase(c, PHASE_CONNECTING);
	return true;
}

bool conn_local(const struct conn *c, struct netaddr *out)
{
	struct sockaddr_storage ss;
	socklen_t n = sizeof ss;

	return getsockname(bufferevent_getfd(c->bev), (struct sockaddr *)&ss, &n) == 0 &&
	       netaddr_from_sockaddr((struct sockaddr *)&ss, out);
}
