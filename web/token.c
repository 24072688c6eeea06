/* Looks for the token of a session in a request. Before: web/routes.c. After: the function of the
 * path. */
#include "web/token.h"

#include <string.h>

/* In constant time for texts of one length. */
static bool is_same(const char *a, const char *b)
{
	size_t n = strlen(b);
	volatile unsigned char differs = 0;

	if (!n || strlen(a) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		differs = (unsigned char)(differs | (unsigned char)(a[i] ^ b[i]));
	return !differs;
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
