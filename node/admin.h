/* The server side of HTTP: a Unix socket, and loopback or other TCP addresses for reading. Clients,
 * requests, answers and times are bounded. What is answered is not known here: each request goes
 * to settings.route(). */
#ifndef NODE_ADMIN_H
#define NODE_ADMIN_H

#include "base/clock.h"
#include "config/config.h"
#include "node/admin_access.h"
#include "node/http.h"

struct event_base;
struct event_stream;
struct http_server;

/* The Content-Type of an answer whose route sets none. */
#define HTTP_JSON "application/json"

/* One request being answered. */
struct http_call {
	const struct http_request *request;
	enum http_right right; /* of who asks */
	struct wr *answer;     /* the body goes there */

	/* out; what is left as it was is usual */
	const char *type;   /* Content-Type; HTTP_JSON */
	const char *policy; /* Content-Security-Policy; one that loads and runs nothing */
	const char *more;   /* further header lines, each with its CR LF; "" */
	bool stays;         /* the client becomes a subscriber of settings.stream */
};

/* All borrowed. */
struct http_settings {
	struct event_base *base;
	const struct clock *clock;
	struct limits *limits;       /* max_admin_clients, admin_… */
	struct event_stream *stream; /* for those who stay */

	/* Answers a request of somebody who may ask at all; returns an HTTP status. The call is
	 * valid until it returns. */
	int (*route)(void *ctx, struct http_call *c);
	void *ctx;
};

/* Listens where `c` says. NULL with a logged line and an exit status when the Unix socket or the
 * token cannot be had. A socket file that nobody listens on any more is replaced; anything else of
 * that name stays and is an error. */
struct http_server *http_server_start(
	const struct http_settings *s, const struct config *c, int *status);
void http_server_free(struct http_server *h); /* NULL is fine; removes the socket file */

/* Moves the sockets to where `fresh` wants them, and reads the token again. False, with a logged
 * line and everything as it was, when the Unix socket or the token cannot be had. Clients stay
 * connected. *new_token: it is another one than before. */
bool http_server_reload(struct http_server *h, const struct config *old, const struct config *fresh,
	bool *new_token);

/* Why http_server_reload() failed. */
const char *http_server_why(const struct http_server *h);

#endif
