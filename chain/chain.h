/* The chain: the store, the tip and what follows from a verdict (protocol.md 7.12-7.14). One
 * writer, one thread. Before: chain/rules.c gave the verdict. After: chain/store.c writes. Blocks
 * are applied at once to an open write transaction and become durable with chain_commit(): in
 * groups during a sync, alone at the tip. */
#ifndef CHAIN_CHAIN_H
#define CHAIN_CHAIN_H

#include "base/clock.h"
#include "chain/rules.h"
#include "config/limits.h"

struct chain;
struct verify_job;
struct store;
struct view;

struct chain_settings {
	const char *dir; /* data directory, exists */
	const struct chain_params *params;
	struct limits *limits;     /* commit_blocks, commit_bytes, store_map_bytes, max_draws,
				    max_key_strengths */
	bool read_only;            /* beside a running node: show, export */
	bool alone;                /* read_only, and nobody may write meanwhile: verify */
	bool offline;              /* a command that tells failures itself */
	bool scratch;              /* gone with the process, `dir` too: verify */
	bool no_sync;              /* tests and replay only */
	bool settles_later;        /* a commit is durable after chain_settle() or the next commit; a
				    * power cut before that undoes it and leaves the store whole */
	const struct clock *clock; /* of a node: what happens now is a warning, what a chain tells
				    * of the past is not; NULL = all is past */
};

struct chain_error {
	enum err err;
	char text[512]; /* one line for the user */
};

/* Opens or makes the store; checks that it is of this network, that nobody else writes it, and its
 * format. NULL and *e on failure: ERR_BUSY second instance, ERR_REFUSED another network,
 * ERR_CORRUPT, ERR_IO. */
struct chain *chain_open(const struct chain_settings *s, struct chain_error *e);

/* Commits what is open (unless the store failed) and frees everything. ERR_IO, ERR_CORRUPT;
 * ERR_BUSY while a reader of another thread is open: nothing is freed. */
enum err chain_close(struct chain *c);

struct chain_tip {
	uint64_t height; /* 0 = no blocks */
	uint8_t hash[HASH_SIZE];
	int64_t timestamp;
	uint64_t last_full; /* index, 0 = none */
	uint64_t committed; /* height that a power cut cannot undo */
};

/* Fills *t. Blocks that are not committed yet count. */
void chain_get_tip(const struct chain *c, struct chain_tip *t);

enum chain_action { CHAIN_NOTHING, CHAIN_APPENDED, CHAIN_REPLACED };

struct outcome {
	enum err err; /* not OK: the store failed, the node must stop; nothing else is meaningful */
	enum verdict verdict;
	const char *why; /* rule that decided, static, for logs: "12b name is not available" */
	bool better;     /* Fork: betterThan(new, ours) */
	enum chain_action action;
};

/* check() and what follows: good → append; fork → replace when better, or when we lag four
 * blocks behind `max_height` (7.13, at any depth, as it advises; 0 = nobody is ahead), never at
 * index 1; everything else → nothing. `now` in seconds. */
struct outcome chain_submit(struct chain *c, const struct block_owned *block,
	const struct block_facts *f, int64_t now, uint64_t max_height);

/* check() alone. */
struct outcome chain_check(
	struct chain *c, const struct block *b, const struct block_facts *f, int64_t now);

/* Is the block bad at this time only, so that either our clock is wrong or the block came early? */
bool chain_blames_clock(
	struct chain *c, const struct block *b, const struct block_facts *f, int64_t now);

/* The time to use for the rules: the wall clock's, but not earlier than a minute before the
 * timestamp of the tip, because no block is accepted that is further in the future. If the result
 * is greater than `wall`, the clock is certainly wrong. */
int64_t chain_now(const struct chain *c, int64_t wall);

/* Deletes the blocks from that index on, in the open group. The store's failure. */
enum err chain_truncate(struct chain *c, uint64_t from);

/* Makes everything applied so far durable. Any error is final: stop, never retry. */
enum err chain_commit(struct chain *c);
bool chain_has_writer(struct chain *c);          /* another process, while we only read */
const char *chain_why(const struct chain *c);    /* what failed, for the user; "" = nothing */
size_t chain_uncommitted(const struct chain *c); /* blocks */
bool chain_group_full(const struct chain *c);    /* commit now: commit_blocks or commit_bytes */
bool chain_group_pays(const struct chain *c); /* a commit would write twice what is new, or less */

/* With settles_later: waits for the disk once more, after which what was committed is durable. Any
 * error is final. Nothing to do otherwise. */
enum err chain_settle(struct chain *c);
bool chain_unsettled(const struct chain *c); /* is there something for it to do? */

/* Called before each group of blocks in long work, with the next index and the last one. Returning
 * false ends the work. */
struct chain_watch {
	bool (*go_on)(void *ctx, uint64_t index, uint64_t last);
	void *ctx;
};

/* The start-up check of 7.14 over the last `count` blocks; truncates and logs. *height = result. A
 * node gives RULES_ANY_TIME for `now`: what was stored had passed the rules that ask the clock.
 * ERR_STOPPING when `watch` (NULL = nobody asks) ended it: nothing was changed. */
enum err chain_startup_check(struct chain *c, uint64_t count, int64_t now,
	const struct chain_watch *watch, uint64_t *height);

/* The canonical encoding of a stored block. ERR_NOT_FOUND, ERR_TOO_BIG, ERR_CORRUPT. */
enum err chain_read(struct chain *c, uint64_t index, uint8_t *to, size_t size, size_t *n);

/* The stored block, decoded, in one allocation that the caller frees by mem_free(); NULL with
 * ERR_NOT_FOUND, ERR_NOMEM or ERR_CORRUPT. */
enum err chain_block(struct chain *c, uint64_t index, struct block_owned **out);

/* True when this very block (index and hash) is stored. */
bool chain_has(struct chain *c, uint64_t index, struct slice hash);

/* Hash of a stored block; false when there is none. */
bool chain_hash_at(struct chain *c, uint64_t index, uint8_t hash[HASH_SIZE]);
uint64_t chain_index_of(struct chain *c, const uint8_t hash[HASH_SIZE]); /* 0 = not stored */

/* For store_reader_open() on another thread; nothing else may be asked of it there. */
struct store *chain_store(struct chain *c);

/* The queries of chain/view.h and chain/signers.h, for showing things. */
struct view *chain_view(struct chain *c);

/* Key strengths (7.4) cost a hash to compute and never change. Before the check chain_prepare()
 * fills in the author's strength from the cache, or requests it if a rule may need it. After the
 * check chain_learn() caches what was computed. Call each once for every block that the rules
 * judge. */
void chain_prepare(struct chain *c, struct verify_job *job);
void chain_learn(struct chain *c, const struct verify_job *job);

/* The store's tables, counted from 0: name (static) and rows; false when there is none of that
 * number. */
bool chain_table(struct chain *c, unsigned number, const char **name, uint64_t *rows);

/* Small values of the node kept beside the chain: address book, bans. Written with the next
 * commit; an empty one is forgotten. `name` is a short word. chain_get_value: *n = size of the
 * value, ERR_TOO_BIG when it does not fit. */
enum err chain_put_value(struct chain *c, const char *name, struct slice value);
enum err chain_get_value(struct chain *c, const char *name, uint8_t *to, size_t size, size_t *n);

#endif
