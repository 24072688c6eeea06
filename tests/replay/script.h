/* A script being played: its chain in a temporary directory, the blocks of the lines ahead with
 * their proofs computed, and the comparing of values as compact JSON text. */
#ifndef TESTS_REPLAY_SCRIPT_H
#define TESTS_REPLAY_SCRIPT_H

#include "chain/chain.h"
#include "config/limits.h"
#include "tests/replay/orders.h"
#include "tests/replay/play.h"

enum { SCRIPT_AHEAD = 64 }; /* blocks hashed together */

/* A block of the lines ahead. */
struct candidate {
	struct block_owned *owned; /* NULL: does not decode */
	struct block_facts facts;
};

struct script {
	struct play *play;
	struct chain_params params;
	struct limits limits;
	char dir[256];
	struct chain *chain;
	struct candidate ahead[SCRIPT_AHEAD];
	unsigned count, next; /* of `ahead`: filled, used up */
	unsigned long line;   /* the line being played */
	bool wrong;           /* it differs somewhere */
	const char *note;     /* explains a difference; NULL = nothing to say */
	char *got, *wanted;
	struct orders orders;
};

/* Opens an empty chain with the parameters of the header. False, with the reason said, when that
 * cannot be; script_end() is due in any case. */
bool script_start(struct script *s, struct play *p, struct slice header);
void script_end(struct script *s);

/* Opens the chain of the directory (again). */
bool script_open(struct script *s);

/* The block of this line, with its proofs. Lines must be asked for in their order. */
struct candidate *script_candidate(struct script *s, struct slice line);

/* Puts the text of our value together, piece by piece ... */
__attribute__((format(printf, 2, 3))) void script_got(struct script *s, const char *fmt, ...);
void script_got_hex(struct script *s, const char *before, struct slice bytes);

/* ... and compares it with a field of the line. Only the first difference of a line is told. */
void script_expect(struct script *s, struct slice line, const char *key);
void script_differ(struct script *s, const char *what, const char *wanted, const char *real);

/* Fields of a line. script_bytes(): the caller frees; NULL when it is no hex text. */
bool script_has(struct slice line, const char *key);
int64_t script_number(struct slice line, const char *key);
bool script_is(struct slice line, const char *key, const char *text);
uint8_t *script_bytes(struct slice line, const char *key, size_t *n);

#endif
