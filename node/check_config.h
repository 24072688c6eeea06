/* The command check-config. */
#ifndef NODE_CHECK_CONFIG_H
#define NODE_CHECK_CONFIG_H

#include "config/doc.h"

/* The effective limits as a table, their sum against memory_budget, and the notices of loading.
 * Exit status: EXIT_USAGE when the sum is over the budget. */
int check_config_print(const struct config *c, FILE *out);

#endif
