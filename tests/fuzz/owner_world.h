/* A node for targets that ask for the owner's work: a chain, and two of its keys. Made once. */
#ifndef TESTS_FUZZ_OWNER_WORLD_H
#define TESTS_FUZZ_OWNER_WORLD_H

#include "api/api.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/sync_world.h"

enum { OWNER_HEIGHT = 30, OWNER_KEYS = 2 };

struct owner_world {
	struct limits limits;
	struct config config;
	struct api api; /* of its hooks there are keys and job_rate */
	struct clock clock;
	struct key_table table;
	struct keys_row rows[OWNER_KEYS];
	struct keys_state state;
};

/* Fills a world of zeros. One of a process. */
void owner_world_begin(struct owner_world *w);

#endif
