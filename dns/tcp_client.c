/* Role: one client by TCP: reads its questions, sends its answers, and closes it when a deadline
 * passes. Before: dns/tcp_listener.c accepted it. After: dns/tcp_buffers.c has its bytes;
 * dns/server.c hands the questions to dns/serve_query.c. */
#include <event2/event.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "dns/message.h"
#include "dns/tcp_internal.h"

static struct limits *limits_of(const struct dns_tcp_client *c)
{
	return c->tcp->owner.limits;
}

/* ---- deadlines ---- */

enum {
	PROGRESS = 4096,  /* so many bytes that a client reads begin its time anew */
	QUESTION_END = 5, /* bytes behind its last label: the root, type and class */
	FAILURE_MAX = DNS_HEADER_SIZE + DNS_NAME_MAX + QUESTION_END - 1,
};

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
		c->blocked = c->unsent > 0 || !bound_has(all, dns_tcp_cost(DNS_MESSAGE_MAX));
	return c->blocked;
}

static bool may_read(struct dns_tcp_client *c)
{
	const struct limits *l = limits_of(c);

	return !c->last && !c->starved && c->waiting < bound_read(&l->dns_tcp_inflight.max) &&
	       c->unsent + DNS_MESSAGE_MAX / 2 < bound_read(&l->dns_tcp_send_bytes.max) &&
	       !is_blocked(c);
}

/* How much of a question is looked at: of one that is too long the header, to refuse it. */
static size_t shown(const struct dns_tcp_client *c, size_t n)
{
	bool fits = n <= bound_read(&limits_of(c)->dns_tcp_query_bytes.max);

	return fits ? n : DNS_HEADER_SIZE;
}

/* Is a whole question at the front of the input? Its length in *n, which may be 0. For the rest of
 * a long one there may be no room now. */
static bool next_question(struct dns_tcp_client *c, size_t *n)
{
	const uint8_t *in = dns_tcp_bytes(c);

	if (c->in.size < DNS_TCP_LENGTH)
		return false;
	*n = (size_t)(in[0] << 8 | in[1]);
	if (c->in.size >= DNS_TCP_LENGTH + shown(c, *n))
		return true;
	if (DNS_TCP_LENGTH + shown(c, *n) > c->in.room)
		c->starved = !dns_tcp_enlarge(
			c, (size_t)bound_read(&limits_of(c)->dns_tcp_query_bytes.max));
	return false;
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
	struct dns_tcp_listener_owner *owner = &c->tcp->owner;
	size_t size = shown(c, n);

	c->waiting++;
	bound_peak(&limits_of(c)->dns_tcp_inflight, c->waiting);
	owner->question(owner->ctx, slice_of(dns_tcp_bytes(c) + DNS_TCP_LENGTH, size), &from);
	if (c->blocked)
		return;
	count(c, size < n);
	dns_tcp_drain(c, DNS_TCP_LENGTH + size);
	enter(c, DNS_TCP_IDLE); /* what follows is another question, or none */
}

/* All is answered and sent. If the client is still sending, a close would reset the connection, and
 * it could lose answers that it has not read so far: it is waited for, as for an idle one. */
static void close_side(struct dns_tcp_client *c)
{
	if (c->ended || (!c->closing && shutdown(c->fd, SHUT_WR) != 0)) {
		dns_tcp_client_free(c);
		return;
	}
	c->closing = true;
	event_add(c->readable, NULL);
	dns_tcp_client_arm(c);
}

/* What follows from the state that the client is in now: it is freed, or reads on, or waits. */
static void settle(struct dns_tcp_client *c)
{
	if (c->last)
		dns_tcp_drain(c, c->in.size);
	if (c->last && !c->waiting && !c->unsent) {
		close_side(c);
		return;
	}
	c->begun = c->in.size > 0;
	if (may_read(c)) {
		event_add(c->readable, NULL);
	} else {
		event_del(c->readable);
		c->tcp->paused |= c->blocked;
		c->tcp->starved |= c->starved;
	}
	dns_tcp_client_arm(c);
}

/* Sends the answers that are there without another turn of the loop, which would cost a client with
 * one question much. What the kernel does not take now waits for the loop, as does an error. */
static void send_now(struct dns_tcp_client *c)
{
	if (c->first && (!dns_tcp_flush(c) || c->first))
		event_add(c->writable, NULL);
}

void dns_tcp_client_read_on(struct dns_tcp_client *c)
{
	size_t n;

	c->reading = true;
	c->starved = false;
	do {
		while (may_read(c) && next_question(c, &n))
			ask(c, n);
		send_now(c);
	} while (may_read(c) && next_question(c, &n));
	c->reading = false;
	settle(c);
}

/* A client that has closed its side still gets its answers. */
static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct dns_tcp_client *c = ctx;

	(void)fd;
	(void)what;
	switch (dns_tcp_receive(c)) {
	case -2:
		dns_tcp_client_free(c);
		return;
	case -1:
		return;
	case 0:
		c->last = c->ended = true;
		settle(c);
		return;
	default:
		dns_tcp_client_read_on(c);
	}
}

/* ---- writing ---- */

static void on_writable(evutil_socket_t fd, short what, void *ctx)
{
	struct dns_tcp_client *c = ctx;

	(void)fd;
	(void)what;
	if (dns_tcp_flush(c))
		dns_tcp_client_read_on(c);
	else
		dns_tcp_client_free(c);
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
 * lost. */
static bool send_answer(struct dns_tcp_client *c, struct slice answer)
{
	size_t n = dns_tcp_cost(answer.n);

	if (!has_room(c, n)) {
		c->blocked = c->reading;
		return c->blocked;
	}
	if (!dns_tcp_add(c, answer)) {
		dns_tcp_give_bytes(c->tcp, n);
		return false;
	}
	bound_peak(&limits_of(c)->dns_tcp_send_bytes, c->unsent);
	return true;
}

/* The header and the question of an answer, as SERVFAIL. Returns the bytes; 0 = it has no question.
 */
static size_t make_failure(struct slice answer, uint8_t to[FAILURE_MAX])
{
	size_t n = DNS_HEADER_SIZE;

	if (answer.n < DNS_HEADER_SIZE || answer.p[5] != 1)
		return 0;
	while (n < answer.n && answer.p[n])
		n += answer.p[n] + 1u;
	n += QUESTION_END;
	if (n > answer.n || n > FAILURE_MAX)
		return 0;
	memcpy(to, answer.p, n);
	to[2] &= (uint8_t) ~((DNS_FLAG_AA | DNS_FLAG_TC) >> 8);
	to[3] = (uint8_t)((to[3] & (DNS_FLAG_RA | DNS_FLAG_CD)) | DNS_RCODE_SERVFAIL);
	memset(to + 6, 0, DNS_HEADER_SIZE - 6); /* no records */
	return n;
}

/* In place of an answer that came late and found no room. */
static bool send_failure(struct dns_tcp_client *c, struct slice answer)
{
	uint8_t failure[FAILURE_MAX];
	size_t n = make_failure(answer, failure);

	return n && send_answer(c, slice_of(failure, n));
}

void dns_tcp_client_end(struct dns_tcp_client *c, struct slice answer)
{
	c->waiting--;
	if (answer.n && !send_answer(c, answer)) {
		dns_count(&c->tcp->owner.figures->drop[DNS_DROP_SEND]);
		c->last |= !send_failure(c, answer);
	}
	if (!c->reading)
		dns_tcp_client_read_on(c);
}

/* ---- life ---- */

static bool set_up(struct dns_tcp_client *c)
{
	struct event_base *base = c->tcp->base;

	c->readable = event_new(base, c->fd, EV_READ | EV_PERSIST, on_readable, c);
	c->writable = event_new(base, c->fd, EV_WRITE, on_writable, c);
	c->deadline = evtimer_new(base, on_deadline, c);
	return c->readable && c->writable && c->deadline && event_add(c->readable, NULL) == 0;
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
	c->fd = fd;
	c->in.room = sizeof c->in.small;
	c->last_place = &c->first;
	c->from = *from;
	c->number = ++t->numbers;
	memcpy(c->host, host, sizeof c->host);
	c->next = t->first;
	t->first = c;
	enter(c, DNS_TCP_IDLE);
	if (set_up(c)) {
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
	struct event *events[] = {c->readable, c->writable, c->deadline};
	for (size_t i = 0; i < sizeof events / sizeof *events; i++)
		if (events[i])
			event_free(events[i]);
	close(c->fd);
	dns_tcp_buffers_free(c);
	bound_give(&limits_of(c)->dns_tcp_clients, 1);
	mem_free(c);
}
