/* Everything that is told and taken over HTTP, as one record: what to look at, and hooks for what
 * steers the node. The node fills it (node/node_api.c); a test fills one of its own. All pointers
 * are borrowed and stay valid while the record is used, on the loop's thread. */
#ifndef API_API_H
#define API_API_H

#include "base/clock.h"
#include "chain/chain.h"
#include "config/config.h"
#include "sync/serve.h"
#include "sync/sync.h"
#include "sync/sync_stats.h"
#include "p2p/p2p.h"

struct events;

/* How late the event loop comes to what is due. */
struct api_lag {
	uint64_t samples;                /* measured so often, */
	uint64_t p50_ms, p99_ms, max_ms; /* half, 99 of 100, all were no later than this */
};

/* What only the node itself knows, at a moment. */
struct api_state {
	bool stopping;
	const char *store_error; /* why the store failed; NULL = it works */
	struct api_lag lag;
};

/* What the node does when it is told to; ctx is the first argument of each. */
struct api_hooks {
	/* Also brings config->limits up to date where something is counted elsewhere. */
	void (*state)(void *ctx, struct api_state *out);
	void (*stop)(void *ctx);
	/* Reads the settings again. `said`: one line, what has changed, or why nothing has. */
	bool (*reload)(void *ctx, char *said, size_t size);
	/* As p2p_ban() and the like (p2p/p2p.h); seconds 0 = limits.ban_time. */
	enum err (*ban)(void *ctx, const char *address, uint64_t seconds);
	enum err (*unban)(void *ctx, const char *address);
	enum err (*peer_add)(void *ctx, const char *address, bool once);
	enum err (*peer_remove)(void *ctx, const char *address);
	void *ctx;
};

struct api {
	const char *version; /* of the program */
	const struct config *config;
	const struct chain_params *params;
	const struct clock *clock;
	uint64_t started_ms; /* monotonic */
	unsigned threads;    /* of the checkers */

	struct chain *chain; /* read only; not const, since its views are its own */
	struct p2p *p2p;     /* listed only; not const, since listing forgets what is over */
	const struct sync *sync;
	const struct serve *serve;
	struct events *events; /* the last lines of the log; NULL = there are none */

	struct api_hooks hooks;
};

/* hooks.state(). */
static inline struct api_state api_state(const struct api *a)
{
	struct api_state s = {0};

	a->hooks.state(a->hooks.ctx, &s);
	return s;
}

#endif
