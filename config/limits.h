/* The limits of the program: one struct bound for each row of limits.def, and the rows as data. */
#ifndef CONFIG_LIMITS_H
#define CONFIG_LIMITS_H

#include <stddef.h>

#include "base/bound.h"

enum limit_unit { UNIT_COUNT, UNIT_BYTES, UNIT_MS };

struct limits {
#define LIMIT(name, unit, def, min, max, on_hit, cost, reason) struct bound name;
#include "config/limits.def"
#undef LIMIT
	bool dns;       /* the DNS server is on; else its rows cost nothing */
	bool dns_names; /* and keeps names for its page; else their row costs nothing */
	bool web;       /* somebody can log in at webui.listen; else its rows cost nothing */
	bool owner; /* there is a key, so that the key process runs; else its rows cost nothing */
};

struct limit_row {
	const char *name;
	enum limit_unit unit;
	uint64_t def, min, max;
	const char *on_hit; /* what happens at the bound, for users */
	const char *reason; /* one sentence for users: why it is there */
	size_t offset;      /* of its struct bound in struct limits */
};

enum {
#define LIMIT(name, unit, def, min, max, on_hit, cost, reason) LIMIT_ROW_##name,
#include "config/limits.def"
#undef LIMIT
	LIMIT_ROWS
};

extern const struct limit_row limit_rows[LIMIT_ROWS];

/* The part of the program that a row is for. */
enum limit_part { PART_NODE, PART_DNS, PART_OWNER, PART_WEB };

/* Sets every row to its default, with nothing in use, the DNS server off and no key. */
void limits_default(struct limits *l);
/* The bound of a row, LIMIT_ROW_… */
struct bound *limits_bound(struct limits *l, size_t row);
const struct bound *limits_bound_const(const struct limits *l, size_t row);

/* Which part is the row of? */
enum limit_part limits_part(size_t row);

/* The most bytes that this row can ever hold, computed from the values of all rows. UINT64_MAX when
 * it is larger; 0 when its part is off. */
uint64_t limits_worst_bytes(const struct limits *l, size_t row);

#endif
