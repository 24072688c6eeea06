/* The numbers of figures.def and their values at one moment. */
#ifndef API_FIGURES_H
#define API_FIGURES_H

#include "api/api.h"
#include "api/status_jobs.h"
#include "api/status_keys.h"

enum {
#define FIGURE(part, name, kind, value, help) FIGURE_##name,
#include "api/figures.def"
#undef FIGURE
	FIGURES
};

/* The text columns of a row. */
struct figure_row {
	const char *part, *name, *kind, *help;
};
extern const struct figure_row figure_rows[FIGURES];

/* A snapshot of what the expressions of figures.def read. */
struct figures {
	const struct api *api;
	struct api_state state;
	struct chain_tip tip;
	struct sync_stats sync;
	struct p2p_stats net;
	struct api_dns dns;
	struct keys_count keys;
	struct jobs_told jobs;
};

/* Takes the snapshot. `a` is borrowed as long as *f is used. */
void figures_begin(struct figures *f, const struct api *a);

/* The value of a row (FIGURE_name) at that snapshot, in the unit that its help names. */
double figures_value(const struct figures *f, int row);

/* Writes the numbers of one part (the column of figures.def) as members of an object. */
struct json_wr;
void figures_put_part(const struct figures *f, const char *part, struct json_wr *j);

#endif
