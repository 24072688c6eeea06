/* The table of limits as data, and how much memory each can hold. Before: config/,
 * cli/check_config.c, node/. After: limits.def. */
#include <math.h>
#include <string.h>

#include "base/fifo.h"
#include "base/map.h"
#include "config/limits.h"

const struct limit_row limit_rows[LIMIT_ROWS] = {
#define LIMIT(name, unit, def, min, max, on_hit, cost, reason)                                     \
	{#name, UNIT_##unit, def, min, max, on_hit, reason, offsetof(struct limits, name)},
#include "config/limits.def"
#undef LIMIT
};

/* The build fails when a default is outside its range, or a value is too large for a double to hold
 * exactly. */
#define LIMIT(name, unit, def, min, max, on_hit, cost, reason)                                     \
	_Static_assert((min) <= (def) && (def) <= (max) && (max) <= (1LL << 53), #name);
#include "config/limits.def"
#undef LIMIT

void limits_default(struct limits *l)
{
	for (size_t i = 0; i < LIMIT_ROWS; i++)
		*limits_bound(l, i) =
			(struct bound){.name = limit_rows[i].name, .max = limit_rows[i].def};
	l->dns = l->dns_names = l->owner = l->web = false;
}

enum limit_part limits_part(size_t row)
{
	if (strncmp(limit_rows[row].name, "dns_", 4) == 0)
		return PART_DNS;
	if (strncmp(limit_rows[row].name, "web_", 4) == 0)
		return PART_WEB;
	return row >= LIMIT_ROW_max_keys ? PART_OWNER : PART_NODE;
}

static bool is_on(const struct limits *l, size_t row)
{
	if (row == LIMIT_ROW_dns_page_names)
		return l->dns && l->dns_names;
	switch (limits_part(row)) {
	case PART_DNS:
		return l->dns;
	case PART_OWNER:
		return l->owner;
	case PART_WEB:
		return l->web;
	case PART_NODE:
		break;
	}
	return true;
}

struct bound *limits_bound(struct limits *l, size_t row)
{
	return (struct bound *)((char *)l + limit_rows[row].offset);
}

const struct bound *limits_bound_const(const struct limits *l, size_t row)
{
	return (const struct bound *)((const char *)l + limit_rows[row].offset);
}

/* The costs are computed in floating point, which cannot wrap around. A value is capped at its
 * row's maximum, which the formulas of the containers are made for. */
static double value(const struct limits *l, size_t row)
{
	uint64_t v = limits_bound_const(l, row)->max;

	return (double)(v < limit_rows[row].max ? v : limit_rows[row].max);
}

uint64_t limits_worst_bytes(const struct limits *l, size_t row)
{
#define V(name) value(l, LIMIT_ROW_##name)
	double bytes = 0;

	if (!is_on(l, row))
		return 0;
	switch (row) {
#define LIMIT(name, unit, def, min, max, on_hit, cost, reason)                                     \
	case LIMIT_ROW_##name:                                                                     \
		bytes = (double)(cost);                                                            \
		break;
#include "config/limits.def"
#undef LIMIT
	}
#undef V
	return bytes >= 0x1p63 ? UINT64_MAX : (uint64_t)ceil(bytes);
}
