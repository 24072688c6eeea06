/* The download window: which index is asked for, and what is late. Before: sync/sync.c and the
 * timer of node/engines.c. After: sync/sync_choose.c says whom to ask, sync/sync_kick.c who does
 * not answer. */
#include "sync/sync.h"

enum {
	TICK_BUSY_MS = 250,
	TICK_SILENT_MS = 1000, /* while nothing comes of what was asked */
	TICK_IDLE_MS = 60000,
	NEEDED = 4,      /* so many blocks are needed at once */
	AT_ONCE_MAX = 8, /* asked at once for a block that is late again and again */
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

/* `from` 0: whatever peer was asked, and whatever the slot's state. */
void sync_free_slot(struct sync *s, uint64_t index, peer_id from)
{
	struct slot *slot = sync_slot(s, index);

	if (slot && (!from || (slot->from == from && slot->state == SLOT_ASKED)))
		slot->state = SLOT_EMPTY;
}

void sync_reopen_slot(struct sync *s, uint64_t index, peer_id from)
{
	struct slot *slot = sync_slot(s, index);

	sync_free_slot(s, index, from);
	if (slot && slot->state == SLOT_EMPTY)
		sync_slot_forget(slot);
}

void sync_reset_window(struct sync *s, uint64_t low, uint64_t high)
{
	future_blocks_keep(&s->future_blocks, low, high);
	for (size_t i = 0; i < s->ring_size; i++) {
		struct slot *slot = &s->ring[i];
		if (slot->state == SLOT_CHECKING)
			continue;
		sync_slot_forget(slot);
		if (future_blocks_has(
			    &s->future_blocks, slot->index)) /* it is not asked for again */
			slot->state = SLOT_READY;
	}
}

bool sync_pop_request(struct node_peer *np, struct request *out)
{
	if (!fifo_pop(&np->sync.requests, out))
		return false;
	np->host->in_flight -= np->host->in_flight > 0;
	return true;
}

void sync_release_requests(struct sync *s, struct node_peer *np)
{
	struct request r;

	while (sync_pop_request(np, &r))
		if (!r.fork)
			sync_free_slot(s, r.index, np->id);
}

size_t sync_in_flight(const struct sync *s)
{
	size_t n = 0;
	struct node_peer *np;

	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at));)
		n += np->sync.requests.count;
	return n;
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
	if (s->s.net.send(s->s.net.ctx, np->id, &m) == SEND_OK) {
		np->host->in_flight++;
		sync_line_asked(s, np);
		return true;
	}
	fifo_remove(&np->sync.requests, np->sync.requests.count - 1);
	return false;
}

/* The highest index to request now. The window is as deep as keeps the checkers busy, but shallow
 * while the blocks that wait, or are being checked, take most of the memory they may have. */
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

/* The highest height that a peer claims, ignoring claims already found to be false. */
static uint64_t highest_claim(const struct sync *s)
{
	uint64_t best = 0;
	struct node_peer *np;

	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at));)
		if (np->sync.height > best)
			best = np->sync.height;
	return best;
}

static bool wanted(struct sync *s, struct slot *slot)
{
	if (slot->state == SLOT_READY && !future_blocks_has(&s->future_blocks, slot->index))
		sync_slot_forget(slot); /* thrown out to make room */
	return slot->state == SLOT_EMPTY;
}

/* ---- lateness ---- */

/* Asked of others meanwhile or not: from the first request on there is an end to patience. */
static bool is_late(const struct slot *slot, uint64_t now)
{
	uint64_t since = now - slot->asked_ms;

	return since >= slot->patience ||
	       (now - slot->first_asked_ms >= 2 * LATE_MOST_MS && since >= LATE_LEAST_MS);
}

/* Once for each silence. */
static void doubt_silent(struct node_peer *np, uint64_t now)
{
	uint64_t began = now - sync_silence(np, now);

	if (np->sync.doubted_ms != began)
		host_doubt(np->host, SYNC_DOUBT_LATE);
	np->sync.doubted_ms = began;
}

void sync_take_back(struct sync *s, struct node_peer *np)
{
	for (size_t i = 0; i < np->sync.requests.count; i++) {
		const struct request *r = fifo_at(&np->sync.requests, i);
		if (!r->fork)
			sync_free_slot(s, r->index, np->id);
	}
}

/* Others give what they were asked later while these let everything wait: what they were asked for
 * is asked of others. */
static void take_back_from_silent(struct sync *s, uint64_t now)
{
	struct node_peer *np;

	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at));) {
		uint64_t silence = sync_silence(np, now);
		if (silence < LATE_LEAST_MS || silence < sync_patience(s, np) ||
			!sync_overtaken(s, np, now))
			continue;
		doubt_silent(np, now);
		sync_take_back(s, np);
	}
}

/* One more, then two, then four: sooner or later one is honest. The first answer counts. With slow
 * ones alone everybody waits. */
static void ask_others(struct sync *s, struct slot *slot, uint64_t now)
{
	struct node_peer *slow = sync_peers_get(s->s.peers, slot->from), *np;
	unsigned more = slot->lates < 3 ? 1U << slot->lates : AT_ONCE_MAX;
	uint64_t patience = slot->patience;
	bool asked = false;

	while (more-- > 0 && sync_choose(s, slot, true, &np) == CHOICE_MADE) {
		if (!sync_line_sooner(s, np, slot, now) || !sync_ask_slot(s, np, slot))
			break;
		asked = true;
	}
	slot->lates += asked;
	if (asked && slow && sync_silence(slow, now) >= patience)
		doubt_silent(slow, now);
}

/* The window cannot move without these blocks: ask somebody else too, when what was asked is not on
 * its way. */
static void ask_again_when_late(struct sync *s, uint64_t now)
{
	uint64_t first = sync_tip_height(s) + 1;

	for (uint64_t i = first; i < first + NEEDED; i++) {
		struct slot *slot = sync_slot(s, i);
		if (!slot || slot->state != SLOT_ASKED || !is_late(slot, now))
			continue;
		ask_others(s, slot, now);
		if (i == first)
			take_back_from_silent(s, now);
	}
}

void sync_pump(struct sync *s)
{
	uint64_t tip = sync_tip_height(s), end = window_end(s, tip), best = highest_claim(s);
	uint64_t now = sync_now(s);
	struct node_peer *np;

	if (s->stopping || !s->s.params->has_origin)
		return;
	s->usual_rtt = sync_usual_rtt(s);
	ask_again_when_late(s, now); /* first: who has room now may have none later */
	sync_own_line_room(s, now);
	for (uint64_t i = tip + 1; i <= end && i <= best && s->line.room; i++) {
		struct slot *slot = sync_slot(s, i);
		if (!wanted(s, slot))
			continue;
		enum choice choice = sync_choose(s, slot, false, &np);
		if (choice == CHOICE_WAITS)
			continue;
		if (choice == CHOICE_NO_ROOM || !sync_ask_slot(s, np, slot))
			return; /* who has no room for i has none for i + 1 */
		s->line.room--;
		s->line.peers_room -= np->sync.requests.count == 1 && s->line.peers_room;
		sync_probe_host(s, slot);
	}
}

/* ---- time ---- */

/* Something may change before anybody is late, and without a message that would tell. */
static bool is_moving(struct sync *s, const struct node_peer *np, uint64_t now)
{
	const struct peer_sync *p = &np->sync;

	if (s->s.net.send_delay_ms(s->s.net.ctx, np->id) > 0)
		return true;
	return p->requests.count && (p->frame_here || sync_silence(np, now) < LATE_MS);
}

static bool all_are_silent(struct sync *s, uint64_t now)
{
	struct node_peer *np;

	if (!sync_idle(s) || twin_stuck(s) || chain_uncommitted(s->s.chain) > 0)
		return false;
	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at));)
		if (is_moving(s, np, now))
			return false;
	return true;
}

static uint64_t sooner(uint64_t ms, uint64_t other)
{
	return other && other < ms ? other : ms;
}

/* A claim that nothing follows, however high, is no reason to wake up all the time: an answer wakes
 * the loop by itself, and so does what is late next. */
static uint64_t silent_tick(struct sync *s, uint64_t now)
{
	uint64_t first = sync_tip_height(s) + 1, ms = TICK_SILENT_MS;
	struct node_peer *np;

	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at));)
		if (np->sync.requests.count)
			ms = sooner(ms, sync_line_late_in(s, np, now));
	for (uint64_t i = first; i < first + NEEDED; i++) {
		struct slot *slot = sync_slot(s, i);
		if (slot && slot->state == SLOT_ASKED && !is_late(slot, now))
			ms = sooner(ms, slot->asked_ms + slot->patience - now);
	}
	return ms;
}

uint64_t sync_fetch_tick(struct sync *s)
{
	uint64_t now = sync_now(s);
	struct node_peer *np;

	sync_line_tick(s);
	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at));) {
		host_age(np->host, now);
		sync_kick_tick(s, np, now);
	}
	sync_pump(s);
	if (!sync_busy(s))
		return TICK_IDLE_MS;
	return all_are_silent(s, now) ? silent_tick(s, now) : TICK_BUSY_MS;
}
