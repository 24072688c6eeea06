/* The pages of the editor: a new name, a name of ours, and what its form asks for. Before:
 * web/routes.c. After: web/own_edit.h, web/own_transfer.c. */
#include "web/own_edit.h"
#include "web/routes.h"

static int no_memory(struct page *p)
{
	return page_nothing(p, 503, TEXT_NO_MEMORY, NULL);
}

/* ---- a new name ---- */

static void put_choice(struct page *p)
{
	html_raw(p->w, "<form action=\"/own/new\"><p><label>");
	page_say(p, TEXT_NAME);
	html_raw(p->w, " <input name=\"name\" required maxlength=\"200\" autocomplete=\"off\" "
		       "spellcheck=\"false\" placeholder=\"example.ygg\" aria-label=\"");
	page_say(p, TEXT_NAME);
	html_raw(p->w, "\"></label> <button>");
	page_say(p, TEXT_OWN_GO_ON);
	html_raw(p->w, "</button></p></form>\n");
}

static int ask_for_name(struct page *p)
{
	page_begin(p, web_text(p->language, TEXT_OWN_NEW), NULL);
	page_sentence(p, TEXT_OWN_NEW_EXPLAINED);
	put_choice(p);
	page_end(p);
	return 200;
}

/* The form, and below it what it would do when that is known. */
static int show(struct own_edit *e, int status, bool preview, bool fine)
{
	struct page *p = e->p;

	page_begin(p, e->name[0] ? e->name : web_text(p->language, TEXT_OWN_NEW), NULL);
	if (!fine) {
		html_raw(p->w, "<p>");
		own_badge(p, "bad", TEXT_OWN_WRONG);
		html_raw(p->w, "</p>\n");
	}
	own_edit_show(e, preview && fine);
	if (e->block && !preview)
		own_put_deeds(p, e->name);
	page_end(p);
	return status;
}

int page_own_new(struct page *p, const char *last)
{
	char name[HTTP_ARG_MAX];
	(void)last;

	if (!http_arg(p->call->request, "name", name, sizeof name))
		return ask_for_name(p);
	return page_own_name(p, page_typed(name));
}

int page_own_name(struct page *p, const char *last)
{
	struct own_edit *e = own_edit_open(p, last);

	if (!e)
		return no_memory(p);
	own_edit_from_chain(e);
	if (e->taken)
		own_edit_blame(e, OWN_AT_NAME, 0, web_text(p->language, TEXT_OWN_NOT_OURS));
	int status = show(e, 200, false, true);
	own_edit_free(e);
	return status;
}

/* ---- the form ---- */

/* Only what was shown before is started: who changed a field after it sees it once more. */
static bool was_seen(const struct own_edit *e)
{
	char is[2 * HASH_SIZE + 1], was[HTTP_ARG_MAX] = "";

	own_edit_mark(e, is);
	http_arg(e->p->call->request, "seen", was, sizeof was);
	return strcmp(is, was) == 0;
}

static int answer(struct own_edit *e)
{
	struct own_deed deed;

	own_edit_from_form(e, &deed);
	if (deed.what == OWN_UP || deed.what == OWN_DOWN || deed.what == OWN_REMOVE)
		return show(e, 200, false, true);
	bool fine = own_edit_build(e);
	if (fine)
		fine = own_edit_try(e);
	if (!fine || deed.what != OWN_START || !was_seen(e))
		return show(e, fine ? 200 : 400, true, fine);
	struct draft_request r = own_edit_request(e);
	return own_add_job(e->p, &r);
}

int form_own_edit(struct page *p, const char *last)
{
	char name[HTTP_ARG_MAX] = "";
	(void)last;

	http_arg(p->call->request, "name", name, sizeof name);
	struct own_edit *e = own_edit_open(p, name);
	if (!e)
		return no_memory(p);
	int status = answer(e);
	own_edit_free(e);
	return status;
}
