/* The sync engine: what to ask, whom, and what the verdict means for the one who sent it. Joins
 * p2p/ and chain/; owns no socket and no timer. One peer suffices, many are used.
 *
 * A block's way here: sync_block() (asked for?) → checkers (chain/verify.c) → sync_collect() →
 * ahead of the clock: sync_ahead.c; in order: chain/chain.c; early: sync/future_blocks.c. Next
 * stop: chain/rules.c.
 *
 *   sync.c        life, verdicts and their consequences
 *   sync_commit.c commits (commits.c says when)
 *   sync_check.c  a block from a peer to the checkers and back
 *   sync_fetch.c  the download window: which index is asked for when, late answers
 *   sync_kick.c   who does not answer
 *   sync_choose.c from whom
 *   sync_line.c   what a peer's line carries (rate.c), who is late
 *   sync_claims.c heights and forks that peers tell of, and when they count
 *   hosts.c       what is known of each host, over its connections
 *   sync_ahead.c  blocks ahead of the clock (ahead.c)
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
#include "sync/sync_peer.h"
#include "sync/twin.h"

struct sync_settings {
	struct chain *chain; /* borrowed, as all below */
	const struct chain_params *params;
	struct limits *limits;
	const struct clock *clock;
	const struct rng *rng;
	struct peers *peers;
	struct net net;
	unsigned threads; /* of the checkers, ≥ 1 */
	/* From a checker's thread: checked blocks wait, have the loop call sync_collect(). */
	void (*wake)(void *ctx);
	/* The durable tip moved; `replaced`: not only upwards. */
	void (*new_tip)(void *ctx, bool replaced);
	/* The store failed: stop the program. */
	void (*fatal)(void *ctx, enum err err);
	void *ctx;
};

/* Hosts that a slot remembers; a row of the window has 128 bytes. */
enum { SLOT_HOSTS = 16 };

enum slot_state { SLOT_EMPTY, SLOT_ASKED, SLOT_CHECKING, SLOT_READY };

/* One index of the download window. */
struct slot {
	uint64_t index; /* which index this ring place stands for now */
	enum slot_state state;
	unsigned asks;           /* how often it was asked for */
	peer_id from;            /* last one asked */
	uint64_t asked_ms;       /* when that was */
	uint64_t first_asked_ms; /* asking again leaves it */
	uint32_t patience;       /* ms after which the last one is late */
	unsigned lates;          /* how often it was */
	uint16_t hosts[SLOT_HOSTS],
		groups[SLOT_HOSTS]; /* those asked last: host.id, host.group_id */
};

/* A block on its way through the checkers; the job's owner pointer points back here. */
struct candidate {
	struct verify_job job;
	struct block_owned *block;
	peer_id from;
	uint8_t digest[32];
	bool fork; /* asked by a probe or walk-back */
};

/* A group that showed a branch which left ours too far down to be followed, with the last such
 * block. */
struct fork_mark {
	uint32_t group; /* host.group_id */
	bool named;     /* by a peer that the operator named */
	uint64_t index; /* 0 = no mark */
	uint64_t at_ms;
};

enum { FORK_MARKS = 4 };

struct sync {
	struct sync_settings s;
	struct verify_pool *pool;
	struct hosts hosts;
	struct future future;
	struct recent_set seen; /* encodings whose proof of work and signature are verified */
	struct recent_set bad;  /* encodings that can never be good */
	struct ahead ahead;     /* blocks ahead of the clock, and who sent them */
	struct slot *ring;
	size_t ring_size;
	double block_bytes; /* mean length of an answer; 0 = none came yet */
	struct commits disk;
	bool commit_asked;    /* by sync_commit_soon() */
	uint64_t aged_ms;     /* when `seen` was last aged */
	uint64_t advanced_ms; /* when a block was appended, or we fell behind */
	uint64_t rested_ms;   /* when the checkers were last asked to give back what they hold */
	struct fork_mark forks[FORK_MARKS];
	struct twin twin;
	bool replaced; /* since the last commit */
	bool stopping;
	/* counters, ever growing */
	uint64_t blocks_received, blocks_appended, blocks_replaced, blocks_bad, blocks_unasked,
		blocks_repeated, commits, commit_ms; /* commit_ms: time that commits took */
	uint64_t verdicts[VERDICTS];
	struct pace pace;
};

/* NULL when memory or threads cannot be had. */
struct sync *sync_start(const struct sync_settings *s);

/* No new work; what is being checked comes back through sync_collect(). */
void sync_quiesce(struct sync *s);
bool sync_idle(const struct sync *s); /* no block is at the checkers */
bool sync_busy(const struct sync *s); /* something is under way that may turn out late */
void sync_free(struct sync *s);       /* NULL is fine */

void sync_peer_ready(struct sync *s, struct node_peer *np);
void sync_peer_gone(struct sync *s, struct node_peer *np);

/* Its Ping, Pong or Shake: height and tip hash (empty = not told). */
void sync_height(struct sync *s, struct node_peer *np, uint64_t height, struct slice hash);
void sync_block(struct sync *s, struct node_peer *np, const struct message *m);

/* Its Peers. When it answers the GetPeers that was sent because of lateness: whatever the peer was
 * asked before that one and did not answer, it does not have. */
void sync_kick_answered(struct sync *s, struct node_peer *np);

void sync_collect(struct sync *s);

/* Something else than blocks waits for the next commit; that shall come as soon as the disk has had
 * its rest. */
void sync_commit_soon(struct sync *s);

/* Time-outs, commits, requests. Returns the milliseconds after which it wants to be called again.
 */
uint64_t sync_tick(struct sync *s);

/* How high the chain is, as far as can be believed: what three networks claim, or a peer that the
 * operator named (with fewer networks: all that we dialled); else what is claimed, but no more than
 * a window above our tip. Nobody has been caught not having it. 0 when nobody told a height. */
uint64_t sync_best_height(const struct sync *s);

/* The last index of a fork that is too deep to follow; 0 when there is none, or only one network
 * showed one within the last hour, or a block of our own branch was appended since. */
uint64_t sync_fork_at(const struct sync *s);
size_t sync_in_flight(const struct sync *s);

/* Do several networks send blocks ahead of our clock, and no more be silent about it? *c is filled.
 */
bool sync_clock_is_behind(const struct sync *s, struct ahead_claims *c);

/* ---- between the files of the engine ---- */

/* What adds to a peer's score. At SYNC_BAN_SCORE it is banned; proof of bad faith is that much at
 * once. */
enum {
	SYNC_BAN_SCORE = 100,
	SYNC_SCORE_CLAIMS = 25,   /* claims a block that it does not have, as its answers prove */
	SYNC_SCORE_WITHHELD = 20, /* passed over a request that was older than the answered one, */
	SYNC_SCORE_DROPPED = 10,  /* which release 0.10 may do now and then */
	SYNC_SCORE_UNASKED = 20,  /* sent a block that nobody asked for */
	SYNC_SCORE_FORK = 20,     /* sent a block of a fork that the rules refuse */
};

/* What is added to a host's doubt: */
enum {
	SYNC_DOUBT_LATE = 1,   /* it let us wait, */
	SYNC_DOUBT_CLAIMS = 2, /* it does not have what it claims, */
	SYNC_DOUBT_SILENT = 3, /* it does not answer at all */
};

enum {
	LATE_MS = 1500,      /* the block that everything waits for is asked of another then, */
	LATE_LEAST_MS = 500, /* or sooner: after four times what was to be expected */
	LATE_MOST_MS = 5000,
};

void sync_take_checked(struct sync *s);

/* Takes the block, whose turn it is, and applies after it all that waited for it. */
void sync_apply_run(struct sync *s, struct future_block *f);

struct slot *sync_slot(
	struct sync *s, uint64_t index); /* of the window, EMPTY when it was another's */
void sync_free_slot(struct sync *s, uint64_t index, peer_id from);

/* The same for what we could not look at: everybody may be asked for it again. */
void sync_reopen_slot(struct sync *s, uint64_t index, peer_id from);

bool slot_was_asked(const struct slot *slot, const struct host *h);

/* Everybody may be asked for it again: it is another block now, or we lost it ourselves. */
void slot_forget(struct slot *slot);

enum choice {
	CHOICE_MADE,
	CHOICE_WAITS,   /* whoever might be asked was, and may still answer */
	CHOICE_NO_ROOM, /* nor for any index above it */
};

/* The peer to ask for the slot's block. `late`: somebody was asked already, and does not answer. */
enum choice sync_choose(struct sync *s, struct slot *slot, bool late, struct node_peer **out);
bool sync_ask_slot(struct sync *s, struct node_peer *np, struct slot *slot);
void sync_probe_host(struct sync *s, struct slot *slot); /* one more, to measure it */

/* Milliseconds since a peer that was asked last showed that it answers; 0 = nothing is asked. */
uint64_t sync_silence(const struct node_peer *np, uint64_t now);

/* After so many milliseconds an answer of it is late. */
uint64_t sync_patience(const struct sync *s, const struct node_peer *np);

/* Takes the oldest request out. */
bool sync_pop_request(struct node_peer *np, struct request *out);
void sync_pump(struct sync *s);
bool sync_ask(struct sync *s, struct node_peer *np, uint64_t index, bool fork);
void sync_kick_over(struct sync *s, struct node_peer *np); /* it answers after all */
void sync_kick_tick(struct sync *s, struct node_peer *np, uint64_t now);

/* Others may be asked for what it was asked; its answers still count. */
void sync_take_back(struct sync *s, struct node_peer *np);
void sync_release_requests(struct sync *s, struct node_peer *np);
uint64_t sync_fetch_tick(struct sync *s);
void sync_misbehaved(struct sync *s, struct node_peer *np, unsigned points, const char *what);
void sync_bad_block(struct sync *s, struct node_peer *np, const struct block *b,
	const struct block_facts *f, const uint8_t digest[32], const char *why);
void sync_appended(struct sync *s, struct node_peer *np);
void sync_fork_shown(struct sync *s, const struct node_peer *np, uint64_t index);
void sync_forget_forks(struct sync *s);
void sync_commit(struct sync *s);
void sync_commit_when_due(struct sync *s); /* as sync/commits.c says */
void sync_store_failed(struct sync *s, enum err err);
void sync_walk_end(struct node_peer *np);

/* Peers whose branch was not taken may be asked for it again. Milliseconds until the next one. */
uint64_t sync_fork_tick(struct sync *s);
void sync_walk_lost(struct node_peer *np);

/* The block is ahead of the clock, and nothing else is known to be wrong with it: it is remembered,
 * its sender (NULL = gone) is not asked for it for a minute, and the caller drops it. */
bool sync_clock_refuses(struct sync *s, struct node_peer *np, const struct future_block *f);

/* The same for a block whose hash is known to be of one, before it is checked. */
bool sync_known_ahead(struct sync *s, struct node_peer *np, const struct block *b);

/* Refused for what the clock says, else good. */
bool sync_blames_clock(struct sync *s, struct node_peer *np, const struct future_block *f);

/* The height that a peer claims, but not that of a block which its host has shown to be ahead. */
uint64_t sync_believed_height(const struct sync *s, const struct node_peer *np, uint64_t claimed);

/* Asks again those whose blocks are no longer ahead. */
void sync_ahead_tick(struct sync *s);
bool sync_other_branch(struct sync *s, const struct block *b, const struct block_facts *f);

/* Both take the block. */
void sync_walk_from(struct sync *s, struct node_peer *np, struct future_block *f);
void sync_fork_block(struct sync *s, struct node_peer *np, struct future_block *f);

void sync_probe(struct sync *s, struct node_peer *np, uint64_t height, struct slice hash);

/* The branch changes: keeps only what waits at low … high. */
void sync_reset_window(struct sync *s, uint64_t low, uint64_t high);

/* ---- sync_line.c ---- */

void sync_line_look(struct sync *s); /* a few times a second */
void sync_line_asked(struct sync *s, struct node_peer *np);
void sync_line_answered(struct sync *s, struct node_peer *np); /* from within its message */
void sync_line_kicked(struct sync *s, struct node_peer *np);

/* How many requests its line carries in a few seconds; all that are allowed while that is unknown.
 */
size_t sync_line_window(const struct sync *s, const struct node_peer *np);

/* Some peer delivers. */
bool sync_line_lives(const struct sync *s, uint64_t now);

/* Its next answer, or the proof that there is none, is late. */
bool sync_line_late(const struct sync *s, const struct node_peer *np, uint64_t now);

/* Milliseconds until then, if nothing comes; 0 = it is late. */
uint64_t sync_line_late_in(const struct sync *s, const struct node_peer *np, uint64_t now);

/* It is late, and that is not for our own line. */
bool sync_line_gone(const struct sync *s, const struct node_peer *np, uint64_t now);

/* Would np, asked now, give the slot's block much sooner than all who were asked for it? */
bool sync_line_sooner(
	const struct sync *s, const struct node_peer *np, const struct slot *slot, uint64_t now);

static inline uint64_t sync_now(const struct sync *s)
{
	return clock_mono(s->s.clock);
}

/* What the rules take for the time. */
static inline int64_t sync_wall(const struct sync *s)
{
	return chain_now(s->s.chain, clock_wall(s->s.clock));
}

static inline uint64_t sync_tip_height(const struct sync *s)
{
	struct chain_tip t;

	chain_get_tip(s->s.chain, &t);
	return t.height;
}

#endif
