/* Gives a name to another owner: what that means is said before it is done. Before: web/routes.c,
 * web/own_new.c. After: owner/owner_line.h, owner/draft.h. */
#include <stdio.h>

#include "base/hex.h"
#include "base/mem.h"
#include "owner/owner_line.h"
#include "web/own.h"
#include "web/routes.h"

enum { HEX = 2 * KEY_SIZE + 1, LINE = HTTP_ARG_MAX };

/* A name that is given away. */
struct gift {
	struct page *p;
	char name[DRAFT_NAME_MAX + 1], line[LINE];
	struct own_key keys[OWN_KEYS_MAX];
	unsigned count;
	const struct own_key *key; /* whose it is */
	struct block_owned *block; /* what it has; owned */
	struct key_public to;
	char signing[HEX], encryption[HEX];
	char why[DRAFT_WORDS_MAX]; /* what is wrong with the line, */
	bool engine;               /* as the engine says it */
	uint64_t difficulty;
};

/* ---- what can be done to a name of ours ---- */

void own_put_deeds(struct page *p, const char *name)
{
	own_put_renew(p, name);
	page_head(p, TEXT_OWN_GIVE);
	html_raw(p->w, "<p><a href=\"/own/transfer/");
	html_url(p->w, slice_str(name));
	html_raw(p->w, "\">");
	page_say(p, TEXT_OWN_GIVE_LINK);
	html_raw(p->w, "</a></p>\n");
}

/* ---- the line ---- */

static void end(struct gift *g)
{
	mem_free(g->block);
	mem_free(g);
}

/* NULL after a page that says why not, with *status. On the heap, since it is large and jobs are
 * added far below. */
static struct gift *begin(struct page *p, const char *name, int *status)
{
	struct gift *g = mem_alloc(sizeof *g);
	bool taken;

	if (!g) {
		*status = page_nothing(p, 503, TEXT_NO_MEMORY, NULL);
		return NULL;
	}
	g->p = p;
	snprintf(g->name, sizeof g->name, "%s", name);
	g->count = own_page_keys(p, g->keys);
	g->block = own_block(p, g->name, g->keys, g->count, &g->key, &taken);
	http_arg(p->call->request, "to", g->line, sizeof g->line);
	if (g->block)
		return g;
	mem_free(g);
	*status = own_sentence(p, 404, TEXT_OWN_GIVE, TEXT_OWN_NOT_OURS);
	return NULL;
}

static void public_of(const struct own_key *k, struct key_public *pub)
{
	memcpy(pub->signing, k->signing, KEY_SIZE);
	memcpy(pub->encryption, k->encryption, KEY_SIZE);
}

/* The line is of one owner, who is not the one that has the name already. */
static bool read_line(struct gift *g)
{
	struct key_public own;
	char why[KEY_ERROR_MAX] = "";

	public_of(g->key, &own);
	bool good = owner_line_read(slice_str(g->line), &g->to, why) &&
		    owner_is_another(&g->to, &own, true, why);
	for (unsigned i = 0; good && i < g->count; i++) {
		public_of(&g->keys[i], &own);
		good = owner_is_another(&g->to, &own, false, why);
	}
	hex_upper(slice_of(g->to.signing, KEY_SIZE), g->signing);
	hex_upper(slice_of(g->to.encryption, KEY_SIZE), g->encryption);
	snprintf(g->why, sizeof g->why, "%s", why);
	g->engine = !good;
	return good;
}

static struct draft_request request_of(const struct gift *g)
{
	return (struct draft_request){.name = slice_str(g->name),
		.data = g->block->b.tx.data,
		.author = g->key->signing,
		.encryption = g->key->encryption,
		.author_name = g->key->name,
		.to_signing = slice_str(g->signing),
		.to_encryption = slice_str(g->encryption)};
}

/* Does the draft stand? What passes by itself does not count. */
static bool try_out(struct gift *g)
{
	struct draft_request r = request_of(g);
	struct draft_price price;
	struct draft_refusal f;
	struct draft *d;

	if (draft_open(&r, chain_view(g->p->api->chain), g->p->query.now, &d) != ERR_OK) {
		snprintf(g->why, sizeof g->why, "%s", web_text(g->p->language, TEXT_NO_MEMORY));
		return false;
	}
	draft_price(d, &price);
	g->difficulty = price.difficulty;
	enum draft_why why = draft_first(d, false, &f);
	if (why != DRAFT_FINE)
		own_why(g->p, d, &f, g->why);
	draft_free(d);
	return why == DRAFT_FINE || why == DRAFT_WAITING || why == DRAFT_NEXT;
}

/* ---- pages ---- */

static void put_form(struct gift *g)
{
	struct page *p = g->p;

	page_form(p, "/own/transfer");
	own_hidden(p, "name", g->name);
	html_raw(p->w, "<p><label>");
	page_say(p, TEXT_OWN_LINE_OF);
	html_raw(p->w, " <input class=\"long\" name=\"to\" required maxlength=\"200\" "
		       "autocomplete=\"off\" spellcheck=\"false\" aria-label=\"");
	page_say(p, TEXT_OWN_LINE_OF);
	html_raw(p->w, g->why[0] ? "\" aria-invalid=\"true\" aria-describedby=\"why\" value=\""
				 : "\" value=\"");
	html_str(p->w, g->line);
	html_raw(p->w, "\"></label></p>\n");
	if (g->why[0]) {
		html_raw(p->w, "<p class=\"why\" id=\"why\"><span class=\"bad\"></span> ");
		if (g->engine)
			page_put_line(p, g->why);
		else
			html_str(p->w, g->why);
		html_raw(p->w, "</p>\n");
	}
	page_form_end(p, TEXT_OWN_GO_ON);
}

static void title(struct gift *g)
{
	char text[OWN_TITLE_MAX];

	page_begin(g->p, own_title(g->p, TEXT_OWN_GIVE_NAME, g->name, text), NULL);
	html_raw(g->p->w, "<p>");
	page_say_with(g->p, TEXT_OWN_BY_KEY, g->key->name, NULL);
	html_raw(g->p->w, "</p>\n");
	if (g->key->locked)
		own_put_locked(g->p, g->key->name);
}

static int ask(struct gift *g, int status)
{
	title(g);
	page_sentence(g->p, TEXT_OWN_GIVE_EXPLAINED);
	put_form(g);
	page_end(g->p);
	return status;
}

/* What it means, and once more the question. */
static int confirm(struct gift *g)
{
	struct page *p = g->p;

	title(g);
	html_raw(p->w, "<p class=\"warning\">");
	page_say(p, TEXT_OWN_GIVE_MEANS);
	html_raw(p->w, "</p>\n<dl class=\"facts\">\n");
	page_fact(p, TEXT_OWN_NEW_OWNER);
	wr_format(p->w, "<code class=\"whole\">%s</code>", g->signing);
	page_fact_end(p);
	page_fact(p, TEXT_OWN_TIME);
	own_put_price(p, draft_mean_hashes(g->difficulty));
	html_raw(p->w, " <small>");
	html_str(p->w, g->why);
	html_raw(p->w, "</small>");
	page_fact_end(p);
	html_raw(p->w, "</dl>\n");
	page_form(p, "/own/transfer");
	own_hidden(p, "name", g->name);
	own_hidden(p, "to", g->line);
	html_raw(p->w, "<p><label><input type=\"checkbox\" name=\"sure\" value=\"yes\" required "
		       "aria-label=\"");
	page_say(p, TEXT_OWN_GIVE_SURE);
	html_raw(p->w, "\"> ");
	page_say(p, TEXT_OWN_GIVE_SURE);
	html_raw(p->w, "</label></p>\n");
	page_form_end(p, TEXT_OWN_GIVE);
	page_end(p);
	return 200;
}

int page_own_transfer(struct page *p, const char *last)
{
	int status;
	struct gift *g = begin(p, last, &status);

	if (!g)
		return status;
	status = ask(g, 200);
	end(g);
	return status;
}

static int answer(struct gift *g)
{
	char sure[8] = "";

	if (!read_line(g) || !try_out(g))
		return ask(g, 400);
	http_arg(g->p->call->request, "sure", sure, sizeof sure);
	if (strcmp(sure, "yes") != 0)
		return confirm(g);
	struct draft_request r = request_of(g);
	return own_add_job(g->p, &r);
}

int form_own_transfer(struct page *p, const char *last)
{
	char name[HTTP_ARG_MAX] = "";
	int status;
	(void)last;

	http_arg(p->call->request, "name", name, sizeof name);
	struct gift *g = begin(p, name, &status);
	if (!g)
		return status;
	status = answer(g);
	end(g);
	return status;
}
