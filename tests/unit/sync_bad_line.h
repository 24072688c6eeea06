/* A bad line between the sync engine and its model peers, in simulated time: so many bytes a second
 * for all of them together, silent again and again, far away. Frames have made-up lengths; the
 * blocks are those of a branch. */
#ifndef TESTS_UNIT_SYNC_BAD_LINE_H
#define TESTS_UNIT_SYNC_BAD_LINE_H

#include "tests/unit/sync_rig.h"

struct bad_line {
	unsigned peers;
	unsigned rate;             /* bytes a second and direction */
	unsigned good_ms, silence; /* ms between two silences, and of each; 0 = never silent */
	unsigned delay_ms;         /* one way */
	unsigned begins_ms;        /* so long after the end of a silence */
	bool mixed;                /* frames of 0.6 to 38 kB; else one in 16 has 9 kB */
	/* The line sends what came first; else peers take turns, as their connections would. */
	bool first_come;
};

struct bad_line_result {
	bool reached; /* the tip, in time */
	uint64_t ms;
	uint64_t received; /* blocks */
	unsigned closed, banned;
};

/* A node without blocks reaches the top of the branch over the line. */
struct bad_line_result bad_line_run(
	struct rig *r, const struct branch *b, const struct bad_line *l);

#endif
