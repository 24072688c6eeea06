/* The status page, GET /: whole and true without scripts, live with them. */
#ifndef API_PAGE_H
#define API_PAGE_H

#include "api/api.h"

/* Content-Security-Policy: its own script and style alone. */
extern const char *const page_policy;

/* Writes the page as HTML. `w` is marked bad when it is too small. */
void page_put(const struct api *a, struct wr *w);

#endif
