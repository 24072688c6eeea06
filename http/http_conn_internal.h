/* The connected clients, at most limits.max_admin_clients and limits.web_clients: what the
 * listeners call, and what the three files of a connection share. http_conns.c decides who gets a
 * place, http_conn.c reads requests, http_reply.c answers them. */
#ifndef HTTP_HTTP_CONN_INTERNAL_H
#define HTTP_HTTP_CONN_INTERNAL_H

#include <event2/util.h>

#include "http/call.h"
#include "http/request_body.h"

struct http_conn;

struct http_conns {
	struct http_settings s;
	struct http_conn *first; /* a list, the newest first; owned */
	uint64_t by_tcp;         /* how many of them came by TCP, not to DOOR_WEB */
	uint64_t calls;          /* how many requests had a route called: their numbers */
	struct http_access access;
};

/* The row of the places that the clients of this listener have. */
struct bound *http_conns_places(const struct http_conns *all, enum http_door door);

/* Starts a connection on an accepted socket. Takes `fd` always: closes it at once when there is no
 * place for the client, or no memory. Clients by TCP leave a quarter of the places to clients of
 * the Unix socket. */
void http_conns_take(struct http_conns *all, evutil_socket_t fd, enum http_door door);

/* Ends all connections by TCP after a change of who may ask: idle ones at once, the others when
 * their answer is written. New connections are judged by the new rules. */
void http_conns_renew(struct http_conns *all);
void http_conns_free(struct http_conns *all); /* closes all at once; `all` itself is the caller's */

/* ---- one client ---- */

struct bufferevent;
struct event;

enum http_phase {
	PHASE_AWAITS,  /* no byte of a request has come since it connected, or since its answer */
	PHASE_HEAD,    /* the head of a request is coming in */
	PHASE_BODY,    /* the head is complete, the body is coming in */
	PHASE_ANSWERS, /* the answer is being written */
	PHASE_WAITS,   /* the answer comes later (http_later.c) */
	PHASE_LEAVES,  /* the last answer is written; we discard input until the client closes */
};

struct http_conn {
	struct http_conns *all;
	struct http_conn *next;
	struct bufferevent *bev; /* owned; NULL after an event stream has taken it */
	struct event
		*deadline;   /* owned: end of the exchange or of the pause; no input extends it */
	enum http_door door; /* the listener that accepted it */
	struct netaddr from; /* its address; unset at the Unix socket */
	enum http_phase phase;
	uint64_t since_ms; /* monotonic: when the deadline was last set */
	unsigned requests; /* how many heads were read */
	bool keep;         /* another request may follow the answer */
	bool last;         /* close after this answer even if the client asked to keep it open */
	bool unread;       /* input may come that is not part of a request we read */
	bool head;         /* the request was HEAD: send no body */
	bool stranger;     /* who sends a body has no session at webui.listen */
	uint64_t number;   /* of the request that waits for its answer */
	unsigned minor;    /* HTTP/1.x of the client's request */
	/* Owned: the one whose body is being read, or whose route is called again with what it
	 * waits for; else NULL. */
	struct http_request *request;
	struct http_body body; /* of `request` */
};

/* Starts reading from an accepted connection. Takes `fd` always. False when memory runs out: the
 * caller calls http_conn_free(). */
bool http_conn_start(struct http_conn *c, evutil_socket_t fd);

/* Frees the request whose body is being read, and what has come of the body. */
void http_conn_drop_request(struct http_conn *c);

/* Closes the connection, takes it out of the list and gives its place back. */
void http_conn_free(struct http_conn *c);

/* Replaces the deadline by one so many milliseconds from now. False when memory runs out. */
bool http_conn_set_deadline(struct http_conn *c, uint64_t ms);

/* Limits the next read so that the input buffer never exceeds limits.admin_request_bytes; `wanted`
 * limits it further. */
void http_conn_bound_next_read(struct http_conn *c, uint64_t wanted);

/* ---- http_later.c ---- */

/* Lets the client wait for the answer to its request of this number. `again`: the request, which is
 * copied, since its route is called again with what comes; else NULL. `c` may be gone after this
 * and the next two. */
void http_later_begin(
	struct http_conn *c, uint64_t number, uint64_t waits_ms, const struct http_request *again);
void http_later_read(struct http_conn *c); /* more input has come meanwhile */
void http_later_over(struct http_conn *c); /* the deadline has passed */

/* Answers the client whose request has this number: false when it is gone, or was answered. */
bool http_later_answer(struct http_conns *all, uint64_t number, int status, struct slice body);

/* ---- http_reply.c ----
 * Sending fails when memory runs out, and then `c` is freed. So the caller must not touch it after
 * any of these calls, unless http_reply_admits() returned true. */

/* Answers a complete request: checks access, calls settings.route(), sends the result. */
void http_reply(struct http_conn *c, const struct http_request *q);

/* True when the body that this request announces may be read; sets c->stranger. False when the
 * client or the path may not have one: an error was sent. */
bool http_reply_admits(struct http_conn *c, const struct http_request *q);

/* A call of this request with the values that a route finds; `q` NULL: of none, to send what was
 * not asked for. */
struct http_call http_reply_call(
	const struct http_conn *c, const struct http_request *q, struct wr *answer);

/* Sends head and body. `space`: the block of memory that the body is in, which it takes; NULL = the
 * body is copied. */
void http_reply_send(struct http_conn *c, int status, const struct http_call *call,
	struct slice body, uint8_t *space);

/* Calls the route of a kept request again, with what came for it. */
void http_reply_again(struct http_conn *c, int status, struct slice came);

/* Sends an answer in JSON that came later than its route returned. */
void http_reply_late(struct http_conn *c, int status, struct slice body);

/* ---- http_error.c: as those before ----
 * `q`: the request as far as it was read, NULL = nothing is known of it. `what`: a sentence for the
 * client. */

/* Sends an error; `more`: further header lines, each with its CR LF. */
void http_error_send(struct http_conn *c, const struct http_request *q, int status,
	const char *more, const char *what);

/* Sends the error that a route wrote as JSON as a page, if the client is a browser. False when it
 * is not, or the answer is no error: nothing was sent. */
bool http_error_as_page(struct http_conn *c, const struct http_call *call, int status);

/* Sends an error about a request that was read to its end; another request may follow. */
void http_reply_error(
	struct http_conn *c, const struct http_request *q, int status, const char *what);

/* Sends an error as the last answer of this connection, because we no longer know where the next
 * request would begin. */
void http_reply_refuse(
	struct http_conn *c, const struct http_request *q, int status, const char *what);

#endif
