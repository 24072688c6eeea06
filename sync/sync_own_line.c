/* Measures what comes over our own line to the network, which all peers share, and tells whether a
 * peer is silent or the line. While the line is silent, or busy with older answers, everything that
 * we requested is still on its way, and another request would only add to it.
 *
 * A peer is to blame when an answer to a much later request of another peer came, because then the
 * line carried a request and an answer since. So it is when answers came for IN_FLIGHT_MS in all,
 * because we request no more than the line carries in that time.
 *
 * Before: sync/sync_line.c measures each peer. After: sync/sync_fetch.c asks other peers, or
 * requests less; sync/sync_kick.c closes. */
#include "sync/sync.h"

enum {
	PAUSE_MS = 1000, /* so long without a byte is a silence of the line */
	FIRST_ROOM = 8,  /* blocks, while the rate of the line is unknown */
	LEAST_ROOM = 4,  /* blocks, however slow the line is */
	LEAST_PEERS = 2, /* one peer alone does not show whether it is silent, or the line */
	PEER_RATE = 2 * CONN_LEAST_RATE, /* bytes a second of the line for each further peer */
	PROBES_AT_FIRST = 1,
	BLOCKS_A_PROBE = 100, /* one more probe for so many blocks that were received */
	FAREST_MS = 5000,     /* a longer round trip was measured during a silence of the line */
};

/* ---- measuring ---- */

void sync_own_line_came(struct sync *s, size_t bytes)
{
	s->line.bytes += bytes;
}

void sync_own_line_answers(struct sync *s, const struct request *r)
{
	if (r && r->asked_ms > s->line.carried_ms)
		s->line.carried_ms = r->asked_ms;
}

void sync_own_line_look(struct sync *s)
{
	struct own_line *l = &s->line;
	uint64_t now = sync_now(s), span = now - l->looked_ms;

	rate_update(&l->rate, l->bytes, sync_in_flight(s) > 0, now);
	if (l->bytes == l->looked_bytes)
		return;
	if (span < PAUSE_MS)
		l->alive_ms += span;
	else if (l->looked_ms)
		l->back_ms = now;
	l->looked_ms = now;
	l->looked_bytes = l->bytes;
}

uint64_t sync_own_line_carries_ms(const struct sync *s, uint64_t now)
{
	return now - s->line.looked_ms < PAUSE_MS ? now - s->line.back_ms : 0;
}

/* ---- judging a peer ---- */

static uint64_t distance(const struct node_peer *np)
{
	return np->sync.rtt_ms < FAREST_MS ? np->sync.rtt_ms : FAREST_MS;
}

bool sync_overtaken(const struct sync *s, const struct node_peer *np, uint64_t now)
{
	uint64_t since = now - sync_silence(np, now);
	uint64_t alive = s->line.alive_ms - np->sync.alive_ms;

	return s->line.carried_ms >= since + sync_patience(s, np) ||
	       alive >= IN_FLIGHT_MS + distance(np);
}

bool sync_has_witness(const struct sync *s, const struct node_peer *np, uint64_t now)
{
	struct node_peer *other;

	for (size_t at = 0; (other = sync_peers_next(s->s.peers, &at));)
		if (other->host->group_id != np->host->group_id && other->sync.requests.count &&
			other->sync.progress_ms && !sync_overtaken(s, other, now))
			return true;
	return false;
}

/* True when our own line may be the cause of the peer's silence: no peer delivered anything during
 * a part of it (p2p/line_life.h). */
static bool own_line_is_doubted(const struct sync *s, const struct node_peer *np, uint64_t now)
{
	struct peer_info info;

	return s->s.net.info(s->s.net.ctx, np->id, &info) &&
	       line_life_doubted(&info.line, np->sync.awaited_ms, now, s->s.limits);
}

/* True when answers of other peers came, but none that shows that this peer's is late: they may all
 * have been requested before. */
static bool has_its_turn_yet_to_come(const struct sync *s, const struct node_peer *np, uint64_t now)
{
	return s->line.alive_ms > np->sync.alive_ms && !sync_overtaken(s, np, now);
}

bool sync_line_gone(const struct sync *s, const struct node_peer *np, uint64_t now)
{
	uint64_t timeout = s->s.limits->request_timeout.max;
	uint64_t most = line_life_patience(timeout, s->s.limits);

	if (!sync_line_late(s, np, now))
		return false;
	return now - np->sync.awaited_ms >= most ||
	       (!own_line_is_doubted(s, np, now) && !has_its_turn_yet_to_come(s, np, now));
}

/* ---- how much may be asked for ---- */

static bool somebody_answered(const struct sync *s)
{
	struct node_peer *np;

	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at));)
		if (np->host->rtt_ms)
			return true;
	return false;
}

/* What is on its way takes room. A peer that others overtook does not answer, and takes none. */
static void take_room(struct sync *s, uint64_t now)
{
	struct own_line *l = &s->line;
	struct node_peer *np;

	for (size_t at = 0; l->room && (np = sync_peers_next(s->s.peers, &at));) {
		size_t window = sync_line_window(s, np), n = np->sync.requests.count;
		if (!n || sync_overtaken(s, np, now))
			continue;
		n = n < window ? n : window;
		l->room -= n < l->room ? n : l->room;
		l->peers_room -= l->peers_room > 0;
	}
}

void sync_own_line_room(struct sync *s, uint64_t now)
{
	struct own_line *l = &s->line;
	double bytes = l->rate.per_second * (IN_FLIGHT_MS + FAREST_MS / 2) / 1000;

	l->room = l->peers_room = SIZE_MAX;
	if (l->rate.known) {
		l->room = (size_t)(bytes / sync_block_bytes(s));
		l->room = l->room < LEAST_ROOM ? LEAST_ROOM : l->room;
		l->peers_room = LEAST_PEERS + (size_t)(l->rate.per_second / PEER_RATE);
	} else if (!s->line.bytes && somebody_answered(s)) {
		return;
	} else {
		l->room = FIRST_ROOM;
	}
	take_room(s, now);
}

bool sync_may_probe(const struct sync *s)
{
	return s->line.probes < PROBES_AT_FIRST + s->blocks_received / BLOCKS_A_PROBE;
}
