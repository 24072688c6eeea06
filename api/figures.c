/* Computes the values of the rows of figures.def. Before: sync/, p2p/ and chain/ count. After:
 * api/status.c, api/metrics.c, web/page_home.c and api/health.c write them. */
#include <string.h>

#include "base/json.h"
#include "config/memory.h"
#include "api/figures.h"

#include "base/mem.h"

/* A number that the DNS server counts; 0 without one. */
#define DNS(field)                                                                                 \
	(f->dns.figures ? atomic_load_explicit(&f->dns.figures->field, memory_order_relaxed) : 0)

const struct figure_row figure_rows[FIGURES] = {
#define FIGURE(part, name, kind, value, help) {part, #name, #kind, help},
#include "api/figures.def"
#undef FIGURE
};

void figures_begin(struct figures *f, const struct api *a)
{
	*f = (struct figures){.api = a, .state = api_state(a)};
	chain_get_tip(a->chain, &f->tip);
	sync_get_stats(a->sync, &f->sync);
	p2p_stats(a->p2p, &f->net);
	a->hooks.dns(a->hooks.ctx, &f->dns);
	keys_count(a, &f->keys);
	jobs_told(a, &f->jobs);
}

/* How many of the answers that could have been kept were. */
static double hit_rate(const struct figures *f)
{
	uint64_t hits = DNS(cache_hits), all = hits + DNS(cache_misses);

	return all ? (double)hits / (double)all : 0;
}

double figures_value(const struct figures *f, int row)
{
	switch (row) {
#define FIGURE(part, name, kind, value, help)                                                      \
	case FIGURE_##name:                                                                        \
		return (double)(value);
#include "api/figures.def"
#undef FIGURE
	}
	return 0;
}

void figures_put_part(const struct figures *f, const char *part, struct json_wr *j)
{
	for (int i = 0; i < FIGURES; i++)
		if (strcmp(figure_rows[i].part, part) == 0)
			json_number(j, figure_rows[i].name, figures_value(f, i));
}
