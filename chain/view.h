/* The read-only view of the chain for the rules: the queries of protocol.md 7.1 in its words. Each
 * costs a few seeks, none scans the chain. Note the strict "below" of most of them.
 * If a read fails the query answers "none", and the reader fails for good (store_reader_error();
 * for the store's own reader also store_error()). So check for a failure before acting on results.
 * A view belongs to its reader's thread. Implemented by chain/store_view.c. */
#ifndef CHAIN_VIEW_H
#define CHAIN_VIEW_H

#include "base/fifo.h"
#include "chain/block.h"
#include "chain/params.h"

struct store_reader;

/* The fields of a stored block that the rules need; the others are only in its encoding. */
struct block_summary {
	uint64_t index;
	int64_t timestamp; /* seconds */
	uint64_t nonce;
	uint64_t tail;      /* last 8 bytes of the signature, 7.7 */
	uint64_t last_full; /* greatest index of a full block up to this one, 0 = none */
	bool full;
	uint8_t hash[HASH_SIZE];
	uint8_t key[KEY_SIZE]; /* author */
};

/* A row of DOM. An owner of another length than a key can never be equal to one, and is not kept:
 * `owned` is false then. */
struct domain_row {
	uint64_t id;       /* block index */
	int64_t timestamp; /* seconds */
	bool owned;
	uint8_t owner[KEY_SIZE];
};

/* A crystallised ban (7.11); list order is (closing, place). */
struct ban {
	uint64_t closing; /* index of the full block that closed the window */
	uint32_t place;   /* among the bans of that block, from 0 */
	uint8_t key[KEY_SIZE];
};

/* A walk over all authors, most stored blocks first, then by ascending key. Starts with a total
 * that no author can have. */
struct rank_cursor {
	uint64_t total; /* stored blocks of this key */
	uint8_t key[KEY_SIZE];
};
#define RANK_START ((struct rank_cursor){.total = UINT64_MAX})

struct view {
	struct store_reader *reader; /* borrowed: the store's own, or one of chain/store_reader.h */
	const struct chain_params *params;
	struct fifo draws; /* struct draw of chain/signers.h, the newest at the end */
};

/* Between these two calls all queries see one snapshot and are faster. May be nested. */
void view_begin(struct view *v);
void view_end(struct view *v);

/* Index of the highest stored block, 0 = none: `h` of the protocol. With a reader of another thread
 * call it between view_begin() and view_end(), because the snapshot exists only there. */
uint64_t view_height(const struct view *v);

/* get(index); false when it is not stored. */
bool view_summary(struct view *v, uint64_t index, struct block_summary *h);

/* The whole block, decoded in one allocation that the caller frees by mem_free(); NULL when it is
 * not stored, or on a failure. */
struct block_owned *view_block(struct view *v, uint64_t index);

/* The same without an allocation: its slices point into `space`, which must hold a block of the
 * longest encoding. */
bool view_block_into(
	struct view *v, uint64_t index, struct block *b, uint8_t space[BLOCK_MAX_ENCODED]);

/* count(key, below): stored blocks of the author with index < below. */
uint64_t view_count(struct view *v, const uint8_t key[KEY_SIZE], uint64_t below);

/* lastFullBelow(below) and lastFullBelow(below, key). */
bool view_last_full(struct view *v, uint64_t below, struct block_summary *h);
bool view_last_full_of(
	struct view *v, uint64_t below, const uint8_t key[KEY_SIZE], struct block_summary *h);

/* latest(identity, below). */
bool view_domain(struct view *v, struct slice identity, uint64_t below, struct domain_row *row);

/* The latest row of the next name, whatever its place; false after the last one. `digest`: where
 * the walk is, zeros at its start. */
bool view_domain_next(struct view *v, uint8_t digest[32], struct domain_row *row);

/* The next key of the ranking; false at its end. */
bool view_rank_next(struct view *v, struct rank_cursor *w);

/* The ban of this key, if there is one. */
bool view_ban_of(struct view *v, const uint8_t key[KEY_SIZE], struct ban *b);

/* The ban before (after) the place in the list that *b names. */
bool view_ban_before(struct view *v, struct ban *b);
bool view_ban_after(struct view *v, struct ban *b);

#endif
