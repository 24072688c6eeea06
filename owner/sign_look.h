/* The last full block and its signatures, as their owners want to know it: who is drawn, who has
 * signed, whom the network waits for, since when, and from when standby keys may heal; and which of
 * all these keys are ours. And what our keys have missed: a key that is drawn, does not sign, and
 * is replaced by a standby key is banned for ever when the next full block comes (protocol.md
 * 7.11). Pure functions of the chain and public keys; when a read of the store fails the results
 * are meaningless, and the view's reader tells.
 * Before: GET /sign, the node's warnings, lines of jobs. After: chain/signers.h. */
#ifndef OWNER_SIGN_LOOK_H
#define OWNER_SIGN_LOOK_H

#include "chain/signers.h"
#include "owner/own_keys.h"

enum {
	SIGN_NOBODY = -1,     /* the place of a key that is not ours */
	SIGN_MISSES_MAX = 8,  /* that are told */
	SIGN_WINDOWS = 16,    /* full blocks that are looked at for them */
	SIGN_WORDS_MAX = 512, /* bytes of a line, with its NUL */
};

/* A key that may sign the full block. */
struct sign_key {
	uint8_t key[KEY_SIZE];
	int ours;       /* its place among our keys, or SIGN_NOBODY */
	uint64_t block; /* with which it signed; 0 = it did not */
};

struct sign_look {
	uint64_t full;     /* the last full block; 0 = there is none that needs signatures */
	int64_t since;     /* its time, seconds */
	bool waits;        /* it has not its signatures yet */
	bool healed;       /* a key that is not drawn has signed it */
	unsigned blocks;   /* signatures that it has */
	int64_t heal_from; /* from then on standby keys may sign; seconds, 0 = never */
	unsigned drawn, standby;
	struct sign_key draw[SIGNERS_ALL]; /* in the order of the draw */
	/* Those of our keys that are on standby and not drawn. */
	struct sign_key stand[POOL_ANCHORS + POOL_RECENT];
};

/* Fills *l. `keys` are our keys, n of them. */
void sign_look(struct view *v, const struct own_key *keys, unsigned n, struct sign_look *l);

/* Our drawn keys that have not signed while the full block waits: true for this one? */
bool sign_is_due(const struct sign_look *l, const struct sign_key *k);

/* "waiting for 2 of 4 signatures of block 120 since 41 min: drawn 01020304, …; signed …; healing
 * possible from 2026-11-30 02:53 UTC". `now`: seconds. Returns `to`. */
const char *sign_look_words(const struct sign_look *l, int64_t now, char to[SIGN_WORDS_MAX]);

/* A full block that one of our keys was drawn for, and did not sign before the next full block,
 * although the network had to wait for signatures: others signed in its place, or half of the time
 * passed after which they may. */
struct sign_miss {
	uint64_t full;
	unsigned key; /* place among our keys */
	bool healed;  /* somebody signed in its place: enough for a ban */
};

struct sign_misses {
	unsigned n;
	struct sign_miss miss[SIGN_MISSES_MAX]; /* the newest first */
};

/* Those among the last SIGN_WINDOWS full blocks. */
void sign_misses(struct view *v, const struct own_key *keys, unsigned n, struct sign_misses *m);

/* The full block with which the chain banned the key for ever; 0 = it did not. */
uint64_t sign_banned(struct view *v, const uint8_t key[KEY_SIZE]);

#endif
