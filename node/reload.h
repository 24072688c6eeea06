/* Reads the settings again and applies those that can change while the node runs: all of them, or
 * none. */
#ifndef NODE_RELOAD_H
#define NODE_RELOAD_H

#include "node/node.h"

/* Writes one line into `said`: a summary when it returns true; the error when it returns false, and
 * then nothing was changed. Logs every changed key with its old and new value, and the keys that
 * need a restart. */
bool node_reload(struct node *n, char *said, size_t size);

#endif
