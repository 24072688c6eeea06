/* Decides, after each message of a peer, what we send it next and when. Before: node/dispatch.c
 * passes the message on. After: sync/announce_send.c sends when it is due.
 *
 * A peer of release 0.10 must never have two unread Pings: it would answer both with a GetBlock of
 * the same index. So when a Ping is not answered in time we send a GetPeers, and send the next Ping
 * only after its Peers came. When the peer requests a block a second time we do the same: GetPeers,
 * then silence for a moment, then one Ping. Its answer shows whether the peer advanced without us.
 * If it did, another node drives it. Then we stop for a while, because a peer that two nodes drive
 * advances more slowly than with one (protocol.md 5.14). */
#include "sync/announce.h"

enum {
	GAP_MAX_MS = 30,   /* between a Block and the Ping: less than it takes to check a block */
	GAP_STEP_MS = 5,   /* added to that gap when the peer left the Ping unread */
	FREED_MS = 30,     /* an answer so soon after a GetPeers: only that made the peer read on */
	STALLS_MAX = 2,    /* Pings in a row that it read and did not follow, before we look */
	LISTEN_MS = 300,   /* so long we look whether it advances without us, */
	DOUBLINGS = 4,     /* and twice as long each time that it did not, up to so many times */
	MOVED = 3,         /* another node drives it when it advanced by so many blocks meanwhile */
	PASSIVE_MS = 1250, /* then we leave it alone for half to one and a half times as long, */
	PASSIVE_DOUBLINGS = 2, /* and twice as long each time that the other still drives it */
	LOWER_MAX = 3,         /* Pings in a row that tell lower blocks, as it saw our tip's hash */
	SEEN_MS = 61000,       /* then we tell the tip again: it has forgotten that hash by then */
};

void announce_init(struct announcer *f, struct chain *c, struct sync_peers *p, struct net net,
	const struct clock *clock, const struct rng *rng)
{
	*f = (struct announcer){.chain = c, .peers = p, .net = net, .clock = clock, .rng = rng};
}

void announce_peer_ready(struct announcer *f, struct node_peer *np)
{
	announce_ping_in(f, np, np->own_kind ? 0 : ANNOUNCE_GAP_MS);
}

/* ---- phases ---- */

/* The peer answered: no answer is awaited any more. A Peers that still comes proves nothing. */
static void answered(struct peer_announcer *p)
{
	p->await_ms = p->proof = 0;
	p->kicks = p->stalls = 0;
	p->seen = false;
}

void announce_probe(struct announcer *f, struct node_peer *np, uint64_t base, bool listen)
{
	struct peer_announcer *p = &np->announce;
	uint64_t now = announce_now(f);

	p->again = base != p->base ? 0 : p->again < DOUBLINGS ? p->again + 1 : p->again;
	p->base = base;
	p->looked_ms = now;
	answered(p);
	p->phase = ANNOUNCE_PROVES;
	p->ping_at_ms = 0;
	p->await_ms = now + ANNOUNCE_GAP_MS + p->gap_more_ms;
	p->listen_ms = listen ? now + ((uint64_t)LISTEN_MS << p->again) : now;
}

static void leave_alone(struct announcer *f, struct node_peer *np)
{
	struct peer_announcer *p = &np->announce;
	uint32_t time = (uint32_t)PASSIVE_MS << p->driven;

	answered(p);
	p->phase = ANNOUNCE_PASSIVE;
	p->driven += p->driven < PASSIVE_DOUBLINGS;
	announce_ping_in(f, np, time / 2 + rng_below(f->rng, time));
}

/* Sends a Ping after the Block, also after the last one: the answer shows whether the peer took it.
 */
static void go_on(struct announcer *f, struct node_peer *np)
{
	np->announce.phase = ANNOUNCE_DRIVES;
	announce_ping_in(f, np, ANNOUNCE_GAP_MS + np->announce.gap_more_ms);
}

/* ---- messages ---- */

/* Measures the time from a Ping to the GetBlock that follows it. A Ping that the peer left unread
 * until the GetPeers came says nothing about that time; it was sent too soon after the Block, so
 * the gap grows. */
static void note_usual(struct node_peer *np, uint64_t now)
{
	struct peer_announcer *p = &np->announce;

	if (!p->await_ms || !p->pinged_ms)
		return;
	if (p->kicks && now - p->kicked_ms <= FREED_MS + np->sync.rtt_ms) {
		if (p->gap_more_ms < GAP_MAX_MS - ANNOUNCE_GAP_MS)
			p->gap_more_ms += GAP_STEP_MS;
		return;
	}
	uint64_t took = now - p->pinged_ms;
	p->usual_ms = p->usual_ms ? (p->usual_ms * 7 + took) / 8 : took;
}

/* True when another node drives the peer, which advanced from `base` to `index` since we began to
 * look. With four or more peers a node of release 0.10 also requests blocks on its own, but that
 * brings far fewer than it could check in that time. So it counts as driven only when it advanced
 * by three quarters of what it could. */
static bool is_driven(const struct peer_announcer *p, uint64_t index, uint64_t now)
{
	uint64_t could = (now - p->looked_ms) / (p->usual_ms + ANNOUNCE_GAP_MS);

	return index >= p->base + MOVED && index - p->base >= could * 3 / 4;
}

/* The Ping after a look was answered: the peer wants `index` next. */
static void judge(struct announcer *f, struct node_peer *np, uint64_t index)
{
	if (!np->announce.base)
		announce_probe(f, np, index, true);
	else if (is_driven(&np->announce, index, announce_now(f)))
		leave_alone(f, np);
	else {
		np->announce.driven = 0;
		go_on(f, np);
	}
}

void announce_asked(
	struct announcer *f, struct node_peer *np, uint64_t index, bool sent, bool repeat)
{
	struct peer_announcer *p = &np->announce;

	if (np->own_kind || (p->phase != ANNOUNCE_DRIVES && p->phase != ANNOUNCE_ASKS))
		return;
	if (repeat) {
		announce_probe(f, np, index, true);
		return;
	}
	note_usual(np, announce_now(f));
	answered(p);
	p->lower = p->lower > 0; /* it had not seen the hash of the lower block: go on with those */
	if (p->phase == ANNOUNCE_ASKS)
		judge(f, np, index);
	else if (sent)
		go_on(f, np);
}

/* The peer has all our blocks: there is nothing to drive. */
static void settle(struct peer_announcer *p)
{
	answered(p);
	p->phase = ANNOUNCE_DRIVES;
	p->ping_at_ms = 0;
	p->lower = 0;
}

/* We have answered the peer's Ping with a Pong, which makes it request a block as a Ping would.
 * Another Ping at once would make it request that block twice. */
static void pong_drives(struct announcer *f, struct node_peer *np)
{
	struct peer_announcer *p = &np->announce;

	if (p->phase != ANNOUNCE_DRIVES || p->ping_at_ms || p->await_ms)
		return;
	p->pinged_ms = 0;
	p->await_ms = announce_now(f) + announce_patience(np);
}

/* The peer's Pong tells a height below the one that we told it. It answers so, and does not request
 * the block, when it has seen that block's hash within the last minute. */
static void was_seen(struct announcer *f, struct node_peer *np, uint64_t height, uint64_t ours)
{
	struct peer_announcer *p = &np->announce;

	if (!p->lower && p->told != ours) {
		announce_ping_in(f, np, ANNOUNCE_GAP_MS); /* our tip is another one by now */
	} else if (p->lower < LOWER_MAX && height + 2 < ours) {
		p->lower++;
		announce_ping_in(f, np, ANNOUNCE_GAP_MS);
	} else {
		p->lower = 0;
		p->seen = true;
		announce_ping_in(f, np, SEEN_MS);
	}
}

/* The peer sent a Pong, and is lower than we are. */
static void is_behind(struct announcer *f, struct node_peer *np, uint64_t height, uint64_t ours)
{
	struct peer_announcer *p = &np->announce;

	if (p->phase != ANNOUNCE_DRIVES && p->phase != ANNOUNCE_ASKS)
		return;
	answered(p);
	p->phase = ANNOUNCE_DRIVES;
	if (p->told > height)
		was_seen(f, np, height, ours);
	else if (!p->ping_at_ms)
		announce_ping_in(f, np, ANNOUNCE_GAP_MS);
}

void announce_height(struct announcer *f, struct node_peer *np, uint64_t height, bool pong)
{
	uint64_t ours = announce_our_height(f);

	if (height >= ours)
		settle(&np->announce);
	else if (!np->own_kind && pong)
		is_behind(f, np, height, ours);
	else if (!np->own_kind)
		pong_drives(f, np);
}

/* The peer read our Ping, as its Peers proves, and did not request a block. */
static void stalled(struct announcer *f, struct node_peer *np)
{
	struct peer_announcer *p = &np->announce;
	unsigned stalls = p->stalls + 1;

	answered(p);
	p->stalls = stalls;
	if (stalls < STALLS_MAX)
		announce_ping_in(f, np, ANNOUNCE_GAP_MS);
	else
		announce_probe(f, np, 0, true);
}

static bool proven(struct announcer *f, const struct node_peer *np)
{
	struct peer_info info;

	return np->announce.proof && f->net.info(f->net.ctx, np->id, &info) &&
	       info.peers_received >= np->announce.proof;
}

void announce_kick_answered(struct announcer *f, struct node_peer *np)
{
	struct peer_announcer *p = &np->announce;
	uint64_t soon = announce_now(f) + ANNOUNCE_GAP_MS;

	if (np->own_kind || !proven(f, np))
		return;
	if (p->phase != ANNOUNCE_PROVES) {
		stalled(f, np);
		return;
	}
	answered(p);
	p->phase = ANNOUNCE_LISTENS;
	p->ping_at_ms = p->listen_ms > soon ? p->listen_ms : soon;
}
