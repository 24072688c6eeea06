/* What the node knows of each ready peer beyond its connection: one record, made when the peer is
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

/* Downloading from it: sync/sync*.c. Times are monotonic. */
struct peer_sync {
	uint64_t height;        /* claimed, lowered when it turns out not to have a block */
	struct fifo requests;   /* struct request, oldest first */
	struct bound in_flight; /* how many requests that may be */
	uint64_t rtt_ms;        /* smoothed round trip of this connection; 0 = unknown */
	uint64_t good;          /* its blocks that were appended */
	uint64_t answered_ms;   /* when its last Block came; 0 = none did */
	/* How fast it delivers: sync/sync_line.c */
	uint64_t awaited_ms;           /* since when its next answer is awaited */
	uint64_t progress_ms;          /* when bytes of an answer last came; 0 = never */
	uint64_t back_ms;              /* when its last silence ended; 0 = it was never silent */
	uint64_t alive_ms;             /* own_line.alive_ms when it last showed that it answers */
	uint64_t bytes;                /* of all its answers */
	size_t frame_here, frame_size; /* of the frame on its way, as in struct peer_info */
	struct rate rate;              /* of these bytes */
	uint64_t kicked_ms;  /* when it was sent a GetPeers because it is late; 0 = not late */
	uint64_t kick;       /* how many GetPeers this connection was sent, that one included */
	uint64_t doubted_ms; /* when the silence began for which its host was doubted last */
	/* A fork that is walked back with this peer (protocol.md 5.10): sync/sync_fork.c */
	struct fork_walk *walk; /* owned; NULL = none */
	uint8_t probed[32];    /* hash of its tip XOR hash of ours when we last requested its tip */
	uint64_t told;         /* the last height at or below our tip that it told; 0 = none */
	uint8_t told_hash[32]; /* and the hash of that tip */
	uint64_t retry_ms; /* when its branch is looked at again; 0 = when it tells its height */
	unsigned retries;  /* since it told its height, or a block of it was appended */
};

/* Its part in a dispute over a full block that was signed twice: sync/twin.c */
struct peer_twin {
	struct refused offer; /* its block that does not fit our copy */
	uint64_t asked;       /* number of the question that it was asked last: twin.number */
	bool answered;        /* it sent its copy of the full block */
	uint64_t tail;        /* names that copy, as twin.tail names ours */
};

/* Serving it: sync/serve.c */
struct served {
	uint64_t index;
	uint64_t asked; /* peer_info.get_peers_sent when the Block was sent last */
};

struct peer_serve {
	struct fifo blocks;  /* struct served, the one sent last at the end */
	struct fifo waiting; /* u64 indices that wait for room in its output */
	struct bound blocks_bound, waiting_bound;
};

/* Driving a release 0.10 peer that is behind: sync/announce.c */
enum announce_phase {
	ANNOUNCE_DRIVES,  /* a Ping follows each Block */
	ANNOUNCE_PROVES,  /* a GetPeers was sent: its Peers proves that all before it was read */
	ANNOUNCE_LISTENS, /* that is proven; we send no Ping until listen_ms */
	ANNOUNCE_ASKS,    /* then one Ping was sent: its answer shows how far the peer came alone */
	ANNOUNCE_PASSIVE, /* another node drives it, so we send nothing for a while */
};

struct peer_announcer {
	enum announce_phase phase;
	uint64_t ping_at_ms;  /* when to send a Ping, or to end the passive time; 0 = not due */
	uint64_t await_ms;    /* when to send GetPeers if no answer came; 0 = none is awaited */
	uint64_t pinged_ms;   /* when the last driving Ping was sent; 0 = it was our Pong */
	uint64_t usual_ms;    /* smoothed time from a Ping to the GetBlock that follows it */
	uint64_t gap_more_ms; /* added to ANNOUNCE_GAP_MS: it left earlier Pings unread */
	unsigned kicks;       /* GetPeers sent since its last answer */
	uint64_t kicked_ms;   /* when the last of them was sent */
	uint64_t proof;       /* number of the first of them; 0 = none whose answer matters */
	unsigned stalls;      /* driving Pings in a row that it read without a GetBlock */
	uint64_t listen_ms;   /* ANNOUNCE_PROVES, ANNOUNCE_LISTENS: no Ping before that */
	uint64_t looked_ms;   /* when we began to look whether it advances without us, */
	uint64_t base;        /* and the index that it wanted then; 0 = unknown */
	unsigned again;       /* looks in a row that found it where it was */
	unsigned driven;      /* looks in a row that found another node driving it */
	uint64_t told;        /* the height that our last Ping told it */
	unsigned lower; /* Pings in a row that told a block below our tip and got no GetBlock; 0 =
			 * our tip is told */
	bool seen;      /* the next Ping waits until the peer has forgotten our tip's hash */
};

struct node_peer {
	peer_id id;
	bool own_kind, outbound; /* as in struct peer_info */
	struct host *host;       /* the record of its host, in the table or `lone`; never NULL */
	struct host lone;        /* used while the table has no row for its host */
	struct peer_sync sync;
	struct peer_twin twin;
	struct peer_serve serve;
	struct peer_announcer announce;
};

struct sync_peers {
	struct map by_id; /* peer_id → struct node_peer *, owned */
	struct bound count;
	struct limits *limits;
};

/* `l` is borrowed; `seed` keeps strangers from choosing ids that collide in the map. */
void sync_peers_init(struct sync_peers *p, struct limits *l, uint64_t seed);
void sync_peers_clear(struct sync_peers *p);

/* A new record, which the table owns until sync_peers_remove(). NULL when memory ran out. */
struct node_peer *sync_peers_add(struct sync_peers *p, peer_id id);

/* NULL when the peer is not ready, or gone. */
struct node_peer *sync_peers_get(const struct sync_peers *p, peer_id id);
void sync_peers_remove(struct sync_peers *p, peer_id id);

/* Walks all: start with *at = 0; NULL at the end. None may be added or removed meanwhile. */
struct node_peer *sync_peers_next(const struct sync_peers *p, size_t *at);
size_t sync_peers_count(const struct sync_peers *p);

#endif
