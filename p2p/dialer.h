/* Decides which addresses are dialled, and when: configured peers always, with back-off
 * (protocol.md 5.14); then addresses from peer exchange (5.8) and from the address book, up to
 * max_outbound. Never more than max_dials at a time. It uses no sockets: the hooks dial. */
#ifndef P2P_DIALER_H
#define P2P_DIALER_H

#include "p2p/addrbook.h"
#include "p2p/configured_peer.h"
#include "p2p/exchange.h"

struct event_base;
struct dialer;

struct dialer_hooks {
	/* Begins a connection; false when that failed at once. */
	bool (*dial)(void *ctx, const struct netaddr *to, bool configured);
	/* Is the address not to be dialled: connected, being dialled, or banned? A configured peer
	 * is refused only for a ban by hand, not for other bans. */
	bool (*refuse)(void *ctx, const struct netaddr *a, bool configured);
	/* Does an outbound connection lead into its network group already? Then other addresses
	 * come first. */
	bool (*crowded)(void *ctx, const struct netaddr *a);
	size_t (*outbound)(void *ctx); /* outbound connections of any phase */
	size_t (*dialling)(void *ctx); /* those that are not ready yet */
	bool (*alone)(void *ctx);      /* no peer is ready, inbound or outbound */
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
	struct dialer_hooks hooks;
};

/* Starts without configured peers. Borrows what *s points to. NULL when memory or the resolver
 * cannot be had. */
struct dialer *dialer_start(const struct dialer_settings *s);
void dialer_quiesce(struct dialer *d); /* stops dialling and look-ups */
void dialer_free(struct dialer *d);    /* NULL is fine */

/* Adds or removes a configured peer; the text is copied. ERR_MALFORMED, ERR_EXISTS, ERR_NOT_FOUND,
 * ERR_NOMEM, and ERR_FULL at limits.max_configured_peers. A peer that was added for one connection
 * stays for good when it is added here. */
enum err dialer_add(struct dialer *d, const char *peer);
enum err dialer_remove(struct dialer *d, const char *peer);

/* As dialer_add(), for one connection: when it ends, or cannot be made, the peer is removed from
 * the configured ones. */
enum err dialer_add_once(struct dialer *d, const char *peer);

/* The address at which this configured peer is being dialled or connected; false: it is not. */
bool dialer_address(struct dialer *d, const char *peer, struct netaddr *out);

/* Notes why a dial failed, for lists of peers; `why` is copied. Call before dialer_ended(). */
void dialer_note(struct dialer *d, const struct netaddr *a, const char *why);

/* A configured peer, for whoever lists them. */
struct dialer_peer {
	const char *text;       /* as configured; borrowed, like the error */
	const char *error;      /* of the last attempt, "" = none */
	bool resolving, busy;   /* its name is looked up; it is dialled or connected */
	struct netaddr dialled; /* the address, when busy */
	uint64_t wait_ms;       /* until the next attempt, when neither */
	uint32_t failures;      /* since it was connected last */
};

/* The i-th of them, from 0; false when there are no more. */
bool dialer_peer(struct dialer *d, size_t i, struct dialer_peer *out);

/* Dials what is due; returns in how many milliseconds it wants to be called again. The timer of the
 * dialer does so; tests do it by hand. */
uint64_t dialer_tick(struct dialer *d);

/* The network of this machine changed, or it slept: waiting configured peers become due, and names
 * are resolved again. */
void dialer_hurry(struct dialer *d);

/* New addresses wait, or a place is free: look again soon. */
void dialer_wake(struct dialer *d);

/* Report the result of a dial: the peer is ready; the connection is over, or was never made. */
void dialer_ready(struct dialer *d, const struct netaddr *a);
void dialer_ended(struct dialer *d, const struct netaddr *a, enum dial_end end);

#endif
