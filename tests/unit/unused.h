/* Is everything given back? */
#ifndef TESTS_UNIT_UNUSED_H
#define TESTS_UNIT_UNUSED_H

#include "config/limits.h"
#include "tests/unit/main.h"

static inline void assert_unused(const struct limits *l)
{
	for (size_t i = 0; i < LIMIT_ROWS; i++)
		if (limits_bound_const(l, i)->used)
			fail_msg("%s still used: %llu", limits_bound_const(l, i)->name,
				(unsigned long long)limits_bound_const(l, i)->used);
}

#endif
