/* The sync engine: which blocks to request, from which peer, and what a block's verdict means for
 * the peer that sent it. Joins p2p/ and chain/; owns no socket and no timer. One peer is enough to
 * download the chain; with several, the engine requests blocks from all of them at once.
 * All functions are for the loop's thread.
 *
 * The way of a block: sync_block() finds the request that it answers → checkers (chain/verify.c) →
 * sync_collect() → ahead of the clock: sync_ahead.c; in order: chain/chain.c; before its parent:
 * sync/future_blocks.c. Next stop: chain/rules.c.
 *
 *   sync.c        start and stop, verdicts and their consequences
 *   sync_commit.c commits (commits.c says when)
 *   sync_check.c  a block from a peer to the checkers and back
 *   sync_fetch.c  the download window: which index is requested when, late answers
 *   sync_kick.c   peers that do not answer
 *   sync_choose.c which peer to request a block from
 *   sync_line.c   how fast each peer delivers (rate.c), and which peer is late
 *   sync_own_line.c  what our own line carries, which all peers share, and whether it is silent
 *   sync_claims.c heights and forks that peers claim, and when to believe them
 *   hosts.c       what is remembered of each host across its connections
 *   sync_ahead.c  blocks ahead of the clock (ahead.c)
 *   sync_own_block.c  blocks that the node's owner made
 *   sync_fork.c   walk-backs and probes: blocks at or below our tip (protocol.md 5.10, 7.13)
 *   fork_walk.c        the blocks of a branch while it is walked back
 *   twin.c        two valid copies of one block (twin_count.c)
 *   pace.c        blocks and hashes a second */
#ifndef SYNC_SYNC_H
#define SYNC_SYNC_H

#include "base/recent_set.h"
#include "chain/chain.h"
#include "chain/verify.h"
#include "sync/ahead.h"
#include "sync/commits.h"
#include "sync/future_blocks.h"
#include "sync/pace.h"
#include "sync/sync_internal.h"
#include "sync/sync_peer.h"
#include "sync/twin.h"

struct sync_settings {
	struct chain *chain; /* borrowed, as all below */
	const struct chain_params *params;
	struct limits *limits;
	const struct clock *clock;
	const struct rng *rng;
	struct sync_peers *peers;
	struct net net;
	unsigned threads; /* of the checkers, ≥ 1 */
	/* Called on a checker's thread when checked blocks wait. It must only wake the loop, which
	 * then calls sync_collect(). */
	void (*wake)(void *ctx);
	/* Blocks were committed. `replaced`: since the previous commit blocks of our branch were
	 * replaced, so the new tip may be no descendant of the old one. */
	void (*new_tip)(void *ctx, bool replaced);
	/* The store failed, which is final: the program must stop. */
	void (*fatal)(void *ctx, enum err err);
	/* What became of a block of our own, see sync_own_block(). NULL = it is part of the chain;
	 * else why not, for the user. It must not call back. */
	void (*own_block)(void *ctx, uint64_t number, const char *why);
	void *ctx;
};

/* How many hosts a slot remembers: as many as fit the 128 bytes that limits.def counts for each
 * index of max_window. */
enum { SLOT_HOSTS = 16 };

enum slot_state { SLOT_EMPTY, SLOT_ASKED, SLOT_CHECKING, SLOT_READY };

/* One index of the download window. */
struct slot {
	uint64_t index; /* which index this ring place stands for now */
	enum slot_state state;
	unsigned asks;           /* requests sent for it */
	peer_id from;            /* the peer asked last */
	uint64_t asked_ms;       /* when that was; monotonic, as all times here */
	uint64_t first_asked_ms; /* when the first peer was asked */
	uint32_t patience;       /* that peer is late this many ms after asked_ms */
	unsigned lates;          /* how often others were asked because it was late */
	uint16_t hosts[SLOT_HOSTS],
		groups[SLOT_HOSTS]; /* host.id and host.group_id of the peers asked last */
};

/* A block on its way through the checkers; the job's owner pointer points back here. */
struct candidate {
	struct verify_job job;
	struct block_owned *block; /* owned */
	peer_id from;              /* its sender, which may be gone when the checkers are done */
	uint64_t own;              /* number of sync_own_block(); 0 = a peer sent it */
	uint8_t digest[32];        /* of its canonical encoding */
	bool fork;                 /* requested by a probe or a walk-back, not for the window */
};

/* A network group in which a peer showed a branch that leaves ours too far down to be followed. */
struct deep_fork {
	uint32_t group; /* host.group_id */
	bool named;     /* the operator configured that peer */
	uint64_t index; /* the block of the branch that was refused last; 0 = unused */
	uint64_t at_ms; /* when; monotonic */
};

enum { DEEP_FORKS = 4 };

/* What comes over our own line, from all peers together: sync/sync_own_line.c */
struct own_line {
	uint64_t bytes;      /* of answers, incomplete ones included */
	struct rate rate;    /* of these bytes */
	uint64_t carried_ms; /* when the latest request was sent whose answer has begun to come */
	uint64_t alive_ms;   /* for how long answers came, in all; silences do not count */
	uint64_t looked_ms, looked_bytes; /* when bytes last came, and their number then */
	uint64_t back_ms;                 /* when the latest silence ended; 0 = there was none */
	uint64_t probes;                  /* requests that were sent only to measure a peer */
	/* Since the last call of sync_own_line_room(): */
	size_t room;       /* so many more blocks may be requested */
	size_t peers_room; /* of so many more peers */
};

struct sync {
	struct sync_settings s;
	struct verify_pool *pool;
	struct hosts hosts;
	struct future_blocks future_blocks;
	struct recent_set seen; /* encodings whose proof of work and signature are verified */
	struct recent_set bad;  /* encodings that can never be good */
	struct ahead ahead;     /* blocks ahead of the clock, and who sent them */
	struct slot *ring;
	size_t ring_size;
	double block_bytes; /* mean length of an answer; 0 = none came yet */
	struct own_line line;
	uint64_t usual_rtt; /* sync_usual_rtt() as of this turn; 0 = unknown */
	struct commits disk;
	bool commit_asked;    /* by sync_commit_soon() */
	uint64_t aged_ms;     /* when `seen` was last aged */
	uint64_t advanced_ms; /* when a block was appended, or we fell behind */
	uint64_t rested_ms;   /* when verify_idle() was called last, which frees unused memory */
	struct deep_fork forks[DEEP_FORKS];
	struct twin twin;
	bool replaced; /* blocks of our branch were replaced since the last commit */
	bool stopping; /* sync_quiesce() was called, or the store failed */
	/* counters, ever growing */
	uint64_t blocks_received, blocks_appended, blocks_replaced, blocks_bad, blocks_unsolicited,
		blocks_repeated, commits, commit_ms; /* commit_ms: time that commits took */
	uint64_t verdicts[VERDICTS];
	struct pace pace;
};

/* Starts the checkers' threads. The settings are copied. The caller ends it with sync_free(). NULL
 * when memory or threads cannot be had. */
struct sync *sync_start(const struct sync_settings *s);

/* Takes no new work, because the program stops. Blocks at the checkers still come back through
 * sync_collect(); none is left when sync_idle() says true. */
void sync_quiesce(struct sync *s);

/* True when no block is at the checkers. */
bool sync_idle(const struct sync *s);

/* Are blocks being checked, or do they wait for it? For any thread; takes no lock. */
bool sync_is_checking(const struct sync *s);

/* True while blocks are requested, checked, uncommitted or known to exist above our tip. Then
 * sync_tick() must be called a few times a second, because an answer may be late. */
bool sync_busy(const struct sync *s);

/* Stops the threads and frees everything; NULL is fine. */
void sync_free(struct sync *s);

/* The connection is ready: finds the record of its host and requests blocks. `np` stays the
 * caller's, in settings.peers. */
void sync_peer_ready(struct sync *s, struct node_peer *np);

/* The connection is gone: other peers may be asked for what it was asked. The caller removes np
 * afterwards. */
void sync_peer_gone(struct sync *s, struct node_peer *np);

/* The peer sent a Ping or Pong: its height and the hash of its tip, which is copied (empty = it
 * told none). Requests blocks when it is higher; looks at its branch when it is not. */
void sync_height(struct sync *s, struct node_peer *np, uint64_t height, struct slice hash);

/* The peer sent a Block. `m` is copied as far as it is needed (protocol.md 5.10). */
void sync_block(struct sync *s, struct node_peer *np, const struct message *m);

/* The peer sent a Peers. Answers come in the order of the requests, so when it answers the GetPeers
 * that was sent because the peer was late, the peer does not have the blocks that it was asked for
 * before that and did not send. */
void sync_kick_answered(struct sync *s, struct node_peer *np);

/* Takes all finished blocks from the checkers, applies them, requests more and commits when it is
 * time. */
void sync_collect(struct sync *s);

/* Something other than blocks (address book, bans) waits in the store's open transaction. It is
 * committed as soon as the pause after the last commit is over (sync/commits.h). */
void sync_commit_soon(struct sync *s);

/* Handles time-outs, commits and requests. Returns the milliseconds after which it must be called
 * again at the latest; calling it sooner does no harm. */
uint64_t sync_tick(struct sync *s);

/* The height of the network's chain, as far as it can be believed: what three network groups claim,
 * or a peer that the operator configured (with fewer groups: the lowest claim among those that we
 * dialled); else the highest claim, but no more than a window above our tip. Claims already found
 * to be false do not count. 0 when no peer told a height. */
uint64_t sync_best_height(const struct sync *s);

/* The index of the latest block of a fork that is too deep to follow. 0 when there is none, when
 * only one network group showed one within the last hour (a configured peer alone suffices), or
 * when a block of our own branch was appended since. */
uint64_t sync_fork_at(const struct sync *s);

/* Requests for blocks that were sent and not answered yet, of all peers. */
size_t sync_in_flight(const struct sync *s);

/* True when this machine's clock seems to be behind: several network groups send blocks ahead of
 * it, and they are at least half of all connected groups. *c is always filled. */
bool sync_clock_is_behind(const struct sync *s, struct ahead_claims *c);

/* ---- between the files of the engine; more in sync/sync_internal.h ---- */

/* `now` below is the monotonic time in milliseconds. */

/* Points that sync_misbehaved() adds to the score of a peer's host, which is banned at
 * SYNC_BAN_SCORE. What only bad faith explains gets SYNC_BAN_SCORE at once. */
enum {
	SYNC_BAN_SCORE = 100,
	SYNC_SCORE_CLAIMS = 25,   /* claims a block that it does not have, as its answers prove */
	SYNC_SCORE_WITHHELD = 20, /* answered a request but not an older one for a lower block */
	SYNC_SCORE_DROPPED = 10,  /* the same by release 0.10, which does it now and then */
	SYNC_SCORE_UNASKED = 20,  /* sent a block that we did not request */
	SYNC_SCORE_FORK = 20,     /* sent a block of a fork that the rules refuse */
};

/* What host_doubt() adds: a doubted host is asked later than others. */
enum {
	SYNC_DOUBT_LATE = 1,   /* it delayed a block that the window waits for */
	SYNC_DOUBT_CLAIMS = 2, /* it does not have a block that it claims */
	SYNC_DOUBT_SILENT = 3, /* it answers nothing at all */
};

/* When the block next in turn is requested from another peer too: sync_patience(). */
enum {
	IN_FLIGHT_MS = 5000, /* we request as much as is delivered in this time */
	LATE_LEAST_MS = 500, /* after four times the expected time, but no sooner than this, */
	LATE_MS = 1500,      /* and no later than this, or than twice the expected time, */
	LATE_MOST_MS = 5000, /* and in any case no later than this */
};

/* ---- sync_check.c ---- */

/* Takes every finished job from the checkers and deals with its block. */
void sync_take_checked(struct sync *s);

/* ---- sync.c ---- */

/* Takes f's block, which must be the next one, and applies it and then the blocks that waited for
 * it. */
void sync_apply_run(struct sync *s, struct future_block *f);

/* Adds `points` to the score of the peer's host, logs `what` and bans the peer when the score
 * reaches SYNC_BAN_SCORE. Does nothing when np is NULL (the sender is gone). */
void sync_misbehaved(struct sync *s, struct node_peer *np, unsigned points, const char *what);

/* A rule refuses the block, and nothing excuses the sender (np, may be NULL): bans it, and refuses
 * the same encoding (`digest`) at once from now on if it can never become good. */
void sync_bad_block(struct sync *s, struct node_peer *np, const struct block *b,
	const struct block_facts *f, const uint8_t digest[32], const char *why);

/* A block of np (NULL = gone) became part of our chain: counts it, credits np and ends its walk. */
void sync_appended(struct sync *s, struct node_peer *np);

/* Any failure of the store is final: takes no new work and tells settings.fatal(). */
void sync_store_failed(struct sync *s, enum err err);

/* ---- sync_commit.c ---- */

/* Commits now. Waits for the disk. */
void sync_commit(struct sync *s);

/* Commits when sync/commits.c says that it is time. */
void sync_commit_when_due(struct sync *s);

/* ---- sync_claims.c ---- */

/* The peer showed a branch that left ours too far down; `index`: its lowest block that we saw. */
void sync_fork_shown(struct sync *s, const struct node_peer *np, uint64_t index);

/* A block of our branch was appended: the forks shown until now no longer count. */
void sync_forget_forks(struct sync *s);

/* ---- sync_fetch.c ---- */

/* The slot of an index; NULL when that is not above our tip or beyond the window. Valid until the
 * tip moves. Clears the slot when it stood for another index before. */
struct slot *sync_slot(struct sync *s, uint64_t index);

/* Lets the index be requested again. `from`: only if it is this peer's answer that we wait for; 0 =
 * whatever its state. The hosts asked before stay noted, so that others are asked first. */
void sync_free_slot(struct sync *s, uint64_t index, peer_id from);

/* The same for a block that we could not check (out of memory, at a bound). That was no fault of
 * its sender, so the hosts asked before are forgotten. */
void sync_reopen_slot(struct sync *s, uint64_t index, peer_id from);

/* Removes the peer's oldest request and gives it out. False when it has none. */
bool sync_pop_request(struct node_peer *np, struct request *out);

/* Sends the requests that the window and the peers have room for. */
void sync_pump(struct sync *s);

/* Sends one GetBlock. `fork`: for a probe or a walk-back, not for the window. False when the peer
 * has max_requests_per_peer requests already, its output is full, or memory ran out; then nothing
 * was sent. */
bool sync_ask(struct sync *s, struct node_peer *np, uint64_t index, bool fork);

/* Lets others be asked for what this peer was asked for; its answers still count. */
void sync_take_back(struct sync *s, struct node_peer *np);

/* Forgets all requests of the peer; others may be asked for those blocks. */
void sync_release_requests(struct sync *s, struct node_peer *np);

/* Looks for late peers and sends requests. Milliseconds until it must be called again. */
uint64_t sync_fetch_tick(struct sync *s);

/* Our branch changed: drops the waiting blocks outside low … high, and lets every index whose block
 * is neither waiting nor at the checkers be requested from every host again. */
void sync_reset_window(struct sync *s, uint64_t low, uint64_t high);

/* ---- sync_choose.c ---- */

/* True when this host is among those that were asked for the slot's block in this round. */
bool sync_slot_was_asked(const struct slot *slot, const struct host *h);

/* Clears the slot but for its index: it waits for another block now, or we lost the block
 * ourselves, and every host may be asked again. */
void sync_slot_forget(struct slot *slot);

enum choice {
	CHOICE_MADE,
	CHOICE_WAITS,   /* every peer that could be asked was, and may still answer */
	CHOICE_NO_ROOM, /* no peer can be asked now for this index or any above it */
};

/* Chooses the peer to ask for the slot's block; *out is set with CHOICE_MADE only. `late`: a peer
 * was asked already and does not answer in time. */
enum choice sync_choose(struct sync *s, struct slot *slot, bool late, struct node_peer **out);

/* Requests the slot's block from the peer and notes that in the slot. False as sync_ask(). */
bool sync_ask_slot(struct sync *s, struct node_peer *np, struct slot *slot);

/* Requests the slot's block, which another peer was asked for, from one more whose speed is not
 * known, to measure it. Does so now and then only. */
void sync_probe_host(struct sync *s, struct slot *slot);

/* Milliseconds for which a peer with open requests has sent nothing of an answer; 0 when it has no
 * open request. */
uint64_t sync_silence(const struct node_peer *np, uint64_t now);

/* The median round trip of the measured hosts that are connected; 0 = none was measured. */
uint64_t sync_usual_rtt(const struct sync *s);

/* Milliseconds after which an answer of this peer counts as late. */
uint64_t sync_patience(const struct sync *s, const struct node_peer *np);

/* ---- sync_line.c ---- */

/* Notes how many bytes came from each peer; to be called a few times a second. */
void sync_line_tick(struct sync *s);

/* A request was sent to the peer. */
void sync_line_asked(struct sync *s, struct node_peer *np);

/* The peer answered one; to be called while its message is handled, before the next is read. */
void sync_line_answered(struct sync *s, struct node_peer *np);

/* The peer is about to be sent a GetPeers because it is late: its time to answer begins again. */
void sync_line_kicked(struct sync *s, struct node_peer *np);

/* How many requests the peer answers in five seconds at its measured rate, 2 at least;
 * max_requests_per_peer at most. While its rate is unknown: 8 when that of our own line is known,
 * else max_requests_per_peer. */
size_t sync_line_window(const struct sync *s, const struct node_peer *np);

/* Mean length of an answer, in bytes. */
double sync_block_bytes(const struct sync *s);

/* True when the peer's next answer, or its Peers that proves that there is none, is late. */
bool sync_line_late(const struct sync *s, const struct node_peer *np, uint64_t now);

/* Milliseconds until the peer is late if it sends nothing; 0 = it is late. */
uint64_t sync_line_late_in(const struct sync *s, const struct node_peer *np, uint64_t now);

/* True when np, asked now, would deliver the slot's block much sooner than every peer that was
 * asked for it already. */
bool sync_line_sooner(
	const struct sync *s, const struct node_peer *np, const struct slot *slot, uint64_t now);

/* ---- sync_own_line.c ---- */

/* Measures the line; to be called when all peers were looked at. */
void sync_own_line_look(struct sync *s);

/* So many bytes more of an answer came. */
void sync_own_line_came(struct sync *s, size_t bytes);

/* The answer to this request begins to come; NULL is fine. */
void sync_own_line_answers(struct sync *s, const struct request *r);

/* Milliseconds since the latest silence of the line ended; 0 = it is silent. */
uint64_t sync_own_line_carries_ms(const struct sync *s, uint64_t now);

/* True when other peers delivered what was requested after this peer fell silent, so our own line
 * is not the cause. */
bool sync_overtaken(const struct sync *s, const struct node_peer *np, uint64_t now);

/* True when a peer of another network group owes us an answer, too: its answer will show that the
 * line carries again. */
bool sync_has_witness(const struct sync *s, const struct node_peer *np, uint64_t now);

/* True when the peer is late and our own line is not the cause. */
bool sync_line_gone(const struct sync *s, const struct node_peer *np, uint64_t now);

/* Sets how many more blocks may be requested, and of how many more peers, so that the line carries
 * them in a few seconds. */
void sync_own_line_room(struct sync *s, uint64_t now);

/* True when one more request only to measure a peer costs little of the line. */
bool sync_may_probe(const struct sync *s);

/* Monotonic milliseconds. */
static inline uint64_t sync_now(const struct sync *s)
{
	return clock_mono(s->s.clock);
}

/* The time that the rules use, in seconds since 1970: chain_now() of the wall clock. */
static inline int64_t sync_wall(const struct sync *s)
{
	return chain_now(s->s.chain, clock_wall(s->s.clock));
}

/* The height of our chain, blocks that are not committed yet included; 0 = no blocks. */
static inline uint64_t sync_tip_height(const struct sync *s)
{
	struct chain_tip t;

	chain_get_tip(s->s.chain, &t);
	return t.height;
}

#endif
