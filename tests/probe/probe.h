/* The kinds of work that build/probe repeats, as tables: each must leave what it found. */
#ifndef TESTS_PROBE_PROBE_H
#define TESTS_PROBE_PROBE_H

#include "tests/probe/station.h"

struct work {
	const char *name;
	void (*begin)(struct station *s);
	void (*once)(struct station *s, uint64_t i);
	void (*end)(struct station *s);
	uint64_t warm;   /* rounds before the first look: tables keep the size they once needed */
	unsigned number; /* told to all three as station.work */
	const char *sets[12]; /* settings of the node */
};

/* name NULL at the end */
extern const struct work retries[], churns[], endings[], lookups[], dns_clients[], questions[];

#endif
