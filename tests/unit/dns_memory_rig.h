/* Memory runs out at each place, one after the other, while forwarders are asked. */
#ifndef TESTS_UNIT_DNS_MEMORY_RIG_H
#define TESTS_UNIT_DNS_MEMORY_RIG_H

#include "tests/unit/dns_upstream_rig.h"

/* Plays everything, from new to free, with the n-th allocation failing. True when it was reached.
 */
typedef bool play_once(struct rig *r, uint64_t nth);

/* With each allocation, which are less than `most`: all rows are given back. */
static inline void fail_each(struct rig *r, play_once *once, uint64_t most)
{
	uint64_t nth = 1;

	for (; once(r, nth); nth++) {
		assert_true(nth < most);
		assert_unused(&r->limits);
	}
	assert_true(nth > 20);
	print_message("%llu allocations\n", (unsigned long long)nth - 1);
}

/* With memory again, another question is answered while the test plays. */
static inline void still_answers(struct rig *r, void (*play)(struct rig *r))
{
	r->askers[5].got = 0;
	assert_int_equal(ask(r, 5, "e.example"), ERR_OK);
	play(r);
	assert_int_equal(r->askers[5].got, 1);
}

#endif
