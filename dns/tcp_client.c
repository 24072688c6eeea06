/* Role: one client by TCP: reads its questions, sends its answers, and closes it when a deadline
 * passes. Before: dns/tcp_listener.c accepted it. After: dns/server.c hands the questions to
 * dns/serve_query.c. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "dns/message.h"
#include "dns/tcp_internal.h"

enum {
	LENGTH = 2,      /* bytes before each message */
	READ_MAX = 4000, /* bytes that are read at once */
};

static struct limits *limits_of(const struct dns_tcp_client *c)
{
	return c->tcp->owner.limits;
}

/* ---- deadlines ---- */

enum { PROGRESS = 4096 /* so many bytes that a client reads begin its time anew */ };

static enum dns_tcp_state state_of(const struct dns_tcp_client *c)
{
	if (c->closing)
		return DNS_TCP_CLOSING;
	if (c->unsent)
		return DNS_TCP_WRITING;
	if (c->waiting || c->blocked)
		return DNS_TCP_WAITING;
	return c->begun ? DNS_TCP_ASKING : DNS_TCP_IDLE;
}

static uint64_t deadline_ms(const struct dns_tcp_client *c)
{
	const struct limits *l = limits_of(c);

	switch (c->state) {
	case DNS_TCP_WRITING:
		return bound_read(&l->dns_tcp_write.max);
	case DNS_TCP_ASKING:
		return bound_read(&l->dns_tcp_message.max);
	case DNS_TCP_IDLE:
	case DNS_TCP_CLOSING:
		return dns_tcp_idle_ms(c->tcp);
	case DNS_TCP_WAITING:
		break;
	}
	return 0;
}

/* The state begins anew. */
static void enter(struct dns_tcp_client *c, enum dns_tcp_state state)
{
	c->state = state;
	c->since_ms = clock_mono(c->tcp->owner.clock);
	c->taken = 0;
}

void dns_tcp_client_arm(struct dns_tcp_client *c)
{
	enum dns_tcp_state state = state_of(c);

	if (state != c->state || c->taken >= PROGRESS)
		enter(c, state);
	if (c->state == DNS_TCP_WAITING) {
		evtimer_del(c->deadline);
		return;
	}
	uint64_t now = clock_mono(c->tcp->owner.clock), end = c->since_ms + deadline_ms(c);
	uint64_t ms = end > now ? end - now : 0;
	struct timeval tv = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};
	evtimer_add(c->deadline, &tv);
}

static void on_deadline(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	dns_tcp_client_free(ctx);
}

/* ---- reading ---- */

/* A client whose answer found no room, or that may find none, goes on when there is room for the
 * longest one. */
static bool is_blocked(struct dns_tcp_client *c)
{
	const struct bound *all = &limits_of(c)->dns_tcp_send_total_bytes;

	if (c->blocked || !bound_has(all, DNS_MESSAGE_MAX / 2))
		c->blocked = c->unsent > 0 || !bound_has(all, LENGTH + DNS_MESSAGE_MAX);
	return c->blocked;
}

static bool may_read(struct dns_tcp_client *c)
{
	const struct limits *l = limits_of(c);

	return !c->last && c->waiting < bound_read(&l->dns_tcp_inflight.max) &&
	       c->unsent + DNS_MESSAGE_MAX / 2 < bound_read(&l->dns_tcp_send_bytes.max) &&
	       !is_blocked(c);
}

/* How much of a question is looked at: of one that is too long the header, to refuse it. */
static size_t shown(const struct dns_tcp_client *c, size_t n)
{
	bool fits = n <= bound_read(&limits_of(c)->dns_tcp_query_bytes.max);

	return fits ? n : DNS_HEADER_SIZE;
}

/* Is a whole question at the front of the input? Its length in *n, which may be 0. */
static bool next_question(struct dns_tcp_client *c, size_t *n)
{
	struct evbuffer *in = bufferevent_get_input(c->io);
	size_t here = evbuffer_get_length(in);
	uint8_t length[LENGTH];

	if (here < LENGTH)
		return false;
	evbuffer_copyout(in, length, LENGTH);
	*n = (size_t)(length[0] << 8 | length[1]);
	return here >= LENGTH + shown(c, *n);
}

static void count(struct dns_tcp_client *c, bool too_long)
{
	struct limits *l = limits_of(c);

	dns_count(&c->tcp->owner.figures->tcp);
	c->asked++;
	if (too_long)
		bound_hit(&l->dns_tcp_query_bytes);
	c->last = c->last || too_long || c->asked >= bound_read(&l->dns_tcp_queries.max);
}

/* Hands the question at the front of the input over. An answer that comes within the call does not
 * free the client, because it is reading. One that finds no room leaves the question where it is.
 */
static void ask(struct dns_tcp_client *c, size_t n)
{
	const struct dns_client from = {.kind = DNS_CLIENT_TCP,
		.from = c->from,
		.number = c->number,
		.idle_tenths = (uint16_t)(dns_tcp_idle_ms(c->tcp) / 100)};
	struct evbuffer *in = bufferevent_get_input(c->io);
	struct dns_tcp_listener_owner *owner = &c->tcp->owner;
	size_t size = shown(c, n);

	const uint8_t *p = evbuffer_pullup(in, (ev_ssize_t)(LENGTH + size));
	c->waiting++;
	bound_peak(&limits_of(c)->dns_tcp_inflight, c->waiting);
	owner->question(
		owner->ctx, p ? (struct slice){p + LENGTH, size} : (struct slice){NULL, 0}, &from);
	if (c->blocked)
		return;
	count(c, size < n);
	evbuffer_drain(in, LENGTH + size);
	enter(c, DNS_TCP_IDLE); /* what follows is another question, or none */
}

/* The input holds the longest question and no more. (libevent's read watermark would do the same,
 * but crashes when memory runs out while it is set.) A read fits into a block of 4 kB: one byte
 * more would take 8. */
static void read_more(struct dns_tcp_client *c)
{
	size_t most = LENGTH + (size_t)bound_read(&limits_of(c)->dns_tcp_query_bytes.max);
	size_t here = evbuffer_get_length(bufferevent_get_input(c->io)),
	       left = here < most ? most - here : 1;

	bufferevent_set_max_single_read(c->io, left < READ_MAX ? left : (size_t)READ_MAX);
	bufferevent_enable(c->io, EV_READ);
}

/* All is answered and sent. If the client is still sending, a close would reset the connection, and
 * it could lose answers that it has not read so far: it is waited for, as for an idle one. */
static void close_side(struct dns_tcp_client *c)
{
	if (c->ended || (!c->closing && shutdown(bufferevent_getfd(c->io), SHUT_WR) != 0)) {
		dns_tcp_client_free(c);
		return;
	}
	c->closing = true;
	read_more(c);
	dns_tcp_client_arm(c);
}

/* What follows from the state that the client is in now: it is freed, or reads on, or waits. */
static void settle(struct dns_tcp_client *c)
{
	struct evbuffer *in = bufferevent_get_input(c->io);

	if (c->last)
		evbuffer_drain(in, evbuffer_get_length(in));
	if (c->last && !c->waiting && !c->unsent) {
		close_side(c);
		return;
	}
	c->begun = evbuffer_get_length(in) > 0;
	if (may_read(c)) {
		read_more(c);
	} else {
		bufferevent_disable(c->io, EV_READ);
		if (c->blocked)
			c->tcp->paused = true;
	}
	dns_tcp_client_arm(c);
}

/* Sends the answers that are there without another turn of the loop, which would cost a client with
 * one question much. What the kernel does not take now waits for the loop, as does an error. */
static void send_now(struct dns_tcp_client *c)
{
	struct evbuffer *out = bufferevent_get_output(c->io);

	if (!c->unsent)
		return;
	evbuffer_unfreeze(out, 1);
	(void)evbuffer_write(out, bufferevent_getfd(c->io));
	evbuffer_freeze(out, 1);
	if (c->unsent)
		bufferevent_enable(c->io, EV_WRITE);
}

void dns_tcp_client_read_on(struct dns_tcp_client *c)
{
	size_t n;

	c->reading = true;
	do {
		while (may_read(c) && next_question(c, &n))
			ask(c, n);
		send_now(c);
	} while (may_read(c) && next_question(c, &n));
	c->reading = false;
	settle(c);
}

static void on_readable(struct bufferevent *io, void *ctx)
{
	(void)io;
	dns_tcp_client_read_on(ctx);
}

/* A client that has closed its side still gets its answers. */
static void on_event(struct bufferevent *io, short what, void *ctx)
{
	struct dns_tcp_client *c = ctx;

	(void)io;
	if (!(what & BEV_EVENT_EOF)) {
		dns_tcp_client_free(c);
		return;
	}
	c->last = c->ended = true;
	settle(c);
}

/* ---- writing ---- */

/* Counts what the kernel took. */
static void on_output(struct evbuffer *out, const struct evbuffer_cb_info *info, void *ctx)
{
	struct dns_tcp_client *c = ctx;

	(void)out;
	if (info->n_deleted == 0)
		return;
	c->unsent -= info->n_deleted;
	c->taken += info->n_deleted;
	dns_tcp_give_bytes(c->tcp, info->n_deleted);
}

static void on_written(struct bufferevent *io, void *ctx)
{
	bufferevent_disable(io, EV_WRITE);
	dns_tcp_client_read_on(ctx);
}

static bool has_room(struct dns_tcp_client *c, size_t n)
{
	struct bound *most = &limits_of(c)->dns_tcp_send_bytes;

	if (c->unsent + n <= bound_read(&most->max))
		return bound_take(&limits_of(c)->dns_tcp_send_total_bytes, n);
	bound_hit(most);
	return false;
}

/* An answer that comes at once and finds no room is asked for again later; one that comes late is
 * lost, and the client with it. */
static bool send_answer(struct dns_tcp_client *c, struct slice answer)
{
	uint8_t length[LENGTH] = {(uint8_t)(answer.n >> 8), (uint8_t)answer.n};
	size_t n = LENGTH + answer.n;

	if (!has_room(c, n)) {
		c->blocked = c->reading;
		return c->blocked;
	}
	c->unsent += n;
	bound_peak(&limits_of(c)->dns_tcp_send_bytes, c->unsent);
	if (bufferevent_write(c->io, length, LENGTH) == 0 &&
		bufferevent_write(c->io, answer.p, answer.n) == 0)
		return true;
	/* What was not added must not stay counted. */
	size_t added = evbuffer_get_length(bufferevent_get_output(c->io));
	dns_tcp_give_bytes(c->tcp, c->unsent - added);
	c->unsent = added;
	return false;
}

void dns_tcp_client_end(struct dns_tcp_client *c, struct slice answer)
{
	c->waiting--;
	if (answer.n && !send_answer(c, answer)) {
		dns_count(&c->tcp->owner.figures->drop[DNS_DROP_SEND]);
		c->last = true;
	}
	if (!c->reading)
		dns_tcp_client_read_on(c);
}

/* ---- life ---- */

static bool set_up(struct dns_tcp_client *c, int fd)
{
	struct dns_tcp_listener *t = c->tcp;

	c->io = bufferevent_socket_new(t->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!c->io) {
		close(fd);
		return false;
	}
	bufferevent_setcb(c->io, on_readable, on_written, on_event, c);
	c->deadline = evtimer_new(t->base, on_deadline, c);
	if (!c->deadline || !evbuffer_add_cb(bufferevent_get_output(c->io), on_output, c))
		return false;
	read_more(c);
	/* Only send_now() asks for a turn to write. */
	return bufferevent_disable(c->io, EV_WRITE) == 0 && bufferevent_enable(c->io, EV_READ) == 0;
}

struct dns_tcp_client *dns_tcp_client_new(
	struct dns_tcp_listener *t, int fd, const struct netaddr *from, const uint8_t host[16])
{
	struct dns_tcp_client *c = mem_alloc(sizeof *c);

	if (!c) {
		bound_give(&t->owner.limits->dns_tcp_clients, 1);
		close(fd);
		return NULL;
	}
	c->tcp = t;
	c->from = *from;
	c->number = ++t->numbers;
	memcpy(c->host, host, sizeof c->host);
	c->next = t->first;
	t->first = c;
	enter(c, DNS_TCP_IDLE);
	if (set_up(c, fd)) {
		dns_tcp_client_arm(c);
		return c;
	}
	dns_tcp_client_free(c);
	return NULL;
}

void dns_tcp_client_free(struct dns_tcp_client *c)
{
	struct dns_tcp_client **at = &c->tcp->first;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	if (c->io) {
		evbuffer_remove_cb(bufferevent_get_output(c->io), on_output, c);
		bufferevent_free(c->io);
	}
	if (c->deadline)
		event_free(c->deadline);
	dns_tcp_give_bytes(c->tcp, c->unsent);
	bound_give(&limits_of(c)->dns_tcp_clients, 1);
	mem_free(c);
}
