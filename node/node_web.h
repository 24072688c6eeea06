/* The HTTP server and the log-in at webui.listen, as parts of the node. For the loop's thread. */
#ifndef NODE_NODE_WEB_H
#define NODE_NODE_WEB_H

#include <stdbool.h>

struct config;
struct node;

/* Makes the log-in when there is a password. False when memory or descriptors run out. */
bool node_web_start(struct node *n);
void node_web_stop(struct node *n);

/* After a reload: `n->config` is in force. The log-in is made when there is a password for the
 * first time. */
void node_web_reload(struct node *n);

/* Starts the HTTP server, which asks the log-in. False when it cannot be started: the exit status
 * is in n->status. */
bool node_http_start(struct node *n);
void node_http_stop(struct node *n);

#endif
