/* Chooses the peer that a block is requested from. Before: sync/sync_fetch.c knows which block is
 * wanted. After: the request goes out (protocol.md 5.11).
 *
 * Hosts are compared by cost: the time after which a host would answer one more request, as
 * measured over all its connections, plus penalties for what it did wrong. Measured hosts come
 * before hosts that were never measured. Every host is asked for a block once before any is asked
 * for it a second time, so a host that withholds it can delay it only once. When a block is late,
 * hosts of other network groups come first, and hosts that delivered lately or that we dialled:
 * strangers that withhold blocks on purpose are probably neither. */
#include <string.h>

#include "sync/sync.h"

enum {
	FIRST_WINDOW = 4,      /* most open requests to a host that has never answered */
	REFERENCE_WINDOW = 16, /* more open requests to release 0.10 gain nothing */
	UNKNOWN_RTT_MS = 400,  /* assumed while no host was measured */
	DOUBT_MS = 400,        /* what each point of doubt adds to the cost */
	PROBE_MS = 10000,      /* pause between two measurements of a host that gets no requests */
	PACE_MAX = 50000,      /* tenths of a millisecond */
	FAR_AHEAD = 8          /* blocks so far above the tip are not needed soon */
};

/* ---- the hosts that were asked for a slot's block ---- */

bool sync_slot_was_asked(const struct slot *slot, const struct host *h)
{
	for (size_t i = 0; i < SLOT_HOSTS; i++)
		if (slot->hosts[i] == h->id)
			return true;
	return false;
}

static bool group_was_asked(const struct slot *slot, const struct host *h)
{
	for (size_t i = 0; i < SLOT_HOSTS; i++)
		if (slot->groups[i] == h->group_id)
			return true;
	return false;
}

/* Notes that the host was asked for the slot's block. A host is only asked again when all others
 * were, so that begins a new round, with empty notes. */
static void slot_note(struct slot *slot, const struct host *h)
{
	if (sync_slot_was_asked(slot, h)) {
		memset(slot->hosts, 0, sizeof slot->hosts);
		memset(slot->groups, 0, sizeof slot->groups);
	}
	slot->hosts[slot->asks % SLOT_HOSTS] = h->id;
	slot->groups[slot->asks % SLOT_HOSTS] = h->group_id;
	slot->asks++;
}

void sync_slot_forget(struct slot *slot)
{
	*slot = (struct slot){.index = slot->index};
}

/* ---- costs ---- */

/* How many requests are useful at this peer: enough to cover the round trip. Release 0.10 serves
 * one block in 2.3 ms at best (protocol.md 5.14). */
static size_t window_of(const struct sync *s, const struct node_peer *np)
{
	uint64_t most = s->s.limits->max_requests_per_peer.max;
	uint64_t useful = np->own_kind ? most : 4 + np->host->rtt_ms * 10 / 23;
	uint64_t carried = sync_line_window(s, np);

	if (!np->own_kind && useful > REFERENCE_WINDOW)
		useful = REFERENCE_WINDOW;
	if (!np->host->rtt_ms && useful > FIRST_WINDOW)
		useful = FIRST_WINDOW;
	useful = useful < carried ? useful : carried;
	return (size_t)(useful < most ? useful : most);
}

uint64_t sync_silence(const struct node_peer *np, uint64_t now)
{
	const struct request *oldest = fifo_at(&np->sync.requests, 0);
	uint64_t since = np->sync.progress_ms;

	if (!oldest)
		return 0;
	return now - (oldest->asked_ms > since ? oldest->asked_ms : since);
}

uint64_t sync_usual_rtt(const struct sync *s)
{
	uint64_t rtt[64];
	struct node_peer *np;
	size_t n = 0, i;

	for (size_t at = 0; n < 64 && (np = sync_peers_next(s->s.peers, &at));) {
		if (!np->host->rtt_ms)
			continue;
		for (i = n++; i > 0 && rtt[i - 1] > np->host->rtt_ms; i--)
			rtt[i] = rtt[i - 1];
		rtt[i] = np->host->rtt_ms;
	}
	return n ? rtt[n / 2] : 0;
}

/* The expected time until the host answers one more request, in tenths of a millisecond: a round
 * trip, and the time for all requests before it. An answer takes at least 0.5 ms, from release 0.10
 * 2.3 ms (protocol.md 5.14). */
static uint64_t expected(const struct sync *s, const struct node_peer *np)
{
	const struct host *h = np->host;
	uint64_t best = np->own_kind ? 5 : 23, pace = h->pace > best ? h->pace : best;

	uint64_t usual = s->usual_rtt ? s->usual_rtt : UNKNOWN_RTT_MS;

	pace = pace < PACE_MAX ? pace : PACE_MAX;
	return (h->rtt_ms ? h->rtt_ms : usual) * 10 + h->in_flight * pace;
}

/* The expected time with penalties for misbehaviour, doubt and present silence. */
static uint64_t cost_of(const struct sync *s, const struct node_peer *np, uint64_t now)
{
	const struct host *h = np->host;

	return expected(s, np) + (h->score + h->doubt * DOUBT_MS + sync_silence(np, now)) * 10;
}

uint64_t sync_patience(const struct sync *s, const struct node_peer *np)
{
	uint64_t cost = expected(s, np) / 10;
	uint64_t most = 2 * cost > LATE_MS ? 2 * cost : LATE_MS;

	most = most < LATE_MOST_MS ? most : LATE_MOST_MS;
	cost = 4 * cost > LATE_LEAST_MS ? 4 * cost : LATE_LEAST_MS;
	return cost < most ? cost : most;
}

/* ---- the choice ---- */

/* True when the peer can be asked for this block, apart from room for the request: it claims the
 * block, is not about to be closed, is not in a walk-back, has had no block refused at or below it
 * lately (twin_bars()), and would read a request at once. */
static bool has_it(struct sync *s, const struct node_peer *np, uint64_t index)
{
	return np->sync.height >= index && !np->sync.kicked_ms && !np->sync.walk &&
	       !twin_bars(s, np, index) && s->s.net.send_delay_ms(s->s.net.ctx, np->id) == 0;
}

/* True when this connection has an open request for the block, so that it may still answer. */
static bool is_asked(const struct slot *slot, const struct node_peer *np)
{
	for (size_t i = 0; i < np->sync.requests.count; i++) {
		const struct request *r = fifo_at(&np->sync.requests, i);
		if (!r->fork && r->index == slot->index)
			return true;
	}
	return false;
}

static bool has_room(const struct sync *s, const struct node_peer *np)
{
	return np->host->in_flight < window_of(s, np) &&
	       np->sync.requests.count < np->sync.in_flight.max;
}

/* Compared before the cost; less is better. In this order: not asked in this round; of a group that
 * was not asked; known to deliver, or dialled by us; measured, or at least dialled by us. The
 * second and third count only for a late block. */
static unsigned rank_of(
	const struct slot *slot, const struct node_peer *np, bool late, uint64_t now)
{
	const struct host *h = np->host;
	bool known = host_is_good(h, now) || h->ours;

	return sync_slot_was_asked(slot, h) * 16U + (late && group_was_asked(slot, h)) * 8U +
	       (late && !known) * 4U +
	       (h->rtt_ms        ? 0U
		       : h->ours ? 1U
				 : 2U);
}

struct offer {
	struct node_peer *np;
	unsigned rank;
	uint64_t cost;
};

static void take_better(struct offer *best, const struct offer *o)
{
	if (!best->np || o->rank < best->rank || (o->rank == best->rank && o->cost < best->cost))
		*best = *o;
}

/* True when an offer is nearly as good as the best one, whose peer has no room now. If none is, it
 * is better to wait until that peer has room. */
static bool nearly(const struct offer *o, const struct offer *best)
{
	return o->np && o->rank == best->rank && o->cost <= 4 * best->cost + 2000;
}

/* Goes once over all peers and remembers two: the best one (`best`), and the best one that has room
 * (`open`). If the best one has no room, the other is taken only if it is nearly as good; else the
 * block waits for the best one. A peer that may still answer is not asked again. One without room
 * is not waited for if the block is late or the peer has been silent for some time. */
enum choice sync_choose(struct sync *s, struct slot *slot, bool late, struct node_peer **out)
{
	uint64_t now = sync_now(s);
	struct offer best = {0}, open = {0}, o;
	bool waits = false;

	for (size_t at = 0; (o.np = sync_peers_next(s->s.peers, &at));) {
		bool room = has_room(s, o.np);
		if (!has_it(s, o.np, slot->index))
			continue;
		if (!late && !o.np->sync.requests.count && !s->line.peers_room)
			continue; /* one more peer would get too small a part of our own line */
		if ((late || sync_slot_was_asked(slot, o.np->host)) && is_asked(slot, o.np)) {
			waits = true;
			continue;
		}
		if (!room && (late || sync_silence(o.np, now) >= LATE_MS))
			continue;
		o.rank = rank_of(slot, o.np, late, now);
		o.cost = cost_of(s, o.np, now);
		take_better(&best, &o);
		if (room)
			take_better(&open, &o);
	}
	if (!best.np || (open.np != best.np && !nearly(&open, &best)))
		return waits ? CHOICE_WAITS : CHOICE_NO_ROOM;
	*out = open.np;
	return CHOICE_MADE;
}

bool sync_ask_slot(struct sync *s, struct node_peer *np, struct slot *slot)
{
	uint64_t now = sync_now(s), patience = sync_patience(s, np);

	if (!sync_ask(s, np, slot->index, false))
		return false;
	if (!slot->asks)
		slot->first_asked_ms = now;
	slot->patience = (uint32_t)patience;
	slot_note(slot, np->host);
	slot->state = SLOT_ASKED;
	slot->from = np->id;
	slot->asked_ms = now;
	return true;
}

/* A host that is unknown, or that was too slow to be chosen for some time, might be fast. It is
 * measured by asking it for a block that another host was asked for too, and that is not needed
 * soon, so nothing is delayed if it is slow. */
void sync_probe_host(struct sync *s, struct slot *slot)
{
	uint64_t now = sync_now(s);
	struct node_peer *np;

	if (!sync_may_probe(s) || slot->index % FAR_AHEAD ||
		slot->index <= sync_tip_height(s) + FAR_AHEAD)
		return;
	for (size_t at = 0; (np = sync_peers_next(s->s.peers, &at));) {
		struct host *h = np->host;
		bool due = !h->probed_ms || now - h->probed_ms >= PROBE_MS;
		if (h->in_flight || !due || sync_slot_was_asked(slot, h) ||
			!has_it(s, np, slot->index))
			continue;
		h->probed_ms = now;
		s->line.probes++;
		if (sync_ask(s, np, slot->index, false))
			slot_note(slot, h);
		return;
	}
}
