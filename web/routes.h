/* Finds the page for a path (web/routes.def). */
#ifndef WEB_ROUTES_H
#define WEB_ROUTES_H

#include "web/own_edit.h"
#include "web/page.h"

/* http_settings.route: the pages of web/, else the routes of api/routes.h. `api` is a
 * const struct api *. */
int web_route(void *api, struct http_call *c);

/* http_settings.know: the session of a client at webui.listen. */
void web_know(void *api, struct http_call *c);

/* http_settings.knows: who logged in before. */
bool web_knows(void *api, const struct netaddr *from);

/* http_settings.admit, as api_admit() (api/routes.h): for the forms of web/, too. */
int web_admit(void *api, struct http_call *c);

/* http_settings.refused: the page of an error. */
void web_refused(void *api, struct http_call *c, int status, const char *why);

/* Can this path be opened as a page? */
bool web_has_page(const char *path);

/* The log-in at webui.listen for who asked without a session, or sent a form when it had ended. */
void page_login_ended(struct page *p);

/* The page of a search that is too long for any answer. Returns 414. */
int page_too_long(struct page *p);

/* The pages, and what takes their forms: each writes its answer and returns the HTTP status.
 * `last`: what stands behind a path that ends in '/', decoded, else "". */
#define PAGE(path, arguments, right, function) int function(struct page *p, const char *last);
#define FORM(path, arguments, right, function) int function(struct page *p, const char *last);
/* The same in JSON, as the functions of api/routes.h. */
#define CALL(method, path, arguments, right, function)                                             \
	int function(const struct api *a, struct http_call *c);
#include "web/routes.def"

#endif
