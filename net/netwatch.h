/* Notices events after which every connection may be dead: the machine slept, or an address or a
 * link appeared or vanished. Without this it would take minutes to notice, because no packet
 * arrives that tells. */
#ifndef NET_NETWATCH_H
#define NET_NETWATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct netwatch;

struct netwatch_hooks {
	uint64_t (*asleep)(void *ctx); /* milliseconds of sleep since the machine started */
	/* Called from the loop; `what` is for the log. Not more than four times a minute. */
	void (*changed)(void *ctx, const char *what);
	void *ctx;
};

/* A hook for `asleep`: milliseconds of sleep as the kernel tells them; 0 where it does not. */
uint64_t netwatch_asleep(void *ctx);

/* Begins to watch. Where the kernel refuses to tell of addresses and links, only sleep is noticed.
 * *hooks is copied. NULL when memory runs out. */
struct netwatch *netwatch_start(struct event_base *base, const struct netwatch_hooks *hooks);
void netwatch_free(struct netwatch *w); /* NULL is fine */

/* Checks whether the machine slept for more than 30 s. A timer calls it every five seconds; tests
 * call it themselves. */
void netwatch_check(struct netwatch *w);

enum { NETWATCH_LINKS_MAX = 64 };

/* The links that the kernel reported, and whether each had a carrier. When the table is full the
 * oldest is replaced. */
struct netwatch_links {
	int index[NETWATCH_LINKS_MAX];
	bool running[NETWATCH_LINKS_MAX];
	size_t count, next;
};

/* What these bytes of rtnetlink tell that concerns connections, a constant for the log: NULL =
 * nothing. Bytes that are no message tell nothing. Pure, but for `links`. Link-local
 * addresses, ones that are only renewed, and members of a bridge do not. */
const char *netwatch_read(struct netwatch_links *links, const void *bytes, size_t n);

#endif
