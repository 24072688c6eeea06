/* Sends questions by connections that stay open, many at a time, and takes the replies in any
 * order. Everything has a deadline: the connection, silence while an answer is owed, one message,
 * idleness. Before: dns/upstream_try.c, dns/upstream_target.c. After: they are told by
 * dns_exchange.over(). */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "dns/upstream_tcp.h"

enum { LENGTH_SIZE = 2, QUOTA_PART = 4 };

struct dns_tcp_conn {
	struct dns_tcp *tcp;
	struct dns_tcp_conn *next;
	struct dns_tcp_server server;
	struct bufferevent *bev; /* NULL = ended, and freed as soon as it is not busy */
	struct dns_timer deadline;
	bool busy, connected;
	bool answered;     /* at least once */
	uint64_t begun_ms; /* when it was opened */
	uint64_t heard_ms; /* the last byte of it, or the question that ended its idleness */
	uint64_t part_ms;  /* when the message that is coming began; 0 = none is */
	size_t waiting;    /* exchanges on it */
	struct dns_exchange *exchanges;
};

/* ---- deadlines ---- */

static uint64_t silence_ends(const struct dns_tcp_conn *c)
{
	if (!c->connected)
		return c->begun_ms + DNS_TCP_CONNECT_MS;
	if (c->waiting == 0)
		return c->heard_ms + DNS_TCP_IDLE_MS;
	return c->heard_ms + (c->answered ? DNS_TCP_REUSED_MS : DNS_TCP_FRESH_MS);
}

static void set_deadline(struct dns_tcp_conn *c)
{
	uint64_t at = silence_ends(c);

	if (c->part_ms && c->part_ms + DNS_TCP_MESSAGE_MS < at)
		at = c->part_ms + DNS_TCP_MESSAGE_MS;
	dns_timer_set(c->tcp->timers, &c->deadline, at);
}

/* ---- the end of a connection ---- */

static void take_off(struct dns_exchange *x)
{
	struct dns_tcp_conn *c = x->carrier;

	dns_exchange_unlink(x);
	x->carrier = NULL;
	c->waiting--;
}

/* It stays open: its answer may come, and others use it. */
static void drop(struct dns_exchange *x)
{
	struct dns_tcp_conn *c = x->carrier;

	take_off(x);
	if (c->bev && c->waiting == 0) {
		c->heard_ms = clock_mono(c->tcp->clock);
		set_deadline(c);
	}
}

/* Closes it. Its exchanges are still in its list. */
static void close_conn(struct dns_tcp_conn *c)
{
	struct dns_tcp_conn **place = &c->tcp->conns;

	while (*place != c)
		place = &(*place)->next;
	*place = c->next;
	bufferevent_free(c->bev);
	c->bev = NULL;
	dns_timer_stop(c->tcp->timers, &c->deadline);
	bound_give(c->tcp->connections, 1);
	bound_give(c->tcp->bytes, DNS_TCP_CONN_BYTES);
}

static void free_if_over(struct dns_tcp_conn *c)
{
	if (!c->bev && !c->busy)
		mem_free(c);
}

static enum err send_on_fresh(
	struct dns_tcp *t, const struct dns_tcp_server *to, struct dns_exchange *x);

static void end_exchange(struct dns_tcp_conn *c, struct dns_exchange *x, const char *why)
{
	take_off(x);
	if (c->answered && !x->again) {
		x->again = true;
		if (send_on_fresh(c->tcp, &c->server, x) == ERR_OK)
			return;
	}
	x->over(x, DNS_REPLY_FAILED, slice_of(NULL, 0), why);
}

static void end_conn(struct dns_tcp_conn *c, const char *why)
{
	bool was_busy = c->busy;

	close_conn(c);
	c->busy = true;
	while (c->exchanges)
		end_exchange(c, c->exchanges, why);
	c->busy = was_busy;
	free_if_over(c);
}

static void forget_conn(struct dns_tcp_conn *c)
{
	close_conn(c);
	while (c->exchanges)
		take_off(c->exchanges);
	free_if_over(c);
}

void dns_tcp_close(struct dns_tcp *t, const void *ctx)
{
	struct dns_tcp_conn *next;

	for (struct dns_tcp_conn *c = t->conns; c; c = next) {
		next = c->next;
		if (!ctx || c->server.ctx == ctx)
			forget_conn(c);
	}
}

static void on_deadline(struct dns_timer *timer)
{
	struct dns_tcp_conn *c =
		(struct dns_tcp_conn *)(void *)((char *)timer -
						offsetof(struct dns_tcp_conn, deadline));

	end_conn(c, c->connected ? "the connection is silent" : "no connection in time");
}

/* ---- replies ---- */

static struct dns_exchange *find(const struct dns_tcp_conn *c, uint16_t id)
{
	struct dns_exchange *x = c->exchanges;

	while (x && x->id != id)
		x = x->next;
	return x;
}

/* The id of a question that was taken back is no fault. */
static void on_message(struct dns_tcp_conn *c, struct slice message)
{
	struct dns_exchange *x = NULL;
	uint16_t id;

	c->answered = true;
	if (dns_reply_id(message, &id))
		x = find(c, id);
	if (!x) {
		c->tcp->wrong++;
		return;
	}
	enum dns_reply how = dns_reply_compare(x, message);
	take_off(x);
	x->over(x, how == DNS_REPLY_OTHER_CASE ? DNS_REPLY_ANSWER : how, message, NULL);
}

/* Takes one whole message from what has come; false when there is none yet. */
static bool take_message(struct evbuffer *in, uint8_t *to, size_t *size)
{
	uint8_t length[LENGTH_SIZE];

	if (evbuffer_copyout(in, length, LENGTH_SIZE) != LENGTH_SIZE)
		return false;
	*size = (size_t)length[0] << 8 | length[1];
	if (*size < DNS_HEADER_SIZE)
		return true;
	if (evbuffer_get_length(in) < LENGTH_SIZE + *size)
		return false;
	evbuffer_drain(in, LENGTH_SIZE);
	evbuffer_remove(in, to, *size);
	return true;
}

static void on_readable(struct bufferevent *bev, void *ctx)
{
	struct dns_tcp_conn *c = ctx;
	struct evbuffer *in = bufferevent_get_input(bev);
	uint64_t now = clock_mono(c->tcp->clock);
	size_t size = DNS_HEADER_SIZE;
	bool whole = false;

	c->busy = true;
	c->heard_ms = now;
	while (c->bev && take_message(in, c->tcp->scratch, &size) && size >= DNS_HEADER_SIZE) {
		whole = true;
		on_message(c, slice_of(c->tcp->scratch, size));
	}
	if (c->bev && size < DNS_HEADER_SIZE)
		end_conn(c, "a message of less than a header");
	c->busy = false;
	if (!c->bev) {
		free_if_over(c);
		return;
	}
	if (evbuffer_get_length(in) == 0)
		c->part_ms = 0;
	else if (whole || c->part_ms == 0)
		c->part_ms = now;
	set_deadline(c);
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	struct dns_tcp_conn *c = ctx;
	const char *why = NULL;

	if (what & BEV_EVENT_CONNECTED) {
		c->connected = true;
		c->heard_ms = clock_mono(c->tcp->clock);
		set_deadline(c);
		return;
	}
	if (c->server.why)
		why = c->server.why(c->server.ctx, bev);
	if (!why)
		why = !c->connected          ? "no connection"
		      : what & BEV_EVENT_EOF ? "the server closed the connection"
					     : "the connection broke";
	end_conn(c, why);
}

/* ---- connections ---- */

static struct bufferevent *plain(void *ctx, struct event_base *base, int fd)
{
	struct bufferevent *bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);

	(void)ctx;
	if (!bev) {
		close(fd);
		return NULL;
	}
	if (bufferevent_socket_connect(bev, NULL, 0) == 0)
		return bev;
	bufferevent_free(bev);
	return NULL;
}

static int connecting(const struct netaddr *to)
{
	struct sockaddr_storage ss;
	socklen_t size = netaddr_to_sockaddr(to, &ss);
	int fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&ss, size) != 0 &&
		errno != EINPROGRESS) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* The caller has taken its places in the rows. No watermark is needed: what has come is less than
 * one message after each call of on_readable(), and libevent reads 16 kB at most before the next.
 */
static struct dns_tcp_conn *make_conn(struct dns_tcp *t, const struct dns_tcp_server *to)
{
	struct dns_tcp_conn *c = mem_alloc(sizeof *c);
	int fd = c ? connecting(&to->to) : -1;

	if (fd >= 0)
		c->bev = to->make ? to->make(to->ctx, t->base, fd) : plain(NULL, t->base, fd);
	if (!c || !c->bev) {
		mem_free(c);
		return NULL;
	}
	c->tcp = t;
	c->server = *to;
	c->begun_ms = clock_mono(t->clock);
	c->deadline.due = on_deadline;
	c->next = t->conns;
	t->conns = c;
	bufferevent_setcb(c->bev, on_readable, NULL, on_event, c);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
	set_deadline(c);
	return c;
}

static size_t common_count(const struct dns_tcp *t)
{
	size_t n = 0;

	for (const struct dns_tcp_conn *c = t->conns; c; c = c->next)
		n += c->server.common;
	return n;
}

/* Closes the connection that has been idle for longest. */
static bool make_room(struct dns_tcp *t, bool common)
{
	struct dns_tcp_conn *least = NULL;

	for (struct dns_tcp_conn *c = t->conns; c; c = c->next)
		if (c->waiting == 0 && !c->busy && (!common || c->server.common) &&
			(!least || c->heard_ms < least->heard_ms))
			least = c;
	if (least)
		forget_conn(least);
	return least != NULL;
}

static bool has_room(const struct dns_tcp *t, bool common)
{
	uint64_t most = bound_read(&t->connections->max),
		 quota = (most + QUOTA_PART - 1) / QUOTA_PART;

	return bound_has(t->connections, 1) && bound_has(t->bytes, DNS_TCP_CONN_BYTES) &&
	       (!common || common_count(t) < quota);
}

static enum err open_conn(
	struct dns_tcp *t, const struct dns_tcp_server *to, struct dns_tcp_conn **out)
{
	if (!has_room(t, to->common))
		make_room(t, to->common);
	if (!has_room(t, to->common)) {
		bound_hit(t->connections);
		return ERR_FULL;
	}
	bound_take(t->connections, 1);
	bound_take(t->bytes, DNS_TCP_CONN_BYTES);
	*out = make_conn(t, to);
	if (*out)
		return ERR_OK;
	bound_give(t->connections, 1);
	bound_give(t->bytes, DNS_TCP_CONN_BYTES);
	return ERR_IO;
}

/* ---- sending ---- */

static bool same_server(const struct dns_tcp_server *a, const struct dns_tcp_server *b)
{
	return netaddr_eq(&a->to, &b->to) && a->make == b->make && a->ctx == b->ctx &&
	       a->common == b->common;
}

/* The connection to this server with the fewest questions that has room for one more. `fresh`: only
 * one that has not answered yet. */
static struct dns_tcp_conn *usable(
	const struct dns_tcp *t, const struct dns_tcp_server *to, bool fresh)
{
	struct dns_tcp_conn *least = NULL;

	for (struct dns_tcp_conn *c = t->conns; c; c = c->next)
		if (c->waiting < bound_read(&t->streams->max) && same_server(&c->server, to) &&
			!(fresh && c->answered) && (!least || c->waiting < least->waiting))
			least = c;
	return least;
}

static bool draw_id(const struct dns_tcp_conn *c, struct dns_exchange *x)
{
	for (int i = 0; i < 64; i++) {
		rng_fill(c->tcp->rng, &x->id, sizeof x->id);
		if (!find(c, x->id))
			return true;
	}
	return false;
}

static bool send_on(struct dns_tcp_conn *c, struct dns_exchange *x)
{
	uint8_t bytes[LENGTH_SIZE + DNS_QUESTION_MAX];

	if (!draw_id(c, x))
		return false;
	dns_exchange_draw(x, c->tcp->rng);
	size_t n = dns_exchange_write(x, bytes + LENGTH_SIZE);
	bytes[0] = (uint8_t)(n >> 8);
	bytes[1] = (uint8_t)n;
	if (n == 0 || bufferevent_write(c->bev, bytes, LENGTH_SIZE + n) != 0)
		return false;
	if (c->waiting == 0)
		c->heard_ms = clock_mono(c->tcp->clock);
	dns_exchange_link(&c->exchanges, x);
	x->carrier = c;
	x->drop = drop;
	bound_peak(c->tcp->streams, ++c->waiting);
	set_deadline(c);
	return true;
}

static enum err send_by(struct dns_tcp *t, const struct dns_tcp_server *to, struct dns_tcp_conn *c,
	struct dns_exchange *x)
{
	enum err e = c ? ERR_OK : open_conn(t, to, &c);

	if (e == ERR_OK && !send_on(c, x))
		e = ERR_IO;
	return e;
}

static enum err send_on_fresh(
	struct dns_tcp *t, const struct dns_tcp_server *to, struct dns_exchange *x)
{
	return send_by(t, to, usable(t, to, true), x);
}

enum err dns_tcp_send(struct dns_tcp *t, const struct dns_tcp_server *to, struct dns_exchange *x)
{
	x->again = false;
	return send_by(t, to, usable(t, to, false), x);
}
