/* Puts the path of a web server in front of us before our own paths. Pages write all of them from
 * the root, as ="/…", which no text of others can become, as a value neither (web/html.c). Before:
 * web/routes.c. */
#include "web/prefix.h"

static bool is_path(const struct wr *w, size_t at)
{
	return at >= 2 && w->p[at] == '/' && w->p[at - 1] == '"' && w->p[at - 2] == '=';
}

static size_t count_paths(const struct wr *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		n += is_path(w, i);
	return n;
}

/* Moves the page to its new place, from its end on. */
static void widen(struct wr *w, const char *prefix)
{
	size_t size = strlen(prefix), to = w->n + count_paths(w) * size, from = w->n;

	if (to > w->size) {
		w->bad = true;
		return;
	}
	w->n = to;
	while (from < to) {
		bool path = is_path(w, --from);
		w->p[--to] = w->p[from];
		if (path) {
			to -= size;
			memcpy(w->p + to, prefix, size);
		}
	}
}

/* Header lines that begin with Location are in c->text. */
static void redirect(struct http_call *c, const char *prefix)
{
	static const char location[] = "Location: ";
	const size_t n = sizeof location - 1, size = strlen(prefix);
	size_t length = strlen(c->text);

	if (c->more != c->text || strncmp(c->text, location, n) != 0 || c->text[n] != '/' ||
		length + size >= sizeof c->text)
		return;
	memmove(c->text + n + size, c->text + n, length - n + 1);
	memcpy(c->text + n, prefix, size);
}

bool prefix_of(const struct http_request *q, char to[HTTP_PREFIX_MAX])
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._/";
	size_t n = strlen(q->prefix);

	while (n && q->prefix[n - 1] == '/')
		n--;
	memcpy(to, q->prefix, n);
	to[n] = 0;
	return to[0] == '/' && to[1] != '/' && strspn(to, plain) == n;
}

void prefix_put(struct http_call *c)
{
	char prefix[HTTP_PREFIX_MAX];

	if (!prefix_of(c->request, prefix))
		return;
	redirect(c, prefix);
	if (strncmp(c->type, "text/html", 9) == 0 && !c->answer->bad)
		widen(c->answer, prefix);
}
