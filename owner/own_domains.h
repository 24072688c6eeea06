/* The names of our keys, with their true state and date (protocol.md 10.5). A walk gives one name
 * at a time, by its identity; its name in words is encrypted, so that whoever holds the secret
 * decrypts `cipher`, and own_domain_name() says whether to believe the result. Nothing in a row is
 * believed: anybody can give a key a name that holds anything (12.4).
 *
 *     own_walk_start(keys, n, &w);  while (own_walk_next(w, view, now, &d)) …;  own_walk_end(w)
 *
 * Between two calls the chain may change: a name that moves meanwhile may be missed or come twice.
 * When a read of the store fails the walk ends, and the view's reader tells.
 * Before: lists of own names, reminders. After: chain/view.h, chain/domain_rules.c. */
#ifndef OWNER_OWN_DOMAINS_H
#define OWNER_OWN_DOMAINS_H

#include "base/err.h"
#include "chain/domain_rules.h"

struct own_domain {
	uint64_t id;  /* block of the latest row */
	unsigned key; /* place of its owner among the keys */
	bool fresh;   /* the block is the tip: names resolve from the next block on */
	struct slice identity, confirmation; /* these slices are valid until the next call */
	struct slice data;                   /* JSON of 8.3, as it was mined; it may be anything */
	struct slice cipher; /* of the name, with the key `encryption`; empty: cannot be a name's */
	struct slice encryption;            /* the public key that the block names; any length */
	enum domain_state state;            /* at the time asked for */
	int64_t renewed;                    /* seconds: the last change, from which its year runs */
	int64_t until;                      /* alive up to and with this second */
	int64_t free_from;                  /* from then on anybody may have it */
	int64_t shown_renewed, shown_until; /* the dates that release 0.10 shows; often too early */
	const uint8_t *owner;               /* KEY_SIZE bytes: our key */
};

struct own_walk;

/* Begins a walk over the names of n keys, which must stay as long as it lasts. ERR_NOMEM. */
enum err own_walk_start(const uint8_t (*keys)[KEY_SIZE], unsigned n, struct own_walk **out);
void own_walk_end(struct own_walk *w); /* NULL is fine */

/* The next name; false after the last one. `now`: seconds, for `state`. Looks at up to `most` names
 * of others at a time, all with 0: when it has seen so many without one of ours it returns true
 * with d->id = 0. */
bool own_walk_next(
	struct own_walk *w, struct view *v, int64_t now, unsigned most, struct own_domain *d);

enum own_name {
	OWN_NAME_UNKNOWN,    /* there is none, or it is no text */
	OWN_NAME_UNVERIFIED, /* some text, which is not the name of this identity */
	OWN_NAME_TRUE,
};

/* Is this decrypted text the name of *d? An empty one stands for a failed decryption. */
enum own_name own_domain_name(const struct own_domain *d, struct slice plain);

#endif
