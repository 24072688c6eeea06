/* One question on its way to one server: what was sent, so that a reply can be compared with it,
 * and who is told. Nothing here owns memory.
 *
 * Before: dns/upstream_try.c and dns/upstream_probe.c make one and give it to a transport. After:
 * dns/upstream_udp.c, dns/upstream_tcp.c and other transports carry it. */
#ifndef DNS_EXCHANGE_H
#define DNS_EXCHANGE_H

#include "base/rng.h"
#include "dns/message.h"

enum dns_reply {
	DNS_REPLY_ANSWER,      /* a message with our id and our question */
	DNS_REPLY_OTHER_CASE,  /* by UDP: the same, but the name has other capitals than ours */
	DNS_REPLY_UNREACHABLE, /* by UDP: the kernel says that nobody is there; waiting goes on */
	DNS_REPLY_FAILED,      /* the connection could not be made, or ended */
	DNS_REPLY_MALFORMED,   /* by TCP: our id, and no answer to our question */
	DNS_REPLY_BAD, /* by HTTP: an answer without a message; of the message given the size counts
			*/
};

/* A question as other servers are asked it. */
struct dns_asked {
	const uint8_t *name; /* `size` bytes in wire form, in lower case; borrowed */
	uint8_t size;
	bool rd : 1, cd : 1, ad : 1, dnssec_ok : 1;
	uint16_t type, klass;
};

struct dns_exchange {
	/* Set by the one who asks, before it is sent. */
	const struct dns_asked *q; /* borrowed while it is on its way */
	/* It is no longer on its way, unless the reply is DNS_REPLY_UNREACHABLE. `why`: for people,
	 * of DNS_REPLY_FAILED and DNS_REPLY_BAD; borrowed for the call. Never called from within a
	 * transport's send. It may send it again, and cancel others. */
	void (*over)(
		struct dns_exchange *x, enum dns_reply how, struct slice message, const char *why);
	bool edns;  /* with an OPT */
	bool mixed; /* capitals at random (0x20) */

	/* The transport's, while it is on its way. */
	bool told;  /* that it is unreachable */
	bool again; /* it was sent on a connection that had died: the next failure is final */
	uint16_t id;
	/* How long its connection took to be made, and one more; so far, while it is not there. 0:
	 * it was there already. */
	uint16_t waited_ms;
	void (*drop)(struct dns_exchange *x);
	void *carrier; /* NULL = not on its way */
	struct dns_exchange *next, **place;
	union {
		/* A bit for each of the first 64 bytes of the name: with id and port that is more
		 * than anybody can guess, and a thousand questions have several of these each. */
		uint8_t capitals[8];
		void *stream; /* by HTTP/2, while it is on its way */
		/* By HTTP/2, for over(). */
		struct {
			uint32_t age_s;  /* how long the answer has been in caches of HTTP */
			uint16_t status; /* of HTTP; 0 = none came */
		} http;
	};
};

enum { DNS_QUESTION_MAX = DNS_HEADER_SIZE + DNS_NAME_MAX + 4 + 11 };

/* Its name as a value. */
void dns_asked_name(const struct dns_asked *q, struct dns_name *to);

/* The same question, to be written or compared; without EDNS, its id 0. */
struct dns_query dns_asked_query(const struct dns_asked *q);

/* Draws the capitals, if it is to have them. */
void dns_exchange_draw(struct dns_exchange *x, const struct rng *rng);

/* Writes the message, with x->id. Returns its bytes, at most DNS_QUESTION_MAX. */
size_t dns_exchange_write(const struct dns_exchange *x, uint8_t to[DNS_QUESTION_MAX]);

/* The id of a reply; false when it is no reply: shorter than a header, QR not set, opcode not 0. */
bool dns_reply_id(struct slice message, uint16_t *id);

/* Is the question of this reply ours? Byte by byte: DNS_REPLY_ANSWER; with other capitals:
 * DNS_REPLY_OTHER_CASE; else DNS_REPLY_MALFORMED. A FORMERR without a question is an answer to a
 * question with EDNS: old servers send no more. */
enum dns_reply dns_reply_compare(const struct dns_exchange *x, struct slice message);

/* What the server took of the time from sent_ms to now_ms, both monotonic: without the making of
 * the connection. */
static inline uint64_t dns_exchange_took(
	const struct dns_exchange *x, uint64_t sent_ms, uint64_t now_ms)
{
	uint64_t ms = now_ms - sent_ms, made = x->waited_ms ? x->waited_ms - 1u : 0;

	return ms > made ? ms - made : 0;
}

/* Takes it back: it is no longer on its way. */
static inline void dns_exchange_cancel(struct dns_exchange *x)
{
	if (x->carrier)
		x->drop(x);
}

/* ---- lists of exchanges, for transports ---- */

/* Puts it first in a list. */
void dns_exchange_link(struct dns_exchange **place, struct dns_exchange *x);
/* Takes it out of whatever list it is in. */
void dns_exchange_unlink(struct dns_exchange *x);

#endif
