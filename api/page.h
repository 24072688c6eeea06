/* The status page, GET /. Without scripts it shows everything as of its loading; with scripts it
 * updates itself. */
#ifndef API_PAGE_H
#define API_PAGE_H

#include "api/api.h"

/* Its Content-Security-Policy, which allows its own script and style only. */
extern const char *const page_policy;

/* Writes the page as HTML. `w` is marked bad when it is too small. */
void page_put(const struct api *a, struct wr *w);

#endif
