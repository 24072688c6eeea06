/* How the node shows itself to what answers over HTTP. */
#ifndef NODE_NODE_API_H
#define NODE_NODE_API_H

#include "node/node.h"

/* Fills n->api. All parts that it looks at are there; it is not used after they end. */
void node_api_fill(struct node *n);

#endif
