/* Role: the parameters of the main network, and setting one by its name.
 * Before: [chain.params] of the settings. After: chain/rules.c and all that judges blocks. */
#include <string.h>

#include "chain/params.h"

const struct chain_params params_mainnet = {
#define X(name, value, low, high) .name = value,
	CHAIN_PARAMS(X) OWNER_PARAMS(X)
#undef X
		.origin = {0x00, 0x00, 0x00, 0x1D, 0x2A, 0x77, 0xD6, 0x34, 0x77, 0x17, 0x26, 0x78,
		0x50, 0x2E, 0x51, 0xDE, 0x7F, 0x34, 0x60, 0x61, 0xFF, 0x7E, 0xB1, 0x88, 0xA2, 0x44,
		0x5E, 0xCA, 0x3F, 0xC0, 0x78, 0x0E},
	.has_origin = true,
};

static const struct {
	const char *name;
	size_t offset;
	uint64_t low, high;
} rows[] = {
#define X(name, value, low, high) {#name, offsetof(struct chain_params, name), low, high},
	CHAIN_PARAMS(X) OWNER_PARAMS(X)
#undef X
};

enum { ROWS = sizeof rows / sizeof rows[0] };

bool params_set(
	struct chain_params *p, const char *name, uint64_t value, uint64_t *low, uint64_t *high)
{
	*low = *high = 0;
	for (size_t i = 0; i < ROWS; i++) {
		if (strcmp(rows[i].name, name) != 0)
			continue;
		*low = rows[i].low;
		*high = rows[i].high;
		if (value < *low || value > *high)
			return false;
		memcpy((char *)p + rows[i].offset, &value, sizeof value);
		return true;
	}
	return false;
}
