/* The world of tests/fuzz/fuzz_sync.c: the sync engine, serving and announcing with model peers,
 * model checkers that answer when told, and chains that were made at the beginning. */
#ifndef TESTS_FUZZ_SYNC_WORLD_H
#define TESTS_FUZZ_SYNC_WORLD_H

#include "sync/announce.h"
#include "sync/serve.h"
#include "sync/sync.h"
#include "tests/fuzz/fuzz.h"

enum { BRANCHES = 4, BLOCKS = 40, FORGED = 64, PEERS = 4, ASKED = 256, JOBS = 64, DIGEST = 32 };

/* ---- tests/fuzz/sync_chains.c: made once, never changed ---- */

/* Encodings and what they say, by index, from 1. Branch 0 is the longest; the others leave it at
 * 20, 17 and 8. */
struct branch {
	struct slice block[BLOCKS + 1];
	struct block says[BLOCKS + 1];
	uint64_t height;
};

struct chains {
	struct chain_params params;
	struct branch branch[BRANCHES];
};

const struct chains *chains_made(void);

/* A store in memory's folder, empty. */
struct chain *chains_open(const struct chain_params *p, struct limits *l, bool keep);
void chains_remove(void);

bool chains_know(const uint8_t digest[DIGEST]);
void chains_digest(const struct block *b, uint8_t digest[DIGEST]);

/* ---- the world ---- */

struct model_peer {
	peer_id id; /* 0 = nobody */
	bool ending, own_kind;
	const struct branch *branch;
	uint64_t asked[ASKED]; /* blocks that it has still to answer, a ring */
	size_t first, count;
	uint64_t peers_asked, peers_answered; /* GetPeers to it */
	uint64_t served_at[BLOCKS + 1];       /* peers_asked when it got this block, plus 1 */
	unsigned lies;                        /* what an honest peer does not do */
};

/* A block that no maker made, and what the checkers find. */
struct forged {
	uint8_t digest[DIGEST];
	bool hash_ok, signature_ok;
};

struct world {
	struct limits limits;
	uint64_t mono;
	int64_t wall;
	struct clock clock;
	struct rng_seeded seed;
	struct rng rng;
	struct chain *chain;
	struct sync_peers peers;
	struct sync *sync;
	struct serve serve;
	struct announcer announce;
	struct model_peer peer[PEERS];
	peer_id last_id;
	enum send_result sending; /* of the next messages */
	struct forged forged[FORGED];
	size_t forged_count;
	bool forged_good; /* one of them passes the checkers */
	bool fatal, memory_failed;
	struct verify_job *pending[JOBS], *done; /* at the checkers */
	size_t pending_count;
	uint64_t checked; /* since the start */
	struct bound *queue;
	size_t before; /* bytes in use when it began */
	double most;   /* that it may hold */
};

/* ---- tests/fuzz/sync_world.c ---- */

void world_init(struct world *w);  /* limits may be changed behind it */
bool world_start(struct world *w); /* false: no memory */

/* Whatever came before: with one honest peer it comes to the longest chain that it may take, also
 * when that peer loses the first requests (a lapse). */
void world_heal(struct world *w, bool own_kind, bool lapse);
void world_stop(struct world *w);

/* What must be true between two events; takes leave of peers that were closed. */
void world_check(struct world *w);
void world_check_chain(struct world *w);
void world_pass(struct world *w, uint64_t ms);

/* ---- tests/fuzz/sync_peers.c ---- */

struct net model_net(struct world *w);

void peer_join(struct world *w, struct model_peer *m, unsigned branch, bool own_kind);
void peer_leave(struct world *w, struct model_peer *m);
void peer_tell(
	struct world *w, struct model_peer *m, uint64_t height, struct slice hash, bool pong);
void peer_give(struct world *w, struct model_peer *m, uint64_t index, struct slice block);

/* Answers its oldest request, if it has the block. */
void peer_answer(struct world *w, struct model_peer *m);
void peer_answer_kick(struct world *w, struct model_peer *m);
void peer_wants(struct world *w, struct model_peer *m, uint64_t index);

/* ---- tests/fuzz/sync_checkers.c ---- */

void checkers_begin(struct world *w);

/* The checkers finish the n-th of what they have. */
void checkers_finish(struct world *w, size_t n);
void forge(struct world *w, const struct block *b, bool hash_ok, bool signature_ok);

#endif
