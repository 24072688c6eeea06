/* The status page, GET /: whole and true without scripts, live with them. */
#ifndef NODE_PAGE_H
#define NODE_PAGE_H

#include "node/node.h"

void page_put(struct node *n, struct wr *w);

#endif
