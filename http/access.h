/* Who may ask, and what: the Unix socket's clients everything, others reading, by network, token
 * and Host (the table of docs/security.md). */
#ifndef HTTP_ACCESS_H
#define HTTP_ACCESS_H

#include <sys/socket.h>

#include "net/cidr.h"
#include "config/config.h"
#include "http/request.h"

/* Where a client came in. */
enum http_door {
	DOOR_LOCAL,   /* admin.socket: its file's mode says who */
	DOOR_READ,    /* admin.listen */
	DOOR_METRICS, /* admin.metrics_listen */
};

/* What somebody may do; each includes the ones before it. */
enum http_right {
	RIGHT_OPEN,  /* metrics and health */
	RIGHT_READ,  /* all that changes nothing */
	RIGHT_STEER, /* everything */
};

enum { TOKEN_MIN = 16, TOKEN_MAX = 256, ACCESS_WHY_MAX = 448 };

struct http_access {
	struct cidr allow[CONFIG_LIST_MAX];
	size_t allow_count;
	char token[TOKEN_MAX + 1]; /* the rest is zero; "" = none is asked for */
	bool exposed;              /* others may read its file */
};

/* Reads the settings and the token's file. False, with what is wrong with that and errno (EINVAL
 * for what the file has), when it cannot be used. */
bool http_access_load(struct http_access *a, const struct config *c, char why[ACCESS_WHY_MAX]);

/* Do both let the same in? */
bool http_access_same(const struct http_access *a, const struct http_access *b);

/* May a connection from there be taken at all? */
bool http_access_lets_in(const struct http_access *a, const struct sockaddr *from);

/* 200, or 401 or 403 with a sentence for the client. Nothing is told about paths to somebody
 * without the token. */
int http_access_judge(const struct http_access *a, enum http_door door,
	const struct http_request *q, const char **error);

/* How many of so many places TCP clients leave to those of the Unix socket. */
uint64_t http_places_kept(uint64_t places);

/* What those who come in there may do. */
enum http_right http_access_right(enum http_door door);

#endif
