/* Deals with peers that do not answer: a late peer is sent a GetPeers ("kick"), which every node
 * answers, and is closed when it does not answer that either.
 * Before: sync/sync_fetch.c regularly, node/dispatch.c when a Peers has come. After:
 * sync/sync_line.c tells who is late. */
#include "base/log.h"
#include "sync/sync.h"

/* Sends the GetPeers. It is always answered, and answers come in the order of the requests. So its
 * answer proves that the peer does not have the blocks that were requested before it and did not
 * come (docs/reference-peers.md, step 5 of downloading). Other peers are asked for those blocks
 * only if they answered later requests: otherwise the fault is probably our own line's. */
static void kick(struct sync *s, struct node_peer *np, uint64_t now)
{
	struct message m = {.type = MSG_GET_PEERS};
	struct peer_info info;

	if (sync_overtaken(s, np, now))
		sync_take_back(s, np);
	np->sync.kicked_ms = now;
	sync_line_kicked(s, np);
	/* The number of this GetPeers. If it cannot be queued because the output is full, the
	 * number is that of the next GetPeers, whichever part of the program sends it. */
	if (s->s.net.info(s->s.net.ctx, np->id, &info))
		np->sync.kick = info.get_peers_sent + 1;
	s->s.net.send(s->s.net.ctx, np->id, &m);
}

/* Answers come in the order of the requests, so once a silent peer answers one, the answers to the
 * later ones are on their way. Their slots wait for it again, unless another peer was asked for the
 * block meanwhile. */
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

/* True when the GetPeers of kick() was answered. The peer exchange and the announcer send GetPeers
 * too, and each Peers answers the oldest open one, so they are counted. */
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
