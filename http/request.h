/* As much of HTTP/1.0 and HTTP/1.1 as the node's interfaces need, strictly (docs/http.md). Pure:
 * bytes in, values out. */
#ifndef NODE_HTTP_H
#define NODE_HTTP_H

#include "base/cursor.h"

enum http_auth { AUTH_NONE, AUTH_BEARER, AUTH_BASIC, AUTH_OTHER };

enum { HTTP_COOKIE_MAX = 2048 };

struct http_request {
	char method[8];  /* "GET", "POST" */
	char path[256];  /* without the query */
	char query[256]; /* behind '?', or "" */
	char host[128];  /* Host header, or "" */
	enum http_auth auth;
	char credentials[512];        /* behind the word of the scheme, or "" */
	char cookie[HTTP_COOKIE_MAX]; /* Cookie header, or "" */
	bool origin;                  /* an Origin header is there: a browser page asks */
	bool from_page;               /* the browser says that a page of another site asks */
	bool other_accept;            /* it says what it takes, and that is no stream of events */
	bool expects;                 /* it waits for "100 Continue" before it sends the body */
	bool keep;                    /* it may ask again on this connection */
	unsigned minor;               /* of the version: 0 is HTTP/1.0 */
	size_t head;                  /* bytes up to the body */
	uint64_t length;              /* bytes of the body that the head tells of */
	struct slice body; /* of http_take_body(): a form, arguments like those of the query */

	/* out, of a refusal */
	int status;
	const char *error; /* one sentence */

	/* inside */
	bool has_host, navigates, other_site, other_body, has_length, has_accept, has_cookie;
	bool says_close, says_keep;
};

enum http_parsed {
	HTTP_MORE, /* the head is not complete */
	HTTP_BAD,
	HTTP_DONE /* the head is complete; `length` bytes of body follow */
};

/* Judges what has arrived of a request so far. Nothing of *out points into the bytes. */
enum http_parsed http_parse(struct slice bytes, struct http_request *out);

/* May a body as the head tells of it follow, of `most` bytes? Else false with status and error:
 * nothing behind this head can be read then. */
bool http_may_have_body(struct http_request *q, uint64_t most);

/* The body has come. It is borrowed: it must stay as long as q->body is used. False with status and
 * error when it is no form. */
bool http_take_body(struct http_request *q, struct slice body);

bool http_is_head(const struct http_request *q);

/* ---- request_args.c ---- */

enum { HTTP_ARG_MAX = 256, HTTP_ERROR_MAX = 256 };

/* Are all arguments, of query and form, among `names` (divided by spaces), there once, well
 * written, and shorter than `size` bytes when they are decoded? Else false with a sentence for the
 * client. */
bool http_check_args(
	const struct http_request *q, const char *names, size_t size, char error[HTTP_ERROR_MAX]);

/* The value of an argument, with %XX decoded. False when it is absent, empty, malformed or too
 * long. */
bool http_arg(const struct http_request *q, const char *key, char *to, size_t size);

/* Is the argument there, with a value or without? */
bool http_has_arg(const struct http_request *q, const char *key);

/* A text of the path with %XX decoded. False when it is malformed or too long. */
bool http_decode(const char *text, char *to, size_t size);

/* ---- request_cookie.c ---- */

enum { HTTP_COOKIES_MAX = 64 };

/* The value of the cookie `name` in the text of a Cookie header. False when it is not there, is
 * there twice (another site of the same host may have set one of them), is longer than size - 1
 * bytes, or there are more than HTTP_COOKIES_MAX. */
bool http_cookie(const char *header, const char *name, char *to, size_t size);

/* ---- response_head.c ---- */

struct http_answer {
	int status;
	const char *type;   /* Content-Type */
	const char *policy; /* Content-Security-Policy */
	const char *more;   /* further header lines, each with its CR LF, or "" */
	size_t length;      /* of the body */
	bool endless;       /* the body has no length, and ends when the connection is closed */
	bool keep;          /* another request may follow */
	unsigned minor;     /* of the version; 0: HTTP/1.0 */
};

/* Status line and headers. */
void http_head(struct wr *w, const struct http_answer *a);

#endif
