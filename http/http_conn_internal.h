/* The connected clients, at most limits.max_admin_clients: what the listeners see of them, and what
 * the files of a connection share (http_conns.c gives places, http_conn.c reads, http_reply.c
 * answers). */
#ifndef HTTP_HTTP_CONN_INTERNAL_H
#define HTTP_HTTP_CONN_INTERNAL_H

#include <event2/util.h>

#include "http/call.h"
#include "http/request_body.h"

struct http_conn;

struct http_conns {
	struct http_settings s;
	struct http_conn *first; /* the youngest */
	uint64_t by_tcp;         /* how many of them */
	struct http_access access;
};

/* Owns `fd` from now on; closes it at once when there is no place or no memory. Clients by TCP
 * leave a quarter of the places to the Unix socket. */
void http_conns_take(struct http_conns *all, evutil_socket_t fd, enum http_door door);

/* Who may ask has changed: those by TCP are closed when they have their answer, the idle at once.
 */
void http_conns_renew(struct http_conns *all);
void http_conns_free(struct http_conns *all);

/* ---- one client ---- */

struct bufferevent;
struct event;

enum http_phase {
	PHASE_AWAITS,  /* nothing of a request has come since it connected, or since its answer */
	PHASE_HEAD,    /* its request is coming in, */
	PHASE_BODY,    /* of which the head is complete */
	PHASE_ANSWERS, /* the answer is being written */
	PHASE_LEAVES,  /* all is said, and what it still sends is thrown away until it closes */
};

struct http_conn {
	struct http_conns *all;
	struct http_conn *next;
	struct bufferevent *bev; /* owned; NULL: it has become a subscriber's */
	struct event *deadline; /* of the exchange or of the pause; dribbling does not prolong it */
	enum http_door door;    /* where it came in */
	enum http_phase phase;
	uint64_t since_ms; /* monotonic: it connected, asks, or has its answer since then */
	unsigned requests; /* whose head was read */
	bool keep;         /* another request may follow the answer */
	bool last;         /* whatever it says about that */
	bool unread;       /* bytes may come that belong to no request */
	bool head;         /* it asked for the head of an answer alone */
	unsigned minor;    /* of the version that it speaks */
	struct http_request *request; /* owned: the one whose body is being read, else NULL */
	struct http_body body;
};

/* Begins with an accepted connection. False: the caller frees it. */
bool http_conn_start(struct http_conn *c, evutil_socket_t fd);

/* The request whose body was being read, and that body. */
void http_conn_drop_request(struct http_conn *c);

/* Also takes it out of the list, and gives its place back. */
void http_conn_free(struct http_conn *c);

/* ---- http_reply.c: c may be gone after each of these ---- */

/* Answers a whole request. */
void http_reply(struct http_conn *c, const struct http_request *q);

/* May the body of this request come? Else it is refused, and false. */
bool http_reply_admits(struct http_conn *c, const struct http_request *q);

/* The last answer of a connection on which nothing can be read any more. */
void http_reply_refuse(struct http_conn *c, int status, const char *what);

/* An error about a request that was read to its end. */
void http_reply_error(struct http_conn *c, int status, const char *what);

#endif
