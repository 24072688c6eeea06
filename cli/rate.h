/* How fast blocks are searched for here, for commands that say how long that takes. Before:
 * commands. After: the running node, or mine/rate.h. */
#ifndef CLI_RATE_H
#define CLI_RATE_H

#include "config/config.h"

/* Hashes a second with the settings of the node: measured for RATE_MS. 0 = it cannot be. */
double rate_measured(const struct config *c);

/* As the running node has measured it in its last search; else as above. */
double rate_here(const struct config *c);

enum { RATE_MS = 300 };

#endif
