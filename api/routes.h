/* The paths that can be asked over HTTP, from api/routes.def. */
#ifndef API_ROUTES_H
#define API_ROUTES_H

#include "base/json.h"
#include "http/call.h"
#include "api/api.h"

/* Answers the request, as http_settings.route does; `api` is a const struct api *. With another
 * status than 200 the answer is an error text (but that of /health). */
int api_route(void *api, struct http_call *c);

/* Judges the head of a request, as http_settings.admit does: there is such a path, for such a
 * client. */
int api_admit(void *api, struct http_call *c);

/* A row of api/routes.def. */
struct api_path {
	const char *method, *path;
	const char *args; /* names, divided by spaces */
	enum http_right right;
	int (*fn)(const struct api *a, struct http_call *c);
};

/* The row for this request, with HEAD as GET. NULL when there is none: *method is the one that the
 * path takes then, or NULL when there is no such path. */
const struct api_path *api_path_find(const struct http_request *q, const char **method);

/* ---- for the functions of the table ---- */

/* Each of them answers, and returns an HTTP status. */
#define ROUTE(method, path, arguments, right, function, help)                                      \
	int function(const struct api *a, struct http_call *c);
#include "api/routes.def"

/* An error to answer with; returns `status`. */
int api_error(struct http_call *c, int status, const char *text);

/* The number of an argument; *to stays when it is absent. False, with an error to answer 400 with,
 * when it is none from `least` to `most`. */
bool api_take_number(
	struct http_call *c, const char *key, uint64_t least, uint64_t most, uint64_t *to);

#endif
