/* The rows of figures.def, and their values at a moment. */
#ifndef NODE_FIGURES_H
#define NODE_FIGURES_H

#include "node/node.h"

enum {
#define FIGURE(part, name, kind, value, help) FIGURE_##name,
#include "node/figures.def"
#undef FIGURE
	FIGURES
};

struct figure_row {
	const char *part, *name, *kind, *help;
};
extern const struct figure_row figure_rows[FIGURES];

/* What the expressions look at. */
struct figures {
	struct node *n;
	const struct sync *sync;
	struct chain_tip tip;
	struct p2p_stats net;
	struct verify_stats verify;
};

void figures_begin(struct figures *f, struct node *n);
double figures_value(const struct figures *f, int row);

#endif
