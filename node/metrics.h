/* The node's numbers in the text format of Prometheus. */
#ifndef NODE_METRICS_H
#define NODE_METRICS_H

#include "node/node.h"

void metrics_put(struct node *n, struct wr *w);

#endif
