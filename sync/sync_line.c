/* Measures how fast each peer delivers, and derives from it how many blocks we request of it at a
 * time, when it is late, and when another peer would deliver a block sooner.
 *
 * Bytes of an incomplete frame count as a sign of life: a peer is late only when fewer bytes came
 * than a line of LEAST_RATE would have carried. When all peers fall silent at once, the cause is
 * probably our own line, and no peer is blamed.
 *
 * Before: sync/sync_fetch.c asks. After: p2p/p2p.h counts the bytes. */
#include "sync/sync.h"

enum {
	LEAST_RATE = CONN_LEAST_RATE,
	FRAME_LONGEST = 65537,
	LEAST_WINDOW = 2, /* requests */
	FIRST_WINDOW = 8, /* requests, while the peer's rate is unknown and our line's is known */
	SIZE_MEMORY = 16, /* answers over which the mean length is smoothed */
	SIZE_AT_FIRST = 1300, /* bytes of an answer, assumed before the first one */
	SILENT_MS = 1500,     /* after so long without a byte a peer counts as silent */
	WITNESS_MS = 10000,   /* a longer silence is not excused by our own line's */
	SOONER = 2,           /* another peer must need less than this part (1/2) of the time */
};

/* ---- measuring ---- */

/* True when the peer has open requests and has sent no byte of an answer for `ms` and a round trip.
 */
static bool is_silent_for(const struct node_peer *np, uint64_t now, uint64_t ms)
{
	const struct peer_sync *p = &np->sync;
	uint64_t since = p->awaited_ms > p->progress_ms ? p->awaited_ms : p->progress_ms;

	return p->requests.count && now - since >= ms + p->rtt_ms;
}

static bool is_silent(const struct node_peer *np, uint64_t now)
{
	return is_silent_for(np, now, SILENT_MS);
}

/* Bytes of an answer came. Notes when the peer comes back from a silence. */
static void progress(const struct sync *s, struct node_peer *np)
{
	uint64_t now = sync_now(s);

	if (is_silent_for(np, now, LATE_LEAST_MS))
		np->sync.back_ms = now;
	np->sync.progress_ms = now;
	np->sync.alive_ms = s->line.alive_ms;
}

static void note_progress(struct sync *s, struct node_peer *np, const struct peer_info *info)
{
	struct peer_sync *p = &np->sync;

	if (info->frame_here > p->frame_here) {
		progress(s, np);
		sync_own_line_came(s, info->frame_here - p->frame_here);
		sync_own_line_answers(s, fifo_at(&p->requests, 0));
	}
	p->frame_here = info->frame_here;
	p->frame_size = info->frame_size;
}

void sync_line_tick(struct sync *s)
{
	struct node_peer *np;
	struct peer_info info;

	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at));) {
		if (!s->s.net.info(s->s.net.ctx, np->id, &info))
			continue;
		note_progress(s, np, &info);
		rate_update(&np->sync.rate, np->sync.bytes + np->sync.frame_here,
			np->sync.requests.count > 0, sync_now(s));
	}
	sync_own_line_look(s);
	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at));)
		if (np->sync.progress_ms == sync_now(s))
			np->sync.alive_ms = s->line.alive_ms;
}

/* From now on we wait for the peer's next answer. */
static void begin(struct sync *s, struct node_peer *np)
{
	np->sync.awaited_ms = sync_now(s);
}

void sync_line_asked(struct sync *s, struct node_peer *np)
{
	if (np->sync.requests.count != 1)
		return;
	begin(s, np);
	np->sync.alive_ms = s->line.alive_ms;
	rate_update(&np->sync.rate, np->sync.bytes + np->sync.frame_here, true, sync_now(s));
}

void sync_line_kicked(struct sync *s, struct node_peer *np)
{
	begin(s, np);
}

void sync_line_answered(struct sync *s, struct node_peer *np)
{
	struct peer_info info;

	progress(s, np);
	begin(s, np);
	if (!s->s.net.info(s->s.net.ctx, np->id, &info))
		return;
	np->sync.bytes += info.frame_last;
	if (info.frame_last > np->sync.frame_here)
		sync_own_line_came(s, info.frame_last - np->sync.frame_here);
	np->sync.frame_here = 0;
	note_progress(s, np, &info);
	if (s->block_bytes == 0)
		s->block_bytes = SIZE_AT_FIRST;
	s->block_bytes += ((double)info.frame_last - s->block_bytes) / SIZE_MEMORY;
}

/* ---- judging ---- */

double sync_block_bytes(const struct sync *s)
{
	return s->block_bytes > 0 ? s->block_bytes : SIZE_AT_FIRST;
}

size_t sync_line_window(const struct sync *s, const struct node_peer *np)
{
	double n = np->sync.rate.per_second * IN_FLIGHT_MS / 1000 / sync_block_bytes(s);
	size_t most = (size_t)s->s.limits->max_requests_per_peer.max;

	if (!np->sync.rate.known && s->line.rate.known)
		n = FIRST_WINDOW;
	else if (!np->sync.rate.known)
		return most;
	if (n > (double)most)
		return most;
	return n < LEAST_WINDOW ? LEAST_WINDOW : (size_t)n;
}

/* True for a moment after the peer came back from a silence. If all peers were silent because of
 * our own line, one of them comes back first; that does not make it better than the others. */
static bool just_came_back(const struct node_peer *np, uint64_t now)
{
	return np->sync.back_ms && now - np->sync.back_ms < SILENT_MS;
}

/* The time-out counts from the last answer, and grows with the bytes that came of the next one: a
 * peer on a line of LEAST_RATE is not late while it sends, but one that sends a byte now and then
 * is. */
uint64_t sync_line_late_in(const struct sync *s, const struct node_peer *np, uint64_t now)
{
	const struct peer_sync *p = &np->sync;
	uint64_t bytes = p->frame_here < FRAME_LONGEST ? p->frame_here : FRAME_LONGEST;
	uint64_t patience =
		s->s.limits->request_timeout.max + p->rtt_ms + bytes * 1000 / LEAST_RATE;
	uint64_t since = now - p->awaited_ms;

	return since < patience ? patience - since : 0;
}

bool sync_line_late(const struct sync *s, const struct node_peer *np, uint64_t now)
{
	return sync_line_late_in(s, np, now) == 0;
}

/* The bytes that the peer still has to send before this block: of the answers to the requests
 * before it, or to all its open requests if it was not asked for the block. */
static double bytes_before(const struct sync *s, const struct node_peer *np, uint64_t index)
{
	const struct peer_sync *p = &np->sync;
	const struct request *r;
	double bytes = p->frame_size ? 0 : sync_block_bytes(s);
	size_t at = 0;

	if (p->frame_size > p->frame_here)
		bytes = (double)(p->frame_size - p->frame_here);
	while ((r = fifo_at(&p->requests, at)) && r->index != index)
		at++;
	return bytes + (double)at * sync_block_bytes(s);
}

/* True when this peer was asked for the block in an earlier millisecond. Requests of this one do
 * not count, because several peers may be asked in one call. */
static bool was_asked(const struct node_peer *np, uint64_t index, uint64_t now)
{
	const struct request *r;

	for (size_t i = 0; (r = fifo_at(&np->sync.requests, i)); i++)
		if (r->index == index && !r->fork && r->asked_ms < now)
			return true;
	return false;
}

/* For how long something has been awaited. A silence of our own line does not count, unless it has
 * been awaited for WITNESS_MS. */
static uint64_t waited_ms(const struct sync *s, uint64_t since, uint64_t now)
{
	uint64_t waited = now - since, carried = sync_own_line_carries_ms(s, now);

	return waited < WITNESS_MS && carried < waited ? carried : waited;
}

/* Whether to ask a peer of unknown speed as well, given that the peer `than`, which was asked,
 * needs `left_ms` more: only when the block has been awaited for the time-out and will take that
 * long again, or twice the time-out. But a block that comes in a moment waited only for other
 * blocks that we requested from the same peer, and is not late. We believe that the peer will send
 * it in a moment, because it was fast before, unless it completes no answer for twice the time-out.
 */
static bool is_worth_a_try(const struct sync *s, const struct node_peer *than,
	const struct slot *slot, double left_ms, uint64_t now)
{
	uint64_t patience = s->s.limits->request_timeout.max;
	uint64_t waited = waited_ms(s, slot->first_asked_ms, now);

	if (left_ms <= SILENT_MS && waited_ms(s, than->sync.awaited_ms, now) < 2 * patience)
		return false;
	return waited >= 2 * patience || (waited >= patience && left_ms > (double)patience);
}

/* True when a request to the idle np is the only way to learn whether the line is silent or `than`:
 * all peers that owe an answer are silent. */
static bool tells_of_the_line(const struct sync *s, const struct node_peer *np,
	const struct node_peer *than, const struct slot *slot, uint64_t now)
{
	return np->sync.requests.count == 0 && slot->index == sync_tip_height(s) + 1 &&
	       (sync_silence(than, now) >= WITNESS_MS || !sync_has_witness(s, than, now));
}

/* True when np would deliver the slot's block much sooner than the peer `than`, which was asked. */
static bool is_sooner(const struct sync *s, const struct node_peer *np,
	const struct node_peer *than, const struct slot *slot, uint64_t now)
{
	const struct rate *mine = &np->sync.rate, *its = &than->sync.rate;

	uint64_t silence = sync_silence(than, now);

	/* If both fell silent at about the same time, our own line is the cause. The same holds
	 * while nothing overtook the request; then one more question shows whether the line is
	 * silent. */
	if (silence >= slot->patience || is_silent(than, now) || than->sync.kicked_ms)
		return sync_silence(np, now) <= silence / 2 &&
		       (sync_overtaken(s, than, now) || tells_of_the_line(s, np, than, slot, now));
	if (!its->known || its->per_second <= 0)
		return false;
	double left_ms = bytes_before(s, than, slot->index) * 1000 / its->per_second;
	if (!mine->known)
		return is_worth_a_try(s, than, slot, left_ms, now);
	/* The new peer has to send the whole block. */
	double size = than->sync.frame_size ? (double)than->sync.frame_size : sync_block_bytes(s);
	double needs_ms = (bytes_before(s, np, 0) + size) * 1000 / (mine->per_second + 1) +
			  (double)np->sync.rtt_ms;
	return left_ms > SOONER * needs_ms + SILENT_MS;
}

bool sync_line_sooner(
	const struct sync *s, const struct node_peer *np, const struct slot *slot, uint64_t now)
{
	struct node_peer *than;

	if (is_silent(np, now) || just_came_back(np, now))
		return false;
	for (size_t at = 0; (than = sync_peers_next(s->s.peers, &at));)
		if (was_asked(than, slot->index, now) && !is_sooner(s, np, than, slot, now))
			return false;
	return true;
}
