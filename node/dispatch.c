/* Dispatches peers' messages to the engines (sync, serve, announce), and drives the one timer that
 * the engines share. Before: p2p/peer.c has a message. After: sync/sync.c for blocks, sync/serve.c
 * for requests, sync/announce.c for heights. */
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

void dispatch_schedule(struct node *n, uint64_t in_ms)
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
void dispatch_look_at_history(struct node *n)
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
	dispatch_look_at_history(n);
	if (!n->stopping)
		persist_now_and_then(n);
	a = a < b ? a : b;
	a = a < c ? a : c;
	dispatch_schedule(n, a < TICK_MAX_MS ? a : TICK_MAX_MS);
}

/* Sets the timer so that it fires when the announcer has to send this peer something. */
static void rearm(struct node *n, const struct node_peer *np)
{
	uint64_t now = clock_mono(n->clock);
	uint64_t when = np->announce.ping_at_ms;

	if (np->announce.await_ms && (!when || np->announce.await_ms < when))
		when = np->announce.await_ms;
	if (when)
		dispatch_schedule(n, when > now ? when - now : 0);
}

/* An idle node sleeps until a message comes. One that waits for blocks must look for late answers.
 */
static void rearm_when_busy(struct node *n)
{
	if (sync_busy(n->sync))
		dispatch_schedule(n, TICK_BUSY_MS);
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
	rearm_when_busy(n);
}

static void on_new_tip(void *ctx, bool replaced)
{
	struct node *n = ctx;
	struct chain_tip t;

	chain_get_tip(n->chain, &t);
	log_debug("tip: block %llu", (unsigned long long)t.height);
	announce_new_tip(&n->announce, replaced);
	events_tip(n->events);
	dispatch_schedule(n, 0);
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

/* ---- p2p events ---- */

static void on_ready(void *ctx, peer_id id)
{
	struct node *n = ctx;
	struct node_peer *np = sync_peers_add(&n->peers, id);

	if (!np) {
		p2p_close(n->p2p, id, CLOSE_LIMIT);
		return;
	}
	sync_peer_ready(n->sync, np);
	announce_peer_ready(&n->announce, np);
	events_peer(n->events, id, "ready");
	rearm(n, np);
	rearm_when_busy(n);
}

static void on_gone(void *ctx, peer_id id, enum close_reason why)
{
	struct node *n = ctx;
	struct node_peer *np = sync_peers_get(&n->peers, id);

	if (!np)
		return;
	events_peer(n->events, id, close_reason_name(why));
	sync_peer_gone(n->sync, np);
	sync_peers_remove(&n->peers, id);
	rearm_when_busy(n);
}

/* ---- messages, one handler each: the last column of p2p/messages.def ---- */

/* Towards release 0.10 a GetBlock is an answer to a Ping as good as a Pong, and nothing that wants
 * an answer may stand right behind a Pong (protocol.md 5.14 b). */
static void answer_ping(struct node *n, struct node_peer *np, const struct message *ping)
{
	struct message pong = {.type = MSG_PONG};
	size_t asked = np->sync.requests.count;
	struct chain_tip t;

	sync_height(n->sync, np, ping->height, ping->hash);
	if (!np->own_kind && np->sync.requests.count > asked)
		return;
	chain_get_tip(n->chain, &t);
	pong.height = t.height;
	pong.hash = slice_of(t.hash, t.height ? HASH_SIZE : 0);
	p2p_send(n->p2p, np->id, &pong);
}

static void on_ping(struct node *n, struct node_peer *np, const struct message *m)
{
	answer_ping(n, np, m);
	announce_height(&n->announce, np, m->height, false);
}

static void on_pong(struct node *n, struct node_peer *np, const struct message *m)
{
	sync_height(n->sync, np, m->height, m->hash);
	announce_height(&n->announce, np, m->height, true);
}

static void on_get_block(struct node *n, struct node_peer *np, const struct message *m)
{
	enum serve_result r = serve_get_block(&n->serve, np, m->index);

	announce_asked(
		&n->announce, np, m->index, r == SERVE_SENT || r == SERVE_WAITS, r == SERVE_REPEAT);
}

static void on_block(struct node *n, struct node_peer *np, const struct message *m)
{
	sync_block(n->sync, np, m);
}

static void on_peers(struct node *n, struct node_peer *np, const struct message *m)
{
	(void)m;
	sync_kick_answered(n->sync, np);
	announce_kick_answered(&n->announce, np);
}

/* In p2p/messages.def: p2p/ handles this message itself and does not pass it on. */
#define nobody NULL
static void (*const handlers[MSG_COUNT])(
	struct node *n, struct node_peer *np, const struct message *m) = {
#define MESSAGE(id, name, fields, comes, answers, costs, wants, p2p, handler) handler,
#include "p2p/messages.def"
#undef MESSAGE
};
#undef nobody

static void on_message(void *ctx, peer_id id, const struct message *m)
{
	struct node *n = ctx;
	struct node_peer *np = sync_peers_get(&n->peers, id);

	if (!np || n->stopping || !handlers[m->type])
		return;
	loop_lag_busy(&n->loop_lag);
	handlers[m->type](n, np, m);
	rearm(n, np);
	rearm_when_busy(n);
}

static void on_drained(void *ctx, peer_id id)
{
	struct node *n = ctx;
	struct node_peer *np = sync_peers_get(&n->peers, id);

	if (np && !n->stopping)
		serve_drained(&n->serve, np);
}

static uint64_t on_tip(void *ctx, uint8_t hash[32])
{
	struct node *n = ctx;
	struct chain_tip t;

	chain_get_tip(n->chain, &t);
	memcpy(hash, t.hash, HASH_SIZE);
	return t.height;
}

static void on_network_changed(void *ctx)
{
	node_dns_network_changed(ctx);
}

struct p2p_events dispatch_events(struct node *n)
{
	return (struct p2p_events){.ready = on_ready,
		.message = on_message,
		.gone = on_gone,
		.drained = on_drained,
		.tip = on_tip,
		.network_changed = on_network_changed,
		.ctx = n};
}

/* ---- life ---- */

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

bool dispatch_start(struct node *n)
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
	dispatch_schedule(n, TICK_MIN_MS);
	return true;
}

void dispatch_free(struct node *n)
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
