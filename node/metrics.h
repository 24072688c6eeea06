/* The node's numbers in the text format of Prometheus. */
#ifndef NODE_METRICS_H
#define NODE_METRICS_H

#include "node/api.h"

void metrics_put(const struct api *a, struct wr *w);

/* The text of docs/metrics.md. */
void metrics_describe(struct wr *w);

#endif
