/* Finds the page for a path (web/routes.def). */
#ifndef WEB_ROUTES_H
#define WEB_ROUTES_H

#include "web/page.h"

/* http_settings.route: the pages of web/, else the routes of api/routes.h. `api` is a
 * const struct api *. */
int web_route(void *api, struct http_call *c);

/* The pages. Each writes its answer and returns the HTTP status. */
#define PAGE(path, arguments, function) int function(struct page *p, const char *last);
#include "web/routes.def"
#undef PAGE

#endif
