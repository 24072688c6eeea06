/* The owner's work: jobs (owner/job.h), one after the other, and signatures of full blocks, which
 * go first because they take seconds and everybody waits for them. One search runs at a time, with
 * all threads; it has no memory, so another one may always go before it. What may be searched is
 * asked anew whenever the tip moved and once a minute: a job that became impossible ends with the
 * reason, one that waits for a lock or a cooldown begins by itself.
 *
 * A block that was found is on the disk before its key is asked for the signature, since the key
 * signs no other one for that place (owner/keys_journal.h): so nothing is lost when the program is
 * killed. While its key is locked it waits, and the next job goes on.
 *
 * A state machine without threads, sockets and clock: whoever owns it does the work behind the
 * hooks, tells what came of it, and calls jobs_tick().
 * Before: node/node_mine.c. After: owner/draft.h, owner/turn.h; the hooks. */
#ifndef OWNER_JOBS_H
#define OWNER_JOBS_H

#include "base/clock.h"
#include "chain/chain.h"
#include "owner/job.h"
#include "owner/turn.h"

enum { JOBS_MAX = 1024, JOBS_KEYS_MAX = 1024 };

/* Whether a key's secrets can be used. */
enum job_key {
	JOB_KEY_NONE,
	JOB_KEY_LOCKED,
	JOB_KEY_SPENT, /* it has signed a block above this tip, and will sign no other one there */
	JOB_KEY_OPEN
};

struct jobs_hooks {
	/* May blocks be made at all? False, with a line why not: the node is behind, its clock is
	 * wrong, it has no peer, … */
	bool (*ready)(void *ctx, char line[DRAFT_WORDS_MAX]);
	/* The key with this signing key; `encryption` gets its other one unless there is none. */
	enum job_key (*key)(
		void *ctx, const uint8_t signing[KEY_SIZE], uint8_t encryption[KEY_SIZE]);
	/* The signing keys that are open; at most `max`. */
	size_t (*open_keys)(void *ctx, uint8_t (*to)[KEY_SIZE], size_t max);
	/* What others have (protocol.md 5.12); 0 = nobody says. */
	uint64_t (*max_height)(void *ctx);
	/* Begins to search for this block; jobs_search_ended() follows, never within the call. Or,
	 * while one runs: it is this block from now on. `threads` 0: as many as the settings say.
	 */
	enum err (*search)(void *ctx, const struct block *b, unsigned threads);
	void (*cancel)(void *ctx); /* jobs_search_ended() follows */
	/* Asks for the signature of the block, which has its hash; jobs_signed() follows, never
	 * within the call. `window`: of an empty block the full block that it signs, else 0. */
	bool (*sign)(void *ctx, const struct block *b, uint64_t window);
	/* Gives it to the chain, and takes it; jobs_submitted() follows, never within the call. */
	enum err (*submit)(void *ctx, struct block_owned **b);
	/* Keeps the job on disk, or forgets it. */
	void (*keep)(void *ctx, const struct job *job);
	void (*forget)(void *ctx, uint64_t id);
	/* Keeps the block that was found for this job (0: a signature) in place of the one
	 * before, NULL forgets it. True when it is on the disk. jobs_tick() may be called within.
	 */
	bool (*keep_found)(void *ctx, uint64_t id, const struct block *b);
	/* Reads it again, for the caller to free; found_decode()'s errors, ERR_NOT_FOUND. */
	enum err (*read_found)(void *ctx, uint64_t id, struct block_owned **out);
	/* Candidates that the search which runs has hashed so far. */
	uint64_t (*hashes)(void *ctx);
	/* What the key with this signing key is called here; "" = it is not here. */
	void (*key_name)(void *ctx, const uint8_t signing[KEY_SIZE], char to[KEY_NAME_MAX + 1]);
	void *ctx;
};

struct jobs_settings {
	struct chain *chain; /* borrowed, as all pointers here */
	const struct chain_params *params;
	const struct clock *clock;
	const struct rng *rng;
	struct bound *count, *bytes; /* the rows max_jobs and job_bytes */
	struct jobs_hooks hooks;
};

struct jobs;

/* An empty table. NULL when memory runs out. */
struct jobs *jobs_new(const struct jobs_settings *s);

/* Frees it. A search may still run: what it finds is nobody's. NULL is fine. */
void jobs_free(struct jobs *j);

/* Takes a job from disk, at the start: job_decode()'s errors; ERR_FULL at max_jobs. */
enum err jobs_restore(struct jobs *j, struct slice bytes);

/* Takes from disk, at the start and after the jobs, the block that was found for this one (0: a
 * signature). One that is damaged, or for which nobody waits, is forgotten. */
void jobs_restore_found(struct jobs *j, uint64_t id, struct slice bytes);

/* Adds a job; *id gets its number. Old ones that have ended give way. ERR_FULL when all of max_jobs
 * have not ended, or at job_bytes; else as job_new(). */
enum err jobs_add(struct jobs *j, const struct draft_request *r, uint64_t *id);

/* Ends it. ERR_NOT_FOUND; ERR_EXISTS: it has ended already, or is being checked. */
enum err jobs_cancel(struct jobs *j, uint64_t id);

/* It waits until it is told to go on. Errors as above. */
enum err jobs_pause(struct jobs *j, uint64_t id, bool pause);

/* The job of this number, or NULL; and the jobs by their place, in the order of their numbers.
 * Valid until the next call of a function here. */
const struct job *jobs_find(const struct jobs *j, uint64_t id);
const struct job *jobs_at(const struct jobs *j, size_t place);
size_t jobs_count(const struct jobs *j);

/* How many have not ended. */
size_t jobs_open(const struct jobs *j);

/* Are full blocks signed? They are at the start. */
void jobs_sign(struct jobs *j, bool on);

/* Ends the search for a signature, which begins again after params->signing_poll: the network waits
 * for it. False when there was none. */
bool jobs_stop_signature(struct jobs *j);

/* What is known of signing. */
struct jobs_signing {
	bool on;
	bool searching;             /* for a signature, now */
	struct turn turn;           /* as it was looked at last */
	int64_t starts;             /* a signature is searched from then on; seconds, 0 = none */
	uint64_t signed_;           /* blocks of ours that signed or healed, since the start */
	char line[DRAFT_WORDS_MAX]; /* the last failure; "" = none */
};
const struct jobs_signing *jobs_signing(const struct jobs *j);

/* What jobs came to since the start; signatures count as hashes alone. */
struct jobs_counts {
	uint64_t found;   /* proofs of work */
	uint64_t refused; /* blocks that a rule refused, and that are searched again */
	uint64_t done, failed, cancelled;
	uint64_t hashes; /* of searches that have ended */
};
const struct jobs_counts *jobs_counts(const struct jobs *j);

/* A job whose state is another one than when it was given here last, or NULL. Those from disk count
 * as given. */
const struct job *jobs_next_moved(struct jobs *j);

/* ---- what came of the work ---- */

/* A search ended. `found`: the block that it was for, with its timestamp, random, nonce and hash;
 * NULL: it was cancelled. `hashes`: how many it took. */
void jobs_search_ended(struct jobs *j, const struct block *found, uint64_t hashes);

/* `signature` NULL: there is none, `line` says why; `later`: it may be given yet, when the key is
 * open again or the journal has room. */
void jobs_signed(
	struct jobs *j, const uint8_t signature[SIGNATURE_SIZE], bool later, const char *line);

/* `why` NULL: it is part of the chain. */
void jobs_submitted(struct jobs *j, const char *why);

/* It could not be checked, for this reason, which passes: it is submitted again later. */
void jobs_not_checked(struct jobs *j, const char *why);

/* Looks what is to be done; to be called when the tip moved, a key was opened or locked, one of the
 * above was told, and when the time is over that it returns, in milliseconds; UINT64_MAX = nothing
 * is to be done. */
uint64_t jobs_tick(struct jobs *j);

#endif
