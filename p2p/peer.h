/* A peer: one connection with its session, what it announced about itself, and the state of the
 * protocol with it. Frames arrive here and messages go up to the node; messages to be sent end in
 * p2p/conn.c.
 * A block's way: p2p/conn.c → here (frame.c, secure.c, wire.c) → events.message. */
#ifndef P2P_PEER_H
#define P2P_PEER_H

#include "p2p/conn.h"
#include "p2p/key_exchange.h"
#include "p2p/unsolicited.h"

enum {
	RAND_ID_KEPT = 32,  /* bytes of a rand_id that are compared; the network's have 6 */
	SEND_DELAY_MS = 10, /* protocol.md 5.14 d */
};

struct peer {
	struct conn conn; /* first: a conn of our pool is always the beginning of a peer */
	struct p2p *p2p;
	struct key_exchange key_exchange;
	struct secure session;

	bool configured; /* dialled because the operator named it */
	bool counted;    /* admission holds a place for it */
	bool half_open;  /* counted as handshake in progress */
	bool ready;      /* events.ready was called, events.gone will be */
	bool introduced; /* its Hand or Shake was accepted and read */
	bool refused;    /* outbound: another network or too old, do not dial it again */
	bool at_fault;   /* outbound: it broke a rule */
	bool is_self;    /* outbound: our own address, as both ends of the session show */
	bool is_public, own_kind;
	bool has_alias;
	char our_id[RAND_ID_SIZE + 1]; /* the id that we show to it */
	uint8_t our_host[16];          /* netaddr_host() of our end, with our_id */
	struct netaddr alias;          /* another address that turned out to be the same node */
	bool doubted;                  /* we must ask whether it is still there */
	bool is_protected;             /* from the eviction that is being decided (admission.c) */
	char app_version[32];
	uint8_t rand_id[RAND_ID_KEPT];
	size_t rand_id_size; /* 0 = unknown */
	uint64_t height;

	/* monotonic milliseconds */
	uint64_t last_in, last_out; /* frames */
	uint64_t soft_at;           /* our last frame that wants no answer */
	uint64_t ping_sent;         /* a Ping that must be answered; 0 = none */
	uint64_t pong_ms;           /* a duration: how long we wait for that answer */
	uint64_t life_sign_sent;    /* our last Ping as a sign of life, 0 = none */
	uint64_t life_sign_after;   /* a duration: silence before the next sign of life */
	uint64_t ask_at;            /* when to send GetPeers again, if addresses are wanted */
	uint64_t good_at;           /* its last good block, 0 = none */
	uint64_t rtt;               /* about the smallest of late, 0 = unknown */
	uint64_t get_peers_sent, peers_received;
	uint64_t list_wanted; /* the number of our last GetPeers that was sent for addresses */
	size_t frame_last;    /* bytes of the last complete frame that arrived */
	struct unsolicited unsolicited;
};

/* The peer that this connection is the beginning of; only for connections of p2p's own pool. */
static inline struct peer *peer_of(struct conn *c)
{
	return (struct peer *)c;
}

/* The hooks of p2p/conn.h that concern one peer: connected (outbound), bytes to read, its alarm. */
void peer_connected(struct conn *c);
enum step peer_readable(struct conn *c);
void peer_alarm(struct conn *c);

/* Encodes, seals and queues one message as one frame. A message that cannot fit a frame is left
 * unsent (protocol.md 5.1) and counts as sent. SEND_FULL and SEND_GONE as conn_write(). */
enum send_result peer_send(struct peer *peer, const struct message *m);

/* Milliseconds until a frame that wants an answer may be sent (p2p_send_delay_ms()). */
uint64_t peer_send_delay_ms(const struct peer *peer);

/* Makes the peer ready: it is served, and the node is told of it. Only the first call has an
 * effect. */
void peer_ready(struct peer *peer);

/* ---- p2p/keepalive.c ---- */
void peer_check(struct peer *peer);                 /* asks soon if it is alive, else closes */
void peer_keep_alive(struct peer *peer);            /* begins when it is ready */
void peer_note_rtt(struct peer *peer, uint64_t ms); /* one round trip, in milliseconds */

/* ---- p2p/handshake.c: Hand, Shake, Loop and Twin (protocol.md 5.5, 5.6); each may close the peer,
 * or make it ready ---- */
void handshake_begin(struct peer *peer); /* outbound: our Hand */
void handshake_hand(struct peer *peer, const struct message *m);
void handshake_shake(struct peer *peer, const struct message *m);
void handshake_loop(struct peer *peer, const struct message *m);
void handshake_twin(struct peer *peer, const struct message *m);

/* ---- p2p/identity.c ---- */
struct slice identity_shown(struct peer *peer); /* our id for it; the same in every call */
bool identity_is_ours(
	const struct p2p *p, struct slice id); /* shown on a connection that is there */
void identity_note_loop(
	struct peer *peer); /* inbound: marks the dial of ours whose other end it is */

/* Is the other side of both one host? */
bool peer_same_host(const struct peer *peer, const struct peer *o);

#endif
