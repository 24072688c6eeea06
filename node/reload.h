/* Reads the settings again and takes over what can change while the node runs: all or nothing. */
#ifndef NODE_RELOAD_H
#define NODE_RELOAD_H

#include "node/node.h"

/* True: `said` is a summary. False: nothing was changed and `said` is the error. Every changed key
 * is logged with its old and new value, and so is what needs a restart. */
bool node_reload(struct node *n, char *said, size_t size);

#endif
