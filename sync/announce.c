/* Role: what a peer says, and what that makes us send it next. Before: node/dispatch.c tells what
 * it said. After: sync/announce_send.c, when it is due.
 *
 * Towards release 0.10 two Pings may never lie unread at a peer: both would be answered with a
 * GetBlock of the same index. So a Ping that is late is followed by GetPeers, and only its Peers
 * lets the next Ping go. A block that the peer wants a second time is met likewise: GetPeers, then
 * silence for a moment, then one Ping, whose answer tells whether the peer came on without us.
 * If it did, another node drives it, and two that drive are slower than one (protocol.md 5.14). */
#include "sync/announce.h"

enum {
	GAP_MAX_MS = 30,   /* between a Block and the Ping: less than it takes to check a block */
	GAP_STEP_MS = 5,   /* so much more when the Ping stayed unread */
	FREED_MS = 30,     /* an answer so soon after a kick: the kick made it read on */
	STALLS_MAX = 2,    /* in a row: it hears us and does not ask, so look slower */
	LISTEN_MS = 300,   /* that long we look whether it moves without us, */
	DOUBLINGS = 4,     /* and twice as long each time that it stands still, as often as this */
	MOVED = 3,         /* so many blocks meanwhile, one of which may be ours: it is driven */
	PASSIVE_MS = 1250, /* leave it to the other node that drives it, half as long or more, */
	PASSIVE_DOUBLINGS = 2, /* and twice as long each time that another still does */
	LOWER_MAX = 3,   /* Pings in a row with lower blocks, when it saw the tip's hash already */
	SEEN_MS = 61000, /* then offer the tip again after its memory is emptied */
};

void announce_init(struct announcer *f, struct chain *c, struct peers *p, struct net net,
	const struct clock *clock, const struct rng *rng)
{
	*f = (struct announcer){.chain = c, .peers = p, .net = net, .clock = clock, .rng = rng};
}

void announce_peer_ready(struct announcer *f, struct node_peer *np)
{
	announce_ping_in(f, np, np->own_kind ? 0 : ANNOUNCE_GAP_MS);
}

/* ---- what it is to us ---- */

/* Nothing is awaited any more; a Peers that is still to come means nothing. */
static void answered(struct peer_announcer *p)
{
	p->await_ms = p->proof = 0;
	p->kicks = p->stalls = 0;
	p->seen = false;
}

void announce_look(struct announcer *f, struct node_peer *np, uint64_t base, bool listen)
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

/* The block that it gets may be the last one: the Ping shows whether it took it. */
static void go_on(struct announcer *f, struct node_peer *np)
{
	np->announce.phase = ANNOUNCE_DRIVES;
	announce_ping_in(f, np, ANNOUNCE_GAP_MS + np->announce.gap_more_ms);
}

/* ---- what it says ---- */

/* How long it takes from a Ping to its GetBlock; a Ping that lay unread until it was kicked tells
 * nothing about that, but came too early. */
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

/* It came from `base` to `index` since we began to look. Four peers and more it also asks by
 * itself, but fewer blocks than nearly all that it could check in that time. */
static bool is_driven(const struct peer_announcer *p, uint64_t index, uint64_t now)
{
	uint64_t could = (now - p->looked_ms) / (p->usual_ms + ANNOUNCE_GAP_MS);

	return index >= p->base + MOVED && index - p->base >= could * 3 / 4;
}

/* The Ping of a look has its answer: this index is wanted next. */
static void judge(struct announcer *f, struct node_peer *np, uint64_t index)
{
	if (!np->announce.base)
		announce_look(f, np, index, true);
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
		announce_look(f, np, index, true);
		return;
	}
	note_usual(np, announce_now(f));
	answered(p);
	p->lower = p->lower > 0; /* a hash that it had not seen, and the next one may be another */
	if (p->phase == ANNOUNCE_ASKS)
		judge(f, np, index);
	else if (sent)
		go_on(f, np);
}

/* It has what we have, or more: there is nothing to drive. */
static void settle(struct peer_announcer *p)
{
	answered(p);
	p->phase = ANNOUNCE_DRIVES;
	p->ping_at_ms = 0;
	p->lower = 0;
}

/* Our Pong is as good as a Ping to it: a second one at once would make it ask twice. */
static void pong_drives(struct announcer *f, struct node_peer *np)
{
	struct peer_announcer *p = &np->announce;

	if (p->phase != ANNOUNCE_DRIVES || p->ping_at_ms || p->await_ms)
		return;
	p->pinged_ms = 0;
	p->await_ms = announce_now(f) + announce_patience(np);
}

/* Its Pong says that it is behind what it was told: it has seen that hash and does not ask. */
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

/* Its Pong, and it has less than we. */
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

/* A Ping was read and not followed by a request. */
static void stalled(struct announcer *f, struct node_peer *np)
{
	struct peer_announcer *p = &np->announce;
	unsigned stalls = p->stalls + 1;

	answered(p);
	p->stalls = stalls;
	if (stalls < STALLS_MAX)
		announce_ping_in(f, np, ANNOUNCE_GAP_MS);
	else
		announce_look(f, np, 0, true);
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
