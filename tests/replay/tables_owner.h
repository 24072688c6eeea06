/* Plays the tables of the owner's side (protocol.md 10.2, 10.3, 10.5): chains, own keys, and what
 * may be made, signed and listed with them. Their lines have a state, so that a table is played as
 * a whole. */
#ifndef TESTS_REPLAY_TABLES_OWNER_H
#define TESTS_REPLAY_TABLES_OWNER_H

#include "tests/replay/script.h"

enum { OWNER_KEYS_MAX = 128 };

/* An own key of a `key` line. */
struct owner_key {
	char id[16];
	uint8_t public_key[KEY_SIZE];
	uint8_t encryption_secret[KEY_SIZE], encryption_public[KEY_SIZE];
};

struct owner_play {
	struct script s; /* the chain; `s.wrong` tells that the line differs */
	bool open;       /* there is one */
	struct owner_key keys[OWNER_KEYS_MAX];
	unsigned count;
	uint8_t *file;     /* text of the chain file, owned; NULL = none */
	struct slice rest; /* lines of it that were not taken yet */
};

void play_owner(struct play *p, struct slice header);

/* The key that the line names; NULL when it says null, or none that is known. */
const struct owner_key *owner_key_of(const struct owner_play *o, struct slice line);

/* ---- one op each: the differences of a line are told by script_differ() ---- */

void owner_job(struct owner_play *o, struct slice line);   /* owner_jobs.c */
void owner_check(struct owner_play *o, struct slice line); /* owner_drafts.c */
void owner_make(struct owner_play *o, struct slice line);
void owner_own(struct owner_play *o, struct slice line); /* owner_lists.c */

#endif
