/* Parses as much of HTTP/1.0 and HTTP/1.1 as the node's interfaces need, and refuses everything
 * ambiguous (docs/http.md). Pure functions on bytes: no socket, no allocation, no global, so any
 * thread may call them. */
#ifndef NODE_HTTP_H
#define NODE_HTTP_H

#include "base/cursor.h"

enum http_auth { AUTH_NONE, AUTH_BEARER, AUTH_BASIC, AUTH_OTHER };

enum {
	HTTP_QUERY_MAX = 1024, /* a search of 160 Cyrillic letters, coded */
	HTTP_COOKIE_MAX = 2048,
	HTTP_LANGUAGES_MAX = 96,
	HTTP_TAG_MAX = 64,
	HTTP_TOKEN_MAX = 80,
	HTTP_ORIGIN_MAX = 160,
	HTTP_FORWARDED_MAX = 56,
	HTTP_PREFIX_MAX = 64
};

struct http_request {
	char method[8];             /* "GET", "POST" */
	char path[256];             /* without the query */
	char query[HTTP_QUERY_MAX]; /* after the '?', or "" */
	char host[128];             /* Host header, or "" */
	enum http_auth auth;
	char credentials[512];        /* Authorization header after the scheme's word, or "" */
	char cookie[HTTP_COOKIE_MAX]; /* Cookie header, or "" */
	char languages[HTTP_LANGUAGES_MAX]; /* Accept-Language header, cut at its end, or "" */
	char known[HTTP_TAG_MAX];           /* If-None-Match header, or "": what the client has */
	char token[HTTP_TOKEN_MAX];         /* X-Token header, or "" */
	char prefix[HTTP_PREFIX_MAX];       /* X-Forwarded-Prefix header as it came, or "" */
	bool gzip;                          /* it takes answers that are compressed by gzip */
	bool origin; /* has an Origin header: a script or form of a page sent it */
	char origin_text[HTTP_ORIGIN_MAX]; /* what it says, or "" when that is too long */
	/* what a proxy in front of us says, which is not to be believed from others */
	bool forwarded_https;                   /* X-Forwarded-Proto: https */
	char forwarded_for[HTTP_FORWARDED_MAX]; /* the last entry of X-Forwarded-For, or "" */
	bool from_page;         /* the browser says that a page of another site sent it */
	bool other_site;        /* the same, also when it opens the answer in its window */
	bool html;              /* takes a page, as a browser does that shows the answer */
	bool other_accept;      /* has an Accept header without text/event-stream */
	bool expects;           /* the client waits for "100 Continue" to send the body */
	bool keep;              /* the client allows another request on this connection */
	unsigned minor;         /* 0: HTTP/1.0; 1: HTTP/1.1 or a later 1.x */
	size_t head;            /* bytes of the head, with the empty line */
	uint64_t length;        /* Content-Length in bytes; above 2^30 only a lower bound */
	bool json;              /* the body is JSON, else a form */
	struct slice body;      /* of http_take_body(): a form, arguments like those of the query */
	struct slice json_body; /* of http_take_body() when the body is JSON; any bytes */

	/* out, when the request is refused */
	int status;
	const char *error; /* one sentence for the client; static */

	bool has_site; /* has a Sec-Fetch-Site header: a browser sent it */
	bool has_type; /* has a Content-Type header */

	/* inside: what the headers said, until end_head() and http_may_have_body() judge it */
	bool has_host, navigates, other_body, has_length, has_accept, has_cookie;
	bool says_close, says_keep;
};

enum http_parsed {
	HTTP_MORE, /* the head is not complete: call again with more bytes */
	HTTP_BAD,  /* out->status and out->error say why; nothing after it can be read. What was
		    * parsed before stands in *out, all of the head when out->head is not 0 */
	HTTP_DONE  /* the head is complete; `length` bytes of body follow */
};

/* Parses the head of a request from all bytes that have arrived of it so far. Overwrites *out,
 * which keeps no pointer into the bytes. Each call starts from the first byte again, so the caller
 * bounds the number of bytes. */
enum http_parsed http_parse(struct slice bytes, struct http_request *out);

/* True when the body that the head announces may follow: none, or a form or JSON of a POST, of
 * `most` bytes or fewer. False sets status and error; the connection must then end, because the
 * unread body would be taken for the next request. */
bool http_may_have_body(struct http_request *q, uint64_t most);

/* Sets q->body, or q->json_body, to the complete body, without line ends at its end. The bytes are
 * borrowed: they must stay as long as q is used. False sets status and error: a form has no blanks,
 * control or non-ASCII characters. JSON is not looked at. */
bool http_take_body(struct http_request *q, struct slice body);

/* Overwrites the body with zeros in place: there is a secret in it, which was taken. What it was
 * borrowed from must be memory that may be written. */
void http_wipe_body(const struct http_request *q);

/* True when the method is HEAD: the answer is that of a GET, without its body. */
bool http_is_head(const struct http_request *q);

/* ---- request_args.c ---- */

enum { HTTP_ARG_MAX = 256, HTTP_ERROR_MAX = 256 };

/* Checks every argument of the query and of the form: its name is among `names` (separated by
 * spaces), no name appears twice, its value is well formed and, decoded, shorter than `size` bytes,
 * unless a '*' stands behind the name: such a value may be as long as the request; behind "**" it
 * may have line ends and tabs, too.
 * False with a sentence for the client when one is not. */
bool http_check_args(
	const struct http_request *q, const char *names, size_t size, char error[HTTP_ERROR_MAX]);

/* Copies the value of an argument to `to`, with %XX decoded and zero-terminated. False when it is
 * absent, empty, malformed, or longer than size - 1 bytes; `to` is then undefined. */
bool http_arg(const struct http_request *q, const char *key, char *to, size_t size);

/* The same for a value that may have line ends and tabs. */
bool http_arg_lines(const struct http_request *q, const char *key, char *to, size_t size);

/* True when the argument is there, with a value or without. */
bool http_has_arg(const struct http_request *q, const char *key);

/* Overwrites the value of an argument of the form in place, with as many 'x': it is a secret, which
 * was taken. The rest stays as it is, for a route that is called again. What the form was borrowed
 * from must be memory that may be written. */
void http_wipe_arg(const struct http_request *q, const char *key);

/* Decodes the %XX in a part of the path, to a zero-terminated text. False when it is malformed,
 * has a control character, or is longer than size - 1 bytes; `to` is then undefined. */
bool http_decode(const char *text, char *to, size_t size);

/* ---- request_cookie.c ---- */

enum { HTTP_COOKIES_MAX = 64 };

/* Copies the value of the cookie `name`, found in the text of a Cookie header, to `to`,
 * zero-terminated. False, with `to` unchanged, when it is absent, longer than size - 1 bytes, there
 * twice (another program on the same host may have set one of the two), or when the header has more
 * than HTTP_COOKIES_MAX cookies. */
bool http_cookie(const char *header, const char *name, char *to, size_t size);

/* ---- response_head.c ---- */

struct http_answer {
	int status;
	const char *type;   /* Content-Type */
	const char *policy; /* Content-Security-Policy */
	const char *cache;  /* Cache-Control */
	const char *more;   /* further header lines, each with its CR LF, or "" */
	size_t length;      /* bytes of the body */
	bool endless;       /* no Content-Length: the body ends when the connection is closed */
	bool keep;          /* another request may follow: Connection: keep-alive */
	unsigned minor;     /* version of the status line; 0: HTTP/1.0 */
};

/* Writes the status line, the headers and the empty line. `w` is marked bad when it is too small.
 */
void http_head(struct wr *w, const struct http_answer *a);

#endif
