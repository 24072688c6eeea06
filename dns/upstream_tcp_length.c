/* Messages of DNS on a connection, each with two bytes of length before it (RFC 1035, 4.2.2). The
 * id says to which question a reply belongs.
 * Before: dns/upstream_tcp_conn.c. After: the server; it gives replies back. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "dns/tls.h"
#include "dns/upstream_tcp_internal.h"

enum { LENGTH_SIZE = 2 };

/* The id of a question that was taken back is no fault. */
static void on_message(struct dns_tcp_conn *c, struct slice message)
{
	struct dns_exchange *x = NULL;
	uint16_t id;

	c->answered = true;
	if (dns_reply_id(message, &id))
		x = dns_tcp_find(c, id);
	if (!x) {
		c->tcp->wrong++;
		return;
	}
	enum dns_reply how = dns_reply_compare(x, message);
	dns_tcp_reply(x, how == DNS_REPLY_OTHER_CASE ? DNS_REPLY_ANSWER : how, message, NULL);
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

/* A message has its time from its first byte on. */
static void note_part(struct dns_tcp_conn *c, const struct evbuffer *in, bool whole)
{
	if (evbuffer_get_length(in) == 0)
		c->part_ms = 0;
	else if (whole || c->part_ms == 0)
		c->part_ms = clock_mono(c->tcp->clock);
}

static const char *receive(struct dns_tcp_conn *c, struct evbuffer *in, bool *heard)
{
	size_t size = DNS_HEADER_SIZE;
	bool whole = false;

	*heard = true;
	while (c->bev && take_message(in, c->tcp->scratch, &size) && size >= DNS_HEADER_SIZE) {
		whole = true;
		on_message(c, slice_of(c->tcp->scratch, size));
	}
	if (!c->bev)
		return NULL;
	if (size < DNS_HEADER_SIZE)
		return "a message of less than a header";
	note_part(c, in, whole);
	return NULL;
}

static bool draw_id(const struct dns_tcp_conn *c, struct dns_exchange *x)
{
	for (int i = 0; i < 64; i++) {
		rng_fill(c->tcp->rng, &x->id, sizeof x->id);
		if (!dns_tcp_find(c, x->id))
			return true;
	}
	return false;
}

static bool send_message(struct dns_tcp_conn *c, struct dns_exchange *x)
{
	uint8_t bytes[LENGTH_SIZE + DNS_QUESTION_MAX];

	if (!draw_id(c, x))
		return false;
	size_t n = dns_exchange_write(x, bytes + LENGTH_SIZE);
	bytes[0] = (uint8_t)(n >> 8);
	bytes[1] = (uint8_t)n;
	return n && bufferevent_write(c->bev, bytes, LENGTH_SIZE + n) == 0;
}

const struct dns_tcp_protocol dns_tcp_by_length = {
	.bytes = DNS_TCP_CONN_BYTES, .send = send_message, .receive = receive};

const struct dns_tcp_protocol dns_tcp_by_tls = {
	.bytes = DNS_TLS_CONN_BYTES, .send = send_message, .receive = receive};
