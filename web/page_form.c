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
	html_path(p->w, path);
	html_raw(p->w, "\">\n");
	if (p->call->token[0]) {
		html_raw(p->w, "<input type=\"hidden\" name=\"token\" value=\"");
		html_str(p->w, p->call->token);
		html_raw(p->w, "\">\n");
	}
}

/* The reason is the description of the field, so that it is read with it. */
static void put_wrong(struct page *p, const struct page_field *f)
{
	wr_format(p->w, "<strong class=\"bad\" id=\"wrong-%s\" role=\"alert\"> ", f->name);
	page_say(p, f->wrong);
	html_raw(p->w, "</strong>");
}

void page_field(struct page *p, const struct page_field *f)
{
	bool wrong = f->wrong != WEB_TEXTS;

	html_raw(p->w, "<label class=\"field\"><span>");
	page_say_head(p, f->label);
	wr_format(p->w, "</span> <input name=\"%s\" maxlength=\"200\"%s", f->name,
		f->required ? " required" : "");
	if (wrong)
		wr_format(p->w, " aria-invalid=\"true\" aria-describedby=\"wrong-%s\"", f->name);
	html_raw(p->w, " placeholder=\"");
	html_str(p->w, f->hint);
	html_raw(p->w, "\" value=\"");
	html_str(p->w, f->value);
	html_raw(p->w, "\"></label>\n");
	if (wrong)
		put_wrong(p, f);
}

void page_form_end(struct page *p, enum web_text button)
{
	html_raw(p->w, "<button>");
	page_say(p, button);
	html_raw(p->w, "</button>\n</form>\n");
}
