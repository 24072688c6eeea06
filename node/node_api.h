/* Fills struct api: what HTTP, events, log and service manager may see of the node, and do to it.
 */
#ifndef NODE_NODE_API_H
#define NODE_NODE_API_H

#include "node/node.h"

/* Fills n->api, which borrows the parts of `n`: chain, p2p and the engines must exist, and outlive
 * every use of it. */
void node_api_fill(struct node *n);

/* The same for `alfisd signer`, which has keys and nothing else: only the hooks of keys are there.
 */
void node_api_fill_keys(struct node *n);

#endif
