/* The start-up check, which may last for hours on a slow machine: in between signals are heard, and
 * the log and the service manager are told how far it is. */
#ifndef NODE_START_CHECK_H
#define NODE_START_CHECK_H

#include "node/node.h"

/* False, with the exit status in n->status, when the store cannot be used or the stop was asked for
 * meanwhile. */
bool start_check(struct node *n);

#endif
