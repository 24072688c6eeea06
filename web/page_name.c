/* One name: state, dates, owner, records, history; or that it is free, and what it would cost.
 * Before: web/routes.c. After: api/name_facts.h. */
#include <stdio.h>

#include "api/name_facts.h"
#include "base/hex.h"
#include "domain/domain.h"
#include "owner/draft.h"
#include "web/own.h"
#include "web/routes.h"

enum { DAY = 86400, SOON_DAYS = 30 };

static const enum web_text deeds[] = {[NAME_REGISTERED] = TEXT_DEED_REGISTERED,
	[NAME_REGISTERED_AGAIN] = TEXT_DEED_AGAIN,
	[NAME_TRANSFERRED] = TEXT_DEED_TRANSFERRED,
	[NAME_CHANGED] = TEXT_DEED_CHANGED,
	[NAME_RENEWED] = TEXT_DEED_RENEWED};

void page_put_deed(struct page *p, const struct block *b)
{
	enum name_deed deed;

	if (name_deed_of(&p->query, b, &deed))
		page_say(p, deeds[deed]);
}

/* Seconds of its year that are left; 0 when it is over. Times of blocks may be any number. */
static uint64_t left_of(const struct page *p, const struct name_facts *f)
{
	return f->expires > p->query.now ? (uint64_t)f->expires - (uint64_t)p->query.now : 0;
}

/* Since when, or from when on, others may have it, and that nobody gets an answer for it. */
static void put_lapse(struct page *p, const struct name_facts *f)
{
	page_say_moment(p, f->state == DOMAIN_FREE ? TEXT_FREE_SINCE : TEXT_FREE_ON, f->free_from);
	html_raw(p->w, " ");
	page_say(p, TEXT_RESOLVES_NOT);
}

static void put_state(struct page *p, const struct name_facts *f)
{
	bool soon = left_of(p, f) < (uint64_t)SOON_DAYS * DAY;
	enum web_text text = f->state == DOMAIN_FREE      ? TEXT_FREE_AGAIN
			     : f->state == DOMAIN_EXPIRED ? TEXT_EXPIRED
			     : soon                       ? TEXT_EXPIRING
							  : TEXT_ALIVE;
	const char *level = f->state == DOMAIN_FREE    ? "warn"
			    : f->state != DOMAIN_ALIVE ? "bad"
			    : soon                     ? "busy"
						       : "good";

	wr_format(p->w, "<p><span class=\"state %s\">", level);
	page_say(p, text);
	html_raw(p->w, "</span> ");
	if (!f->confirmed)
		page_say(p, TEXT_UNCONFIRMED);
	else if (f->state == DOMAIN_ALIVE && !f->name.is_identity)
		page_say(p, f->resolves ? TEXT_RESOLVES : TEXT_NOT_RESOLVED_YET);
	else if (f->state != DOMAIN_ALIVE)
		put_lapse(p, f);
	html_raw(p->w, "</p>\n");
}

static void fact_date(struct page *p, enum web_text term, int64_t seconds)
{
	page_fact(p, term);
	page_put_date(p, seconds);
	page_fact_end(p);
}

static void put_facts(struct page *p, const struct name_facts *f)
{
	html_raw(p->w, "<dl class=\"facts\">\n");
	page_fact(p, TEXT_OWNER);
	page_link_key(p, name_owner_of(&f->block->b));
	page_fact_end(p);
	fact_date(p, TEXT_EXPIRES, f->expires);
	fact_date(p, TEXT_FREE_FROM, f->free_from);
	fact_date(p, TEXT_SINCE, f->since);
	page_fact(p, TEXT_COLUMN_BLOCK);
	page_link_block(p, f->block->b.index);
	page_fact_end(p);
	page_fact(p, TEXT_IDENTITY);
	page_put_hex(p, slice_of(f->name.identity, 32), true);
	html_raw(p->w, " <small>");
	page_say(p, TEXT_IDENTITY_EXPLAINED);
	html_raw(p->w, "</small>");
	page_fact_end(p);
	html_raw(p->w, "</dl>\n");
}

static void put_event(struct page *p, const struct name_event *e)
{
	page_row(p, NULL, NULL);
	page_put_date(p, e->time);
	page_cell(p, NULL);
	page_say(p, deeds[e->deed]);
	page_cell(p, NULL);
	page_link_key(p, slice_of(e->owner, e->owner_size));
	page_cell(p, NULL);
	page_link_key(p, slice_of(e->author, KEY_SIZE));
	page_cell(p, "n");
	page_link_block(p, e->block);
	page_row_end(p);
}

static void put_history(struct page *p, const struct name_facts *f)
{
	static const enum web_text columns[] = {TEXT_COLUMN_TIME, TEXT_COLUMN_EVENT,
		TEXT_COLUMN_OWNER, TEXT_COLUMN_AUTHOR, TEXT_COLUMN_BLOCK, WEB_TEXTS};
	char number[PAGE_WORD_MAX];

	page_head(p, TEXT_HISTORY);
	page_table(p, columns);
	for (size_t i = 0; i < f->count; i++)
		put_event(p, &f->events[i]);
	page_table_end(p);
	if (f->total > f->count) {
		html_raw(p->w, "<p>");
		page_say_with(p, TEXT_MORE_EVENTS, page_number(p, f->total, number), NULL);
		html_raw(p->w, "</p>\n");
	}
}

/* What anybody would pay: the difficulty of a new name, the hashes that it takes, and here how long
 * that is. */
static void put_price(struct page *p, const struct name_facts *f)
{
	uint32_t difficulty = p->api->params->domain_difficulty;
	char hashes[PAGE_WORD_MAX], bits[PAGE_WORD_MAX];

	html_raw(p->w, "<p>");
	page_say_with(p, TEXT_FREE_PRICE,
		page_number(p, (uint64_t)draft_mean_hashes(difficulty), hashes),
		page_number(p, difficulty, bits));
	html_raw(p->w, " ");
	page_term(p, TEXT_WHAT_IS_THIS, "difficulty");
	if (p->api->hooks.job_rate(p->api->hooks.ctx) > 0) {
		html_raw(p->w, "<br>");
		page_say(p, TEXT_FREE_TIME);
		html_raw(p->w, " ");
		own_put_cost(p, difficulty);
		html_raw(p->w, ".");
	}
	html_raw(p->w, "</p>\n");
	page_put_command(p, TEXT_FREE_COMMAND, "domain check", f->name.name);
	page_put_command(p, TEXT_FREE_COMMAND, "domain new", f->name.name);
}

static void put_free(struct page *p, const struct name_facts *f)
{
	html_raw(p->w, "<p><span class=\"state good\">");
	page_say(p, TEXT_FREE);
	html_raw(p->w, "</span> ");
	page_say(p, TEXT_FREE_EXPLAINED);
	html_raw(p->w, "</p>\n");
	put_price(p, f);
}

/* A name that is asked for by its identity cannot be resolved, since nobody knows it. */
static void put_resolve(struct page *p, const struct name_facts *f)
{
	if (f->name.is_identity || !p->api->config->limits.dns)
		return;
	html_raw(p->w, "<p><a href=\"/node/resolver?name=");
	html_url(p->w, slice_str(f->name.name));
	html_raw(p->w, "#answer\">");
	page_say(p, TEXT_RESOLVE_NAME);
	html_raw(p->w, "</a></p>\n");
}

/* Leads the owner to where the name can be taken or changed. */
static void put_own(struct page *p, const struct name_facts *f)
{
	bool ours = false;

	if (!page_may_own(p) || f->name.is_identity)
		return;
	if (f->registered && f->state != DOMAIN_FREE) {
		ours = own_has_key(p, name_owner_of(&f->block->b));
		if (!ours)
			return;
	}
	html_raw(p->w, "<p><a href=\"/own/name/");
	html_url(p->w, slice_str(f->name.name));
	html_raw(p->w, "\">");
	page_say(p, ours ? TEXT_OWN_CHANGE_IT : TEXT_OWN_TAKE_IT);
	html_raw(p->w, "</a></p>\n");
}

static void put_name(struct page *p, const struct name_facts *f)
{
	char title[PAGE_WORD_MAX], json[QUERY_NAME_MAX + 16];
	struct slice identity = slice_of(f->name.identity, sizeof f->name.identity);
	bool known = !f->name.is_identity;
	struct wr w = wr_of(json, sizeof json - 1);

	html_raw(&w, "/domain/");
	if (known)
		html_url(&w, slice_str(f->name.name));
	else
		hex_write(&w, identity);
	json[w.n] = 0;
	page_begin(p, known ? f->name.name : page_short(p, TEXT_NAME_UNKNOWN, identity, title),
		w.bad ? NULL : json);
	put_own(p, f);
	if (f->registered) {
		put_state(p, f);
		if (f->state == DOMAIN_ALIVE)
			page_put_year(p, f->expires);
		if (f->state == DOMAIN_FREE && !f->name.is_identity)
			put_price(p, f);
		put_facts(p, f);
		put_resolve(p, f);
		page_put_data(p, f->block->b.tx.data);
		put_history(p, f);
	} else {
		put_free(p, f);
	}
	page_end(p);
}

int page_name(struct page *p, const char *last)
{
	struct name_facts f;

	if (!name_facts_read(&p->query, last, &f))
		return p->query.no_memory ? page_nothing(p, 503, TEXT_NO_MEMORY, NULL)
		       : p->query.why     ? page_nothing(p, 404, TEXT_NO_SUCH_NAME, p->query.why)
					  : page_nothing(p, 404, TEXT_NO_SUCH_IDENTITY, NULL);
	put_name(p, &f);
	name_facts_free(&f);
	return 200;
}
