/* The download window: which index is asked from whom, what is late, and who is too slow. */
#include "base/log.h"
#include "node/sync.h"

enum {
	TICK_BUSY_MS = 250,
	TICK_IDLE_MS = 60000,
	LATE_MS = 1500,       /* the block that everything waits for is asked a second time then */
	STRIKES_MAX = 3,      /* kicks in a row without a block before the peer is dropped */
	REFERENCE_WINDOW = 16 /* requests in flight that are ever useful towards release 0.10 */
};

struct slot *sync_slot(struct sync *s, uint64_t index)
{
	uint64_t tip = sync_tip_height(s);

	if (index <= tip || index > tip + s->ring_size)
		return NULL;
	struct slot *slot = &s->ring[index % s->ring_size];
	if (slot->index != index)
		*slot = (struct slot){.index = index};
	return slot;
}

/* `from` 0: whoever was asked. */
void sync_free_slot(struct sync *s, uint64_t index, peer_id from)
{
	struct slot *slot = sync_slot(s, index);

	if (slot && (!from || (slot->from == from && slot->state == SLOT_ASKED)))
		slot->state = SLOT_EMPTY;
}

void sync_reset_window(struct sync *s, uint64_t low, uint64_t high)
{
	for (size_t i = 0; i < s->ring_size; i++)
		if (s->ring[i].state != SLOT_CHECKING)
			s->ring[i].state = SLOT_EMPTY;
	future_keep(&s->future, low, high);
}

void sync_release_requests(struct sync *s, struct node_peer *np)
{
	struct request r;

	while (fifo_pop(&np->sync.requests, &r))
		if (!r.fork)
			sync_free_slot(s, r.index, np->id);
}

uint64_t sync_best_height(const struct sync *s)
{
	uint64_t best = 0;
	struct node_peer *np;

	for (size_t at = 0; (np = peers_next(s->s.peers, &at));)
		if (np->sync.height > best)
			best = np->sync.height;
	return best;
}

size_t sync_in_flight(const struct sync *s)
{
	size_t n = 0;
	struct node_peer *np;

	for (size_t at = 0; (np = peers_next(s->s.peers, &at));)
		n += np->sync.requests.count;
	return n;
}

/* How many requests are useful at this peer: enough to cover the round trip. Release 0.10 serves
 * one block in 2.3 ms at best (protocol.md 5.14). */
static size_t window_of(const struct sync *s, const struct node_peer *np)
{
	uint64_t most = s->s.limits->max_requests_per_peer.max;
	uint64_t useful = np->own_kind ? most : 4 + np->sync.rtt_ms * 10 / 23;

	if (!np->own_kind && useful > REFERENCE_WINDOW)
		useful = REFERENCE_WINDOW;
	return (size_t)(useful < most ? useful : most);
}

/* Expected time until it answers one more request, in tenths of a millisecond. */
static uint64_t cost_of(const struct node_peer *np)
{
	return np->sync.rtt_ms * 10 + np->sync.requests.count * (np->own_kind ? 5 : 23) +
	       np->sync.score * 10;
}

static bool may_ask(struct sync *s, const struct node_peer *np, uint64_t index)
{
	return np->sync.height >= index && !np->sync.kicked_ms && !np->sync.walk &&
	       np->sync.requests.count < window_of(s, np) &&
	       s->s.net.quiet(s->s.net.ctx, np->id) == 0;
}

static struct node_peer *choose_peer(struct sync *s, uint64_t index, peer_id not_this)
{
	struct node_peer *np, *best = NULL;

	for (size_t at = 0; (np = peers_next(s->s.peers, &at));)
		if (np->id != not_this && may_ask(s, np, index) &&
			(!best || cost_of(np) < cost_of(best)))
			best = np;
	return best;
}

bool sync_ask(struct sync *s, struct node_peer *np, uint64_t index, bool fork)
{
	struct message m = {.type = MSG_GET_BLOCK, .index = index};
	struct request r = {.index = index,
		.asked_ms = sync_now(s),
		.fork = fork,
		.alone = np->sync.requests.count == 0};

	if (fifo_push(&np->sync.requests, &r) != ERR_OK)
		return false;
	if (s->s.net.send(s->s.net.ctx, np->id, &m) == SEND_OK)
		return true;
	fifo_remove(&np->sync.requests, np->sync.requests.count - 1);
	return false;
}

/* As deep as keeps the checkers busy; shallow while what waits already takes most of its room. */
static uint64_t window_end(const struct sync *s, uint64_t tip)
{
	const struct limits *l = s->s.limits;
	uint64_t depth = l->max_window.max;

	if (depth > l->max_future_blocks.max)
		depth = l->max_future_blocks.max;
	if (depth > l->max_verify_queue.max)
		depth = l->max_verify_queue.max;
	if (l->max_future_bytes.used > l->max_future_bytes.max / 4 * 3 ||
		l->max_verify_bytes.used > l->max_verify_bytes.max / 4 * 3)
		depth = depth < 16 ? depth : 16;
	return tip + depth;
}

void sync_pump(struct sync *s)
{
	uint64_t tip = sync_tip_height(s), end = window_end(s, tip), best = sync_best_height(s);
	uint64_t now = sync_now(s);

	if (s->stopping || !s->s.params->has_origin)
		return;
	for (uint64_t i = tip + 1; i <= end && i <= best; i++) {
		struct slot *slot = sync_slot(s, i);
		if (slot->state == SLOT_READY && !future_has(&s->future, i))
			slot->state = SLOT_EMPTY; /* thrown out to make room */
		if (slot->state != SLOT_EMPTY || now < slot->not_before_ms)
			continue;
		struct node_peer *np = choose_peer(s, i, 0);
		if (!np || !sync_ask(s, np, i, false))
			return; /* who has no room for i has none for i + 1 */
		slot->state = SLOT_ASKED;
		slot->from = np->id;
		slot->asked_ms = now;
	}
}

/* ---- lateness ---- */

/* The window cannot move without this block: ask somebody else too. The first answer counts. */
static void ask_again_when_late(struct sync *s, uint64_t now)
{
	uint64_t first = sync_tip_height(s) + 1;

	for (uint64_t i = first; i < first + 4; i++) {
		struct slot *slot = sync_slot(s, i);
		if (!slot || slot->state != SLOT_ASKED || now - slot->asked_ms < LATE_MS)
			continue;
		struct node_peer *slow = peers_get(s->s.peers, slot->from);
		struct node_peer *np = choose_peer(s, i, slot->from);
		if (!np || !sync_ask(s, np, i, false))
			continue;
		if (slow && slow->sync.score < SYNC_SCORE_LATE_MAX)
			slow->sync.score += SYNC_SCORE_LATE;
		slot->from = np->id;
		slot->asked_ms = now;
	}
}

/* GetPeers is always answered, and in order: its answer proves that what was asked before it does
 * not exist there (reference-peers: step 5 of downloading). */
static void kick(struct sync *s, struct node_peer *np, uint64_t now)
{
	struct message m = {.type = MSG_GET_PEERS};
	struct peer_info info;

	for (size_t i = 0; i < np->sync.requests.count; i++) {
		struct request *r = fifo_at(&np->sync.requests, i);
		if (!r->fork)
			sync_free_slot(s, r->index, np->id);
	}
	np->sync.kicked_ms = now;
	np->sync.kick_strikes++;
	/* The next one: when its output is full, the GetPeers that another part sends after this.
	 */
	if (s->s.net.info(s->s.net.ctx, np->id, &info))
		np->sync.kick = info.get_peers_sent + 1;
	s->s.net.send(s->s.net.ctx, np->id, &m);
}

/* The peer exchange and the feed send GetPeers too: each Peers answers the oldest one. */
static bool kick_is_answered(struct sync *s, const struct node_peer *np)
{
	struct peer_info info;

	return np->sync.kicked_ms && s->s.net.info(s->s.net.ctx, np->id, &info) &&
	       info.peers_received >= np->sync.kick;
}

void sync_kick_answered(struct sync *s, struct node_peer *np)
{
	struct request *oldest = fifo_at(&np->sync.requests, 0);

	if (!oldest || !kick_is_answered(s, np))
		return;
	np->sync.kicked_ms = 0;
	if (!oldest->fork && np->sync.height >= oldest->index)
		np->sync.height = oldest->index - 1;
	sync_walk_end(np);
	sync_release_requests(s, np);
	if (np->sync.kick_strikes >= STRIKES_MAX)
		sync_misbehaved(s, np, SYNC_SCORE_CLAIMS, "claims blocks that it does not have");
	sync_pump(s);
}

static void check_peer(struct sync *s, struct node_peer *np, uint64_t now)
{
	const struct request *oldest = fifo_at(&np->sync.requests, 0);
	uint64_t patience = s->s.limits->request_timeout.max, since;

	if (!oldest)
		return;
	since = oldest->asked_ms > np->sync.answered_ms ? oldest->asked_ms : np->sync.answered_ms;
	if (np->sync.kicked_ms && now - np->sync.kicked_ms >= patience) {
		log_info("sync: peer %llu answers nothing, closing", (unsigned long long)np->id);
		s->s.net.close(s->s.net.ctx, np->id, CLOSE_TIMEOUT);
		sync_release_requests(s, np);
		np->sync.height = 0;
	} else if (!np->sync.kicked_ms && now - since >= patience) {
		kick(s, np, now);
	}
}

uint64_t sync_fetch_tick(struct sync *s)
{
	uint64_t now = sync_now(s);
	struct node_peer *np;

	for (size_t at = 0; (np = peers_next(s->s.peers, &at));)
		check_peer(s, np, now);
	ask_again_when_late(s, now);
	sync_pump(s);
	return sync_busy(s) ? TICK_BUSY_MS : TICK_IDLE_MS;
}
