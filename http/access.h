/* Decides which clients may ask for what. A client of the Unix socket may do everything. A client
 * by TCP may only read, and only if its network, its token and its Host header allow it; who has a
 * session at webui.listen may do the owner's work, too (the table in docs/security.md). */
#ifndef HTTP_ACCESS_H
#define HTTP_ACCESS_H

#include <sys/socket.h>

#include "net/addr.h"
#include "net/cidr.h"
#include "config/config.h"
#include "http/request.h"

/* The listener that accepted a client. */
enum http_door {
	DOOR_LOCAL,   /* admin.socket: the mode of its file decides who can connect */
	DOOR_READ,    /* admin.listen */
	DOOR_METRICS, /* admin.metrics_listen */
	DOOR_WEB,     /* webui.listen: who logs in has a session */
};

/* What a client may do. Each right includes the ones before it. */
enum http_right {
	RIGHT_NONE,  /* the log-in at webui.listen, and nothing else */
	RIGHT_OPEN,  /* read the metrics and the health */
	RIGHT_READ,  /* every request that changes nothing */
	RIGHT_OWN,   /* peers and bans; keys, own names, jobs, signing: what takes a session */
	RIGHT_STEER, /* everything: stop, reload too */
};

enum { TOKEN_MIN = 16, TOKEN_MAX = 256, ACCESS_WHY_MAX = 448 };

struct http_access {
	struct cidr allow[CONFIG_LIST_MAX];
	size_t allow_count;
	char token[TOKEN_MAX + 1];        /* padded with zero bytes; "" = no token is required */
	char web_listen[CONFIG_TEXT_MAX]; /* webui.listen */
	bool web_public;
	struct cidr proxies[CONFIG_LIST_MAX]; /* webui.trusted_proxies */
	size_t proxy_count;
	bool exposed; /* the mode of the token's file lets other users read it */
};

/* Fills *a from admin.allow and the file admin.token_file; keeps no pointer into `c`. False when
 * the file cannot be used: `why` says so for the user, errno is that of open() or read(), or EINVAL
 * when the content is not a token. *a is then only partly filled: do not use it. */
bool http_access_load(struct http_access *a, const struct config *c, char why[ACCESS_WHY_MAX]);

/* True when this client is one of webui.trusted_proxies, whose word on its own clients counts. */
bool http_access_is_proxy(const struct http_access *a, const struct netaddr *from);

/* True when both have the same networks in the same order, and the same token. */
bool http_access_same(const struct http_access *a, const struct http_access *b);

/* True when a TCP connection from this address may be accepted: loopback always, any address when
 * admin.allow is empty, else the networks listed there. */
bool http_access_lets_in(const struct http_access *a, const struct sockaddr *from);

/* Judges a request by its listener, token, Host and Origin. Returns the HTTP status: 200 with
 * *error NULL; or 401 (token missing or wrong) or 403 with *error, a static sentence for the
 * client. The server asks this before it looks up the path, so a client without the token cannot
 * find out which paths exist. */
int http_access_judge(const struct http_access *a, enum http_door door,
	const struct http_request *q, const char **error);

/* Of a total of `places`, the number that TCP clients must leave free for clients of the Unix
 * socket: a quarter; 1 of less than 8, 0 of less than 2. */
uint64_t http_places_kept(uint64_t places);

/* The right of every client of this listener; at DOOR_WEB of one without a session. */
enum http_right http_access_right(enum http_door door);

#endif
