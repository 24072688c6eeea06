/* Writes into the log which rows of limits.def were at their bound. Before: node/engines.c in its
 * tick, node/node.c at the end. After: base/log.h. */
#include "node/limit_log.h"

#include <stdio.h>

#include "base/log.h"
#include "config/units.h"

enum { CHECK_MS = 1000, TELL_MS = 60000 };

/* The bound as node.toml writes it. */
static const char *value_text(const struct bound *b, enum limit_unit unit, char to[UNITS_TEXT_MAX])
{
	if (unit == UNIT_BYTES)
		return units_size(b->max, to);
	if (unit == UNIT_MS)
		return units_time(b->max, to);
	snprintf(to, UNITS_TEXT_MAX, "%llu", (unsigned long long)b->max);
	return to;
}

static void tell(const struct bound *b, const struct limit_row *row, uint64_t times)
{
	char value[UNITS_TEXT_MAX];

	log_info("limits.%s = %s: at the bound %llu times (%s)", b->name,
		value_text(b, row->unit, value), (unsigned long long)times, row->on_hit);
}

void limit_log_tick(struct limit_log *w, const struct limits *l, uint64_t now_ms, bool last)
{
	if (now_ms < w->next_ms && !last)
		return;
	w->next_ms = now_ms + CHECK_MS;
	for (size_t i = 0; i < LIMIT_ROWS; i++) {
		const struct bound *b = limits_bound_const(l, i);
		if (b->hits == w->row[i].hits || (now_ms < w->row[i].next_ms && !last))
			continue;
		tell(b, &limit_rows[i], b->hits - w->row[i].hits);
		w->row[i].hits = b->hits;
		w->row[i].next_ms = now_ms + TELL_MS;
	}
}

void limit_log_refresh(struct limits *l)
{
	struct bound *b = &l->log_buffer_bytes;
	struct log_facts f;

	if (!log_get_facts(&f))
		return;
	bound_write(&b->used, f.used);
	bound_write(&b->peak, f.peak);
	bound_write(&b->hits, f.lost);
}
