/* Finds one cookie in a Cookie header such as "a=1; session=abc". Before: http/request.c, which
 * keeps the header's text. After: no route reads a cookie yet. */
#include "http/request.h"

/* Reads "name=value" up to the next ';', without blanks around it. */
static struct slice next_pair(const char **rest)
{
	size_t n = strcspn(*rest, ";");
	struct slice pair = slice_of(*rest, n);

	*rest += n + ((*rest)[n] == ';');
	while (pair.n && (*pair.p == ' ' || *pair.p == '\t'))
		pair = slice_of(pair.p + 1, pair.n - 1);
	while (pair.n && (pair.p[pair.n - 1] == ' ' || pair.p[pair.n - 1] == '\t'))
		pair.n--;
	return pair;
}

/* The value after "name=", without quotes around it; .p is NULL when the pair has another name. */
static struct slice value_of(struct slice pair, const char *name)
{
	size_t n = strlen(name);

	if (pair.n <= n || memcmp(pair.p, name, n) != 0 || pair.p[n] != '=')
		return slice_of(NULL, 0);
	struct slice value = slice_of(pair.p + n + 1, pair.n - n - 1);
	if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
		value = slice_of(value.p + 1, value.n - 2);
	return value;
}

/* All cookies are looked at, also after the first match, to find a second one of the name. */
bool http_cookie(const char *header, const char *name, char *to, size_t size)
{
	struct slice found = slice_of(NULL, 0);

	for (unsigned i = 0; *header; i++) {
		struct slice value = value_of(next_pair(&header), name);
		if (i >= HTTP_COOKIES_MAX || (value.p && found.p))
			return false;
		if (value.p)
			found = value;
	}
	if (!found.p || found.n >= size)
		return false;
	memcpy(to, found.p, found.n);
	to[found.n] = 0;
	return true;
}
