/* The HTTP routes: finds the function for a path in the table api/routes.def and calls it. */
#ifndef API_ROUTES_H
#define API_ROUTES_H

#include "base/json.h"
#include "http/call.h"
#include "api/api.h"

/* http_settings.route: answers the request and returns an HTTP status. `api` is a const struct api
 * *. If the status is not 200 the answer is {"error":"…"}, except for /health. */
int api_route(void *api, struct http_call *c);

/* http_settings.admit: 200 when there is such a path and this client may use it, else the status of
 * an error. Arguments are not checked, because some of them are in the body, which is not here yet.
 */
int api_admit(void *api, struct http_call *c);

/* A row of api/routes.def. */
struct api_path {
	const char *method, *path;
	const char *args;      /* the names of its arguments, separated by spaces */
	enum http_right right; /* that a client needs */
	int (*fn)(const struct api *a, struct http_call *c);
};

/* Finds the row for this request, HEAD counting as GET. NULL when there is none: *method is then
 * the method that the path takes, or NULL when there is no such path at all. */
const struct api_path *api_path_find(const struct http_request *q, const char **method);

/* ---- for the functions of the table ---- */

/* The functions of the table. Each writes an answer and returns an HTTP status. */
#define ROUTE(method, path, arguments, right, function, help)                                      \
	int function(const struct api *a, struct http_call *c);
#include "api/routes.def"

/* Writes {"done":"text"} as the answer and returns 200. */
int api_done(struct http_call *c, const char *text);

/* Writes {"error":"text"} as the answer and returns `status`. */
int api_error(struct http_call *c, int status, const char *text);

/* Answers a client whose right does not suffice: why, and where it can ask instead. 401 when it has
 * to log in, else 403. */
int api_refuse(struct http_call *c);

/* Reads how long a ban is to last, a time as in the settings ("10m" too). False when it is not
 * within the range of limits.ban_time. */
bool api_ban_time(const char *text, uint64_t *seconds);

/* Reads an argument as a decimal number; *to keeps its value when the argument is absent. False,
 * with the error of a status 400 written, when it is not a number from `least` to `most`. */
bool api_take_number(
	struct http_call *c, const char *key, uint64_t least, uint64_t most, uint64_t *to);

#endif
