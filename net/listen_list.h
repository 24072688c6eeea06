/* Which sockets a list of addresses to listen on needs, judged by the texts alone: net.listen, and
 * any other list of its kind. config_load() says the notices; the listeners only act on the plan.
 *
 * An address that is listed twice needs one socket, and so does an address beside the wildcard that
 * contains it. "[::]" takes IPv4 too, unless an IPv4 address of the same port is in the list. */
#ifndef NET_LISTEN_LIST_H
#define NET_LISTEN_LIST_H

#include "net/addr.h"

enum listen_use {
	LISTEN_USED,
	LISTEN_REPEATED, /* the same address stands before it */
	LISTEN_INSIDE,   /* a wildcard of the list contains it */
};

/* One address of the list. */
struct listen_entry {
	const char *text; /* the caller's */
	bool is_address;  /* false: `text` is none, and the next field is all zero */
	struct netaddr addr;
	enum listen_use use;
	size_t because; /* index of the entry that stands for it, when it is not used */
	bool v6_only;   /* "[::]" must leave IPv4 to another entry */
};

/* Fills plan[0 … count), which borrows the texts. A text that is no literal address:port is taken
 * as another address than every other. */
void listen_list_plan(const char *const *texts, size_t count, struct listen_entry *plan);

/* Would a socket at `text`, a literal address:port, conflict with one of the plan? The index of
 * that entry, or -1. */
int listen_list_meets(const struct listen_entry *plan, size_t count, const char *text);

#endif
