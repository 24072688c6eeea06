/* A draft: what is asked for a name, before the search for its block (protocol.md 10.2). It is
 * tested by what consensus will say of a block on top of the chain now, and so that no search is
 * begun whose block would be refused, or whose name nobody could use. Then it becomes the
 * transaction.
 *
 *     draft_open(&request, view, now, &d)   reads everything that the tests look at
 *     draft_first(d, false, &refusal)       the first test that fails, in the order of 10.2;
 *     draft_test(d, why, &refusal)          or one test
 *     draft_price(d, &price)                the difficulty, and why
 *     draft_seal(d, rng)                    encrypts the name; then d->tx is the transaction
 *     draft_free(d)
 *
 * Nothing here knows a secret. When a read of the store fails the answers are meaningless, and the
 * view's reader tells.
 * Before: commands and paths that change names. After: chain/domain_rules.c, domain/domain.c,
 * chain/ecies.c. */
#ifndef OWNER_DRAFT_H
#define OWNER_DRAFT_H

#include "base/err.h"
#include "base/rng.h"
#include "chain/domain_rules.h"
#include "domain/names.h"
#include "owner/key_file.h"

enum {
	DRAFT_NAME_MAX = 255,    /* bytes of a name; no message of the DNS has room for more */
	DRAFT_LABEL_MAX = 63,    /* of a part of it */
	DRAFT_OWNER_MAX = 64,    /* bytes of a new owner's key, which should have 32 */
	DRAFT_BLOCK_MAX = 32699, /* bytes of a block that messages can carry (protocol.md 5.1) */
};

/* Texts and keys are borrowed for draft_open() alone. */
struct draft_request {
	struct slice name;         /* as typed */
	struct slice data;         /* JSON of 8.3; what its `encrypted` says does not count */
	const uint8_t *author;     /* public signing key; NULL = no key is held */
	const uint8_t *encryption; /* the author's public encryption key; NULL with `author` */
	const char *author_name;   /* what the author's key is called here; NULL = unknown */
	/* The new owner's two public keys as hex; if either is empty the author stays the owner. */
	struct slice to_signing, to_encryption;
	unsigned threads; /* that search for it; 0 = as many as for all. The draft does not look at
			     it */
	bool renewal; /* mine it as 0.10 mines a renewal, so that 0.10 shows the new date, too */
};

/* Why a request is refused, in the order of the tests. */
enum draft_why {
	DRAFT_FINE,
	/* The tests of 10.2, by what consensus asks. */
	DRAFT_MALFORMED, /* the data does not parse */
	DRAFT_NO_KEY,
	DRAFT_WAITING, /* the last full block has not its signatures yet; this passes by itself */
	DRAFT_MANY_RECORDS,
	DRAFT_CLEARNET,   /* an address that the zone does not allow */
	DRAFT_LONG,       /* a record that is too long for the zone */
	DRAFT_OWNER_KEYS, /* the new owner's keys are no keys */
	DRAFT_NAME,
	DRAFT_ZONE,     /* there is no such zone */
	DRAFT_NEXT,     /* the last block made it the author's; this passes by itself */
	DRAFT_TAKEN,    /* it has another owner */
	DRAFT_COOLDOWN, /* the key must wait until its next new name; this passes by itself */
	DRAFT_BIG,      /* no message carries the block */
	/* What the network takes, and nobody could use. */
	DRAFT_LABELS,     /* names of more than two parts are never resolved */
	DRAFT_LONG_LABEL, /* no question can ask for it */
	DRAFT_OTHER_ZONE, /* the data is for another zone */
	DRAFT_LOST_OWNER, /* nobody can have this signing key */
	DRAFT_OVERTAKEN,  /* the last block made it another key's, which 12b does not see yet */
	DRAFT_WHYS,
	DRAFT_RULES = DRAFT_LABELS, /* the tests below it are those of 10.2 */
};

struct draft_refusal {
	enum draft_why why;
	int64_t until;   /* seconds since 1970: from then on this test passes; 0 = not by itself */
	uint64_t count;  /* records, bytes or parts of the name */
	unsigned record; /* which one, from 1; 0 = none */
	const char *record_type; /* static; NULL = none */
	enum name_fault fault;   /* DRAFT_NAME */
	uint64_t block;          /* DRAFT_WAITING: the full block; DRAFT_NEXT: the last one */
	bool expired;            /* DRAFT_TAKEN, DRAFT_OVERTAKEN: the owner may still renew it */
	bool owned;              /* so: `owner` is known */
	uint8_t owner[KEY_SIZE];
};

/* Why the block has its difficulty. */
enum draft_reason {
	DRAFT_PRICE_NEW,     /* a new name */
	DRAFT_PRICE_OLD,     /* last changed more than a year ago: as a new name */
	DRAFT_PRICE_LOW,     /* one bit off, as long as the chain is short */
	DRAFT_PRICE_WEEKS,   /* one bit off, and one for each week since the last change */
	DRAFT_PRICE_RENEWAL, /* one bit off, because a renewal was asked for */
};

struct draft_price {
	uint64_t difficulty; /* bits, of the block to be searched */
	uint64_t required;   /* bits, that consensus asks at `now` */
	enum draft_reason reason;
	unsigned weeks; /* DRAFT_PRICE_WEEKS: how many bits they take off besides the first */
};

struct draft {
	struct view *view;     /* borrowed */
	int64_t now;           /* seconds: the time of the block, too */
	struct block b;        /* the block as far as it is known: index, author, transaction */
	struct transaction tx; /* complete after draft_seal(); its slices point in here */
	struct domain_row row; /* the name's latest */
	bool has_row, renewal;
	bool has_author;
	bool fits;   /* the name is a text of at most DRAFT_NAME_MAX bytes: else `name` is empty */
	bool parses; /* the data */
	bool owner_good, owner_given; /* the new owner's keys: they are keys; there are some */
	uint64_t height;
	size_t block_bytes; /* of the encoded block at most; 0 = more than DRAFT_BLOCK_MAX */
	struct slice name;  /* lower case */
	/* What is wrong with the records: too many, a clearnet one, a long one; DRAFT_FINE =
	 * nothing. */
	struct draft_refusal many, clearnet, too_long;
	bool other_zone;
	char author_name[KEY_NAME_MAX + 1]; /* "" = unknown */
	uint8_t author[KEY_SIZE], identity[32], confirmation[32];
	uint8_t signing[DRAFT_OWNER_MAX], encryption[KEY_SIZE];
	uint8_t name_space[DRAFT_NAME_MAX];
	uint8_t text[DRAFT_BLOCK_MAX]; /* the data as it will be mined */
};

/* Reads the request and the chain. `now`: seconds, as chain_now() has them. ERR_NOMEM alone;
 * whatever is wrong with the request is for the tests. The caller frees it with draft_free(). */
enum err draft_open(const struct draft_request *r, struct view *v, int64_t now, struct draft **out);
void draft_free(struct draft *d); /* NULL is fine */

/* True when this test fails; *f says why. Tests that come after a failed one may be asked, too. */
bool draft_test(const struct draft *d, enum draft_why why, struct draft_refusal *f);

/* The first test that fails, DRAFT_FINE = none. `rules_only`: as the network's own program, without
 * those about what nobody could use. */
enum draft_why draft_first(const struct draft *d, bool rules_only, struct draft_refusal *f);

/* Calls see(), unless it is NULL, for each test that fails, but not for those that fail only
 * because the name is no text or its zone is unknown. True when there is one. */
typedef void draft_see(void *ctx, const struct draft *d, const struct draft_refusal *f);
bool draft_each(const struct draft *d, draft_see *see, void *ctx);

/* The difficulty of the block, and why. */
void draft_price(const struct draft *d, struct draft_price *p);

/* Encrypts the name for the owner, and completes d->tx. Only when no test fails. ERR_NOMEM,
 * ERR_TOO_BIG. */
enum err draft_seal(struct draft *d, const struct rng *rng);

/* The hashes that a search for this difficulty takes on average (protocol.md 10.1): a number,
 * however large the difficulty. */
double draft_mean_hashes(uint64_t difficulty);

/* Seconds that a search for this difficulty takes from any moment on, as it has no memory, at
 * `rate` hashes a second, which is above 0. */
struct draft_time {
	double mean;
	double half; /* half of all searches have ended */
	double most; /* nine of ten */
};
struct draft_time draft_time(uint64_t difficulty, double rate);
/* The same of a search that takes so many hashes on average. */
struct draft_time draft_time_of(double hashes, double rate);

/* ---- owner/draft_words.c ---- */

/* One word for programs, such as "taken" or "cooldown"; static. So for the price: "new". */
const char *draft_why_name(enum draft_why why);
const char *draft_reason_name(enum draft_reason reason);

/* One line each, without its end; they return `to`: */

enum { DRAFT_WORDS_MAX = 512 };

/* What, why and until when: "x.ygg: A records are not allowed in this zone (record 2)". */
const char *draft_say(
	const struct draft *d, const struct draft_refusal *f, char to[DRAFT_WORDS_MAX]);

/* The same without the name, for where that stands beside it. */
const char *draft_say_why(
	const struct draft *d, const struct draft_refusal *f, char to[DRAFT_WORDS_MAX]);

/* "difficulty 19: a change 4 weeks after the last one". */
const char *draft_say_price(const struct draft_price *p, char to[DRAFT_WORDS_MAX]);

/* "34 min on average at 620 hashes/s: half of all searches end within 24 min, nine of ten within 1
 * h 19 min"; rate 0 = unknown: "1,290,555 hashes on average". */
const char *draft_say_time(uint64_t difficulty, double rate, char to[DRAFT_WORDS_MAX]);

#endif
