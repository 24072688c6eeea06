#include "node/feed.h"

enum {
	GAP_MS = 10,      /* between a Block and the driving Ping; 5 is the lower edge */
	PATIENCE_MS = 60, /* for the GetBlock after a driving Ping, at least */
	KICK_MS = 300,    /* between kicks */
	KICKS_FAST = 3,   /* of these, then one every KICK_SLOW_MS */
	KICK_SLOW_MS = 5000,
	STALLS_MAX = 2,    /* in a row: another node drives it too */
	PASSIVE_MS = 5000, /* leave it to the other node that drives it */
	SEEN_MS = 61000,   /* it saw this hash already: offer again after its memory is emptied */
	ANNOUNCE_MS = 1000,
	IDLE_MS = 60000,
};

void feed_init(struct feed *f, struct chain *c, struct peers *p, struct net net,
	const struct clock *clock, const struct rng *rng)
{
	*f = (struct feed){.chain = c, .peers = p, .net = net, .clock = clock, .rng = rng};
}

static uint64_t now_ms(const struct feed *f)
{
	return clock_mono(f->clock);
}

static bool ping(struct feed *f, struct node_peer *np)
{
	struct chain_tip t;
	struct message m = {.type = MSG_PING};

	chain_get_tip(f->chain, &t);
	m.height = t.height;
	m.hash = slice_of(t.hash, t.height ? HASH_SIZE : 0);
	if (f->net.send(f->net.ctx, np->id, &m) != SEND_OK)
		return false;
	np->feed.told = t.height;
	np->feed.pinged_ms = now_ms(f);
	np->feed.kicks_old = np->feed.kicks_out;
	f->pings++;
	return true;
}

static uint64_t our_height(const struct feed *f)
{
	struct chain_tip t;

	chain_get_tip(f->chain, &t);
	return t.height;
}

static void ping_in(struct feed *f, struct node_peer *np, uint64_t ms)
{
	np->feed.ping_at_ms = now_ms(f) + ms;
}

void feed_peer_ready(struct feed *f, struct node_peer *np)
{
	ping_in(f, np, np->own_kind ? 0 : GAP_MS);
}

void feed_asked(struct feed *f, struct node_peer *np, uint64_t index, bool sent, bool repeat)
{
	struct peer_feed *p = &np->feed;
	uint64_t now = now_ms(f);

	if (np->own_kind)
		return;
	if (p->await_ms && p->pinged_ms) {
		uint64_t took = now - p->pinged_ms;
		p->usual_ms = p->usual_ms ? (p->usual_ms * 7 + took) / 8 : took;
	}
	p->await_ms = 0;
	if (repeat) {
		p->passive_ms = now + PASSIVE_MS / 2 + rng_below(f->rng, PASSIVE_MS);
		p->ping_at_ms = p->passive_ms;
	} else if (sent) {
		p->kicks = p->stalls = 0;
		if (index < our_height(f) && now >= p->passive_ms)
			ping_in(f, np, GAP_MS);
	}
}

void feed_height(struct feed *f, struct node_peer *np, uint64_t height, bool pong)
{
	struct peer_feed *p = &np->feed;

	p->await_ms = 0;
	p->kicks = p->stalls = 0;
	if (np->own_kind || height >= our_height(f))
		p->ping_at_ms = 0;
	else if (pong && p->told > height)
		ping_in(f, np, SEEN_MS); /* it saw that hash and does not ask */
	else if (!p->ping_at_ms)
		ping_in(f, np, GAP_MS);
}

void feed_kick_answered(struct feed *f, struct node_peer *np)
{
	struct peer_feed *p = &np->feed;

	if (np->own_kind || !p->kicks_out)
		return;
	p->kicks_out--;
	if (p->kicks_old) {
		p->kicks_old--;
		return;
	}
	if (!p->await_ms)
		return;
	p->await_ms = 0;
	p->kicks = 0;
	if (++p->stalls >= STALLS_MAX) {
		p->stalls = 0;
		p->passive_ms = now_ms(f) + PASSIVE_MS / 2 + rng_below(f->rng, PASSIVE_MS);
		p->ping_at_ms = p->passive_ms;
	} else {
		ping_in(f, np, GAP_MS);
	}
}

void feed_new_tip(struct feed *f, bool replaced)
{
	uint64_t now = now_ms(f), height = our_height(f);
	struct node_peer *np;

	if (!replaced && now - f->announced_ms < ANNOUNCE_MS && height > f->announced + 1)
		return; /* the tick tells the rest */
	f->announced_ms = now;
	f->announced = height;
	for (size_t at = 0; (np = peers_next(f->peers, &at));)
		if ((replaced || np->sync.height < height) && !np->feed.ping_at_ms &&
			!np->feed.await_ms)
			ping_in(f, np, 0);
}

/* The driving Ping was not answered: GetPeers once, never a second Ping, which would make it ask
 * for the same block twice. */
static void kick(struct feed *f, struct node_peer *np, uint64_t now)
{
	struct message m = {.type = MSG_GET_PEERS};

	np->feed.await_ms = now + (np->feed.kicks < KICKS_FAST ? KICK_MS : KICK_SLOW_MS);
	np->feed.kicks++;
	if (f->net.send(f->net.ctx, np->id, &m) != SEND_OK)
		return;
	np->feed.kicks_out++;
	f->kicks++;
}

static void drive(struct feed *f, struct node_peer *np, uint64_t now)
{
	uint64_t patience = np->feed.usual_ms * 2 + np->sync.rtt_ms;

	np->feed.ping_at_ms = 0;
	if (!ping(f, np) || np->own_kind)
		return;
	np->feed.await_ms = now + (patience > PATIENCE_MS ? patience : PATIENCE_MS);
}

static uint64_t until(uint64_t when, uint64_t now)
{
	return !when ? IDLE_MS : when > now ? when - now : 0;
}

static uint64_t tick_peer(struct feed *f, struct node_peer *np, uint64_t now)
{
	struct peer_feed *p = &np->feed;
	uint64_t quiet = 0;

	if (p->ping_at_ms && p->ping_at_ms <= now) {
		quiet = f->net.quiet(f->net.ctx, np->id);
		if (!quiet)
			drive(f, np, now);
		else
			p->ping_at_ms = now + quiet;
	}
	if (p->await_ms && p->await_ms <= now)
		kick(f, np, now);
	uint64_t a = until(p->ping_at_ms, now), b = until(p->await_ms, now);
	return a < b ? a : b;
}

uint64_t feed_tick(struct feed *f)
{
	uint64_t now = now_ms(f), next = IDLE_MS;
	struct node_peer *np;

	if (f->announced < our_height(f) && peers_count(f->peers)) {
		uint64_t wait = f->announced_ms + ANNOUNCE_MS;
		if (now >= wait)
			feed_new_tip(f, false);
		else
			next = wait - now;
	}
	for (size_t at = 0; (np = peers_next(f->peers, &at));) {
		uint64_t due = tick_peer(f, np, now);
		next = due < next ? due : next;
	}
	return next;
}
