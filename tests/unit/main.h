/* How main() of a unit program begins. */
#ifndef TESTS_UNIT_MAIN_H
#define TESTS_UNIT_MAIN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "chain/crypto.h"

/* Instrumented, each step takes many times as long, and shows with fewer of them what it shows. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { INSTRUMENTED = 1 };
#else
enum { INSTRUMENTED = 0 };
#endif

/* Which tests run, all, or those that have the word of the command line in their names:
 *
 * build/test_json            every test of it
 * build/test_json number     those with "number" in their name; * and ? stand for any text
 *
 * And libcrypto's memory is counted, as in the program. */
static inline void choose_tests(int argc, char **argv)
{
	static char pattern[128]; /* cmocka keeps the pointer */

	if (!crypto_count_memory())
		abort();
	if (argc < 2)
		return;
	snprintf(pattern, sizeof pattern, "*%s*", argv[1]);
	cmocka_set_test_filter(pattern);
}

#endif
