/* Finds the page for a path. Before: http/http_reply.c. After: the pages, or api/routes.c for every
 * other path. */
#include "web/routes.h"

#include <stdio.h>

#include "api/routes.h"
#include "web/asset.h"

enum { LAST_MAX = HTTP_ARG_MAX };

static const struct web_path {
	const char *path, *args;
	int (*fn)(struct page *p, const char *last);
} paths[] = {
#define PAGE(path, arguments, function) {path, arguments " lang", function},
#include "web/routes.def"
#undef PAGE
};

/* What stands behind the path of this row; NULL = it is not for this row. */
static const char *behind(const struct web_path *row, const char *path)
{
	size_t n = strlen(row->path);

	if (strncmp(path, row->path, n) != 0)
		return NULL;
	if (row->path[n - 1] == '/')
		return path[n] ? path + n : NULL;
	return !path[n] || strcmp(path + n, "/") == 0 ? "" : NULL;
}

static bool is_get(const struct http_request *q)
{
	return strcmp(q->method, "GET") == 0 || http_is_head(q);
}

/* A page's answer to arguments that it does not take, or to a malformed path: as of any path that
 * is not there. */
static int answer(
	const struct web_path *row, const struct api *a, struct http_call *c, const char *coded)
{
	char error[HTTP_ERROR_MAX], last[LAST_MAX] = "";
	struct page p = page_of(a, c);

	if (!http_check_args(c->request, row->args, HTTP_ARG_MAX, error) ||
		(*coded && !http_decode(coded, last, sizeof last)))
		return page_nothing(&p, 400, TEXT_NO_SUCH_PAGE, NULL);
	return row->fn(&p, last);
}

int web_route(void *api, struct http_call *c)
{
	const char *path = c->request->path, *last;

	if (c->right < RIGHT_READ || !is_get(c->request))
		return api_route(api, c);
	if (strcmp(path, "/style.css") == 0)
		return asset_answer(&asset_style, c);
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		if ((last = behind(&paths[i], path)))
			return answer(&paths[i], api, c, last);
	return api_route(api, c);
}
