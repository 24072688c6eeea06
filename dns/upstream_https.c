/* Questions by HTTPS (RFC 8484): one connection to a forwarder, a stream for each question. A
 * further connection is made while the first one is going away.
 *
 * Before: dns/upstream_tcp_conn.c has the connection, dns/upstream_https_host.c its address. After:
 * dns/http2.c, which knows HTTP/2; who asked is told by dns_exchange.over(). */
#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "base/log.h"
#include "dns/http2.h"
#include "dns/upstream_internal.h"
#include "dns/upstream_tcp_internal.h"

static struct dns_target *target_of(const struct dns_tcp_conn *c)
{
	return (struct dns_target *)(void *)((char *)c->server.ctx -
					     offsetof(struct dns_target, tls));
}

/* ---- the session ---- */

/* The host and port as the settings have them: between "https://" and the path. */
static struct slice authority_of(const struct dns_target *t)
{
	const char *at = strstr(t->f.text, "//") + 2;

	return slice_of(at, strlen(at) - strlen(t->path));
}

static bool begin(struct dns_tcp_conn *c)
{
	const struct dns_target *t = target_of(c);
	const struct dns_http2_settings s = {
		.authority = authority_of(t), .path = slice_str(t->path), .bytes = c->tcp->bytes};

	c->state = dns_http2_new(&s);
	return c->state != NULL;
}

static void end(struct dns_tcp_conn *c)
{
	dns_http2_free(c->state);
	c->state = NULL;
}

static const char *connected(struct dns_tcp_conn *c)
{
	dns_bootstrap_reached(&target_of(c)->https.host);
	return dns_tls_speaks(c->bev, "h2") ? NULL : "the server does not offer HTTP/2";
}

static bool has_room(const struct dns_tcp_conn *c)
{
	return dns_http2_has_room(c->state);
}

/* ---- bytes ---- */

/* Gives everything that HTTP/2 has to say to the connection. */
static const char *flush(struct dns_tcp_conn *c)
{
	struct slice bytes;
	const char *why;

	while (!(why = dns_http2_take(c->state, &bytes)) && bytes.n)
		if (bufferevent_write(c->bev, bytes.p, bytes.n) != 0)
			return "out of memory for what is sent";
	return why;
}

/* The id on the wire is 0, so that caches of HTTP can find the answer. */
static bool send_question(struct dns_tcp_conn *c, struct dns_exchange *x)
{
	struct dns_http2_stream *stream;
	uint8_t bytes[DNS_QUESTION_MAX];
	size_t n;

	x->id = 0;
	n = dns_exchange_write(x, bytes);
	if (n == 0 || dns_http2_ask(c->state, slice_of(bytes, n), x, &stream) != ERR_OK)
		return false;
	if (flush(c)) {
		dns_http2_cancel(stream);
		c->leaving = true;
		return false;
	}
	x->stream = stream;
	return true;
}

static void dropped(struct dns_tcp_conn *c, struct dns_exchange *x)
{
	dns_http2_cancel(x->stream);
	if (flush(c))
		c->leaving = true;
}

/* ---- replies ---- */

static enum dns_reply judge(struct dns_exchange *x, struct slice message)
{
	uint16_t id;
	enum dns_reply how = DNS_REPLY_MALFORMED;

	if (dns_reply_id(message, &id) && id == 0)
		how = dns_reply_compare(x, message);
	return how == DNS_REPLY_OTHER_CASE ? DNS_REPLY_ANSWER : how;
}

static void tell(struct dns_tcp_conn *c, const struct dns_http2_reply *r)
{
	struct dns_exchange *x = r->asker;
	struct slice message = slice_of(c->tcp->scratch, r->has_message ? r->size : 0);

	c->answered |= r->status != 0;
	x->http.age_s = r->age_s;
	x->http.status = (uint16_t)(r->status < UINT16_MAX ? r->status : UINT16_MAX);
	if (r->has_message)
		dns_tcp_reply(x, judge(x, message), message, NULL);
	else if (r->refused && c->leaving)
		dns_tcp_refused(x, r->why);
	else
		dns_tcp_reply(x, DNS_REPLY_BAD, slice_of(NULL, r->size), r->why);
}

static void note_leaving(struct dns_tcp_conn *c)
{
	if (c->leaving || !dns_http2_is_leaving(c->state))
		return;
	c->leaving = true;
	log_debug("DNS: %s closes a connection with %zu questions on it (GOAWAY)",
		target_of(c)->f.text, c->waiting);
}

static const char *receive(struct dns_tcp_conn *c, struct evbuffer *in, bool *heard)
{
	struct dns_http2_reply r;
	const char *why = NULL;
	size_t n;

	while (!why && (n = evbuffer_get_contiguous_space(in)) > 0) {
		why = dns_http2_put(
			c->state, slice_of(evbuffer_pullup(in, (ev_ssize_t)n), n), heard);
		evbuffer_drain(in, n);
	}
	if (!why)
		why = flush(c);
	note_leaving(c);
	while (c->bev && dns_http2_next(c->state, &r, c->tcp->scratch))
		tell(c, &r);
	return c->bev ? why : NULL;
}

/* HTTP/2 takes its own bytes of the row besides. */
const struct dns_tcp_protocol dns_https_protocol = {.bytes = DNS_TLS_CONN_BYTES,
	.single = true,
	.begin = begin,
	.end = end,
	.connected = connected,
	.has_room = has_room,
	.send = send_question,
	.receive = receive,
	.dropped = dropped};
