/* The rows of figures.def, and their values at a moment. */
#ifndef API_FIGURES_H
#define API_FIGURES_H

#include "api/api.h"

enum {
#define FIGURE(part, name, kind, value, help) FIGURE_##name,
#include "api/figures.def"
#undef FIGURE
	FIGURES
};

struct figure_row {
	const char *part, *name, *kind, *help;
};
extern const struct figure_row figure_rows[FIGURES];

/* What the expressions look at. */
struct figures {
	const struct api *api;
	struct api_state state;
	struct chain_tip tip;
	struct sync_stats sync;
	struct p2p_stats net;
};

/* Takes a snapshot of everything that the expressions of the rows look at. */
void figures_begin(struct figures *f, const struct api *a);

/* The value of a row (FIGURE_name) at that snapshot, in the unit that its help names. */
double figures_value(const struct figures *f, int row);

#endif
