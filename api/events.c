/* Writes the events for the clients of GET /events, and keeps the last lines of the log. A log line
 * of another thread cannot be sent from there, since only the loop's thread may use the sockets. It
 * is put into the tail, which has a lock, and an eventfd wakes the loop, which sends it.
 * Before: node/dispatch.c, node/engines.c, the log. After: http/event_stream.c. */
#include "api/events.h"

#include <event2/event.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "http/event_stream.h"
#include "api/status.h"
#include "api/status_jobs.h"
#include "api/status_keys.h"

/* The state is sent at least this often: a client sees that the node lives, and the node finds out
 * which clients are gone. */
enum { BEAT_S = 15 };

struct events {
	const struct api *api;
	struct event_stream *stream;
	unsigned beats;
	struct log_tail tail;
	uint64_t told;       /* number of the next line in it that subscribers have not got */
	pthread_t thread;    /* the loop's; no other may touch a subscriber */
	int woken_fd;        /* eventfd: another thread put a line into the tail; −1 = none */
	struct event *woken; /* waits for it; owned */
	struct events_tap tap;
	bool tapped;
};

void events_tip(struct events *e)
{
	uint8_t text[EVENT_MAX];
	struct wr w = event_begin("tip", text, sizeof text);
	struct json_wr j = {.w = &w};
	struct chain_tip t;

	if (e && e->tapped)
		e->tap.tip(e->tap.ctx);
	if (!e || !event_stream_heard(e->stream))
		return;
	chain_get_tip(e->api->chain, &t);
	json_open(&j, NULL, '{');
	json_u64(&j, "height", t.height);
	json_hex(&j, "tip", slice_of(t.hash, t.height ? HASH_SIZE : 0));
	json_i64(&j, "tip_timestamp", t.timestamp);
	json_bool(&j, "full", t.last_full == t.height);
	json_close(&j, '}');
	event_stream_tell(e->stream, &w);
}

void events_peer(struct events *e, peer_id id, const char *what)
{
	uint8_t text[EVENT_MAX];
	struct wr w = event_begin("peer", text, sizeof text);
	struct json_wr j = {.w = &w};
	char address[NETADDR_TEXT_MAX];
	struct peer_info info;

	if (!e || !event_stream_heard(e->stream))
		return;
	json_open(&j, NULL, '{');
	json_u64(&j, "id", id);
	if (p2p_info(e->api->p2p, id, &info))
		json_str(&j, "address", netaddr_text(&info.addr, address));
	json_str(&j, "state", what);
	json_close(&j, '}');
	event_stream_tell(e->stream, &w);
}

void events_keys(struct events *e)
{
	uint8_t text[EVENT_MAX];
	struct wr w = event_begin("keys", text, sizeof text);
	struct json_wr j = {.w = &w};

	if (e && e->tapped)
		e->tap.keys(e->tap.ctx);
	if (!e || !event_stream_heard(e->stream))
		return;
	json_open(&j, NULL, '{');
	status_keys_count(e->api, &j);
	json_close(&j, '}');
	event_stream_tell(e->stream, &w);
}

void events_job(struct events *e, const struct job *job)
{
	uint8_t text[EVENT_MAX];
	struct wr w = event_begin("job", text, sizeof text);
	struct json_wr j = {.w = &w};

	if (e && e->tapped)
		e->tap.job(e->tap.ctx, job);
	if (!e || !event_stream_heard(e->stream))
		return;
	json_open(&j, NULL, '{');
	status_job(e->api, job, &j);
	json_close(&j, '}');
	event_stream_tell(e->stream, &w);
}

void events_owner(struct events *e, const char *kind, const char *line)
{
	uint8_t text[2 * EVENT_MAX];
	struct wr w = event_begin("owner", text, sizeof text);
	struct json_wr j = {.w = &w};

	if (!e || !event_stream_heard(e->stream))
		return;
	json_open(&j, NULL, '{');
	json_str(&j, "kind", kind);
	json_str(&j, "text", line);
	json_close(&j, '}');
	event_stream_tell(e->stream, &w);
}

/* ---- the state: to each new client, and regularly to all ---- */

/* Writes the event "status" into the buffer of `w`. The JSON is written in place after the event's
 * head, because a second buffer of its size would need a large stack frame. */
static void put_state(const struct events *e, struct wr *w)
{
	*w = event_begin("status", w->p, w->size);
	status_json(e->api, w);
}

static void on_newcomer(void *ctx, struct wr *w)
{
	put_state(ctx, w);
	event_end(w);
}

/* Once a second: sends the state if blocks are being downloaded, otherwise every BEAT_S. */
static void on_beat(void *ctx)
{
	struct events *e = ctx;
	uint8_t text[EVENT_GREETING_MAX];
	struct wr w = wr_of(text, sizeof text);

	if (!sync_busy(e->api->sync) && ++e->beats % BEAT_S != 0)
		return;
	put_state(e, &w);
	event_stream_tell(e->stream, &w);
}

/* ---- lines of the log ---- */

static void tell_line(struct events *e, enum log_level level, const char *line)
{
	uint8_t text[2 * EVENT_MAX];
	struct wr w = event_begin("log", text, sizeof text);
	struct json_wr j = {.w = &w};

	if (e->tapped)
		e->tap.line(e->tap.ctx, level, line);
	if (!event_stream_heard(e->stream))
		return;
	json_open(&j, NULL, '{');
	json_str(&j, "level", log_level_name(level));
	json_str(&j, "text", line);
	json_close(&j, '}');
	event_stream_tell(e->stream, &w);
}

/* Sends the lines that other threads have put into the tail, up to the number `end`. If they logged
 * more lines in one turn of the loop than the tail keeps, subscribers miss the oldest of them; the
 * log itself has them all. */
static void tell_kept(struct events *e, uint64_t end)
{
	uint64_t first = log_tail_first(&e->tail);
	struct log_tail_line line;

	for (e->told = e->told < first ? first : e->told; e->told < end; e->told++)
		if (log_tail_get(&e->tail, e->told, &line))
			tell_line(e, line.level, line.text);
}

/* Called for every log line, on the thread that logs it and with the log's lock held. On the loop's
 * thread the line is sent at once, and whole, while the tail may cut it. */
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
		tell_kept(e, log_tail_next(&e->tail));
}

void events_set_tap(struct events *e, const struct events_tap *tap)
{
	if (!e)
		return;
	e->tapped = tap != NULL;
	if (tap)
		e->tap = *tap;
}

struct log_tail *events_tail(struct events *e)
{
	return &e->tail;
}

/* ---- life ---- */

static bool start_parts(struct events *e, struct limits *limits, struct event_base *base)
{
	const struct event_stream_settings s = {.base = base,
		.places = &limits->max_subscribers,
		.bytes = &limits->subscriber_bytes,
		.greet = on_newcomer,
		.beat = on_beat,
		.ctx = e};

	e->stream = event_stream_new(&s);
	e->woken_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (!e->stream || e->woken_fd < 0)
		return false;
	e->woken = event_new(base, e->woken_fd, EV_READ | EV_PERSIST, on_woken, e);
	return e->woken && event_add(e->woken, NULL) == 0;
}

struct events *events_start(const struct api *a, struct limits *limits, struct event_base *base)
{
	struct events *e = mem_alloc(sizeof *e);

	if (!e)
		return NULL;
	e->api = a;
	e->thread = pthread_self();
	log_tail_init(&e->tail);
	if (!start_parts(e, limits, base)) {
		events_free(e);
		return NULL;
	}
	log_tap(on_line, e);
	return e;
}

struct event_stream *events_stream(const struct events *e)
{
	return e->stream;
}

void events_quiesce(struct events *e)
{
	if (e)
		event_stream_end(e->stream, "the node is stopping");
}

void events_free(struct events *e)
{
	if (!e)
		return;
	log_tap(NULL, NULL);
	event_stream_free(e->stream);
	if (e->woken)
		event_free(e->woken);
	if (e->woken_fd >= 0)
		close(e->woken_fd);
	log_tail_clear(&e->tail);
	mem_free(e);
}
