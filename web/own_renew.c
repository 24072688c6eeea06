/* Renews a name, or all that expire soon: first what it costs, then the jobs. Before: web/routes.c.
 * After: web/own_names.h, owner/draft.h, the hooks of api/api.h. */
#include <stdio.h>

#include "base/mem.h"
#include "web/own_names.h"
#include "web/routes.h"

enum { DAY = 86400, RENEWED_MOST = 32, DAYS_MOST = 366 };

/* A name that is to be renewed, with what it has. */
struct renewal {
	const struct own_key *key;
	struct block_owned *block; /* owned */
};

static bool begin(
	struct page *p, const char *name, struct own_key keys[OWN_KEYS_MAX], struct renewal *r)
{
	unsigned n = own_page_keys(p, keys);
	bool taken;

	r->block = own_block(p, name, keys, n, &r->key, &taken);
	return r->block != NULL;
}

static struct draft_request request_of(const char *name, const struct renewal *r)
{
	return (struct draft_request){.name = slice_str(name),
		.data = r->block->b.tx.data,
		.author = r->key->signing,
		.encryption = r->key->encryption,
		.author_name = r->key->name,
		.renewal = true};
}

/* ---- one name ---- */

int form_own_renew_name(struct page *p, const char *last)
{
	struct own_key keys[OWN_KEYS_MAX];
	struct renewal r;

	if (!begin(p, last, keys, &r))
		return own_sentence(p, 404, TEXT_OWN_NOT_STARTED, TEXT_OWN_NOT_OURS);
	struct draft_request q = request_of(last, &r);
	int status = own_add_job(p, &q);
	mem_free(r.block);
	return status;
}

/* ---- all that expire soon ---- */

static unsigned days_of(const struct page *p)
{
	char text[8];
	unsigned n = 0;

	if (!http_arg(p->call->request, "days", text, sizeof text))
		return 0;
	for (const char *c = text; *c; c++)
		n = *c >= '0' && *c <= '9' ? n * 10 + (unsigned)(*c - '0') : DAYS_MOST + 1;
	return n <= DAYS_MOST ? n : 0;
}

/* Those that can be renewed: their name is known, and nobody has them yet. */
static bool is_wanted(const struct page *p, const struct own_name *n, unsigned days)
{
	return n->name[0] && n->expires < p->query.now + (int64_t)days * DAY;
}

/* The bits of its block, and in `why` what stands against it, "" = nothing. 0 when
 * it is not ours any more, or memory ran out. */
static uint64_t price_of(struct page *p, const char *name, char why[DRAFT_WORDS_MAX])
{
	struct own_key keys[OWN_KEYS_MAX];
	struct draft_refusal f;
	struct draft_price price = {0};
	struct renewal r;
	struct draft *d;

	why[0] = 0;
	if (!begin(p, name, keys, &r))
		return 0;
	struct draft_request q = request_of(name, &r);
	if (draft_open(&q, chain_view(p->api->chain), p->query.now, &d) == ERR_OK) {
		draft_price(d, &price);
		if (draft_first(d, false, &f) != DRAFT_FINE)
			own_why(p, d, &f, why);
		draft_free(d);
	}
	mem_free(r.block);
	return price.difficulty;
}

static double put_row(struct page *p, const struct own_name *n)
{
	char why[DRAFT_WORDS_MAX];
	uint64_t difficulty = price_of(p, n->name, why);

	page_row(p, NULL, NULL);
	html_foreign(p->w, slice_str(n->name));
	page_cell(p, NULL);
	page_put_date(p, n->expires);
	page_cell(p, NULL);
	if (difficulty)
		own_put_cost(p, difficulty);
	html_raw(p->w, " <small>");
	html_str(p->w, difficulty ? why : web_text(p->language, TEXT_OWN_NOT_OURS));
	html_raw(p->w, "</small>");
	page_row_end(p);
	return difficulty ? draft_mean_hashes(difficulty) : 0;
}

static void put_sum(struct page *p, unsigned count, double hashes)
{
	double rate = p->api->hooks.job_rate(p->api->hooks.ctx);
	char number[PAGE_WORD_MAX], time[PAGE_WORD_MAX];
	double seconds = rate > 0 ? hashes / rate : 0;

	html_raw(p->w, "<p>");
	if (rate > 0)
		page_say_with(p, TEXT_OWN_RENEW_SUM, page_number(p, count, number),
			page_span(p, seconds < 1e15 ? (uint64_t)seconds : (uint64_t)1e15, time));
	else
		page_say_with(p, TEXT_OWN_RENEW_COUNT, page_number(p, count, number), NULL);
	html_raw(p->w, "</p>\n");
	page_sentence(p, TEXT_OWN_ONE_BY_ONE);
}

static unsigned put_rows(struct page *p, const struct own_names *names, unsigned days)
{
	static const enum web_text columns[] = {TEXT_NAME, TEXT_EXPIRES, TEXT_OWN_TIME, WEB_TEXTS};
	double hashes = 0;
	unsigned n = 0;

	for (size_t i = 0; i < names->count && n < RENEWED_MOST; i++) {
		if (!is_wanted(p, &names->all[i], days))
			continue;
		if (n++ == 0)
			page_table(p, columns);
		hashes += put_row(p, &names->all[i]);
	}
	if (n) {
		page_table_end(p);
		put_sum(p, n, hashes);
	}
	return n;
}

static int show(struct page *p, const struct own_names *names, unsigned days)
{
	char number[24];

	page_begin(p, web_text(p->language, TEXT_OWN_RENEW), NULL);
	unsigned n = put_rows(p, names, days);
	if (n) {
		snprintf(number, sizeof number, "%u", days);
		page_form(p, "/own/renew");
		own_hidden(p, "days", number);
		page_form_end(p, TEXT_OWN_START);
	} else {
		page_sentence(p, TEXT_OWN_NONE_EXPIRES);
	}
	page_end(p);
	return 200;
}

int page_own_renew(struct page *p, const char *last)
{
	char why[OWN_NAME_BYTES];
	unsigned days = days_of(p);
	(void)last;

	if (!days)
		return own_sentence(p, 400, TEXT_OWN_RENEW, TEXT_OWN_BAD_DAYS);
	if (!p->call->came_status)
		return own_names_ask(p);
	struct own_names *names = own_names_read(p, why);
	if (!names)
		return own_refusal(p, 503, TEXT_OWN_RENEW, why);
	int status = show(p, names, days);
	mem_free(names);
	return status;
}

/* Is the name on its way already? */
static bool has_job(const struct page *p, const char *name)
{
	const struct jobs *jobs = p->api->hooks.jobs(p->api->hooks.ctx);
	const struct job *job;

	for (size_t i = 0; jobs && (job = jobs_at(jobs, i)); i++)
		if (!job_has_ended(job->state) && slice_eq(job->name, slice_str(name)))
			return true;
	return false;
}

/* ERR_OK also when there is nothing to do for this name. */
static enum err start_one(struct page *p, const char *name, char *said, size_t size)
{
	struct own_key keys[OWN_KEYS_MAX];
	struct renewal r;
	uint64_t id;

	if (has_job(p, name) || !begin(p, name, keys, &r))
		return ERR_OK;
	struct draft_request q = request_of(name, &r);
	enum err err = p->api->hooks.job_add(p->api->hooks.ctx, &q, &id, said, size);
	mem_free(r.block);
	return err;
}

static int start(struct page *p, const struct own_names *names, unsigned days)
{
	char said[1024] = "";
	unsigned n = 0;

	for (size_t i = 0; i < names->count && n < RENEWED_MOST; i++) {
		if (!is_wanted(p, &names->all[i], days))
			continue;
		n++;
		if (start_one(p, names->all[i].name, said, sizeof said) != ERR_OK)
			return own_refusal(p, 400, TEXT_OWN_NOT_STARTED, said);
	}
	return page_go(p, "/own/jobs", slice_of(NULL, 0));
}

int form_own_renew(struct page *p, const char *last)
{
	char why[OWN_NAME_BYTES];
	unsigned days = days_of(p);
	(void)last;

	if (!days)
		return own_sentence(p, 400, TEXT_OWN_RENEW, TEXT_OWN_BAD_DAYS);
	if (!p->call->came_status)
		return own_names_ask(p);
	struct own_names *names = own_names_read(p, why);
	if (!names)
		return own_refusal(p, 503, TEXT_OWN_RENEW, why);
	int status = start(p, names, days);
	mem_free(names);
	return status;
}
