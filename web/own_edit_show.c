/* Writes the form of the editor, with the reasons beside the fields that are wrong. Before:
 * web/own_new.c. After: web/page.h. */
#include <stdio.h>

#include "web/own_edit.h"

enum { BLANK_ROWS = 2 };

/* ---- reasons ---- */

static bool is_of(const struct own_reason *r, enum own_place at, unsigned row)
{
	return r->at == at && (r->row == row || (at != OWN_AT_ROW && at != OWN_AT_CONTACT));
}

static bool is_wrong(const struct own_edit *e, enum own_place at, unsigned row)
{
	for (unsigned i = 0; i < e->reasons; i++)
		if (is_of(&e->reason[i], at, row))
			return true;
	return false;
}

static void put_reason(struct page *p, const struct own_reason *r)
{
	wr_format(p->w, "<span class=\"why %s\"%s>", r->passes ? "busy" : "bad",
		r->english ? " lang=\"en\"" : "");
	html_str(p->w, r->text);
	html_raw(p->w, "</span> ");
	if (!r->passes)
		return;
	html_raw(p->w, "<small>");
	if (r->until) {
		page_put_time(p, r->until);
		html_raw(p->w, ". ");
	}
	page_say(p, TEXT_OWN_WAITS_FOR_IT);
	html_raw(p->w, "</small>");
}

/* What stands against a field: its own element, which the field names. */
void own_edit_put_reasons(struct own_edit *e, enum own_place at, unsigned row)
{
	struct wr *w = e->p->w;

	if (!is_wrong(e, at, row))
		return;
	wr_format(w, "<p class=\"why\" id=\"why%d-%u\">", (int)at, row);
	for (unsigned i = 0; i < e->reasons; i++)
		if (is_of(&e->reason[i], at, row))
			put_reason(e->p, &e->reason[i]);
	html_raw(w, "</p>\n");
}

/* Attributes of a field that may be wrong. */
void own_edit_put_state(struct own_edit *e, enum own_place at, unsigned row)
{
	if (is_wrong(e, at, row))
		wr_format(e->p->w, " aria-invalid=\"true\" aria-describedby=\"why%d-%u\"", (int)at,
			row);
}

/* ---- fields ---- */

static void put_label(struct page *p, enum web_text text, unsigned i)
{
	char number[PAGE_WORD_MAX];

	html_raw(p->w, " aria-label=\"");
	page_say_with(p, text, page_number(p, i + 1, number), NULL);
	html_raw(p->w, "\"");
}

static void put_input(struct page *p, const char *name, unsigned i, struct slice value)
{
	wr_format(p->w, "<input name=\"%s%u\" value=\"", name, i);
	html_text(p->w, value);
	html_raw(p->w, "\" autocomplete=\"off\" spellcheck=\"false\"");
}

static void put_row_button(
	struct page *p, const char *what, unsigned i, enum web_text label, const char *sign)
{
	wr_format(p->w, "<button name=\"do\" value=\"%s%u\"", what, i);
	put_label(p, label, i);
	wr_format(p->w, ">%s</button> ", sign);
}

static void put_row(struct own_edit *e, unsigned i)
{
	bool there = i < e->rows;
	struct page *p = e->p;

	page_row(p, NULL, NULL);
	wr_format(p->w,
		"<input class=\"place\" type=\"number\" name=\"p%u\" value=\"%u\" min=\"1\" "
		"max=\"%d\"",
		i, i + 1, OWN_ROWS);
	put_label(p, TEXT_OWN_PLACE_OF, i);
	html_raw(p->w, ">");
	page_cell(p, "record");
	put_input(p, "r", i, there ? e->row[i] : slice_of(NULL, 0));
	put_label(p, TEXT_OWN_RECORD_N, i);
	own_edit_put_state(e, OWN_AT_ROW, i);
	html_raw(p->w, ">");
	own_edit_put_reasons(e, OWN_AT_ROW, i);
	page_cell(p, "n");
	if (there) {
		put_row_button(p, "up", i, TEXT_OWN_UP, "↑");
		put_row_button(p, "down", i, TEXT_OWN_DOWN, "↓");
		put_row_button(p, "remove", i, TEXT_OWN_REMOVE, "✕");
	}
	page_row_end(p);
}

static void put_records(struct own_edit *e)
{
	static const enum web_text columns[] = {
		TEXT_OWN_PLACE, TEXT_OWN_RECORD, TEXT_OWN_CHANGE, WEB_TEXTS};

	page_head(e->p, TEXT_RECORDS);
	page_sentence(e->p, TEXT_OWN_RECORDS_EXPLAINED);
	own_edit_put_reasons(e, OWN_AT_RECORDS, 0);
	page_table(e->p, columns);
	for (unsigned i = 0; i < e->rows + BLANK_ROWS && i < OWN_ROWS; i++)
		put_row(e, i);
	page_table_end(e->p);
}

static void put_area(struct own_edit *e, const char *name, enum web_text label, enum own_place at,
	struct slice text)
{
	struct page *p = e->p;

	wr_format(
		p->w, "<textarea name=\"%s\" rows=\"6\" spellcheck=\"false\" aria-label=\"", name);
	page_say(p, label);
	html_raw(p->w, "\"");
	own_edit_put_state(e, at, 0);
	html_raw(p->w, ">\n");
	html_area(p->w, text);
	html_raw(p->w, "</textarea>\n");
	own_edit_put_reasons(e, at, 0);
}

static void put_zone(struct own_edit *e)
{
	html_raw(e->p->w,
		is_wrong(e, OWN_AT_ZONE, 0) ? "<details open><summary>" : "<details><summary>");
	page_say(e->p, TEXT_OWN_PASTE);
	html_raw(e->p->w, "</summary>\n");
	page_sentence(e->p, TEXT_OWN_PASTE_EXPLAINED);
	put_area(e, "zone", TEXT_OWN_PASTE, OWN_AT_ZONE, e->zone);
	html_raw(e->p->w, "</details>\n");
}

static void put_contact(struct own_edit *e, unsigned i)
{
	static const struct own_contact none;
	const struct own_contact *c = i < e->contacts ? &e->contact[i] : &none;
	struct page *p = e->p;

	page_row(p, NULL, NULL);
	if (c->old.n) {
		wr_format(p->w, "<input type=\"hidden\" name=\"co%u\" value=\"", i);
		html_text(p->w, c->old);
		html_raw(p->w, "\">");
	}
	put_input(p, "cn", i, c->name);
	put_label(p, TEXT_OWN_CONTACT_N, i);
	own_edit_put_state(e, OWN_AT_CONTACT, i);
	html_raw(p->w, ">");
	page_cell(p, NULL);
	put_input(p, "cv", i, c->value);
	put_label(p, TEXT_OWN_CONTACT_VALUE, i);
	html_raw(p->w, ">");
	own_edit_put_reasons(e, OWN_AT_CONTACT, i);
	page_row_end(p);
}

static void put_contacts(struct own_edit *e)
{
	static const enum web_text columns[] = {TEXT_OWN_CONTACT, TEXT_COLUMN_VALUE, WEB_TEXTS};
	char number[PAGE_WORD_MAX];

	page_head(e->p, TEXT_CONTACTS);
	page_table(e->p, columns);
	for (unsigned i = 0; i < e->contacts + BLANK_ROWS && i < OWN_CONTACTS; i++)
		put_contact(e, i);
	page_table_end(e->p);
	if (!e->kept)
		return;
	html_raw(e->p->w, "<p>");
	page_say_with(e->p, TEXT_OWN_CONTACTS_KEPT, page_number(e->p, e->kept, number), NULL);
	html_raw(e->p->w, "</p>\n");
}

/* ---- the key ---- */

static void put_key_choice(struct own_edit *e)
{
	struct page *p = e->p;

	html_raw(p->w, "<p><label>");
	page_say(p, TEXT_KEY);
	html_raw(p->w, " <select name=\"key\">");
	for (unsigned i = 0; i < e->key_count; i++) {
		const struct own_key *k = &e->keys[i];
		html_raw(p->w, "<option value=\"");
		html_str(p->w, k->name);
		html_raw(p->w, e->author == k ? "\" selected>" : "\">");
		if (k->locked)
			page_say_with(p, TEXT_OWN_CHOICE_LOCKED, k->name, NULL);
		else
			html_str(p->w, k->name);
		html_raw(p->w, "</option>");
	}
	html_raw(p->w, "</select></label></p>\n");
}

static void put_key(struct own_edit *e)
{
	struct page *p = e->p;

	if (!e->key_count)
		page_sentence(p, TEXT_OWN_NO_KEY);
	else if (!e->block && e->key_count > 1)
		put_key_choice(e);
	else if (e->author || e->key_count == 1) {
		html_raw(p->w, "<p>");
		page_say_with(
			p, TEXT_OWN_BY_KEY, e->author ? e->author->name : e->keys[0].name, NULL);
		html_raw(p->w, "</p>\n");
	}
	if (e->author && e->author->locked)
		own_put_locked(p, e->author->name);
}

/* ---- the form ---- */

static void put_button(struct page *p, const char *deed, enum web_text text, bool main)
{
	wr_format(p->w, "<p class=\"buttons\"><button%s name=\"do\" value=\"%s\">",
		main ? " class=\"main\"" : "", deed);
	page_say(p, text);
	html_raw(p->w, "</button></p>\n");
}

/* What it would do, and the button that has it done: what was shown is named, so that nothing else
 * is started. */
static void put_start(struct own_edit *e)
{
	char mark[2 * HASH_SIZE + 1];

	own_edit_mark(e, mark);
	own_preview(e);
	own_hidden(e->p, "seen", mark);
	put_button(e->p, "start", TEXT_OWN_START, true);
}

static void put_fields(struct own_edit *e)
{
	own_hidden(e->p, "name", e->name);
	own_edit_put_reasons(e, OWN_AT_TOP, 0);
	own_edit_put_reasons(e, OWN_AT_NAME, 0);
	put_key(e);
	put_records(e);
	put_zone(e);
	put_contacts(e);
	page_head(e->p, TEXT_INFO);
	put_area(e, "info", TEXT_INFO, OWN_AT_INFO, e->info);
}

/* The first button of a form is the one that the Enter key presses: one that changes nothing. */
void own_edit_show(struct own_edit *e, bool start)
{
	page_form(e->p, "/own/edit");
	html_raw(e->p->w, "<div class=\"editor\">\n"
			  "<button class=\"skip\" name=\"do\" value=\"preview\" tabindex=\"-1\" "
			  "aria-hidden=\"true\">.</button>\n");
	if (e->changed) {
		html_raw(e->p->w, "<p class=\"warn\" role=\"alert\">");
		page_say(e->p, TEXT_OWN_CHANGED_SINCE);
		html_raw(e->p->w, "</p>\n");
	}
	if (start)
		put_start(e);
	put_fields(e);
	put_button(e->p, "preview", TEXT_OWN_PREVIEW, false);
	html_raw(e->p->w, "</div>\n</form>\n");
}
