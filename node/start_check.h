/* What is done at the start before the store is used: wait for room on its disk, and the start-up
 * check, which may take hours on a slow machine. Meanwhile signals are handled, and log and service
 * manager are told how far the check is. */
#ifndef NODE_START_CHECK_H
#define NODE_START_CHECK_H

#include "node/node.h"

/* Checks the last check_blocks blocks. False when the store cannot be used, with the exit
 * status in n->status, or when n->stopping was set meanwhile. */
bool start_check(struct node *n);

/* To be called before the store is opened. If there is a service manager, waits while the disk is
 * full (node/room_wait.h). False when n->stopping was set meanwhile, or memory ran out. */
bool start_check_room(struct node *n);

#endif
