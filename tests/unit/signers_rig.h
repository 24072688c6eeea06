/* Histories that the tests of signers share. */
#ifndef TESTS_UNIT_SIGNERS_RIG_H
#define TESTS_UNIT_SIGNERS_RIG_H

#include "tests/unit/chain_fixture.h"

enum { A = 100 }; /* an author far from the small numbers */

/* Fifteen authors in turn; nothing is full but block 1. */
static inline void crowd(struct fixture *f, unsigned upto)
{
	for (unsigned i = (unsigned)store_height(f->store) + 1; i <= upto; i++)
		fixture_add(f, i % 15, i == 1);
}

/* Full block 20, at the activation height itself: the new rule. Draw: blocks 2 … 8. */
static inline void open_window(struct fixture *f)
{
	fixture_start(f);
	crowd(f, 19);
	fixture_add(f, 50, true);
}

#endif
