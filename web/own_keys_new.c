/* A new key on the page of the keys: what it takes, how far the search for one is, and how to make
 * one or take one in. Before: web/own_keys.c. After: web/own_secret.c where a passphrase is typed.
 */
#include <stdio.h>

#include "web/own.h"

enum { FIRST_NUMBER = 2 };

static bool searches(const struct api_keys *k)
{
	return k->state && k->state->running && k->state->search.running;
}

static void put_search(struct page *p, const struct keys_search_state *s)
{
	char tried[PAGE_WORD_MAX], left[PAGE_WORD_MAX];

	html_raw(p->w, "<p>");
	own_badge(p, "busy", TEXT_KEY_SEARCH);
	html_raw(p->w, " ");
	page_say_with(p, TEXT_KEY_SEARCH_SO_FAR, page_number(p, s->tried, tried),
		s->rate ? page_span(p, s->mean / s->rate, left) : "?");
	html_raw(p->w, "</p>\n");
	page_form(p, "/own/keys/cancel");
	page_form_end(p, TEXT_JOB_CANCEL);
}

/* "main", or "main-2" and so on when that is taken: a name that a key of its own can have. */
static void propose(const struct api_keys *k, char to[KEY_NAME_MAX + 1])
{
	snprintf(to, KEY_NAME_MAX + 1, "main");
	for (unsigned n = FIRST_NUMBER; key_table_find(k->table, to); n++)
		snprintf(to, KEY_NAME_MAX + 1, "main-%u", n);
}

/* Without webui.unlock. */
static void put_commands(struct page *p, const char *proposed)
{
	char file[KEY_NAME_MAX + 8];

	page_sentence(p, TEXT_KEY_NOT_HERE);
	own_command(p, "key new", proposed);
	page_sentence(p, TEXT_KEY_IMPORT_EXPLAINED);
	snprintf(file, sizeof file, "%s.key", proposed);
	own_command(p, "key import", file);
}

/* What a key and a name take on this machine, side by side: both are hashes, of one kind. */
static void put_costs(struct page *p)
{
	uint32_t bits = p->api->params->keystore_difficulty;
	double tries = 1;
	char number[PAGE_WORD_MAX];

	for (uint32_t i = 0; i < bits; i++)
		tries *= 2;
	html_raw(p->w, "<p>");
	page_say_with(p, TEXT_KEY_NEW_EXPLAINED, page_number(p, bits, number), NULL);
	html_raw(p->w, "</p>\n<dl class=\"facts\">\n");
	page_fact(p, TEXT_KEY_COST);
	own_put_price(p, tries);
	page_fact_end(p);
	page_fact(p, TEXT_PRICE_NEW);
	own_put_price(p, draft_mean_hashes(p->api->params->domain_difficulty));
	page_fact_end(p);
	html_raw(p->w, "</dl>\n");
}

void own_put_new_key(struct page *p, const struct api_keys *k)
{
	char proposed[KEY_NAME_MAX + 1];

	page_head(p, TEXT_KEY_NEW);
	if (k->away) {
		page_sentence(p, TEXT_KEY_ELSEWHERE);
		return;
	}
	if (searches(k))
		put_search(p, &k->state->search);
	put_costs(p);
	propose(k, proposed);
	if (!p->api->config->webui_unlock) {
		put_commands(p, proposed);
		return;
	}
	own_put_make(p, proposed);
	page_head(p, TEXT_KEY_IMPORT);
	own_put_import(p);
}
