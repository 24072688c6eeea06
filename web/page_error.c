/* The page for who asked with a browser and is refused: what happened, what to do, and the sentence
 * that everybody else gets as JSON. Before: http/http_error.c, web/routes.c. After: web/page.h. */
#include <stdio.h>
#include <string.h>

#include "web/prefix.h"
#include "web/routes.h"
#include "web/token.h"

static const struct {
	int status;
	enum web_text title, todo;
} errors[] = {
	{400, TEXT_ERROR_REQUEST, TEXT_ERROR_REQUEST_TODO},
	{401, TEXT_ERROR_TOKEN, TEXT_ERROR_TOKEN_TODO},
	{403, TEXT_ERROR_FORBIDDEN, TEXT_ERROR_FORBIDDEN_TODO},
	{404, TEXT_NOT_FOUND, TEXT_NO_SUCH_PAGE},
	{405, TEXT_ERROR_METHOD, TEXT_ERROR_METHOD_TODO},
	{406, TEXT_ERROR_STREAM, TEXT_ERROR_STREAM_TODO},
	{413, TEXT_ERROR_BODY, TEXT_ERROR_BODY_TODO},
	{414, TEXT_ERROR_ADDRESS, TEXT_ERROR_ADDRESS_TODO},
	{429, TEXT_ERROR_BUSY, TEXT_ERROR_BUSY_TODO},
	{431, TEXT_ERROR_HEAD, TEXT_ERROR_HEAD_TODO},
	{503, TEXT_ERROR_BUSY, TEXT_ERROR_BUSY_TODO},
	{504, TEXT_ERROR_BUSY, TEXT_ERROR_BUSY_TODO},
};

enum { ERRORS = sizeof errors / sizeof errors[0] };

/* The row of this status; that of a request which is not understood for any other. */
static size_t row_of(int status)
{
	size_t i = 0;

	while (i < ERRORS && errors[i].status != status)
		i++;
	return i < ERRORS ? i : 0;
}

static void put(struct page *p, enum web_text title, enum web_text todo, const char *why)
{
	page_begin(p, web_text(p->language, title), NULL);
	page_sentence(p, todo);
	if (why) {
		html_raw(p->w, "<p class=\"dim\">");
		page_put_line(p, why);
		html_raw(p->w, "</p>\n");
	}
	html_raw(p->w, "<p><a href=\"/\">");
	page_say(p, TEXT_FIRST_PAGE);
	html_raw(p->w, "</a></p>\n");
	page_end(p);
}

int page_too_long(struct page *p)
{
	put(p, TEXT_SEARCH_LONG, TEXT_SEARCH_LONG_TODO, NULL);
	return 414;
}

/* At webui.listen it is the session that is missing, and never another secret. */
static bool needs_login(const struct page *p, int status)
{
	return status == 401 && p->call->door == DOOR_WEB && p->api->login;
}

/* The page is made as any other, so it sets its own headers; those of the refusal come behind. */
void web_refused(void *api, struct http_call *c, int status, const char *why)
{
	const char *more = c->more;
	size_t row = row_of(status);

	struct page p = page_of(api, c);
	snprintf(c->text, sizeof c->text, "Vary: Accept, Accept-Language, Cookie\r\n%s", more);
	c->more = c->text;
	p.here = "/";
	if (status == 414 && strcmp(c->request->path, "/search") == 0)
		page_too_long(&p);
	else if (needs_login(&p, status))
		page_login_ended(&p);
	else if (status == 403 && strcmp(why, token_wrong) == 0)
		put(&p, TEXT_ERROR_OLD_PAGE, TEXT_ERROR_OLD_PAGE_TODO, NULL);
	else
		put(&p, errors[row].title, errors[row].todo, why);
	prefix_put(c);
}
