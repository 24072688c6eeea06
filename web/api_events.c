/* Role: sends the frames of GET /api/events, and keeps its last rows. See web/api_events.h. Figures
 * are looked at once a second while somebody listens, and sent when they are others than before.
 * Before: api/events.c tells what happens. After: http/event_stream.c. */
#include "web/api_events.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "api/events.h"
#include "api/routes.h"
#include "api/status_jobs.h"
#include "base/mem.h"
#include "http/event_stream.h"
#include "web/api_status.h"
#include "web/routes.h"

enum {
	ROWS = 200,
	ROW_TEXT = 192, /* bytes of a row that are kept */
	ROW_JSON_MAX = 512,
	TIME_TEXT = 80, /* "30.11.26 23:59:59" */
	FRAME_MAX = 2048,
	COMMENT_S = 15,
	RETRY_WEB_MS = 3000,
};

struct row {
	int64_t time;
	uint8_t severity;
	char text[ROW_TEXT];
};

enum severity { INFO, WARN, FAIL, LUCK };

static const char *const severities[] = {"info", "warn", "fail", "luck"};

struct web_events {
	const struct api *a;
	struct event_stream *stream;
	struct name_count names;
	struct web_status last; /* that was sent */
	uint64_t keys_digest;
	unsigned beats;
	size_t count;     /* rows so far */
	struct row *rows; /* ROWS of them; owned; NULL while nobody can log in */
};

/* ---- frames ---- */

struct frame {
	uint8_t text[FRAME_MAX];
	struct wr w;
	struct json_wr j;
};

static void begin(struct frame *f, const char *type)
{
	f->w = wr_of(f->text, sizeof f->text);
	f->j = (struct json_wr){.w = &f->w};
	wr_bytes(&f->w, "data: ", 6);
	json_open(&f->j, NULL, '{');
	json_str(&f->j, "type", type);
}

static void send_frame(struct web_events *e, struct frame *f)
{
	json_close(&f->j, '}');
	event_stream_tell(e->stream, &f->w);
}

static bool heard(const struct web_events *e)
{
	return event_stream_heard(e->stream);
}

/* Local time, as the network's own program writes it. */
static const char *time_text(int64_t seconds, char to[TIME_TEXT])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	to[0] = 0;
	if (localtime_r(&t, &tm))
		snprintf(to, TIME_TEXT, "%02d.%02d.%02d %02d:%02d:%02d", tm.tm_mday % 100,
			(tm.tm_mon + 1) % 100, (tm.tm_year % 100 + 100) % 100, tm.tm_hour % 100,
			tm.tm_min % 100, tm.tm_sec % 100);
	return to;
}

static void put_row(struct json_wr *j, const struct row *row)
{
	char when[TIME_TEXT];

	json_str(j, "severity", severities[row->severity]);
	json_str(j, "time", time_text(row->time, when));
	json_str(j, "text", row->text);
	json_i64(j, "timestamp", row->time);
}

static void put_status(struct json_wr *j, const struct web_status *s)
{
	json_str(j, "text", s->text);
	json_bool(j, "busy", s->syncing || s->mining);
	json_bool(j, "blue", s->mining);
	json_bool(j, "syncing", s->syncing);
	json_number(j, "speed", s->speed);
}

static void put_stats(struct json_wr *j, const struct web_status *s)
{
	json_u64(j, "blocks", s->blocks);
	json_u64(j, "domains", s->domains);
	json_u64(j, "keys", s->keys);
	json_u64(j, "nodes", s->nodes);
	json_u64(j, "sync_height", s->sync_height);
}

static void send_toast(struct web_events *e, enum severity severity, const char *text)
{
	struct frame f;

	begin(&f, "toast");
	json_str(&f.j, "severity", severities[severity]);
	json_str(&f.j, "text", text);
	send_frame(e, &f);
}

static void send_mark(struct web_events *e, const char *type)
{
	struct frame f;

	begin(&f, type);
	send_frame(e, &f);
}

/* ---- rows ---- */

/* May be called while a line is logged. */
static void add_row(struct web_events *e, enum severity severity, const char *text)
{
	if (!e->rows && e->a->config->limits.web)
		e->rows = mem_alloc(ROWS * sizeof *e->rows);
	if (!e->rows)
		return;
	struct row *row = &e->rows[e->count++ % ROWS];
	struct frame f;

	row->time = clock_wall(e->a->clock);
	row->severity = (uint8_t)severity;
	snprintf(row->text, sizeof row->text, "%s", text);
	if (!heard(e))
		return;
	begin(&f, "event");
	put_row(&f.j, row);
	send_frame(e, &f);
}

int call_events_log(const struct api *a, struct http_call *c)
{
	struct json_wr j = {.w = c->answer};
	const struct web_events *e = a->web;
	size_t kept = !e || !e->rows ? 0 : e->count < ROWS ? e->count : ROWS;
	size_t room = (c->answer->size - c->answer->n) / ROW_JSON_MAX;

	json_open(&j, NULL, '{');
	json_open(&j, "events", '[');
	for (size_t i = kept > room ? kept - room : 0; i < kept; i++) {
		json_open(&j, NULL, '{');
		put_row(&j, &e->rows[(e->count - kept + i) % ROWS]);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
	return 200;
}

int call_events(const struct api *a, struct http_call *c)
{
	if (!a->web)
		return api_error(c, 503, "out of memory");
	c->type = "text/event-stream";
	c->stays = true;
	c->stream = web_events_stream(a->web);
	return 200;
}

/* ---- what happens ---- */

static void on_tip(void *ctx)
{
	struct web_events *e = ctx;
	struct chain_tip t;

	if (!heard(e))
		return;
	chain_get_tip(e->a->chain, &t);
	if (t.last_full == t.height)
		send_mark(e, "domains_changed");
}

static uint64_t digest_of(const struct api *a)
{
	struct api_keys k;
	uint64_t d = 1469598103934665603u;

	a->hooks.keys(a->hooks.ctx, &k);
	for (size_t i = 0; i < k.table->count; i++)
		for (const char *at = k.table->entry[i].name; *at; at++)
			d = (d ^ (uint8_t)*at) * 1099511628211u;
	for (size_t i = 0; k.state && k.state->running && i < k.state->count; i++)
		d = (d ^ (k.state->rows[i].locked ? 1u : 2u)) * 1099511628211u;
	if (k.state && k.state->running && k.state->search.running)
		d = (d ^ 3u) * 1099511628211u;
	return d;
}

/* The node hears of the search for a key every second: that alone changes nothing. */
static void on_keys(void *ctx)
{
	struct web_events *e = ctx;
	uint64_t digest = digest_of(e->a);

	if (digest == e->keys_digest)
		return;
	e->keys_digest = digest;
	if (heard(e))
		send_mark(e, "keys_changed");
}

static void on_job(void *ctx, const struct job *job)
{
	struct web_events *e = ctx;
	char text[DRAFT_NAME_MAX + DRAFT_WORDS_MAX + 16];
	int name = job->name.n < DRAFT_NAME_MAX ? (int)job->name.n : DRAFT_NAME_MAX;
	bool done = job->state == JOB_DONE;

	if (!done && job->state != JOB_FAILED)
		return;
	snprintf(text, sizeof text, "%.*s: %s", name, (const char *)job->name.p,
		done ? "it is mined" : status_job_reason(job));
	add_row(e, done ? LUCK : FAIL, text);
	if (!heard(e))
		return;
	send_toast(e, done ? LUCK : FAIL, text);
	if (done)
		send_mark(e, "domains_changed");
}

static void on_line(void *ctx, enum log_level level, const char *line)
{
	if (level <= LOG_INFO)
		add_row(ctx, level == LOG_ERROR ? FAIL : level == LOG_WARN ? WARN : INFO, line);
}

/* ---- the stream ---- */

/* Both frames, as one text. */
static void greet(void *ctx, struct wr *w)
{
	struct web_events *e = ctx;
	struct json_wr j = {.w = w}, stats = {.w = w};
	struct web_status s;

	web_status(e->a, &e->names, &s);
	wr_format(w, "data: ");
	json_open(&j, NULL, '{');
	json_str(&j, "type", "status");
	put_status(&j, &s);
	json_close(&j, '}');
	wr_format(w, "\n\ndata: ");
	json_open(&stats, NULL, '{');
	json_str(&stats, "type", "stats");
	put_stats(&stats, &s);
	json_close(&stats, '}');
	wr_format(w, "\n\n");
}

static bool same_status(const struct web_status *a, const struct web_status *b)
{
	return strcmp(a->text, b->text) == 0 && a->mining == b->mining && a->syncing == b->syncing;
}

static bool same_stats(const struct web_status *a, const struct web_status *b)
{
	return a->blocks == b->blocks && a->domains == b->domains && a->keys == b->keys &&
	       a->nodes == b->nodes && a->sync_height == b->sync_height;
}

static void send_figures(struct web_events *e)
{
	struct web_status s;
	struct frame f;

	web_status(e->a, &e->names, &s);
	if (s.mining || !same_status(&s, &e->last)) {
		begin(&f, "status");
		put_status(&f.j, &s);
		send_frame(e, &f);
	}
	if (!same_stats(&s, &e->last)) {
		begin(&f, "stats");
		put_stats(&f.j, &s);
		send_frame(e, &f);
	}
	e->last = s;
}

static void on_beat(void *ctx)
{
	static const char comment[] = ": the node lives\n\n";
	struct web_events *e = ctx;

	if (++e->beats % COMMENT_S == 0)
		event_stream_put(e->stream, slice_of(comment, sizeof comment - 1));
	send_figures(e);
}

/* ---- life ---- */

struct web_events *web_events_start(
	const struct api *a, struct limits *limits, struct event_base *base)
{
	const struct event_stream_settings s = {.base = base,
		.places = &limits->max_subscribers,
		.bytes = &limits->subscriber_bytes,
		.retry_ms = RETRY_WEB_MS,
		.greet = greet,
		.beat = on_beat};
	struct web_events *e = mem_alloc(sizeof *e);
	struct event_stream_settings mine = s;

	if (!e)
		return NULL;
	e->a = a;
	mine.ctx = e;
	e->stream = event_stream_new(&mine);
	if (!e->stream) {
		mem_free(e);
		return NULL;
	}
	events_set_tap(a->events, &(struct events_tap){on_tip, on_keys, on_job, on_line, e});
	return e;
}

void web_events_quiesce(struct web_events *e)
{
	if (e)
		event_stream_end(e->stream, "the node is stopping");
}

void web_events_free(struct web_events *e)
{
	if (!e)
		return;
	events_set_tap(e->a->events, NULL);
	event_stream_free(e->stream);
	mem_free(e->rows);
	mem_free(e);
}

struct event_stream *web_events_stream(const struct web_events *e)
{
	return e->stream;
}

struct name_count *web_events_names(struct web_events *e)
{
	return &e->names;
}
