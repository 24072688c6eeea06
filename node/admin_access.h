/* Who may ask, and what: the Unix socket's clients everything, others reading, by network, token
 * and Host (the table of docs/security.md). */
#ifndef NODE_ADMIN_ACCESS_H
#define NODE_ADMIN_ACCESS_H

#include <sys/socket.h>

#include "net/cidr.h"
#include "config/config.h"
#include "node/admin.h"

/* Where a client came in. */
enum admin_door {
	DOOR_LOCAL,   /* admin.socket: its file's mode says who */
	DOOR_READ,    /* admin.listen */
	DOOR_METRICS, /* admin.metrics_listen */
};

enum { TOKEN_MIN = 16, TOKEN_MAX = 256, ACCESS_WHY_MAX = 448 };

struct admin_access {
	struct cidr allow[CONFIG_LIST_MAX];
	size_t allow_count;
	char token[TOKEN_MAX + 1]; /* the rest is zero; "" = none is asked for */
	bool exposed;              /* others may read its file */
};

/* Reads the settings and the token's file. False, with what is wrong with that and errno (EINVAL
 * for what the file has), when it cannot be used. */
bool admin_access_load(struct admin_access *a, const struct config *c, char why[ACCESS_WHY_MAX]);

/* Do both let the same in? */
bool admin_access_same(const struct admin_access *a, const struct admin_access *b);

/* May a connection from there be taken at all? */
bool admin_access_lets_in(const struct admin_access *a, const struct sockaddr *from);

/* 200, or 401 or 403 with a sentence for the client. Nothing is told about paths to somebody
 * without the token. */
int admin_access_judge(const struct admin_access *a, enum admin_door door,
	const struct http_request *q, const char **error);

/* How many of so many places TCP clients leave to those of the Unix socket. */
uint64_t admin_places_kept(uint64_t places);

/* What those who come in there may do. */
enum admin_right admin_access_right(enum admin_door door);

#endif
