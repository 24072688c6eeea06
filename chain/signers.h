/* Which keys may sign the window of a full block (the empty blocks after it), and when the window
 * is locked: protocol.md 7.7 to 7.11, whose terms are used here. Everything is a function of stored
 * blocks; the view caches the draws. When a read of the store fails the result is meaningless: the
 * store has then failed for good, and its caller finds that out.
 * Before: chain/rules.c. After: chain/store_view.c reads. */
#ifndef CHAIN_SIGNERS_H
#define CHAIN_SIGNERS_H

#include "chain/view.h"

/* The keys that a full block's signature selects (7.7), in the order of the draw. */
struct draw {
	uint8_t hash[HASH_SIZE]; /* of the full block */
	uint64_t tail;           /* the last 8 bytes of its signature, which start the draw */
	unsigned n;              /* count of keys: SIGNERS_ALL or 0 */
	uint8_t keys[SIGNERS_ALL][KEY_SIZE];
	uint32_t looks, turns; /* what the draw cost: blocks read, and steps of the walk */
};

/* The standby pool (7.9): the keys that may sign when drawn ones do not. */
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

/* Fills *d with draw(f) of 7.7; no keys when f has no draw. `f` is a full block. */
void signers_draw(struct view *v, const struct block_summary *f, struct draw *d);
bool draw_has(const struct draw *d, const uint8_t key[KEY_SIZE]); /* is the key among them? */

/* Fills *p with anchors(f) of 7.9, and, if `recent`, with recent(f). */
void signers_pool(struct view *v, const struct block_summary *f, bool recent, struct pool *p);

/* timeout(f) of 7.9: the seconds after f from which on standby keys may sign. */
uint64_t signers_timeout(struct view *v, const struct block_summary *f);

/* lockedBefore(f, below) of 7.8. `below` = UINT64_MAX: is the window locked by all stored blocks?
 */
bool signers_locked(struct view *v, const struct block_summary *f, uint64_t below);

/* The signing rule (7.10), for a block whose index is above block_signers_start. NULL when it
 * accepts the block, else why not: a static text that begins with the step, "14b …". `f`: the last
 * full block, NULL = none. `height`: the h of 7.10. `strength`: bits of the author's key; −1 = not
 * known, which is allowed for a full block, and before the activation of healing. */
const char *signers_reject(struct view *v, const struct block *b, const struct block_summary *f,
	uint64_t height, int strength);

/* True when a reason of signers_reject() depends on the draw, so that the block might be accepted
 * if f had another signature. */
bool signers_hang_on_draw(const char *why);

/* ---- chain/signer_bans.c ---- */

/* True when the key is in bans(upto + 1): a block with an index of at most `upto` banned it. */
bool signer_bans_have(struct view *v, const uint8_t key[KEY_SIZE], uint64_t upto);

/* Fills *d with draw_bans(f). draw_bans_have() tells whether it contains the key. */
void signer_bans_for_draw(struct view *v, const struct block_summary *f, struct draw_bans *d);
bool draw_bans_have(struct view *v, const struct draw_bans *d, const uint8_t key[KEY_SIZE]);

/* The number of keys with count(key, below) ≥ minimum; a minimum of 0 counts as 1. */
uint64_t signer_bans_eligible(struct view *v, uint64_t below, uint64_t minimum);

/* Writes to `list` the bans that take effect ("crystallise") when the full block `index` of
 * `author` is put on top of the chain, whose last full block is *opening. To be called before that
 * block is stored. Returns the number of bans. */
unsigned signer_bans_crystallise(struct view *v, const struct block_summary *opening,
	uint64_t index, const uint8_t author[KEY_SIZE], struct ban list[SIGNERS_ALL]);

#endif
