/* Compares the worst case of all limits with memory_budget. Before: config_load() read the
 * settings. After: the node starts, or the error says which limits to lower. */
#include <stdio.h>

#include "base/human.h"
#include "config/config.h"
#include "config/memory.h"

enum { ROWS_NAMED = 4, MB = 1048576 };

uint64_t memory_sum(const struct limits *l)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < LIMIT_ROWS; i++) {
		uint64_t bytes = limits_worst_bytes(l, i);
		sum = bytes > UINT64_MAX - sum ? UINT64_MAX : sum + bytes;
	}
	return sum;
}

uint64_t memory_fixed(unsigned threads)
{
	return MEMORY_FIXED + (uint64_t)threads * MEMORY_FIXED_THREAD;
}

/* The limit with the most bytes that is not among named[0 … count). */
static size_t largest(const struct limits *l, const size_t *named, size_t count)
{
	size_t best = LIMIT_ROWS;

	for (size_t i = 0; i < LIMIT_ROWS; i++) {
		bool taken = false;
		for (size_t j = 0; j < count; j++)
			taken = taken || named[j] == i;
		if (!taken && (best == LIMIT_ROWS ||
				      limits_worst_bytes(l, i) > limits_worst_bytes(l, best)))
			best = i;
	}
	return best;
}

enum err config_check_memory(const struct config *c, uint64_t *total, struct config_error *e)
{
	uint64_t sum = memory_sum(&c->limits);
	size_t named[ROWS_NAMED], size = sizeof e->text;
	char worst[HUMAN_MAX], budget[HUMAN_MAX];

	*total = sum;
	if (sum <= c->memory_budget)
		return ERR_OK;
	int n = snprintf(e->text, size,
		"node.memory_budget: the bounds can come to %s, the budget is %s; set "
		"memory_budget = \"%llu MB\" or lower",
		human_bytes(sum, worst), human_bytes(c->memory_budget, budget),
		(unsigned long long)(sum / MB + 1));
	for (size_t i = 0; i < ROWS_NAMED && (size_t)n < size; i++) {
		named[i] = largest(&c->limits, named, i);
		uint64_t bytes = limits_worst_bytes(&c->limits, named[i]);
		n += snprintf(e->text + n, size - (size_t)n, "%s limits.%s (%s, %.0f %%)",
			i ? "," : "", limit_rows[named[i]].name, human_bytes(bytes, worst),
			100 * (double)bytes / (double)sum);
	}
	return ERR_TOO_BIG;
}
