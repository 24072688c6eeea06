/* The fixed parts of the pages. Before: web/routes.c. After: http/http_reply.c sends them. */
#include "web/asset.h"

#include <stdio.h>

#include "web/script_js.h"
#include "web/style_css.h"

const struct asset asset_style = {.type = "text/css; charset=utf-8",
	.tag = style_css_tag,
	.raw = {style_css, sizeof style_css},
	.gzip = {style_css_gzip, sizeof style_css_gzip}};

const struct asset asset_script = {.type = "text/javascript; charset=utf-8",
	.tag = script_js_tag,
	.raw = {script_js, sizeof script_js},
	.gzip = {script_js_gzip, sizeof script_js_gzip}};

/* Does the entity tag of a request, with its quotes, name this one? */
static bool is_known(const struct asset *a, const char *known)
{
	size_t n = strlen(a->tag);

	return strlen(known) == n + 2 && memcmp(known + 1, a->tag, n) == 0;
}

int asset_answer(const struct asset *a, struct http_call *c)
{
	bool gzip = c->request->gzip;

	c->type = a->type;
	c->cache = "private, max-age=31536000";
	snprintf(c->text, sizeof c->text, "ETag: \"%s\"\r\nVary: Accept-Encoding\r\n%s", a->tag,
		gzip ? "Content-Encoding: gzip\r\n" : "");
	c->more = c->text;
	if (is_known(a, c->request->known))
		return 304;
	wr_slice(c->answer, gzip ? a->gzip : a->raw);
	return 200;
}
