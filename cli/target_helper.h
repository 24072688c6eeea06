/* Gives a snapshot its name for a process that has become another user meanwhile. */
#ifndef CLI_TARGET_HELPER_H
#define CLI_TARGET_HELPER_H

#include "cli/target.h"

/* Starts a process that keeps today's rights and does one thing with them: `put`, when it is told
 * to. It ends with this process at the latest. False with t->error. */
bool target_helper_start(struct target *t, bool (*put)(struct target *t));

/* Has it done. False with t->error. */
bool target_helper_ask(struct target *t);

/* Ends it; what has no name by then goes. */
void target_helper_end(struct target *t);

#endif
