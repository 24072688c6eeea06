/* Open files: has the process as many as its table of connections may need? Before: the settings.
 * After: the log. */
#ifndef NODE_DESCRIPTORS_H
#define NODE_DESCRIPTORS_H

#include "config/config.h"

/* The most that a node with these settings may come to hold. */
uint64_t descriptors_needed(const struct config *c);

/* Connections that fit when `most` files may be open. */
uint64_t descriptors_connections(const struct config *c, uint64_t most);

/* Raises the process's own limit as far as it may be, and says when connections of the table cannot
 * be had. */
void descriptors_look(const struct config *c);

#endif
