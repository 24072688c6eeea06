/* The engines (sync, serve, announce): their start and end, the one timer that they share, and what
 * the checkers and the chain tell. Before: node/node.c; chain/verify.c has checked blocks. After:
 * sync/sync.c, node/story.c, node/persist.c. */
#include <event2/event.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "api/events.h"
#include "net/netwatch.h"
#include "node/node.h"
#include "node/node_own_block.h"
#include "sync/wrong_clock.h"

enum { TICK_MIN_MS = 1, TICK_BUSY_MS = 250, TICK_MAX_MS = 10000 };

/* ---- the shared timer ---- */

void engines_schedule(struct node *n, uint64_t in_ms)
{
	uint64_t now = clock_mono(n->clock);

	if (in_ms < TICK_MIN_MS)
		in_ms = TICK_MIN_MS;
	if (n->tick_at_ms > now && n->tick_at_ms <= now + in_ms)
		return;
	n->tick_at_ms = now + in_ms;
	struct timeval tv = {(time_t)(in_ms / 1000), (suseconds_t)(in_ms % 1000 * 1000)};
	event_add(n->tick, &tv);
}

/* Stores addresses and bans, so that a crash loses few of them. */
static void persist_now_and_then(struct node *n)
{
	if (persist_tick(&n->persist, n->chain, n->p2p, clock_mono(n->clock)))
		sync_commit_soon(n->sync);
}

/* The time of figures over time goes on while the machine sleeps, so that they have a gap then. */
void engines_look_at_history(struct node *n)
{
	history_look(&n->history, &n->api, clock_mono(n->clock) + netwatch_asleep(NULL));
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct node *n = ctx;
	uint64_t a, b, c;

	(void)fd;
	(void)what;
	n->tick_at_ms = 0;
	if (n->stopping) {
		event_del(n->tick);
		return;
	}
	wrong_clock_tick(&n->clock_wrong, n->chain, clock_wall(n->clock));
	p2p_follow_clock(n->p2p);
	limit_log_refresh(&n->config->limits);
	limit_log_tick(&n->limit_log, &n->config->limits, clock_mono(n->clock), false);
	sync_collect(n->sync); /* should a wake-up have got lost */
	a = sync_tick(n->sync);
	node_owner_give_way(n);
	b = announce_tick(&n->announce);
	c = story_tick(n);
	engines_look_at_history(n);
	if (!n->stopping)
		persist_now_and_then(n);
	a = a < b ? a : b;
	a = a < c ? a : c;
	engines_schedule(n, a < TICK_MAX_MS ? a : TICK_MAX_MS);
}

void engines_rearm_when_busy(struct node *n)
{
	if (sync_busy(n->sync))
		engines_schedule(n, TICK_BUSY_MS);
}

/* ---- checked blocks ---- */

static void wake(void *ctx)
{
	struct node *n = ctx;
	uint64_t one = 1;

	if (write(n->wake_fd, &one, sizeof one) < 0)
		return; /* the counter is full: the loop is about to be woken, or ticks anyway */
}

static void on_woken(evutil_socket_t fd, short what, void *ctx)
{
	struct node *n = ctx;
	uint64_t count;

	(void)what;
	if (read((int)fd, &count, sizeof count) <= 0)
		return;
	loop_lag_busy(&n->loop_lag);
	sync_collect(n->sync);
	node_owner_give_way(n);
	engines_rearm_when_busy(n);
}

static void on_new_tip(void *ctx, bool replaced)
{
	struct node *n = ctx;
	struct chain_tip t;

	chain_get_tip(n->chain, &t);
	log_debug("tip: block %llu", (unsigned long long)t.height);
	announce_new_tip(&n->announce, replaced);
	events_tip(n->events);
	engines_schedule(n, 0);
	node_mine_look(n);
}

static void on_fatal(void *ctx, enum err err)
{
	struct node *n = ctx;

	const char *why = chain_why(n->chain)[0] ? chain_why(n->chain) : err_name(err);

	log_error("the store failed (%s): stopping; no block that was reported is lost", why);
	n->status = EXIT_STORE;
	n->store_error = why;
	node_stop(n);
}

/* ---- start and end ---- */

static bool make_events(struct node *n)
{
	struct timeval second = {1, 0};

	n->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (n->wake_fd < 0)
		return false;
	n->tick = event_new(n->base, -1, EV_PERSIST, on_tick, n);
	n->woken = event_new(n->base, n->wake_fd, EV_READ | EV_PERSIST, on_woken, n);
	/* The timer is added now, because moving a timer that is added takes no memory: so no later
	 * event_add() of it can fail. */
	return n->tick && n->woken && event_add(n->woken, NULL) == 0 &&
	       event_add(n->tick, &second) == 0 && loop_lag_start(&n->loop_lag, n->base, n->clock);
}

bool engines_start(struct node *n)
{
	uint64_t seed;

	rng_fill(n->rng, &seed, sizeof seed);
	sync_peers_init(&n->peers, &n->config->limits, seed);
	if (!make_events(n))
		return false;
	struct sync_settings s = {.chain = n->chain,
		.params = &n->params,
		.limits = &n->config->limits,
		.clock = n->clock,
		.rng = n->rng,
		.peers = &n->peers,
		.net = peer_link_of_p2p(n->p2p),
		.threads = node_threads(n->config),
		.wake = wake,
		.new_tip = on_new_tip,
		.fatal = on_fatal,
		.own_block = node_own_block_told,
		.ctx = n};
	n->sync = sync_start(&s);
	if (!n->sync || !serve_init(&n->serve, n->chain, s.net))
		return false;
	history_begin(&n->history, &n->config->limits.history_bytes);
	announce_init(&n->announce, n->chain, &n->peers, s.net, n->clock, n->rng);
	engines_schedule(n, TICK_MIN_MS);
	return true;
}

void engines_free(struct node *n)
{
	if (n->peers.limits)
		sync_peers_clear(&n->peers);
	sync_free(n->sync);
	n->sync = NULL;
	serve_free(&n->serve);
	loop_lag_stop(&n->loop_lag);
	history_end(&n->history);
	if (n->tick)
		event_free(n->tick);
	if (n->woken)
		event_free(n->woken);
	if (n->wake_fd >= 0)
		close(n->wake_fd);
	n->tick = n->woken = NULL;
	n->wake_fd = -1;
}
