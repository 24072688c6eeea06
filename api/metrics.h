/* The node's numbers in the text format of Prometheus. */
#ifndef API_METRICS_H
#define API_METRICS_H

#include "api/api.h"

/* Writes the answer of GET /metrics. `w` is marked bad when it is too small. */
void metrics_put(const struct api *a, struct wr *w);

/* Writes the text of docs/metrics.md, from the same tables. */
void metrics_describe(struct wr *w);

#endif
