/* A connection to a server, as the files that carry it see it: dns/upstream_tcp.c picks one for a
 * question, upstream_tcp_conn.c has its life, and what is spoken on it is a protocol:
 * upstream_tcp_length.c, or one that a server brings. */
#ifndef DNS_UPSTREAM_TCP_INTERNAL_H
#define DNS_UPSTREAM_TCP_INTERNAL_H

#include "dns/upstream_tcp.h"

struct evbuffer;

/* What is spoken on a connection. A function that is NULL has nothing to do. */
struct dns_tcp_protocol {
	size_t bytes; /* of the row dns_upstream_bytes that a connection can come to hold */
	bool single;  /* one connection to a server is enough, wherever it leads */
	/* Takes what it needs, into c->state. False: memory ran out. */
	bool (*begin)(struct dns_tcp_conn *c);
	/* Frees c->state; exchanges are still on the connection. */
	void (*end)(struct dns_tcp_conn *c);
	/* It is connected. NULL, or a constant for people: why it is of no use. */
	const char *(*connected)(struct dns_tcp_conn *c);
	/* Can it take one more question now? NULL = yes. */
	bool (*has_room)(const struct dns_tcp_conn *c);
	/* Writes the question. The exchange is on the connection already. False when it cannot. */
	bool (*send)(struct dns_tcp_conn *c, struct dns_exchange *x);
	/* Takes what has come, and gives replies to dns_tcp_reply(), which may end the connection:
	 * c->bev is NULL then. *heard becomes true for a sign of life. NULL, or a constant for
	 * people: why the connection is to end. */
	const char *(*receive)(struct dns_tcp_conn *c, struct evbuffer *in, bool *heard);
	/* This exchange is no longer on it: it was taken back. */
	void (*dropped)(struct dns_tcp_conn *c, struct dns_exchange *x);
};

struct dns_tcp_conn {
	struct dns_tcp *tcp;
	struct dns_tcp_conn *next;
	struct dns_tcp_server server;
	const struct dns_tcp_protocol *protocol;
	void *state;             /* the protocol's */
	struct bufferevent *bev; /* NULL = ended, and freed as soon as it is not busy */
	struct dns_timer deadline;
	bool busy, connected;
	bool answered;     /* at least once */
	bool leaving;      /* it takes no further question, and ends with the last one */
	uint64_t begun_ms; /* when it was opened */
	uint64_t heard_ms; /* the last sign of life, or the question that ended its idleness */
	uint64_t part_ms;  /* when the message that is coming began; 0 = none is */
	size_t waiting;    /* exchanges on it */
	struct dns_exchange *exchanges;
};

/* Messages with two bytes of length before each; and the same by TLS. */
extern const struct dns_tcp_protocol dns_tcp_by_length, dns_tcp_by_tls;

/* ---- dns/upstream_tcp_conn.c ---- */

/* Begins one; the caller has taken its places in the rows. NULL when the kernel refuses or memory
 * runs out. */
struct dns_tcp_conn *dns_tcp_conn_new(struct dns_tcp *t, const struct dns_tcp_server *to);

/* Closes it: its exchanges are sent once more on a fresh one, or end with `why`. */
void dns_tcp_conn_end(struct dns_tcp_conn *c, const char *why);

/* Closes it; its exchanges are no longer on their way, and nobody is told. */
void dns_tcp_conn_forget(struct dns_tcp_conn *c);

/* Sends the question on it. False when it cannot: the exchange is not on its way then. */
bool dns_tcp_conn_send(struct dns_tcp_conn *c, struct dns_exchange *x);

/* The exchange is over: it is no longer on the connection, and is told. */
void dns_tcp_reply(
	struct dns_exchange *x, enum dns_reply how, struct slice message, const char *why);

/* Does so much wait to be sent on it that nothing further should? */
bool dns_tcp_is_behind(const struct dns_tcp_conn *c);

/* The server has not looked at the question and goes away: it is sent once more on a fresh
 * connection, or ends with `why`. */
void dns_tcp_refused(struct dns_exchange *x, const char *why);

/* The exchange of this connection with this id; NULL = none. */
struct dns_exchange *dns_tcp_find(const struct dns_tcp_conn *c, uint16_t id);

/* ---- dns/upstream_tcp.c ---- */

/* Sends it by a connection that has not answered yet, or a new one, as dns_tcp_send() does. */
enum err dns_tcp_send_on_fresh(
	struct dns_tcp *t, const struct dns_tcp_server *to, struct dns_exchange *x);

/* Gives back the places of a connection. */
void dns_tcp_give_places(struct dns_tcp *t, const struct dns_tcp_server *to);

#endif
