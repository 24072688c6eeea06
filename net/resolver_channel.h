/* c-ares on the loop: its sockets, its timer, and the name servers that it asks. Inside
 * net/resolver.c. */
#ifndef NET_RESOLVER_CHANNEL_H
#define NET_RESOLVER_CHANNEL_H

#include <ares.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct event;
struct event_base;

enum { CHANNEL_SOCKETS_MAX = 32 };

struct channel_socket {
	ares_socket_t fd;
	struct event *event; /* NULL = this place is free */
};

/* What a file was when it was read; all zero = it was not there. */
struct channel_stamp {
	ino_t inode;
	off_t size;
	struct timespec changed;
};

struct channel {
	struct event_base *base;
	ares_channel ares;
	bool open;
	const char *servers; /* NULL = as the system is configured; borrowed */
	struct channel_stamp read;
	struct event *timer; /* when c-ares wants to be called */
	struct channel_socket sockets[CHANNEL_SOCKETS_MAX];
};

/* Into a zeroed channel, which is not open yet. False when memory runs out. */
bool resolver_channel_init(struct channel *c, struct event_base *base, const char *servers);

/* A question goes to each server `tries` times; the first answer is waited for that long, each
 * next one twice as long. False when c-ares fails or memory runs out: it is not open then. */
bool resolver_channel_open(struct channel *c, uint64_t first_try_ms, int tries);

/* Ends all open look-ups: c-ares calls back for each of them during this call. */
void resolver_channel_close(struct channel *c);

/* Is it closed, or has resolv.conf changed since the name servers were read from it? */
bool resolver_channel_is_stale(const struct channel *c);

/* Call after each call of c-ares: the time of its next time-out may have changed. */
void resolver_channel_arm(struct channel *c);

/* Closes it if it is open, and frees its timer and sockets, not the struct. */
void resolver_channel_free(struct channel *c);

#endif
