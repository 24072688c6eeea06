/* Before: node/dispatch.c, the log. After: the clients that asked node/admin_routes.c for /events.
 */
#include "node/events.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "node/admin_access.h"
#include "node/status.h"

enum {
	BEAT_S = 15,  /* shows a client that the node is there, and the node who is gone */
	BUSY_S = 1,   /* between states while blocks are being downloaded */
	WRITE_S = 60, /* a client that reads nothing for so long is gone */
	STATE_MAX = 8192,
};

struct subscriber {
	struct events *events;
	struct subscriber *next;
	struct bufferevent *bev;
	bool local;  /* came over the Unix socket */
	bool ending; /* closed when all is written */
};

struct events {
	struct node *n;
	struct subscriber *all;
	struct event *beat;
	unsigned beats;
	struct log_tail tail;
	uint64_t told;    /* the next line of it that subscribers have not been given */
	pthread_t thread; /* the loop's: no other may touch a subscriber */
	int woken_fd;     /* eventfd: another thread put a line into the tail; −1 = none */
	struct event *woken;
};

static struct bound *places(const struct events *e)
{
	return &e->n->config->limits.max_subscribers;
}

/* ---- one subscriber ---- */

static void subscriber_free(struct subscriber *s)
{
	struct subscriber **place = &s->events->all;

	while (*place != s)
		place = &(*place)->next;
	*place = s->next;
	bound_give(places(s->events), 1);
	bufferevent_free(s->bev);
	mem_free(s);
}

static void on_read(struct bufferevent *bev, void *ctx)
{
	struct evbuffer *in = bufferevent_get_input(bev);

	(void)ctx;
	evbuffer_drain(in, evbuffer_get_length(in)); /* nothing more is expected of it */
}

static void on_written(struct bufferevent *bev, void *ctx)
{
	struct subscriber *s = ctx;

	if (s->ending && evbuffer_get_length(bufferevent_get_output(bev)) == 0)
		subscriber_free(s);
}

static void on_end(struct bufferevent *bev, short what, void *ctx)
{
	(void)bev;
	(void)what;
	subscriber_free(ctx);
}

static void end(struct subscriber *s, const char *why)
{
	char text[EVENT_MAX];
	int n = snprintf(text, sizeof text, "event: end\ndata: {\"reason\":\"%s\"}\n\n", why);

	if (s->ending)
		return;
	s->ending = true;
	bufferevent_write(s->bev, text, (size_t)n);
}

static void give(struct subscriber *s, struct slice text)
{
	struct bound *room = &s->events->n->config->limits.subscriber_bytes;
	size_t waiting = evbuffer_get_length(bufferevent_get_output(s->bev)) + text.n;

	if (s->ending)
		return;
	if (waiting > room->max) {
		bound_hit(room);
		end(s, "you read too slowly: limits.subscriber_bytes");
		return;
	}
	bound_peak(room, waiting);
	if (bufferevent_write(s->bev, text.p, text.n) != 0)
		s->ending = true;
}

/* ---- all of them ---- */

/* Each event is written once, behind its head: two buffers of this size would be a large frame. */
static struct wr event_begin(const char *kind, void *text, size_t size)
{
	struct wr w = wr_of(text, size);
	int n = snprintf(text, size, "event: %s\ndata: ", kind);

	w.n = (size_t)n;
	return w;
}

/* What was written since event_begin() is one line; what found no room is not told. */
static bool event_end(struct wr *w)
{
	static const char end_of_event[] = "\n\n";

	wr_bytes(w, end_of_event, 2);
	return !w->bad;
}

static void event_tell(struct events *e, struct wr *w)
{
	bool good = event_end(w);

	for (struct subscriber *s = e->all; s && good; s = s->next)
		give(s, wr_done(w));
}

void events_tip(struct events *e)
{
	uint8_t text[EVENT_MAX];
	struct wr w = event_begin("tip", text, sizeof text);
	struct json_wr j = {.w = &w};
	struct chain_tip t;

	if (!e || !e->all)
		return;
	chain_get_tip(e->n->chain, &t);
	json_open(&j, NULL, '{');
	json_u64(&j, "height", t.height);
	json_hex(&j, "tip", slice_of(t.hash, t.height ? HASH_SIZE : 0));
	json_i64(&j, "tip_timestamp", t.timestamp);
	json_bool(&j, "full", t.last_full == t.height);
	json_close(&j, '}');
	event_tell(e, &w);
}

void events_peer(struct events *e, peer_id id, const char *what)
{
	uint8_t text[EVENT_MAX];
	struct wr w = event_begin("peer", text, sizeof text);
	struct json_wr j = {.w = &w};
	char address[NETADDR_TEXT_MAX];
	struct peer_info info;

	if (!e || !e->all)
		return;
	json_open(&j, NULL, '{');
	json_u64(&j, "id", id);
	if (p2p_info(e->n->p2p, id, &info))
		json_str(&j, "address", netaddr_text(&info.addr, address));
	json_str(&j, "state", what);
	json_close(&j, '}');
	event_tell(e, &w);
}

/* To a newcomer, or, when that is NULL, to all. Whoever comes and goes without end must not keep
 * the others busy. */
static void tell_state(struct events *e, struct subscriber *newcomer)
{
	uint8_t text[STATE_MAX + 64]; /* and its head */
	struct wr w = event_begin("status", text, sizeof text);

	status_json(e->n, &w);
	if (!newcomer)
		event_tell(e, &w);
	else if (event_end(&w))
		give(newcomer, wr_done(&w));
}

/* ---- lines of the log ---- */

static void tell_line(struct events *e, enum log_level level, const char *line)
{
	uint8_t text[2 * EVENT_MAX];
	struct wr w = event_begin("log", text, sizeof text);
	struct json_wr j = {.w = &w};

	if (!e->all)
		return;
	json_open(&j, NULL, '{');
	json_str(&j, "level", log_level_name(level));
	json_str(&j, "text", line);
	json_close(&j, '}');
	event_tell(e, &w);
}

/* What other threads logged, up to that number. More lines than are kept in one turn of the loop
 * are lost to subscribers, not to the log. */
static void tell_kept(struct events *e, uint64_t end)
{
	uint64_t first = log_tail_first(&e->tail);
	struct log_tail_line line;

	for (e->told = e->told < first ? first : e->told; e->told < end; e->told++)
		if (log_tail_get(&e->tail, e->told, &line))
			tell_line(e, line.level, line.text);
}

/* On the thread that logs. */
static void on_line(void *ctx, enum log_level level, const char *line)
{
	struct events *e = ctx;
	uint64_t one = 1, number = log_tail_put(&e->tail, level, line);

	if (pthread_equal(pthread_self(), e->thread)) {
		tell_kept(e, number);
		tell_line(e, level, line); /* whole */
		e->told = number + 1;
	} else if (write(e->woken_fd, &one, sizeof one) < 0) {
		return; /* the counter is full: the loop is about to be woken */
	}
}

static void on_woken(evutil_socket_t fd, short what, void *ctx)
{
	struct events *e = ctx;
	uint64_t count;

	(void)what;
	if (read((int)fd, &count, sizeof count) > 0)
		tell_kept(e, UINT64_MAX);
}

struct log_tail *events_tail(struct events *e)
{
	return &e->tail;
}

/* ---- the beat ---- */

/* Sleeps when nobody listens. */
static void arm(struct events *e)
{
	struct timeval tv = {BUSY_S, 0};

	if (e->all)
		event_add(e->beat, &tv);
}

/* Those whose last words found no memory, so that nothing is written any more. */
static void drop_mute(struct events *e)
{
	struct subscriber *next;

	for (struct subscriber *s = e->all; s; s = next) {
		next = s->next;
		if (s->ending && evbuffer_get_length(bufferevent_get_output(s->bev)) == 0)
			subscriber_free(s);
	}
}

static void on_beat(evutil_socket_t fd, short what, void *ctx)
{
	struct events *e = ctx;

	(void)fd;
	(void)what;
	if (sync_busy(e->n->sync) || ++e->beats % BEAT_S == 0)
		tell_state(e, NULL);
	drop_mute(e);
	arm(e);
}

/* ---- life ---- */

struct events *events_start(struct node *n)
{
	struct events *e = mem_alloc(sizeof *e);

	if (!e)
		return NULL;
	e->n = n;
	e->thread = pthread_self();
	log_tail_init(&e->tail);
	e->woken_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	e->beat = event_new(n->base, -1, 0, on_beat, e);
	e->woken = e->woken_fd < 0
			   ? NULL
			   : event_new(n->base, e->woken_fd, EV_READ | EV_PERSIST, on_woken, e);
	if (!e->beat || !e->woken || event_add(e->woken, NULL) != 0) {
		events_free(e);
		return NULL;
	}
	log_tap(on_line, e);
	return e;
}

/* Strangers leave some places to the Unix socket. */
static bool take_place(struct events *e, bool local)
{
	struct bound *b = places(e);
	uint64_t strangers = 0;

	for (struct subscriber *s = e->all; s; s = s->next)
		strangers += !s->local;
	if (local || strangers + admin_places_kept(b->max) < b->max)
		return bound_take(b, 1);
	bound_hit(b);
	return false;
}

enum err events_subscribe(struct events *e, struct bufferevent *bev, bool local)
{
	static const char head[] = "HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n"
				   "Cache-Control: no-store\r\n"
				   "X-Content-Type-Options: nosniff\r\n"
				   "X-Frame-Options: DENY\r\nReferrer-Policy: no-referrer\r\n"
				   "Content-Security-Policy: default-src 'none'; "
				   "frame-ancestors 'none'\r\n\r\nretry: 5000\n\n";
	struct timeval patience = {WRITE_S, 0};

	if (!take_place(e, local))
		return ERR_FULL;
	struct subscriber *s = mem_alloc(sizeof *s);
	if (!s) {
		bound_give(places(e), 1);
		return ERR_NOMEM;
	}
	*s = (struct subscriber){.events = e, .next = e->all, .bev = bev, .local = local};
	e->all = s;
	bufferevent_setcb(bev, on_read, on_written, on_end, s);
	bufferevent_set_timeouts(bev, NULL, &patience);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
	give(s, slice_of(head, sizeof head - 1));
	tell_state(e, s);
	arm(e);
	return ERR_OK;
}

size_t events_subscribers(const struct events *e)
{
	return e ? (size_t)places(e)->used : 0;
}

void events_end_strangers(struct events *e)
{
	for (struct subscriber *s = e ? e->all : NULL; s; s = s->next)
		if (!s->local)
			end(s, "who may ask has changed");
}

void events_quiesce(struct events *e)
{
	for (struct subscriber *s = e ? e->all : NULL; s; s = s->next)
		end(s, "the node is stopping");
}

void events_free(struct events *e)
{
	if (!e)
		return;
	log_tap(NULL, NULL);
	while (e->all)
		subscriber_free(e->all);
	if (e->beat)
		event_free(e->beat);
	if (e->woken)
		event_free(e->woken);
	if (e->woken_fd >= 0)
		close(e->woken_fd);
	log_tail_clear(&e->tail);
	mem_free(e);
}
