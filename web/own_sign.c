/* Signing: which of our keys have to do with the last full block, whom it waits for, what our keys
 * missed, and the switch. Before: web/routes.c. After: owner/sign_look.h, owner/sign_warn.h, the
 * hooks of api/api.h. */
#include "owner/sign_warn.h"
#include "owner/turn.h"
#include "web/own.h"
#include "web/routes.h"

/* What is looked at for one page. */
struct scene {
	struct page *p;
	struct api_keys told;
	struct own_key keys[OWN_KEYS_MAX];
	unsigned n;
	const struct jobs_signing *signing; /* NULL = there is no key here */
	struct sign_look look;
	struct sign_misses misses;
};

static void look(struct page *p, struct scene *s)
{
	struct view *v = chain_view(p->api->chain);
	const struct jobs *jobs = p->api->hooks.jobs(p->api->hooks.ctx);

	s->p = p;
	p->api->hooks.keys(p->api->hooks.ctx, &s->told);
	s->n = own_keys_list(s->told.table, s->told.state, s->keys);
	s->signing = jobs ? jobs_signing(jobs) : NULL;
	sign_look(v, s->keys, s->n, &s->look);
	sign_misses(v, s->keys, s->n, &s->misses);
}

/* ---- the switch ---- */

static void put_button(struct page *p, const char *deed, enum web_text text)
{
	wr_format(p->w, "<button name=\"do\" value=\"%s\">", deed);
	page_say(p, text);
	html_raw(p->w, "</button> ");
}

static void put_switch(struct scene *s)
{
	struct page *p = s->p;
	bool on = s->signing->on;

	html_raw(p->w, "<p>");
	own_badge(p, on ? "good" : "bad", on ? TEXT_SIGN_ON : TEXT_SIGN_OFF);
	html_raw(p->w, "</p>\n");
	page_form(p, "/own/signing");
	html_raw(p->w, "<p class=\"buttons\">");
	if (on)
		put_button(p, "off", TEXT_SIGN_SWITCH_OFF);
	else
		put_button(p, "on", TEXT_SIGN_SWITCH_ON);
	html_raw(p->w, "</p>\n</form>\n");
	page_sentence(p, on ? TEXT_SIGN_OFF_MEANS : TEXT_SIGN_ON_MEANS);
}

/* ---- warnings ---- */

static const enum web_text warnings[] = {
	[SIGN_WARN_LOCKED] = TEXT_WARN_LOCKED,
	[SIGN_WARN_OFF] = TEXT_WARN_OFF,
	[SIGN_WARN_LATE] = TEXT_WARN_LATE,
	[SIGN_WARN_MISSED] = TEXT_WARN_MISSED,
	[SIGN_WARN_HEALED] = TEXT_WARN_HEALED,
	[SIGN_WARN_BANNED] = TEXT_WARN_BANNED,
	[SIGN_WARN_RESTORED] = TEXT_WARN_RESTORED,
};

static void put_restored(struct scene *s)
{
	page_form(s->p, "/own/signing");
	html_raw(s->p->w, "<p>");
	put_button(s->p, "after-restore", TEXT_SIGN_AFTER_RESTORE);
	html_raw(s->p->w, "</p>\n</form>\n");
}

static void put_warnings(struct scene *s)
{
	const struct sign_warn_ask ask = {
		s->keys, s->n, s->signing && s->signing->on, s->p->query.now, s->told.vouched};
	struct sign_warning w[SIGN_WARNINGS_MAX];
	char number[PAGE_WORD_MAX];
	bool restored = false;
	unsigned n = sign_warnings(chain_view(s->p->api->chain), &ask, &s->look, &s->misses, w);

	for (unsigned i = 0; i < n; i++) {
		html_raw(s->p->w, "<p class=\"warning\">");
		page_say_with(s->p, warnings[w[i].kind], s->keys[w[i].key].name,
			page_number(s->p, w[i].block, number));
		html_raw(s->p->w, "</p>\n");
		restored |= w[i].kind == SIGN_WARN_RESTORED;
	}
	if (s->told.foreign) {
		html_raw(s->p->w, "<p class=\"warning\">");
		page_say_with(s->p, TEXT_WARN_FOREIGN,
			page_number(s->p, s->told.foreign_newest, number), NULL);
		html_raw(s->p->w, "</p>\n");
	}
	if (restored)
		put_restored(s);
}

/* ---- the last full block ---- */

static void put_key(struct scene *s, const struct sign_key *k, bool standby)
{
	struct page *p = s->p;

	wr_format(p->w, "<li%s>", k->block ? " class=\"filled\"" : "");
	if (k->ours != SIGN_NOBODY) {
		html_raw(p->w, "<strong>");
		html_str(p->w, s->keys[k->ours].name);
		html_raw(p->w, "</strong> ");
	}
	page_link_key(p, slice_of(k->key, KEY_SIZE));
	html_raw(p->w, "<br>");
	if (k->block) {
		page_say(p, TEXT_SIGN_SIGNED);
		html_raw(p->w, " ");
		page_link_block(p, k->block);
	} else {
		page_say(p, standby         ? TEXT_SIGNATURE_STANDBY
			    : s->look.waits ? TEXT_WAITED_FOR
					    : TEXT_NOT_NEEDED);
	}
	if (k->ours != SIGN_NOBODY && s->keys[k->ours].locked) {
		html_raw(p->w, " <span class=\"bad\">");
		page_say(p, TEXT_KEY_IS_LOCKED);
		html_raw(p->w, "</span>");
	}
	html_raw(p->w, "</li>\n");
}

static void put_places(struct scene *s)
{
	const struct sign_look *l = &s->look;

	html_raw(s->p->w, "<ul class=\"signatures\">\n");
	for (unsigned i = 0; i < l->drawn; i++)
		put_key(s, &l->draw[i], false);
	for (unsigned i = 0; i < l->standby; i++)
		put_key(s, &l->stand[i], true);
	html_raw(s->p->w, "</ul>\n");
}

static void put_block(struct scene *s)
{
	const struct sign_look *l = &s->look;
	char have[PAGE_WORD_MAX], need[PAGE_WORD_MAX], date[PAGE_WORD_MAX];
	struct page *p = s->p;

	page_head(p, TEXT_SIGN_LAST);
	if (!l->full) {
		page_sentence(p, TEXT_SIGN_NO_BLOCK);
		return;
	}
	html_raw(p->w, "<p>");
	page_say(p, TEXT_COLUMN_BLOCK);
	html_raw(p->w, " ");
	page_link_block(p, l->full);
	html_raw(p->w, ", ");
	page_put_time(p, l->since);
	html_raw(p->w, ": ");
	page_say(p, TEXT_COLUMN_SIGNED);
	html_raw(p->w, " ");
	page_say_with(p, TEXT_SIGNED_OF, page_number(p, l->blocks, have),
		page_number(p, SIGNERS_MIN, need));
	html_raw(p->w, ". ");
	page_explain(p, l->waits ? TEXT_NOT_LOCKED : TEXT_LOCKED);
	if (l->waits && l->heal_from) {
		html_raw(p->w, " ");
		page_say_with(p, TEXT_HEALS_FROM, page_date(p, l->heal_from, date), NULL);
	}
	html_raw(p->w, "</p>\n");
	put_places(s);
}

/* ---- what was missed ---- */

static void put_misses(struct scene *s)
{
	static const enum web_text columns[] = {
		TEXT_TERM_KEY, TEXT_COLUMN_BLOCK, TEXT_COLUMN_EVENT, WEB_TEXTS};
	struct page *p = s->p;

	page_head(p, TEXT_SIGN_MISSED);
	if (!s->misses.n) {
		page_sentence(p, TEXT_SIGN_NONE_MISSED);
		return;
	}
	page_table(p, columns);
	for (unsigned i = 0; i < s->misses.n; i++) {
		const struct sign_miss *m = &s->misses.miss[i];
		page_row(p, NULL, NULL);
		html_str(p->w, s->keys[m->key].name);
		page_cell(p, "n");
		page_link_block(p, m->full);
		page_cell(p, NULL);
		page_say(p, m->healed ? TEXT_SIGN_WAS_HEALED : TEXT_SIGN_WAS_LATE);
		page_row_end(p);
	}
	page_table_end(p);
}

/* ---- the page ---- */

int page_own_signing(struct page *p, const char *last)
{
	struct scene s = {0};
	(void)last;

	look(p, &s);
	page_begin(p, web_text(p->language, TEXT_SIGNING), "/sign");
	page_sentence(p, TEXT_SIGN_EXPLAINED);
	if (s.signing)
		put_switch(&s);
	else
		page_sentence(p, TEXT_OWN_NO_KEY);
	put_warnings(&s);
	if (s.signing && s.signing->line[0]) {
		html_raw(p->w, "<p>");
		page_say(p, TEXT_COLUMN_ERROR);
		html_raw(p->w, ": ");
		page_put_line(p, s.signing->line);
		html_raw(p->w, "</p>\n");
	}
	put_block(&s);
	put_misses(&s);
	page_end(p);
	return 200;
}

int form_own_signing(struct page *p, const char *last)
{
	enum api_job_change what;
	char text[16] = "";
	(void)last;

	http_arg(p->call->request, "do", text, sizeof text);
	if (strcmp(text, "on") == 0)
		what = API_SIGN_ON;
	else if (strcmp(text, "off") == 0)
		what = API_SIGN_OFF;
	else if (strcmp(text, "after-restore") == 0)
		what = API_SIGN_AFTER_RESTORE;
	else
		return page_nothing(p, 400, TEXT_NO_SUCH_PAGE, NULL);
	if (p->api->hooks.job_change(p->api->hooks.ctx, 0, what) != ERR_OK)
		return own_sentence(p, 400, TEXT_SIGNING, TEXT_OWN_NO_KEY);
	return page_go(p, "/own/signing", slice_of(NULL, 0));
}
