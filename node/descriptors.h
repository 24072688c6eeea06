/* Checks whether the process may open as many files as its connections may need. Before: cli/run.c
 * has the settings. After: the log. */
#ifndef NODE_DESCRIPTORS_H
#define NODE_DESCRIPTORS_H

#include "config/config.h"

/* The most descriptors that a node with these settings may have open. */
uint64_t descriptors_needed(const struct config *c);

/* How many connections of limits.max_connections can be had when `most` files may be open. */
uint64_t descriptors_connections(const struct config *c, uint64_t most);

/* Raises the process's soft limit (RLIMIT_NOFILE) to what is needed, as far as the hard limit
 * allows. Logs a warning when that is not enough for limits.max_connections. */
void descriptors_raise_limit(const struct config *c);

#endif
