/* Who does not answer: it is asked something that has to be answered, and closed when that is in
 * vain. Before: sync/sync_fetch.c and node/dispatch.c, when a Peers came. After: sync/sync_line.c
 * says who is late. */
#include "base/log.h"
#include "sync/sync.h"

/* GetPeers is always answered, and in order: its answer proves that what was asked before it does
 * not exist there (reference-peers: step 5 of downloading). When nobody delivers, the others would
 * be silent, too. */
static void kick(struct sync *s, struct node_peer *np, uint64_t now)
{
	struct message m = {.type = MSG_GET_PEERS};
	struct peer_info info;

	if (sync_line_lives(s, now))
		sync_take_back(s, np);
	np->sync.kicked_ms = now;
	sync_line_kicked(s, np);
	/* The next one: when its output is full, the GetPeers that another part sends after this.
	 */
	if (s->s.net.info(s->s.net.ctx, np->id, &info))
		np->sync.kick = info.get_peers_sent + 1;
	s->s.net.send(s->s.net.ctx, np->id, &m);
}

/* Its answers come in order: what it was asked for behind this one is on its way, unless somebody
 * else was asked meanwhile. */
void sync_kick_over(struct sync *s, struct node_peer *np)
{
	bool silent = np->sync.kicked_ms || np->sync.back_ms == sync_now(s);

	np->sync.kicked_ms = 0;
	for (size_t i = 0; silent && i < np->sync.requests.count; i++) {
		const struct request *r = fifo_at(&np->sync.requests, i);
		struct slot *slot = r->fork ? NULL : sync_slot(s, r->index);
		if (!slot || slot->state != SLOT_EMPTY || !slot->asks)
			continue;
		slot->state = SLOT_ASKED;
		slot->from = np->id;
		slot->asked_ms = sync_now(s);
	}
}

/* The peer exchange and the announcer send GetPeers too: each Peers answers the oldest one. */
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
	bool claimed = !oldest->fork && np->sync.height >= oldest->index;
	np->sync.kicked_ms = 0;
	if (claimed)
		np->sync.height = oldest->index - 1;
	sync_walk_end(np);
	sync_release_requests(s, np);
	if (claimed) {
		host_doubt(np->host, SYNC_DOUBT_CLAIMS);
		sync_misbehaved(s, np, SYNC_SCORE_CLAIMS, "claims blocks that it does not have");
	}
	sync_pump(s);
}

void sync_kick_tick(struct sync *s, struct node_peer *np, uint64_t now)
{
	if (!np->sync.requests.count || !sync_line_late(s, np, now))
		return;
	if (!np->sync.kicked_ms) {
		kick(s, np, now);
		return;
	}
	if (!sync_line_gone(s, np, now))
		return;
	log_info("sync: peer %llu answers nothing, closing", (unsigned long long)np->id);
	host_doubt(np->host, SYNC_DOUBT_SILENT);
	s->s.net.close(s->s.net.ctx, np->id, CLOSE_TIMEOUT);
	sync_release_requests(s, np);
	np->sync.height = 0;
}
