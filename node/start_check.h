/* Before the store is used: room on its disk, and the start-up check, which may last for hours on a
 * slow machine. In between signals are heard, and the log and the service manager are told how far
 * it is. */
#ifndef NODE_START_CHECK_H
#define NODE_START_CHECK_H

#include "node/node.h"

/* False, with the exit status in n->status, when the store cannot be used or the stop was asked for
 * meanwhile. */
bool start_check(struct node *n);

/* Before the store is opened: with a service manager, waits for room on a full disk
 * (node/room_wait.h). False when the stop was asked for, or without memory. */
bool start_room(struct node *n);

#endif
