/* A session of HTTP/2 with a server that answers questions: made, fed, asked what it has to say.
 * Before: dns/upstream_https.c. After: nghttp2, which calls dns/http2_stream.c. */
#include "dns/http2_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "dns/message.h"

enum {
	CONNECTION_WINDOW =
		2 * DNS_HTTP2_STREAM_WINDOW, /* half of it may be in a WINDOW_UPDATE to come */
	STREAMS_FIRST = 100,                 /* until the server has said how many it takes */
	LAST_ID = 1 << 30,                   /* the numbers of a session come to an end */
};

/* ---- made and freed ---- */

static void set_callbacks(nghttp2_session_callbacks *c)
{
	nghttp2_session_callbacks_set_on_header_callback(c, dns_http2_on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c, dns_http2_on_body);
	nghttp2_session_callbacks_set_on_frame_recv_callback(c, dns_http2_on_frame);
	nghttp2_session_callbacks_set_on_stream_close_callback(c, dns_http2_on_close);
	nghttp2_session_callbacks_set_on_frame_not_send_callback(c, dns_http2_on_not_sent);
}

static void set_options(nghttp2_option *o)
{
	nghttp2_option_set_no_auto_window_update(o, 1);
	nghttp2_option_set_no_closed_streams(o, 1);
	nghttp2_option_set_peer_max_concurrent_streams(o, STREAMS_FIRST);
	nghttp2_option_set_max_deflate_dynamic_table_size(o, 0);
	nghttp2_option_set_max_outbound_ack(o, DNS_HTTP2_ACKS_MAX);
}

/* Both records are nghttp2's, and needed for the call alone. */
static bool make_session(struct dns_http2 *h)
{
	nghttp2_session_callbacks *callbacks = NULL;
	nghttp2_option *options = NULL;
	bool good =
		nghttp2_session_callbacks_new(&callbacks) == 0 && nghttp2_option_new(&options) == 0;

	if (good) {
		set_callbacks(callbacks);
		set_options(options);
		good = nghttp2_session_client_new3(&h->session, callbacks, h, options, &h->mem) ==
		       0;
	}
	nghttp2_option_del(options);
	nghttp2_session_callbacks_del(callbacks);
	return good;
}

static bool submit_settings(struct dns_http2 *h)
{
	static const nghttp2_settings_entry ours[] = {
		{NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, 0},
		{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
		{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, DNS_HTTP2_STREAM_WINDOW},
		{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, DNS_HTTP2_HEADER_MAX},
	};

	return nghttp2_submit_settings(
		       h->session, NGHTTP2_FLAG_NONE, ours, sizeof ours / sizeof *ours) == 0 &&
	       nghttp2_session_set_local_window_size(
		       h->session, NGHTTP2_FLAG_NONE, 0, CONNECTION_WINDOW) == 0;
}

struct dns_http2 *dns_http2_new(const struct dns_http2_settings *s)
{
	struct dns_http2 *h = dns_http2_alloc(s->bytes, sizeof *h + s->authority.n + s->path.n);

	if (!h)
		return NULL;
	uint8_t *texts = (uint8_t *)h->texts;
	memcpy(texts, s->authority.p, s->authority.n);
	memcpy(texts + s->authority.n, s->path.p, s->path.n);
	h->authority = slice_of(texts, s->authority.n);
	h->path = slice_of(texts + s->authority.n, s->path.n);
	h->bytes = s->bytes;
	h->mem = dns_http2_mem(s->bytes);
	h->over_end = &h->over;
	if (make_session(h) && submit_settings(h))
		return h;
	dns_http2_free(h);
	return NULL;
}

void dns_http2_free(struct dns_http2 *h)
{
	if (!h)
		return;
	/* it may still call for streams that it closes: there are none of ours */
	while (h->live)
		dns_http2_cancel(h->live);
	while (h->over)
		dns_http2_stream_free(h->over);
	nghttp2_session_del(h->session);
	dns_http2_release(h->bytes, h);
}

/* ---- asking ---- */

/* Gives as much of the question as the server lets us. */
static ssize_t on_read(nghttp2_session *session, int32_t id, uint8_t *to, size_t room,
	uint32_t *flags, nghttp2_data_source *source, void *ctx)
{
	struct dns_http2_stream *s = nghttp2_session_get_stream_user_data(session, id);

	(void)source, (void)ctx;
	if (!s)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	size_t left = (size_t)s->question_size - s->sent, n = left < room ? left : room;
	memcpy(to, s->question + s->sent, n);
	s->sent = (uint16_t)(s->sent + n);
	if (n == left) {
		*flags |= NGHTTP2_DATA_FLAG_EOF;
		dns_http2_release(s->h->bytes, s->question);
		s->question = NULL;
	}
	return (ssize_t)n;
}

static nghttp2_nv field(const char *name, struct slice value, uint8_t flags)
{
	return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value.p, strlen(name),
		value.n, NGHTTP2_NV_FLAG_NO_COPY_NAME | flags};
}

static int32_t submit(struct dns_http2 *h, struct dns_http2_stream *s)
{
	const uint8_t stays = NGHTTP2_NV_FLAG_NO_COPY_VALUE;
	const nghttp2_data_provider body = {.read_callback = on_read};
	char length[8];

	snprintf(length, sizeof length, "%u", (unsigned)s->question_size);
	const nghttp2_nv all[] = {field(":method", slice_str("POST"), stays),
		field(":scheme", slice_str("https"), stays),
		field(":authority", h->authority, stays), field(":path", h->path, stays),
		field("accept", slice_str("application/dns-message"), stays),
		field("content-type", slice_str("application/dns-message"), stays),
		field("content-length", slice_str(length), NGHTTP2_NV_FLAG_NONE)};
	return nghttp2_submit_request(h->session, NULL, all, sizeof all / sizeof *all, &body, s);
}

static void link_live(struct dns_http2 *h, struct dns_http2_stream *s)
{
	s->next = h->live;
	s->place = &h->live;
	if (s->next)
		s->next->place = &s->next;
	h->live = s;
	h->live_count++;
}

static void release_stream(struct dns_http2_stream *s)
{
	struct dns_http2 *h = s->h;

	dns_http2_release(h->bytes, s->question);
	dns_http2_release(h->bytes, s);
}

static struct dns_http2_stream *new_stream(struct dns_http2 *h, struct slice question, void *asker)
{
	struct dns_http2_stream *s = dns_http2_alloc(h->bytes, sizeof *s);

	if (!s)
		return NULL;
	s->h = h;
	s->asker = asker;
	s->question_size = (uint16_t)question.n;
	s->question = dns_http2_alloc(h->bytes, question.n);
	if (s->question) {
		memcpy(s->question, question.p, question.n);
		return s;
	}
	release_stream(s);
	return NULL;
}

enum err dns_http2_ask(
	struct dns_http2 *h, struct slice question, void *asker, struct dns_http2_stream **stream)
{
	struct dns_http2_stream *s = new_stream(h, question, asker);

	if (!s)
		return ERR_NOMEM;
	s->id = submit(h, s);
	if (s->id <= 0) {
		release_stream(s);
		return ERR_NOMEM;
	}
	h->leaving |= s->id > LAST_ID;
	link_live(h, s);
	*stream = s;
	return ERR_OK;
}

/* A server that says 0 is asked all the same: its silence is its end. */
bool dns_http2_has_room(const struct dns_http2 *h)
{
	uint32_t most = nghttp2_session_get_remote_settings(
		h->session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);

	return !h->leaving && (h->live_count < most || h->live_count == 0);
}

bool dns_http2_is_leaving(const struct dns_http2 *h)
{
	return h->leaving;
}

/* ---- bytes ---- */

static const char *words_of(ssize_t error)
{
	switch (error) {
	case NGHTTP2_ERR_NOMEM:
		return "there is no memory for what it sends";
	case NGHTTP2_ERR_FLOODED:
		return "the server floods the connection";
	default:
		return "the server does not speak HTTP/2";
	}
}

static const char *over(struct dns_http2 *h, ssize_t error)
{
	if (!h->why && error < 0)
		h->why = words_of(error);
	else if (!h->why && !nghttp2_session_want_read(h->session) &&
		 !nghttp2_session_want_write(h->session))
		h->why = h->leaving ? "the server goes away" : words_of(0);
	return h->why;
}

const char *dns_http2_put(struct dns_http2 *h, struct slice bytes, bool *heard)
{
	ssize_t n;

	if (h->why)
		return h->why;
	h->heard = false;
	n = nghttp2_session_mem_recv(h->session, bytes.p, bytes.n);
	*heard |= h->heard;
	return over(h, n);
}

const char *dns_http2_take(struct dns_http2 *h, struct slice *bytes)
{
	const uint8_t *p = NULL;
	ssize_t n;

	*bytes = slice_of(NULL, 0);
	if (h->why)
		return h->why;
	n = nghttp2_session_mem_send(h->session, &p);
	if (n > 0)
		*bytes = slice_of(p, (size_t)n);
	return n > 0 ? NULL : over(h, n);
}

/* ---- replies ---- */

static void say_why(const struct dns_http2_stream *s, char why[DNS_HTTP2_WHY_MAX])
{
	if (s->judged && s->status != DNS_HTTP2_OK)
		snprintf(why, DNS_HTTP2_WHY_MAX, "%s %u", s->wrong, s->status);
	else if (s->error)
		snprintf(why, DNS_HTTP2_WHY_MAX, "%s (%s)", s->wrong,
			nghttp2_http2_strerror(s->error));
	else
		snprintf(why, DNS_HTTP2_WHY_MAX, "%s", s->wrong);
}

bool dns_http2_next(struct dns_http2 *h, struct dns_http2_reply *r, uint8_t *to)
{
	struct dns_http2_stream *s = h->over;

	if (!s)
		return false;
	*r = (struct dns_http2_reply){.asker = s->asker,
		.size = s->size,
		.status = s->status,
		.age_s = s->age_s,
		.refused = s->refused,
		.has_message = !s->wrong};
	if (s->wrong) {
		say_why(s, r->why);
		if (s->announced > s->size)
			r->size = s->announced;
	} else {
		memcpy(to, s->body, s->size);
	}
	dns_http2_stream_free(s);
	return true;
}
