/* Finds the page for a path, and who may have it. Before: http/http_reply.c. After: the pages, or
 * api/routes.c for every other path. */
#include "web/routes.h"

#include <stdio.h>

#include "api/routes.h"
#include "web/asset.h"
#include "web/login.h"
#include "web/prefix.h"
#include "web/token.h"

enum { LAST_MAX = HTTP_ARG_MAX };

static const struct web_path {
	const char *method, *path, *args;
	enum http_right right;
	int (*page)(struct page *p, const char *last);         /* NULL: a CALL */
	int (*call)(const struct api *a, struct http_call *c); /* NULL: a PAGE or a FORM */
} paths[] = {
#define PAGE(path, arguments, right, function)                                                     \
	{"GET", path, arguments " lang", right, function, NULL},
#define FORM(path, arguments, right, function)                                                     \
	{"POST", path, arguments " lang token", right, function, NULL},
#define CALL(method, path, arguments, right, function)                                             \
	{method, path, arguments " token", right, NULL, function},
#include "web/routes.def"
};

static const struct {
	const char *path;
	const struct asset *asset;
} assets[] = {
#define ASSET(path, asset) {path, &asset},
#include "web/routes.def"
};

/* What stands behind the path of this row; NULL = it is not for this row. */
static const char *behind(const struct web_path *row, const char *path)
{
	size_t n = strlen(row->path);

	if (strncmp(path, row->path, n) != 0)
		return NULL;
	if (n > 1 && row->path[n - 1] == '/')
		return path[n] ? path + n : NULL;
	return !path[n] || (n > 1 && strcmp(path + n, "/") == 0) ? "" : NULL;
}

static bool is_get(const struct http_request *q)
{
	return strcmp(q->method, "GET") == 0 || http_is_head(q);
}

/* The row for this request; NULL when there is none: *method is then the one that the path takes,
 * or NULL when no row has the path. */
static const struct web_path *find(
	const struct http_request *q, enum http_door door, const char **last, const char **method)
{
	const char *asked = is_get(q) ? "GET" : q->method;

	*method = NULL;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		const char *rest = behind(&paths[i], q->path);
		if (!rest || (paths[i].call && door != DOOR_WEB))
			continue;
		*last = rest;
		if (strcmp(paths[i].method, asked) == 0)
			return &paths[i];
		*method = paths[i].method;
	}
	return NULL;
}

bool web_has_page(const char *path)
{
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		if (paths[i].page && strcmp(paths[i].method, "GET") == 0 && behind(&paths[i], path))
			return true;
	return false;
}

static const struct asset *find_asset(const struct http_call *c)
{
	if (!is_get(c->request) || (c->right < RIGHT_READ && c->door != DOOR_WEB))
		return NULL;
	for (size_t i = 0; i < sizeof assets / sizeof assets[0]; i++)
		if (strcmp(c->request->path, assets[i].path) == 0)
			return assets[i].asset;
	return NULL;
}

/* ---- who may ---- */

/* A client at webui.listen that changes something, once for each request, shows that a page of
 * ours, or a script that knows the token, sent it. 200, or the status of the error that was
 * written. */
static int check_token(const struct web_path *row, struct http_call *c)
{
	if (is_get(c->request) || c->came_status || !c->token[0] ||
		token_is_right(c, row && row->call))
		return 200;
	return api_error(c, 403, token_wrong);
}

/* ---- answers ---- */

/* A page's answer to arguments that it does not take, or to a malformed path: as of any path that
 * is not there. */
static int answer_page(
	const struct web_path *row, const struct api *a, struct http_call *c, const char *coded)
{
	char error[HTTP_ERROR_MAX], last[LAST_MAX] = "";
	struct page p = page_of(a, c);

	if ((!c->came_status && !http_check_args(c->request, row->args, HTTP_ARG_MAX, error)) ||
		(*coded && !http_decode(coded, last, sizeof last)))
		return page_nothing(&p, 400, TEXT_NO_SUCH_PAGE, NULL);
	if (c->right < row->right)
		return page_for_the_owner(&p);
	return row->page(&p, last);
}

static int answer_call(const struct web_path *row, const struct api *a, struct http_call *c)
{
	char error[HTTP_ERROR_MAX];
	int status = 400;

	if (c->right < row->right)
		status = api_refuse(c);
	else if (!http_check_args(c->request, row->args, HTTP_ARG_MAX, error))
		api_error(c, status, error);
	else
		status = row->call(a, c);
	if (strcmp(c->type, HTTP_JSON) == 0)
		wr_u8(c->answer, '\n');
	return status;
}

/* Ends an error in JSON as every answer in JSON ends. */
static int with_line_end(struct http_call *c, int status)
{
	wr_u8(c->answer, '\n');
	return status;
}

/* Leads a browser without a session to the log-in; who asks for something else is told. The log-in
 * itself is in the table like every page. */
static int without_session(const struct web_path *row, const struct api *a, struct http_call *c)
{
	struct page p;

	if (!is_get(c->request) || !row || !row->page)
		return with_line_end(c, api_refuse(c));
	p = page_of(a, c);
	return page_to_login(&p);
}

/* A browser's window at a path that nothing has. */
static bool is_lost(const struct http_call *c)
{
	const char *takes;

	return is_get(c->request) && (c->request->navigates || c->request->html) &&
	       !api_path_find(c->request, &takes) && !takes;
}

static int page_lost(const struct api *a, struct http_call *c)
{
	struct page p = page_of(a, c);

	return page_nothing(&p, 404, TEXT_NO_SUCH_PAGE, NULL);
}

void web_know(void *api, struct http_call *c)
{
	const struct api *a = api;

	if (a->login)
		login_know(a->login, c);
}

static int route(void *api, struct http_call *c)
{
	const char *last, *method;
	const struct asset *asset = find_asset(c);

	if (asset)
		return asset_answer(asset, c);
	const struct web_path *row = find(c->request, c->door, &last, &method);
	if (c->door != DOOR_WEB && c->right < RIGHT_READ)
		return row ? with_line_end(c, api_refuse(c)) : api_route(api, c);
	if (c->right < (row ? row->right : RIGHT_OPEN) && c->right == RIGHT_NONE)
		return without_session(row, api, c);
	int status = check_token(row, c);
	if (status != 200)
		return with_line_end(c, status);
	if (!row)
		return is_lost(c) ? page_lost(api, c) : api_route(api, c);
	return row->page ? answer_page(row, api, c, last) : answer_call(row, api, c);
}

bool web_knows(void *api, const struct netaddr *from)
{
	const struct api *a = api;

	return a->login && login_knows(a->login, from);
}

int web_route(void *api, struct http_call *c)
{
	int status = route(api, c);

	prefix_put(c);
	return status;
}

static const char no_json[] =
	"arguments belong into the query (?address=...) or into a form (application/x-www-form-urlencoded)";

/* The body of a form or a call may be read when its sender has the right for the path; the token is
 * in the body, and is looked at when that has come. */
int web_admit(void *api, struct http_call *c)
{
	const char *last, *method;
	const struct web_path *row = find(c->request, c->door, &last, &method);

	if (c->right < (row ? row->right : RIGHT_OPEN))
		return with_line_end(c, api_refuse(c));
	if (!row && !c->request->json)
		return api_admit(api, c);
	if (!row)
		return with_line_end(c, api_error(c, 415, no_json));
	if (c->request->json != (row->call != NULL))
		return with_line_end(c,
			api_error(c, 415,
				row->call ? "this path takes JSON (Content-Type: application/json)"
					  : no_json));
	return 200;
}
