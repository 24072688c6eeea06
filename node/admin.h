/* The admin interface: a few HTTP requests over a Unix socket, the read-only ones also over a
 * loopback address. Clients, request and answer sizes and times are bounded. */
#ifndef NODE_ADMIN_H
#define NODE_ADMIN_H

#include "node/node.h"

/* NULL with a logged line and n->status when a socket cannot be had. A socket file that nobody
 * listens on any more is replaced; anything else of that name stays and is an error. */
struct admin *admin_start(struct node *n);
void admin_free(struct admin *a); /* NULL is fine; removes the socket file */

/* Moves the sockets to where `fresh` wants them, and reads the token again. False, with a logged
 * line and everything as it was, when the Unix socket or the token cannot be had. Clients stay
 * connected. *new_token: it is another one than before. */
bool admin_reload(
	struct admin *a, const struct config *old, const struct config *fresh, bool *new_token);

/* Why admin_reload() failed. */
const char *admin_why(const struct admin *a);

size_t admin_clients(const struct admin *a); /* connected */

/* ---- admin_routes.c ---- */

struct http_request;

enum answer_type { ANSWER_JSON, ANSWER_METRICS, ANSWER_PAGE, ANSWER_EVENTS };

/* What somebody may do; each includes the ones before it. */
enum admin_right {
	RIGHT_OPEN,  /* metrics and health */
	RIGHT_READ,  /* all that changes nothing */
	RIGHT_STEER, /* everything */
};

/* One request being answered. The answer is JSON unless the function says otherwise. */
struct admin_call {
	struct node *node;
	const struct http_request *request;
	struct wr *answer;
	enum answer_type type; /* decides the Content-Type */
	bool stays;            /* out: the client is to become a subscriber of events */
};

/* A row of node/routes.def. */
struct admin_route {
	const char *method, *path;
	const char *args; /* names, divided by spaces */
	enum admin_right right;
	int (*fn)(struct admin_call *c); /* answers; an HTTP status. With another than 200 the
					  * answer is an error text. */
};

/* The row for this request, with HEAD as GET. NULL when there is none: *method is the one that the
 * path takes then, or NULL when there is no such path. */
const struct admin_route *admin_route(const struct http_request *q, const char **method);

/* An error to answer with; returns `status`. */
int admin_say_error(struct admin_call *c, int status, const char *text);

/* The number of an argument; *to stays when it is absent. False, with an error to answer 400 with,
 * when it is none from `least` to `most`. */
bool admin_take_number(
	struct admin_call *c, const char *key, uint64_t least, uint64_t most, uint64_t *to);

/* Each function of the table. */
#define ROUTE(method, path, arguments, right, function, help) int function(struct admin_call *c);
#include "node/routes.def"

#endif
