/* The status page, GET /: whole and true without scripts, live with them. */
#ifndef NODE_PAGE_H
#define NODE_PAGE_H

#include "node/api.h"

/* Content-Security-Policy: its own script and style alone. */
extern const char *const page_policy;

void page_put(const struct api *a, struct wr *w);

#endif
