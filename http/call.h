/* What the server side of HTTP is given: settings, and the function that answers a request. */
#ifndef HTTP_CALL_H
#define HTTP_CALL_H

#include "base/clock.h"
#include "config/limits.h"
#include "http/access.h"
#include "http/request.h"

struct event_base;
struct event_stream;

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
	struct limits *limits;       /* max_admin_clients, admin_…, http_… */
	struct event_stream *stream; /* for those who stay */

	/* Answers a request of somebody who may ask at all; returns an HTTP status. The call is
	 * valid until it returns. */
	int (*route)(void *ctx, struct http_call *c);
	/* Does the path take the body that a request announces? 200, or a status and an error as
	 * route() gives them. */
	int (*admit)(void *ctx, struct http_call *c);
	void *ctx;
};

#endif
