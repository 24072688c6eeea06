/* What the node knows of each ready peer beyond the connection: one record, made when the peer is
 * ready and freed when it is gone, with a part for each engine. */
#ifndef SYNC_SYNC_PEER_H
#define SYNC_SYNC_PEER_H

#include "base/fifo.h"
#include "base/map.h"
#include "chain/copy.h"
#include "sync/hosts.h"
#include "sync/peer_link.h"
#include "sync/rate.h"
#include "sync/fork_walk.h"

/* A block that we asked this peer for. Answers come in the order of the requests. */
struct request {
	uint64_t index;
	uint64_t asked_ms; /* monotonic */
	bool fork;         /* not for the download window: a probe at or below our tip */
	bool alone;        /* nothing else was in flight: its answer measures the round trip */
};

/* Downloading from it: node/sync*.c */
struct peer_sync {
	uint64_t height;        /* claimed, lowered when it turns out not to have a block */
	struct fifo requests;   /* struct request, oldest first */
	struct bound in_flight; /* how many it may hold */
	uint64_t rtt_ms;        /* smoothed, of this connection; 0 = unknown */
	uint64_t good;          /* blocks of it that were appended */
	uint64_t answered_ms;   /* its last Block, or 0 */
	/* What its line carries: sync/sync_line.c */
	uint64_t awaited_ms;           /* since when its next answer is awaited */
	uint64_t progress_ms;          /* bytes of an answer last came; 0 = never */
	uint64_t back_ms;              /* it was silent until then; 0 = never */
	uint64_t bytes;                /* of all its answers */
	size_t frame_here, frame_size; /* of the frame on its way, as peer_info */
	struct rate rate;              /* of these bytes */
	uint64_t kicked_ms;            /* GetPeers sent because it is late; 0 = not */
	uint64_t kick;                 /* the number of that GetPeers on this connection */
	uint64_t doubted_ms;           /* the silence for which its host was doubted began then */
	/* A fork that is walked back with this peer (protocol.md 5.10) */
	struct walk *walk;  /* owned; NULL = none */
	uint8_t probed[32]; /* tip hash of it that we looked at already */
	uint64_t told;      /* the tip at or below ours that it told of last; 0 = none */
	uint8_t told_hash[32];
	uint64_t retry_ms; /* its branch is looked at again then; 0 = when it tells its height */
	unsigned retries;  /* since it told its height, or a block of it was appended */
};

/* Of a full block that was signed twice: sync/twin.c */
struct peer_twin {
	struct refused offer; /* the refused block */
	uint64_t asked;       /* the question that it was asked: twin.number */
	bool answered;
	uint64_t tail; /* the answer: where its signature ends */
};

/* Serving it: sync/serve.c */
struct served {
	uint64_t index;
	uint64_t asked; /* peer_info.get_peers_sent when the Block went out last */
};

struct peer_serve {
	struct fifo blocks;  /* struct served, the one sent last at the end */
	struct fifo waiting; /* u64 indices that wait for room in its output */
	struct bound blocks_bound, waiting_bound;
};

/* Driving a release 0.10 peer that is behind: sync/announce.c */
enum announce_phase {
	ANNOUNCE_DRIVES,  /* a Ping follows each Block */
	ANNOUNCE_PROVES,  /* GetPeers is out: its answer shows that all before it was read */
	ANNOUNCE_LISTENS, /* that is so; the next Ping waits */
	ANNOUNCE_ASKS,    /* that Ping is out: the answer shows how far the peer came meanwhile */
	ANNOUNCE_PASSIVE, /* another node drives it */
};

struct peer_announcer {
	enum announce_phase phase;
	uint64_t ping_at_ms;  /* send a Ping then, or end the passive time; 0 = not due */
	uint64_t await_ms;    /* no answer until then: send GetPeers; 0 = nothing awaited */
	uint64_t pinged_ms;   /* when the last driving Ping went out; 0 = it was no Ping of ours */
	uint64_t usual_ms;    /* smoothed time from Ping to GetBlock */
	uint64_t gap_more_ms; /* how much later than usual it wants the Ping behind a Block */
	unsigned kicks;       /* GetPeers since it last said something */
	uint64_t kicked_ms;   /* when the last of them went out */
	uint64_t proof;       /* number of the first of them; 0 = none whose answer matters */
	unsigned stalls;      /* driving Pings in a row that were read and not followed */
	uint64_t listen_ms;   /* FEED_PROVES: no Ping before that */
	uint64_t looked_ms;   /* when we began to look whether it comes on without us, */
	uint64_t base;        /* and the index that it wanted then; 0 = unknown */
	unsigned again;       /* looks in a row that found it where it was */
	unsigned driven;      /* looks in a row that found another node driving it */
	uint64_t told;        /* the height that it was told last */
	unsigned lower; /* it is told of blocks below our tip: Pings in a row that it did not follow
			 */
	bool seen;      /* the Ping waits until the peer has forgotten our tip's hash */
};

struct node_peer {
	peer_id id;
	bool own_kind, outbound;
	struct host *host; /* what is known of where it is; never NULL */
	struct host lone;  /* its record, when the table has no row for it */
	struct peer_sync sync;
	struct peer_twin twin;
	struct peer_serve serve;
	struct peer_announcer announce;
};

struct peers {
	struct map by_id; /* peer_id → struct node_peer *, owned */
	struct bound count;
	struct limits *limits;
};

void peers_init(struct peers *p, struct limits *l, uint64_t seed);
void peers_clear(struct peers *p);

/* NULL when memory ran out. */
struct node_peer *peers_add(struct peers *p, peer_id id);
struct node_peer *peers_get(const struct peers *p, peer_id id);
void peers_remove(struct peers *p, peer_id id);

/* Walks all: start with *at = 0; NULL at the end. None may be added or removed meanwhile. */
struct node_peer *peers_next(const struct peers *p, size_t *at);
size_t peers_count(const struct peers *p);

#endif
