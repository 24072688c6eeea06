/* Looks for the token of a session in a request. Before: web/routes.c. After: the function of the
 * path. */
#include "web/token.h"

#include <string.h>

const char token_wrong[] =
	"the token of this session is missing or wrong: load the page again, or send it as the "
	"header X-Token";

static bool is_same(const char *given, const char *token)
{
	return token[0] && slice_eq_slowly(slice_str(given), slice_str(token));
}

bool token_is_right(const struct http_call *c, bool script)
{
	const struct http_request *q = c->request;
	char given[HTTP_ARG_MAX];

	if (is_same(q->token, c->token))
		return true;
	if (http_arg(q, "token", given, sizeof given) && is_same(given, c->token))
		return true;
	return script && !q->origin && !q->has_site && !q->token[0] &&
	       (q->json || (!q->length && !q->has_type));
}
