/* Tells the service manager regularly what the node does (STATUS) and that it is alive (WATCHDOG):
 * sd_notify(3). */
#ifndef NODE_SERVICE_MANAGER_H
#define NODE_SERVICE_MANAGER_H

#include "node/node.h"

/* Nothing here waits for the manager. When its socket is full the message is sent again a second
 * later. */

/* Says "READY=1", with the state. */
void service_manager_ready(struct node *n);

/* Says "STOPPING=1", and how long the stop may take. */
void service_manager_stopping(struct node *n);

/* Tells the state at once when its reason is another one than was told last. */
void service_manager_tell(struct node *n, enum reason now);

/* Makes the timer that tells the state. True also when there is no manager; false when memory ran
 * out. */
bool service_manager_start(struct node *n);
void service_manager_stop(struct node *n);

#endif
