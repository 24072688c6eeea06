/* Just enough HTTP/1 for the admin interface: one request, one answer, then close. Pure. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "base/cursor.h"

enum http_auth { AUTH_NONE, AUTH_BEARER, AUTH_BASIC, AUTH_OTHER };

struct http_request {
	char method[8];  /* "GET", "POST" */
	char path[256];  /* without the query */
	char query[256]; /* behind '?', or "" */
	char body[256];  /* of a form, arguments like those of the query, or "" */
	char host[128];  /* Host header, or "" */
	enum http_auth auth;
	char credentials[512]; /* behind the word of the scheme, or "" */
	bool origin;           /* an Origin header is there: a browser page asks */
	bool from_page;        /* the browser says that a page of another site asks */
	bool other_accept;     /* it says what it takes, and that is no stream of events */

	/* out, of HTTP_BAD */
	int status;
	const char *error; /* one sentence */

	/* inside */
	bool has_host, expects, navigates, other_site, other_body, has_length, has_accept;
	uint64_t length; /* of the body */
};

enum http_parsed {
	HTTP_MORE,
	HTTP_CONTINUE, /* the same, and the client waits for "100 Continue" */
	HTTP_BAD,
	HTTP_DONE
};

/* Judges what has arrived so far. */
enum http_parsed http_parse(struct slice bytes, struct http_request *out);

bool http_is_head(const struct http_request *q);

/* ---- request_args.c ---- */

enum { HTTP_ARG_MAX = 256, HTTP_ERROR_MAX = 256 };

/* Are all arguments, of query and form, among `names` (divided by spaces), there once, and well
 * written? Else false with a sentence for the client. */
bool http_check_args(const struct http_request *q, const char *names, char error[HTTP_ERROR_MAX]);

/* The value of an argument, with %XX decoded. False when it is absent, empty, malformed or too
 * long. */
bool http_arg(const struct http_request *q, const char *key, char *to, size_t size);

/* Is the argument there, with a value or without? */
bool http_has_arg(const struct http_request *q, const char *key);

/* A text of the path with %XX decoded. False when it is malformed or too long. */
bool http_decode(const char *text, char *to, size_t size);

/* ---- response_head.c ---- */

struct http_answer {
	int status;
	const char *type;   /* Content-Type */
	const char *policy; /* Content-Security-Policy */
	const char *more;   /* further header lines, each with its CR LF, or "" */
	size_t length;      /* of the body; 0: it has no end */
};

/* Status line and headers. */
void http_head(struct wr *w, const struct http_answer *a);

#endif
