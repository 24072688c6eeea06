/* Whose turn it is: may one of our keys sign, or heal, the window of the last full block now?
 * protocol.md 10.3, items 1 to 4. A pure function of the chain, the time and public keys; when a
 * read of the store fails the result is meaningless, and the view's reader tells.
 * Before: whoever starts searches for signing blocks. After: chain/signers.h. */
#ifndef OWNER_TURN_H
#define OWNER_TURN_H

#include "chain/signers.h"

enum {
	TURN_KEYS = POOL_ANCHORS + POOL_RECENT, /* more cannot be allowed at a time */
};

enum turn_kind {
	TURN_NONE,
	TURN_SIGNING, /* a drawn key of ours may sign */
	TURN_HEALING, /* a standby key of ours may sign, because drawn ones did not in time */
};

/* Why nothing is to be signed. */
enum turn_why {
	TURN_NOW, /* something is */
	TURN_NO_KEY,
	TURN_LOW,          /* below this height blocks need no signers */
	TURN_BEHIND,       /* others have a higher chain */
	TURN_NO_FULL,      /* no full block yet */
	TURN_LOCKED,       /* the last full block has its signatures */
	TURN_EARLY,        /* the tip is too young: at `when` */
	TURN_NOT_DRAWN,    /* no key of ours that has not signed is drawn or on standby */
	TURN_STANDBY,      /* a key of ours is on standby: at `when` */
	TURN_NEEDS_ANCHOR, /* as standby, but the window waits for an anchor, which none of ours is
			    */
};

struct turn_ask {
	const uint8_t (*keys)[KEY_SIZE]; /* our public signing keys */
	unsigned n;
	int64_t now;         /* seconds */
	uint64_t max_height; /* what others have (protocol.md 5.12); 0 = nobody says */
	int64_t wait;        /* signing_wait of chain_params: age of the tip; seconds */
};

struct turn {
	enum turn_kind kind;
	enum turn_why why;
	int64_t when; /* TURN_EARLY, TURN_STANDBY: from when on the answer may be another; else 0 */
	uint64_t full;           /* index of the last full block, 0 = none */
	uint64_t index;          /* of the block to be signed: the tip's + 1 */
	unsigned n;              /* keys of which any one may sign: */
	unsigned key[TURN_KEYS]; /* their places in turn_ask.keys, ascending */
};

/* Fills *t. */
void turn_of(struct view *v, const struct turn_ask *a, struct turn *t);

/* The same as a line: "waiting until the tip is 60 s old", without a time or a key. Static. */
const char *turn_words(enum turn_why why);

#endif
