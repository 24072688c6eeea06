/* The network of tests/fuzz/fuzz_conn.c: a node's peer-to-peer side whose sockets lead to a model
 * of other nodes, and whose time passes only when told. */
#ifndef TESTS_FUZZ_CONN_MODEL_H
#define TESTS_FUZZ_CONN_MODEL_H

#include "p2p/hello.h"
#include "p2p/p2p.h"
#include "p2p/secure.h"
#include "p2p/frame.h"
#include "tests/fuzz/fuzz.h"

enum { LINKS = 4, IDS = 4096, MODEL_IN = FRAME_MAX + HELLO_SERVER_MAX };

/* What becomes of the node's next connects. */
enum dial_mode { DIAL_GOOD, DIAL_LATE, DIAL_STUCK, DIAL_BAD, DIAL_MODES };

/* What the node above does when it is told of a message. */
enum react { REACT_NOT, REACT_PONG, REACT_BLOCK, REACT_CLOSE, REACT_BAN, REACT_CREDIT, REACTS };

/* The model's end of one connection. */
struct link {
	int fd;       /* −1 = none */
	int node_fd;  /* the other end, while it is dialled */
	bool dialled; /* by the node */
	bool hello_sent, session_made,
		foul; /* foul: it sent bytes of its own, nothing is expected */
	struct secure session;
	uint8_t secret[SECURE_KEY], key[SECURE_KEY];
	size_t skip;                /* bytes of a stuck connect */
	size_t piece;               /* bytes that are sent at a time; 0 = all */
	size_t n;                   /* of `in` */
	uint64_t counts[MSG_COUNT]; /* from the node */
	uint64_t peers_asked;       /* GetPeers to the node */
	uint8_t in[MODEL_IN];
};

struct world {
	struct event_base *base;
	struct limits limits;
	struct p2p *p;
	uint64_t mono;
	int64_t wall;
	struct clock clock;
	struct rng_seeded seed;
	struct rng rng;
	struct link link[LINKS];
	enum dial_mode dial;
	enum react react;
	uint8_t state[IDS]; /* of each peer_id: 0 unknown, 1 ready, 2 gone */
	peer_id last;       /* that became ready */
	size_t ready;
	double most; /* bytes that it may hold */
};

/* A node that has begun; the limits are chosen by the caller between the two. */
void world_init(struct world *w);
void world_start(struct world *w, bool yggdrasil_only);

/* Stops the node as the program does, and looks for what is left. */
void world_stop(struct world *w);

/* Turns of the loop until nothing is left to do at this time. */
void world_turn(struct world *w);
void world_pass(struct world *w, uint64_t ms);

/* What must be true at any time between turns. */
void world_check(struct world *w);

/* ---- tests/fuzz/conn_link.c ---- */

void link_begin(struct world *w, struct link *l, int fd, bool dialled);

/* Somebody connects to the node. */
void link_open(struct world *w, struct link *l, const struct netaddr *from);
void link_close(struct link *l, bool half);

/* Its hello, if it is its turn. */
void link_hello(struct world *w, struct link *l);

/* Any bytes, in pieces, with turns between. */
void link_send(struct world *w, struct link *l, const void *bytes, size_t n);

/* A frame of the session with any plain text; a message. */
void link_frame(struct world *w, struct link *l, struct slice plain);
void link_message(struct world *w, struct link *l, const struct message *m);

/* Takes what the node sent: each frame is one that a peer of the network understands. */
void link_read(struct world *w, struct link *l);

#endif
