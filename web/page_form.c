/* Forms that change something: each carries the token of the session. Before: the pages. After:
 * web/routes.c checks the token and calls the FORM of the path. */
#include "web/page.h"

bool page_may_own(const struct page *p)
{
	return p->call->right >= RIGHT_OWN;
}

void page_form(struct page *p, const char *path)
{
	html_raw(p->w, "<form method=\"post\" action=\"");
	html_str(p->w, path);
	html_raw(p->w, "\">\n");
	if (p->call->token[0]) {
		html_raw(p->w, "<input type=\"hidden\" name=\"token\" value=\"");
		html_str(p->w, p->call->token);
		html_raw(p->w, "\">\n");
	}
}

void page_form_end(struct page *p, enum web_text button)
{
	html_raw(p->w, "<button>");
	page_say(p, button);
	html_raw(p->w, "</button>\n</form>\n");
}
