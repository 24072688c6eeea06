/* Whom to dial and when: configured peers always, with back-off; else addresses waiting from peer
 * exchange, then the address book, up to max_outbound. Knows no sockets: the hooks dial. */
#ifndef P2P_DIALER_H
#define P2P_DIALER_H

#include "p2p/addrbook.h"
#include "p2p/exchange.h"

struct event_base;
struct dialer;

struct dialer_hooks {
	/* Begins a connection; false when that failed at once. */
	bool (*dial)(void *ctx, const struct netaddr *to, bool configured);
	/* Not this one: banned, connected, being dialled. */
	bool (*refuse)(void *ctx, const struct netaddr *a);
	size_t (*outbound)(void *ctx); /* outbound connections of any phase */
	size_t (*dialling)(void *ctx); /* those that are not ready yet */
	/* A configured name does not resolve. */
	void (*unresolved)(void *ctx, const char *peer, const char *why);
	void *ctx;
};

struct dialer_settings {
	struct event_base *base;
	const struct clock *clock;
	struct limits *limits;
	struct addrbook *book;     /* borrowed */
	struct exchange *exchange; /* borrowed */
	const char *const *peers;  /* configured, "host:port" */
	size_t peer_count;
	struct dialer_hooks hooks;
};

/* NULL when memory or the resolver cannot be had. */
struct dialer *dialer_start(const struct dialer_settings *s);
void dialer_quiesce(struct dialer *d); /* nothing is dialled or looked up any more */
void dialer_free(struct dialer *d);    /* NULL is fine */

/* By hand. ERR_MALFORMED, ERR_EXISTS, ERR_NOT_FOUND, ERR_FULL. */
enum err dialer_add(struct dialer *d, const char *peer);
enum err dialer_remove(struct dialer *d, const char *peer);

/* New addresses wait, or a place is free: look again soon. */
void dialer_wake(struct dialer *d);

/* What became of a dial: it is ready now; it is over. */
void dialer_ready(struct dialer *d, const struct netaddr *a);
enum dial_end {
	DIAL_FAILED,  /* never became ready */
	DIAL_CLOSED,  /* was ready */
	DIAL_REFUSED, /* another network or too old: not again */
	DIAL_SELF,    /* our own address: not again */
};
void dialer_ended(struct dialer *d, const struct netaddr *a, enum dial_end end);

#endif
