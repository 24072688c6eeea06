/* Dispatches peers' messages to the engines (node/engines.c). Before: p2p/peer.c has a message.
 * After: sync/sync.c for blocks, sync/serve.c for requests, sync/announce.c for heights. */
#include "api/events.h"
#include "node/node.h"

/* Sets the timer so that it fires when the announcer has to send this peer something. */
static void rearm(struct node *n, const struct node_peer *np)
{
	uint64_t now = clock_mono(n->clock);
	uint64_t when = np->announce.ping_at_ms;

	if (np->announce.await_ms && (!when || np->announce.await_ms < when))
		when = np->announce.await_ms;
	if (when)
		engines_schedule(n, when > now ? when - now : 0);
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
	engines_rearm_when_busy(n);
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
	engines_rearm_when_busy(n);
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
	engines_rearm_when_busy(n);
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
