/* The life of a connection to a server, whatever is spoken on it. Everything has a deadline: the
 * connection, silence while an answer is owed, one message, idleness.
 * Before: dns/upstream_tcp.c. After: the protocol of the connection; who asked is told by
 * dns_exchange.over(). */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "dns/upstream_tcp_internal.h"

/* ---- deadlines ---- */

static uint64_t silence_ends(const struct dns_tcp_conn *c)
{
	if (!c->connected)
		return c->begun_ms +
		       (c->server.connect_ms ? c->server.connect_ms : (uint64_t)DNS_TCP_CONNECT_MS);
	if (c->waiting == 0)
		return c->leaving ? 0 : c->heard_ms + DNS_TCP_IDLE_MS;
	return c->heard_ms + (c->answered ? DNS_TCP_REUSED_MS : DNS_TCP_FRESH_MS);
}

static void set_deadline(struct dns_tcp_conn *c)
{
	uint64_t at = silence_ends(c);

	if (c->part_ms && c->part_ms + DNS_TCP_MESSAGE_MS < at)
		at = c->part_ms + DNS_TCP_MESSAGE_MS;
	dns_timer_set(c->tcp->timers, &c->deadline, at);
}

static void on_deadline(struct dns_timer *timer)
{
	struct dns_tcp_conn *c =
		(struct dns_tcp_conn *)(void *)((char *)timer -
						offsetof(struct dns_tcp_conn, deadline));

	dns_tcp_conn_end(c, c->connected ? "the connection is silent" : "no connection in time");
}

/* ---- exchanges ---- */

struct dns_exchange *dns_tcp_find(const struct dns_tcp_conn *c, uint16_t id)
{
	struct dns_exchange *x = c->exchanges;

	while (x && x->id != id)
		x = x->next;
	return x;
}

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
	if (!c->bev)
		return;
	if (c->protocol->dropped)
		c->protocol->dropped(c, x);
	if (c->waiting == 0) {
		c->heard_ms = clock_mono(c->tcp->clock);
		set_deadline(c);
	}
}

void dns_tcp_reply(
	struct dns_exchange *x, enum dns_reply how, struct slice message, const char *why)
{
	take_off(x);
	x->over(x, how, message, why);
}

/* At most DNS_TCP_CONNECT_MS, while it is being made. */
static uint16_t age_of(const struct dns_tcp_conn *c)
{
	return (uint16_t)(clock_mono(c->tcp->clock) - c->begun_ms);
}

bool dns_tcp_conn_send(struct dns_tcp_conn *c, struct dns_exchange *x)
{
	dns_exchange_draw(x, c->tcp->rng);
	if (!c->protocol->send(c, x))
		return false;
	if (c->waiting == 0)
		c->heard_ms = clock_mono(c->tcp->clock);
	dns_exchange_link(&c->exchanges, x);
	x->carrier = c;
	x->drop = drop;
	x->waited_ms = c->connected ? 0 : age_of(c) + 1;
	bound_peak(c->tcp->streams, ++c->waiting);
	set_deadline(c);
	return true;
}

/* ---- the end ---- */

/* Its exchanges are still in its list. */
static void close_conn(struct dns_tcp_conn *c)
{
	struct dns_tcp_conn **place = &c->tcp->conns;

	while (*place != c)
		place = &(*place)->next;
	*place = c->next;
	if (c->protocol->end)
		c->protocol->end(c);
	bufferevent_free(c->bev);
	c->bev = NULL;
	dns_timer_stop(c->tcp->timers, &c->deadline);
	dns_tcp_give_places(c->tcp, &c->server);
}

static void free_if_over(struct dns_tcp_conn *c)
{
	if (!c->bev && !c->busy)
		mem_free(c);
}

/* Sends it on a fresh one if it may be repeated, else it is over. */
static void end_exchange(
	struct dns_tcp_conn *c, struct dns_exchange *x, bool repeat, const char *why)
{
	take_off(x);
	if (repeat && dns_tcp_send_on_fresh(c->tcp, &c->server, x) == ERR_OK)
		return;
	x->over(x, DNS_REPLY_FAILED, slice_of(NULL, 0), why);
}

/* Once only. */
static bool may_repeat(struct dns_exchange *x, bool good)
{
	bool may = good && !x->again;

	x->again |= may;
	return may;
}

void dns_tcp_refused(struct dns_exchange *x, const char *why)
{
	end_exchange(x->carrier, x, may_repeat(x, true), why);
}

/* Those of one that was never made go to the server's next address. */
void dns_tcp_conn_end(struct dns_tcp_conn *c, const char *why)
{
	bool was_busy = c->busy, elsewhere;

	close_conn(c);
	c->busy = true;
	elsewhere = !c->connected && c->server.next && c->server.next(&c->server);
	while (c->exchanges) {
		struct dns_exchange *x = c->exchanges;
		x->again |= elsewhere; /* its answer measures nothing */
		end_exchange(c, x, elsewhere || may_repeat(x, c->answered), why);
	}
	c->busy = was_busy;
	free_if_over(c);
}

void dns_tcp_conn_forget(struct dns_tcp_conn *c)
{
	close_conn(c);
	while (c->exchanges)
		take_off(c->exchanges);
	free_if_over(c);
}

/* ---- what comes ---- */

static void receive(struct dns_tcp_conn *c)
{
	bool heard = false;

	c->busy = true;
	const char *why = c->protocol->receive(c, bufferevent_get_input(c->bev), &heard);
	if (c->bev && why)
		dns_tcp_conn_end(c, why);
	c->busy = false;
	if (!c->bev) {
		free_if_over(c);
		return;
	}
	if (heard)
		c->heard_ms = clock_mono(c->tcp->clock);
	set_deadline(c);
}

bool dns_tcp_is_behind(const struct dns_tcp_conn *c)
{
	return evbuffer_get_length(bufferevent_get_output(c->bev)) > DNS_TCP_OUTPUT_MAX;
}

/* A server that does not read is not read from: what it makes us say would have no bound. */
static void on_readable(struct bufferevent *bev, void *ctx)
{
	struct dns_tcp_conn *c = ctx;

	if (dns_tcp_is_behind(c))
		bufferevent_disable(bev, EV_READ);
	else
		receive(c);
}

static void on_written(struct bufferevent *bev, void *ctx)
{
	struct dns_tcp_conn *c = ctx;

	if (bufferevent_get_enabled(bev) & EV_READ)
		return;
	bufferevent_enable(bev, EV_READ);
	receive(c);
}

static void on_connected(struct dns_tcp_conn *c)
{
	const char *why;

	/* What was sent later has waited less: it has the age of that moment. */
	for (struct dns_exchange *x = c->exchanges; x; x = x->next)
		x->waited_ms = (uint16_t)(age_of(c) + 2 - x->waited_ms);
	c->connected = true;
	c->heard_ms = clock_mono(c->tcp->clock);
	why = c->protocol->connected ? c->protocol->connected(c) : NULL;
	if (why)
		dns_tcp_conn_end(c, why);
	else
		set_deadline(c);
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	struct dns_tcp_conn *c = ctx;
	const char *why = NULL;

	if (what & BEV_EVENT_CONNECTED) {
		on_connected(c);
		return;
	}
	if (c->server.why)
		why = c->server.why(c->server.ctx, bev);
	if (!why)
		why = !c->connected          ? "no connection"
		      : what & BEV_EVENT_EOF ? "the server closed the connection"
					     : "the connection broke";
	dns_tcp_conn_end(c, why);
}

/* ---- the beginning ---- */

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

/* Nothing waits for the acknowledgement of what was sent before: that may take 40 ms. */
static int connecting(const struct netaddr *to)
{
	struct sockaddr_storage ss;
	socklen_t size = netaddr_to_sockaddr(to, &ss);
	int fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;

	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&ss, size) != 0 &&
		errno != EINPROGRESS) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static struct bufferevent *open_bev(struct dns_tcp *t, const struct dns_tcp_server *to)
{
	int fd = connecting(&to->to);

	if (fd < 0)
		return NULL;
	return to->make ? to->make(to->ctx, t->base, fd) : plain(NULL, t->base, fd);
}

/* No watermark is needed: what has come is less than one message after each call of receive(), and
 * libevent reads 16 kB at most before the next. */
static void begin(struct dns_tcp_conn *c)
{
	c->begun_ms = clock_mono(c->tcp->clock);
	c->deadline.due = on_deadline;
	c->next = c->tcp->conns;
	c->tcp->conns = c;
	bufferevent_setcb(c->bev, on_readable, on_written, on_event, c);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
	set_deadline(c);
}

struct dns_tcp_conn *dns_tcp_conn_new(struct dns_tcp *t, const struct dns_tcp_server *to)
{
	struct dns_tcp_conn *c = mem_alloc(sizeof *c);

	if (!c)
		return NULL;
	c->tcp = t;
	c->server = *to;
	c->protocol = to->protocol ? to->protocol : &dns_tcp_by_length;
	c->bev = open_bev(t, to);
	if (c->bev && (!c->protocol->begin || c->protocol->begin(c))) {
		begin(c);
		return c;
	}
	if (c->bev)
		bufferevent_free(c->bev);
	mem_free(c);
	return NULL;
}
