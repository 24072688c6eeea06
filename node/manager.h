/* Tells the service manager regularly how the node is: STATUS, and WATCHDOG where it asks for one
 * (sd_notify(3)). */
#ifndef NODE_MANAGER_H
#define NODE_MANAGER_H

#include "node/node.h"

bool manager_start(struct node *n); /* true also when there is no manager */
void manager_stop(struct node *n);

#endif
