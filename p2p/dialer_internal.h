/* The inside of struct dialer, for the files that make it up: dialer.c (whom to dial, and when),
 * dialer_configured.c (configured peers) and dialer_ends.c (what became of it). */
#ifndef P2P_DIALER_INTERNAL_H
#define P2P_DIALER_INTERNAL_H

#include "p2p/dialer.h"

enum {
	DIALER_CHECK_MS = 5000, /* between searches while there is no place, or nobody to dial */
	DIALER_IDLE_MS = 60000,
};

struct dialer {
	struct dialer_settings s;
	struct event *timer;
	struct resolver *resolver;
	struct configured_peer *configured; /* bounded by max_configured_peers */
	uint64_t last_tag;
	/* monotonic: the next look for somebody, and the time before which none is dialled */
	uint64_t pick_ms, spaced_ms;
	bool stopping;
};

/* Monotonic milliseconds. */
static inline uint64_t dialer_now(const struct dialer *d)
{
	return clock_mono(d->s.clock);
}

/* Nobody at all is connected: whoever takes a connection and says nothing may be a page of our own
 * provider that wants a login, and not the peer. */
static inline bool dialer_alone(const struct dialer *d)
{
	return d->s.hooks.alone(d->s.hooks.ctx);
}

/* Somebody answers, so that a failure is the other's fault and not that of our own network. */
static inline bool dialer_online(const struct dialer *d)
{
	return d->s.hooks.outbound(d->s.hooks.ctx) > d->s.hooks.dialling(d->s.hooks.ctx);
}

/* The configured peer that is being dialled or connected there; NULL = none. */
struct configured_peer *dialer_busy_with(struct dialer *d, const struct netaddr *a);

/* May one more be dialled at the same time? */
bool dialer_has_dial(const struct dialer *d);

/* When the next step with it is due; monotonic. */
static inline uint64_t dialer_due(const struct dialer *d, const struct configured_peer *cp)
{
	return configured_peer_due(cp, dialer_alone(d));
}

/* ---- dialer_configured.c ---- */

/* Takes the next step with a configured peer that is due: resolves its name or dials. Returns in
 * how many milliseconds it wants to be called again. */
uint64_t dialer_tend(struct dialer *d, struct configured_peer *cp);

/* Takes the configured peer out of the list, whose link to it is *place, and frees it. */
void dialer_drop(struct dialer *d, struct configured_peer **place);

/* Drops those that were to be dialled once, and were. */
void dialer_drop_over(struct dialer *d);

/* The hook of net/resolver.h; ctx is the dialer. */
void dialer_resolved(
	void *ctx, uint64_t tag, const struct netaddr *found, size_t count, const char *why);

#endif
