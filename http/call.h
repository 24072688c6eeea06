/* What the owner of the HTTP server gives it: settings, and the functions that answer requests.
 * The server itself knows no path. */
#ifndef HTTP_CALL_H
#define HTTP_CALL_H

#include "base/clock.h"
#include "config/limits.h"
#include "http/access.h"
#include "http/request.h"
#include "net/addr.h"

struct event_base;
struct event_stream;

/* The Content-Type of an answer whose route sets none. */
#define HTTP_JSON "application/json"

/* Its Cache-Control: it tells the state of this moment. */
#define HTTP_NO_STORE "no-store"

enum { HTTP_TEXT_MAX = 768 };

/* One request being answered. */
struct http_call {
	const struct http_request *request;
	enum http_right right; /* of the client */
	enum http_door door;   /* the listener that it came to */
	struct netaddr
		from; /* its address, that behind a trusted proxy; unset at the Unix socket */
	bool https;   /* a trusted proxy says that its client came by TLS */
	/* What a form of this session must carry as its field `token`, or a script as its header
	 * X-Token; "" = nothing, as at the Unix socket. Borrowed until the route returns. */
	const char *token;
	struct wr *answer; /* the route writes the body here */
	uint64_t number;   /* of this request, never used again: for http_server_answer() */
	/* The route is called again, because it said `again`: this came for it, by
	 * http_server_answer(), or did not come in time (504). Else 0 and empty. */
	int came_status;
	struct slice came;

	/* out: the server sets the usual values before the call, the route may replace them; all
	 * are static texts, or stand in `text` */
	const char *type;            /* Content-Type; HTTP_JSON */
	const char *policy;          /* Content-Security-Policy; one that loads and runs nothing */
	const char *cache;           /* Cache-Control; HTTP_NO_STORE */
	const char *more;            /* further header lines, each with its CR LF; "" */
	char text[HTTP_TEXT_MAX];    /* place for header lines that are made for this answer */
	bool stays;                  /* the client becomes a subscriber of `stream`; false */
	struct event_stream *stream; /* settings.stream */
	/* Not 0: the answer comes later, by http_server_answer(), for which the client waits so
	 * many milliseconds and admin_timeout; then it gets a 504. What was written is not sent. */
	uint64_t waits_ms;
	/* With waits_ms: what comes is not sent. The route is called again with the same request
	 * and `came`, and writes the answer, or waits once more. */
	bool again;
};

/* All pointers are borrowed until the server is freed. */
struct http_settings {
	struct event_base *base;
	const struct clock *clock;
	struct limits *limits;           /* max_admin_clients, admin_…, http_… */
	struct event_stream *stream;     /* takes the clients whose call `stays` */
	struct event_stream *web_stream; /* or this one, when the route says so; NULL = none */

	/* Answers the request of a client that passed http_access_judge(). Returns the HTTP status.
	 * The call, its request and its answer are valid only until route() returns. */
	int (*route)(void *ctx, struct http_call *c);
	/* Called before route() and admit() for a client of DOOR_WEB: sets the right and the token
	 * of its session. NULL: nobody has one. */
	void (*know)(void *ctx, struct http_call *c);
	/* Asked when no place is free at DOOR_WEB: is it the address of somebody who logged in
	 * before? Such a client takes the place of a stranger. NULL: nobody is known. */
	bool (*knows)(void *ctx, const struct netaddr *from);
	/* Asked when the head of a request announces a body, before the body is read: may this
	 * client send one to this path? Returns 200, or the status of an error that it wrote to
	 * the answer, as route() does. */
	int (*admit)(void *ctx, struct http_call *c);
	/* Writes the page that tells a browser of an error: `why`, one sentence in English. What
	 * call->more has is to stay. NULL: everybody gets errors as JSON. */
	void (*refused)(void *ctx, struct http_call *c, int status, const char *why);
	void *ctx;
};

#endif
