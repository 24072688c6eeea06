/* Sends Pings and GetPeers when they are due, and tells all peers of a new tip. Before:
 * sync/announce.c says when; the timer of node/engines.c calls. After: sync/peer_link.h. */
#include "sync/announce.h"

enum {
	PATIENCE_MS = 60,      /* how long the GetBlock after a driving Ping may take, at least, */
	PATIENCE_MAX_MS = 500, /* and at most */
	KICK_MS = 300,         /* between two GetPeers */
	KICKS_FAST = 3,        /* after so many of them one every KICK_SLOW_MS */
	KICK_SLOW_MS = 5000,
	RETRY_MS = 300, /* when the peer's output is full */
	ANNOUNCE_MS = 1000,
	IDLE_MS = 60000,
};

uint64_t announce_now(const struct announcer *f)
{
	return clock_mono(f->clock);
}

uint64_t announce_our_height(const struct announcer *f)
{
	struct chain_tip t;

	chain_get_tip(f->chain, &t);
	return t.height;
}

void announce_ping_in(struct announcer *f, struct node_peer *np, uint64_t ms)
{
	np->announce.ping_at_ms = announce_now(f) + ms;
}

uint64_t announce_patience(const struct node_peer *np)
{
	uint64_t patience = np->announce.usual_ms * 2 + np->sync.rtt_ms;

	if (patience > PATIENCE_MAX_MS)
		return PATIENCE_MAX_MS;
	return patience > PATIENCE_MS ? patience : PATIENCE_MS;
}

/* The height to tell the peer, and the block's hash: our tip; or, while it ignores that because it
 * has seen the hash, a random block between its height and our tip. */
static uint64_t height_to_tell(
	struct announcer *f, const struct node_peer *np, uint8_t hash[HASH_SIZE])
{
	struct chain_tip t;
	uint64_t low = np->sync.height + 2;

	chain_get_tip(f->chain, &t);
	memcpy(hash, t.hash, HASH_SIZE);
	if (!np->announce.lower || low >= t.height)
		return t.height;
	uint64_t height = low + rng_below(f->rng, (uint32_t)(t.height - low));
	return chain_hash_at(f->chain, height, hash) ? height : t.height;
}

static bool ping(struct announcer *f, struct node_peer *np)
{
	struct message m = {.type = MSG_PING};
	uint8_t hash[HASH_SIZE];

	m.height = height_to_tell(f, np, hash);
	m.hash = slice_of(hash, m.height ? HASH_SIZE : 0);
	if (f->net.send(f->net.ctx, np->id, &m) != SEND_OK)
		return false;
	np->announce.told = m.height;
	np->announce.pinged_ms = announce_now(f);
	f->pings++;
	return true;
}

/* True when the peer may be sent a Ping at once: no answer is awaited and no Ping is scheduled. A
 * Ping that waits because the peer has seen our tip's hash may go at once, because the hash is new
 * now. */
static bool may_be_told(const struct peer_announcer *p)
{
	return !p->await_ms && (!p->ping_at_ms || p->seen);
}

static void tell(struct announcer *f, struct node_peer *np)
{
	np->announce.lower = 0;
	announce_ping_in(f, np, 0);
}

void announce_new_tip(struct announcer *f, bool replaced)
{
	uint64_t now = announce_now(f), height = announce_our_height(f);
	struct node_peer *np;

	if (!replaced && now - f->announced_ms < ANNOUNCE_MS && height > f->announced + 1)
		return; /* the tick tells the rest */
	f->announced_ms = now;
	f->announced = height;
	for (size_t at = 0; (np = sync_peers_next(f->peers, &at));)
		if ((replaced || np->sync.height < height) && may_be_told(&np->announce))
			tell(f, np);
}

/* Sends a GetPeers, and again while no answer comes: the peer may have read our last message
 * together with an earlier frame, and does not look at it until more bytes arrive. */
static void kick(struct announcer *f, struct node_peer *np, uint64_t now)
{
	struct message m = {.type = MSG_GET_PEERS};
	struct peer_announcer *p = &np->announce;
	struct peer_info info;

	p->await_ms = now + (p->kicks < KICKS_FAST ? KICK_MS : KICK_SLOW_MS);
	if (f->net.send(f->net.ctx, np->id, &m) != SEND_OK)
		return;
	p->kicks++;
	p->kicked_ms = now;
	f->kicks++;
	if (!p->proof && f->net.info(f->net.ctx, np->id, &info))
		p->proof = info.get_peers_sent;
}

static void drive(struct announcer *f, struct node_peer *np, uint64_t now)
{
	struct peer_announcer *p = &np->announce;

	p->ping_at_ms = 0;
	if (!ping(f, np))
		announce_ping_in(f, np, RETRY_MS);
	else if (!np->own_kind)
		p->await_ms = now + announce_patience(np);
	if (p->phase == ANNOUNCE_LISTENS && p->await_ms)
		p->phase = ANNOUNCE_ASKS;
}

static uint64_t until(uint64_t when, uint64_t now)
{
	return !when ? IDLE_MS : when > now ? when - now : 0;
}

static uint64_t tick_peer(struct announcer *f, struct node_peer *np, uint64_t now)
{
	struct peer_announcer *p = &np->announce;

	if (p->phase == ANNOUNCE_PASSIVE && p->ping_at_ms <= now)
		announce_probe(f, np, 0, false);
	bool pings = p->ping_at_ms && p->ping_at_ms <= now;
	bool kicks = p->await_ms && p->await_ms <= now;
	uint64_t delay = pings || kicks ? f->net.send_delay_ms(f->net.ctx, np->id) : 0;
	if (pings && delay)
		p->ping_at_ms = now + delay;
	else if (pings)
		drive(f, np, now);
	if (kicks && delay)
		p->await_ms = now + delay;
	else if (kicks)
		kick(f, np, now);
	uint64_t a = until(p->ping_at_ms, now), b = until(p->await_ms, now);
	return a < b ? a : b;
}

uint64_t announce_tick(struct announcer *f)
{
	uint64_t now = announce_now(f), next = IDLE_MS;
	struct node_peer *np;

	if (f->announced < announce_our_height(f) && sync_peers_count(f->peers)) {
		uint64_t wait = f->announced_ms + ANNOUNCE_MS;
		if (now >= wait)
			announce_new_tip(f, false);
		else
			next = wait - now;
	}
	for (size_t at = 0; (np = sync_peers_next(f->peers, &at));) {
		uint64_t due = tick_peer(f, np, now);
		next = due < next ? due : next;
	}
	return next;
}
