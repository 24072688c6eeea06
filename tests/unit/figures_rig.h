/* Figures that the node tells, held against values that a test knows: each row is to be checked. */
#ifndef TESTS_UNIT_FIGURES_RIG_H
#define TESTS_UNIT_FIGURES_RIG_H

#include <string.h>

#include "api/figures.h"

static bool figure_checked[FIGURES];

static inline void expect_figure(const struct figures *f, int row, double value)
{
	double told = figures_value(f, row);

	figure_checked[row] = true;
	if (told < value - 1e-9 || told > value + 1e-9)
		fail_msg("%s: %.9f instead of %.9f", figure_rows[row].name, told, value);
}

#define EXPECT(f, name, value) expect_figure(f, FIGURE_##name, (double)(value))

/* The parts whose rows are checked by a file of their own. */
static inline bool figure_has_own_file(const char *part)
{
	return strcmp(part, "network") == 0 || strcmp(part, "dns") == 0 ||
	       strcmp(part, "keys") == 0 || strcmp(part, "jobs") == 0;
}

/* All rows of that part were expected somewhere; NULL = of the parts without a file of their own.
 */
static inline void all_figures_are_checked(const char *part)
{
	for (int i = 0; i < FIGURES; i++)
		if ((part ? strcmp(figure_rows[i].part, part) == 0
			  : !figure_has_own_file(figure_rows[i].part)) &&
			!figure_checked[i])
			fail_msg("nobody checks the figure %s", figure_rows[i].name);
}

#endif
