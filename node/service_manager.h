/* Tells the service manager regularly how the node is: STATUS, and WATCHDOG where it asks for one
 * (sd_notify(3)). */
#ifndef NODE_SERVICE_MANAGER_H
#define NODE_SERVICE_MANAGER_H

#include "node/node.h"

/* Nothing here waits for the manager: what it does not take is told again a second later. */

/* "READY=1", with the state. */
void service_manager_ready(struct node *n);

/* "STOPPING=1", and how long that may take. */
void service_manager_stopping(struct node *n);

/* Tells the state when it is another one than was told last. */
void service_manager_look(struct node *n, enum reason now);

bool service_manager_start(struct node *n); /* true also when there is no manager */
void service_manager_stop(struct node *n);

#endif
