/* What a printer prints, as one text. */
#ifndef TESTS_PRINT_RIG_H
#define TESTS_PRINT_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/print.h"

enum { NOW = 1800000000, PRINTED_MAX = 32768 };

typedef void print_fn(struct out *o, struct slice json);

static char printed[PRINTED_MAX];

/* With o->f set here; the text stands in `printed`. */
static inline const char *print_into(print_fn *print, struct out o, const char *json)
{
	memset(printed, 0, sizeof printed);
	o.f = fmemopen(printed, sizeof printed - 1, "w");
	o.now = NOW;
	assert_non_null(o.f);
	print(&o, slice_str(json));
	fclose(o.f);
	return printed;
}

static inline const char *print_at(print_fn *print, unsigned width, const char *json)
{
	return print_into(print, (struct out){.width = width}, json);
}

#endif
