/* How fast blocks are searched for here: a short measurement, for commands that say how long a
 * search would take. Before: cli/. After: mine/search.h. */
#ifndef MINE_RATE_H
#define MINE_RATE_H

#include "mine/search.h"

/* Hashes a second with these settings but for `lower`; `ended` is not called: searches for about
 * `ms` milliseconds for something that there is not, and waits for the end. Not for a loop. 0
 * without memory. */
double mine_rate(const struct search_settings *s, unsigned ms);

#endif
