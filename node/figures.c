/* Before: whatever counts. After: node/status.c and node/metrics.c. */
#include "config/memory.h"
#include "node/figures.h"

#include "base/mem.h"

const struct figure_row figure_rows[FIGURES] = {
#define FIGURE(part, name, kind, value, help) {part, #name, #kind, help},
#include "node/figures.def"
#undef FIGURE
};

void figures_begin(struct figures *f, struct node *n)
{
	watch_log(&n->config->limits);
	*f = (struct figures){.n = n, .sync = n->sync};
	chain_get_tip(n->chain, &f->tip);
	p2p_stats(n->p2p, &f->net);
	verify_get_stats(n->sync->pool, &f->verify);
}

double figures_value(const struct figures *f, int row)
{
	switch (row) {
#define FIGURE(part, name, kind, value, help)                                                      \
	case FIGURE_##name:                                                                        \
		return (double)(value);
#include "node/figures.def"
#undef FIGURE
	}
	return 0;
}
