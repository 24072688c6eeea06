/* Which tests of a unit program run: all, or those that have the word of the command line in their
 * names. */
#ifndef TESTS_UNIT_MAIN_H
#define TESTS_UNIT_MAIN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* build/test_json            every test of it
 * build/test_json number     those with "number" in their name; * and ? stand for any text */
static inline void choose_tests(int argc, char **argv)
{
	static char pattern[128]; /* cmocka keeps the pointer */

	if (argc < 2)
		return;
	snprintf(pattern, sizeof pattern, "*%s*", argv[1]);
	cmocka_set_test_filter(pattern);
}

#endif
