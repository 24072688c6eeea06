/* Who may sign the window of a full block, and when it is locked: protocol.md 7.7 to 7.11.
 * Everything here is a function of stored blocks; the draws are remembered in the view.
 * Before: chain/rules.c asks. After: chain/store_view.c answers. */
#ifndef CHAIN_SIGNERS_H
#define CHAIN_SIGNERS_H

#include "chain/view.h"

/* The keys that a full block's signature selects, in order. */
struct draw {
	uint8_t hash[HASH_SIZE]; /* of the full block */
	uint64_t tail;           /* of its signature */
	unsigned n;              /* SIGNERS_ALL or 0 */
	uint8_t keys[SIGNERS_ALL][KEY_SIZE];
	uint32_t looks, turns; /* what it cost: blocks that were looked at, and steps of the walk */
};

/* The standby pool (7.9). */
struct pool {
	unsigned anchors, recent;
	uint8_t anchor[POOL_ANCHORS][KEY_SIZE];
	uint8_t late[POOL_RECENT][KEY_SIZE];
};

/* Bans that a draw observes (7.11, draw_bans): those below a place in the list, and beyond it only
 * the keys with fewer blocks than a signer needs. */
struct draw_bans {
	uint64_t below;   /* counts are taken at this index: the full block's */
	uint64_t minimum; /* blocks that a signer needs there */
	bool any;
	struct ban first_readmitted; /* closing, place */
};

/* draw(f); no keys when there is none. *d is a copy. */
void signers_draw(struct view *v, const struct block_summary *f, struct draw *d);
bool draw_has(const struct draw *d, const uint8_t key[KEY_SIZE]);

/* anchors(f); with `recent` also recent(f). */
void signers_pool(struct view *v, const struct block_summary *f, bool recent, struct pool *p);

/* timeout(f) in seconds. */
uint64_t signers_timeout(struct view *v, const struct block_summary *f);

/* lockedBefore(f, below); UINT64_MAX = is it locked now. */
bool signers_locked(struct view *v, const struct block_summary *f, uint64_t below);

/* The signing rule 7.10 for a block above block_signers_start: NULL when it accepts, else why not.
 * `f` = NULL when there is no full block; `height` is h; `strength` −1 when not known. */
const char *signers_reject(struct view *v, const struct block *b, const struct block_summary *f,
	uint64_t height, int strength);

/* Would the rule perhaps have accepted under another signature of f? What it gave as its reason
 * tells. */
bool signers_hang_on_draw(const char *why);

/* ---- chain/signer_bans.c ---- */

/* bans(below + 1) has the key: it was banned by a block with index ≤ `upto`. */
bool signer_bans_have(struct view *v, const uint8_t key[KEY_SIZE], uint64_t upto);

/* draw_bans(f), and whether it holds the key. */
void signer_bans_for_draw(struct view *v, const struct block_summary *f, struct draw_bans *d);
bool draw_bans_have(struct view *v, const struct draw_bans *d, const uint8_t key[KEY_SIZE]);

/* Number of distinct keys with count(key, below) ≥ minimum, and at least one. */
uint64_t signer_bans_eligible(struct view *v, uint64_t below, uint64_t minimum);

/* The bans that crystallise when the full block `index` of `author` is put on top of the chain,
 * whose last full block is *opening; asked before it is stored. Returns how many. */
unsigned signer_bans_crystallise(struct view *v, const struct block_summary *opening,
	uint64_t index, const uint8_t author[KEY_SIZE], struct ban list[SIGNERS_ALL]);

#endif
