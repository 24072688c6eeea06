/* Renews one name: what it costs, and the job. Before: web/own_new.c, web/own_renew.c. After:
 * owner/draft.h, the hooks of api/api.h. */
#include "base/mem.h"
#include "web/own.h"
#include "web/routes.h"

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

void own_quote(struct page *p, const char *name, struct own_quote *q)
{
	struct own_key keys[OWN_KEYS_MAX];
	struct draft_refusal f;
	struct draft_price price = {0};
	struct renewal r;
	struct draft *d;

	*q = (struct own_quote){.against = DRAFT_FINE};
	if (!begin(p, name, keys, &r))
		return;
	struct draft_request ask = request_of(name, &r);
	if (draft_open(&ask, chain_view(p->api->chain), p->query.now, &d) == ERR_OK) {
		draft_price(d, &price);
		q->against = draft_first(d, false, &f);
		if (q->against != DRAFT_FINE)
			own_why(p, d, &f, q->why);
		draft_free(d);
	}
	mem_free(r.block);
	q->difficulty = price.difficulty;
}

/* ---- one name ---- */

static bool passes(enum draft_why why)
{
	return why == DRAFT_WAITING || why == DRAFT_NEXT;
}

static void put_quote(struct page *p, const struct own_quote *q)
{
	char number[PAGE_WORD_MAX];

	html_raw(p->w, "<dl class=\"facts\">\n");
	page_fact(p, TEXT_DIFFICULTY);
	page_say_with(p, TEXT_DIFFICULTY_VALUE, page_number(p, q->difficulty, number), NULL);
	page_fact_end(p);
	page_fact(p, TEXT_OWN_TIME);
	own_put_price(p, draft_mean_hashes(q->difficulty));
	page_fact_end(p);
	if (passes(q->against)) {
		page_fact(p, TEXT_OWN_BEGINS);
		html_str(p->w, q->why);
		page_fact_end(p);
	}
	html_raw(p->w, "</dl>\n");
}

void own_put_renew(struct page *p, const char *name)
{
	char path[3 * DRAFT_NAME_MAX + 32];
	struct wr w = wr_of(path, sizeof path - 1);
	struct own_quote q;

	own_quote(p, name, &q);
	page_head(p, TEXT_OWN_RENEW);
	page_sentence(p, TEXT_OWN_RENEW_EXPLAINED);
	if (!q.difficulty)
		return;
	put_quote(p, &q);
	if (q.against != DRAFT_FINE && !passes(q.against)) {
		html_raw(p->w, "<p class=\"why\"><span class=\"bad\"></span> ");
		html_str(p->w, q.why);
		html_raw(p->w, "</p>\n");
		return;
	}
	html_raw(&w, "/own/renew/");
	html_url(&w, slice_str(name));
	path[w.n] = 0;
	page_form(p, path);
	page_form_end(p, TEXT_OWN_RENEW);
}

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

enum err own_renew_one(struct page *p, const char *name, char *said, size_t size)
{
	struct own_key keys[OWN_KEYS_MAX];
	struct renewal r;
	uint64_t id;

	if (own_job_of(p, name) || !begin(p, name, keys, &r))
		return ERR_OK;
	struct draft_request q = request_of(name, &r);
	enum err err = p->api->hooks.job_add(p->api->hooks.ctx, &q, &id, said, size);
	mem_free(r.block);
	return err;
}
