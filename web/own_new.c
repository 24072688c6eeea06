/* The pages of the editor: a new name, a name of ours, and what its form asks for. Before:
 * web/routes.c. After: web/own_edit.h, web/own_transfer.c. */
#include <stdio.h>

#include "web/own_edit.h"
#include "web/routes.h"

static int no_memory(struct page *p)
{
	return page_nothing(p, 503, TEXT_NO_MEMORY, NULL);
}

/* ---- a new name ---- */

/* The field for the name; `e` NULL: nothing was typed yet, else what is wrong stands beside it. */
static void put_choice(struct page *p, struct own_edit *e)
{
	html_raw(p->w, "<form action=\"/own/new\"><p><label>");
	page_say(p, TEXT_NAME);
	html_raw(p->w, " <input name=\"name\" required maxlength=\"200\" autocomplete=\"off\" "
		       "spellcheck=\"false\" placeholder=\"example.ygg\" aria-label=\"");
	page_say(p, TEXT_NAME);
	html_raw(p->w, "\"");
	if (e) {
		html_raw(p->w, " value=\"");
		html_str(p->w, e->name);
		html_raw(p->w, "\" autofocus");
		own_edit_put_state(e, OWN_AT_NAME, 0);
	}
	html_raw(p->w, "></label> <button>");
	page_say(p, TEXT_OWN_GO_ON);
	html_raw(p->w, "</button></p>\n");
	if (e)
		own_edit_put_reasons(e, OWN_AT_NAME, 0);
	html_raw(p->w, "</form>\n");
}

static int ask_for_name(struct page *p)
{
	page_begin(p, web_text(p->language, TEXT_OWN_NEW), NULL);
	page_sentence(p, TEXT_OWN_NEW_EXPLAINED);
	put_choice(p, NULL);
	page_end(p);
	return 200;
}

/* ---- a name that cannot be had ---- */

/* A link with a text, below a path; the name is its last part. */
static void put_link(struct page *p, const char *path, const char *name, enum web_text text)
{
	html_raw(p->w, "<p><a href=\"");
	html_raw(p->w, path);
	html_url(p->w, slice_str(name));
	html_raw(p->w, "\">");
	page_say_with(p, text, name, NULL);
	html_raw(p->w, "</a></p>\n");
}

/* The two last parts of a name that has more: "a.b.ygg" is a host below "b.ygg". NULL = it has
 * not. */
static const char *parent_of(const char *name)
{
	const char *zone = strrchr(name, '.'), *parent = zone;

	while (parent && parent > name && parent[-1] != '.')
		parent--;
	return parent && parent > name && zone_is_known(slice_str(zone + 1)) ? parent : NULL;
}

static void put_parent(struct page *p, const char *name, const char *parent)
{
	char host[DRAFT_NAME_MAX + 1];

	snprintf(host, sizeof host, "%.*s", (int)(parent - name - 1), name);
	html_raw(p->w, "<p>");
	page_say_with(p, TEXT_OWN_IS_HOST, parent, host);
	html_raw(p->w, "</p>\n");
	put_link(p, "/own/name/", parent, TEXT_OWN_TO_NAME);
}

/* The field again, why not, and what can be done instead. */
static int refuse(struct own_edit *e)
{
	struct page *p = e->p;
	const char *parent = parent_of(e->name);
	struct draft_refusal f;

	page_begin(p, web_text(p->language, TEXT_OWN_NEW), NULL);
	page_sentence(p, TEXT_OWN_NEW_EXPLAINED);
	put_choice(p, e);
	if (parent)
		put_parent(p, e->name, parent);
	else if (e->draft && (draft_test(e->draft, DRAFT_TAKEN, &f) ||
				     draft_test(e->draft, DRAFT_OVERTAKEN, &f)))
		put_link(p, "/explorer/name/", e->name, TEXT_OWN_WHO_HAS_IT);
	page_end(p);
	return 400;
}

/* ---- the editor ---- */

static void put_job(struct own_edit *e)
{
	const struct job *job = own_job_of(e->p, e->name);
	char number[24];

	if (!job)
		return;
	snprintf(number, sizeof number, "%llu", (unsigned long long)job->id);
	html_raw(e->p->w, "<div class=\"warning\"><p>");
	page_say(e->p, TEXT_OWN_JOB_RUNS);
	html_raw(e->p->w, "</p>\n");
	put_link(e->p, "/own/jobs/", number, TEXT_JOB_N);
	html_raw(e->p->w, "</div>\n");
}

/* Until when it is ours, and what others see of it. */
static void put_state(struct own_edit *e)
{
	struct page *p = e->p;
	int64_t expires =
		(int64_t)((uint64_t)e->block->b.timestamp + p->api->params->domain_lifetime);

	html_raw(p->w, "<dl class=\"facts\">\n");
	page_fact(p, TEXT_EXPIRES);
	page_put_date(p, expires);
	page_put_year(p, expires);
	page_fact_end(p);
	html_raw(p->w, "</dl>\n");
	put_link(p, "/explorer/name/", e->name, TEXT_OWN_AS_OTHERS);
}

static void begin(struct own_edit *e)
{
	char title[OWN_TITLE_MAX];
	struct page *p = e->p;

	own_title(p, e->block ? TEXT_OWN_CHANGE_NAME : TEXT_OWN_TAKE_NAME, e->name, title);
	page_begin(p, e->name[0] ? title : web_text(p->language, TEXT_OWN_NEW), NULL);
	if (e->block && strcmp(p->call->request->path, "/own/new") == 0)
		page_sentence(p, TEXT_OWN_IS_YOURS);
	if (e->block && strcmp(p->call->request->method, "GET") == 0)
		put_state(e);
}

/* The form, and below it what it would do when that is known. */
static int show(struct own_edit *e, int status, bool preview, bool fine)
{
	struct page *p = e->p;

	begin(e);
	if (!fine) {
		html_raw(p->w, "<p>");
		own_badge(p, "bad", TEXT_OWN_WRONG);
		html_raw(p->w, "</p>\n");
	}
	put_job(e);
	own_edit_show(e, preview && fine);
	if (e->block && !preview)
		own_put_deeds(p, e->name);
	page_end(p);
	return status;
}

/* A name that was looked up. */
static int open_name(struct page *p, const char *name)
{
	struct own_edit *e = own_edit_open(p, name);

	if (!e)
		return no_memory(p);
	own_edit_from_chain(e);
	bool fine = own_edit_look(e);
	int status = !e->draft          ? no_memory(p)
		     : fine || e->block ? show(e, 200, false, true)
					: refuse(e);
	own_edit_free(e);
	return status;
}

int page_own_new(struct page *p, const char *last)
{
	char name[HTTP_ARG_MAX];
	(void)last;

	const char *typed =
		http_arg(p->call->request, "name", name, sizeof name) ? page_typed(name) : "";
	return *typed ? open_name(p, typed) : ask_for_name(p);
}

int page_own_name(struct page *p, const char *last)
{
	return open_name(p, last);
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
	e->changed = fine && deed.what == OWN_START && !was_seen(e);
	if (!fine || deed.what != OWN_START || e->changed)
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
