/* The command check-config: what is wrong with the settings, and what the node can come to hold
 * with them. */
#ifndef CLI_CHECK_CONFIG_H
#define CLI_CHECK_CONFIG_H

#include <stdio.h>

#include "config/config.h"

struct check_config {
	const struct config *c; /* judged by settings_judge() */
	bool all;               /* rows that cost no memory, too */
	size_t columns;         /* of a line; 0 = no bound */
};

/* Notices, the effective limits as a table, their sum against memory_budget. */
void check_config_print(const struct check_config *w, FILE *out);

/* The same and the errors as one object. */
void check_config_json(const struct check_config *w, FILE *out);

#endif
