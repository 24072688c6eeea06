/* The command check-config: prints what is wrong with the settings, and how much memory the node
 * can use with them. */
#ifndef CLI_CHECK_CONFIG_H
#define CLI_CHECK_CONFIG_H

#include <stdio.h>

#include "config/config.h"

struct check_config {
	const struct config *c; /* borrowed; after settings_judge() */
	bool all;               /* also the limits that cost no memory */
	size_t columns;         /* of the terminal; 0 = do not wrap lines */
	double rate;         /* hashes a second of a search for a block; 0 = no key, or unknown */
	uint64_t difficulty; /* of a new name */
};

/* Prints the notices, the limits in force as a table, and their sum compared with memory_budget. */
void check_config_print(const struct check_config *w, FILE *out);

/* Prints the same and the errors as one JSON object and a line feed. */
void check_config_json(const struct check_config *w, FILE *out);

#endif
