/* Pieces of the owner's pages. Before: web/own_*.c. After: web/page.h, the hooks of api/api.h. */
#include "web/own.h"

#include <stdio.h>

#include "chain/crypto.h"
#include "owner/jobs.h"

/* ---- keys ---- */

unsigned own_page_keys(const struct page *p, struct own_key to[OWN_KEYS_MAX])
{
	struct api_keys k;

	p->api->hooks.keys(p->api->hooks.ctx, &k);
	return own_keys_list(k.table, k.state, to);
}

const struct own_key *own_key_named(const struct own_key *keys, unsigned n, const char *name)
{
	for (unsigned i = 0; i < n; i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

const struct own_key *own_key_signing(
	const struct own_key *keys, unsigned n, const uint8_t signing[KEY_SIZE])
{
	for (unsigned i = 0; i < n; i++)
		if (memcmp(keys[i].signing, signing, KEY_SIZE) == 0)
			return &keys[i];
	return NULL;
}

bool own_has_key(const struct page *p, struct slice signing)
{
	struct own_key keys[OWN_KEYS_MAX];

	return signing.n == KEY_SIZE && own_key_signing(keys, own_page_keys(p, keys), signing.p);
}

struct block_owned *own_block(struct page *p, const char *name, const struct own_key *keys,
	unsigned n, const struct own_key **key, bool *taken)
{
	struct view *v = chain_view(p->api->chain);
	struct block_owned *block = NULL;
	struct domain_row row;
	uint8_t identity[32];

	*key = NULL;
	*taken = false;
	crypto_identity(slice_str(name), slice_of(NULL, 0), identity, NULL);
	view_begin(v);
	if (name[0] && view_domain(v, slice_of(identity, sizeof identity), UINT64_MAX, &row)) {
		*key = row.owned ? own_key_signing(keys, n, row.owner) : NULL;
		*taken = !*key;
		block = *key ? view_block(v, row.id) : NULL;
	}
	view_end(v);
	return block;
}

/* ---- words ---- */

void own_badge(struct page *p, const char *level, enum web_text text)
{
	wr_format(p->w, "<span class=\"state %s\">", level);
	page_say(p, text);
	html_raw(p->w, "</span>");
}

void own_command(struct page *p, const char *words, const char *argument)
{
	html_raw(p->w, "<p><code>");
	page_command(p, words, argument);
	html_raw(p->w, "</code></p>\n");
}

void own_hidden(struct page *p, const char *name, const char *value)
{
	wr_format(p->w, "<input type=\"hidden\" name=\"%s\" value=\"", name);
	html_str(p->w, value);
	html_raw(p->w, "\">\n");
}

/* What is longer than this is no time to wait for. */
static uint64_t whole(double seconds)
{
	return seconds < 1e15 ? (uint64_t)(seconds + 0.5) : (uint64_t)1e15;
}

static void put_hashes(struct page *p, double hashes)
{
	char number[PAGE_WORD_MAX];

	page_say_with(p, TEXT_OWN_HASHES, page_number(p, whole(hashes), number), NULL);
}

static void put_time(struct page *p, double hashes, double rate)
{
	struct draft_time t = draft_time_of(hashes, rate);
	char first[PAGE_WORD_MAX], second[PAGE_WORD_MAX];

	page_say_with(p, TEXT_OWN_MEAN, page_span(p, whole(t.mean), first),
		page_span(p, whole(t.most), second));
}

void own_put_cost(struct page *p, uint64_t difficulty)
{
	double rate = p->api->hooks.job_rate(p->api->hooks.ctx),
	       hashes = draft_mean_hashes(difficulty);

	if (rate > 0)
		put_time(p, hashes, rate);
	else
		put_hashes(p, hashes);
}

void own_put_price(struct page *p, double hashes)
{
	double rate = p->api->hooks.job_rate(p->api->hooks.ctx);

	if (rate > 0)
		put_time(p, hashes, rate);
	else
		put_hashes(p, hashes);
	html_raw(p->w, "<br><small>");
	if (rate > 0)
		put_hashes(p, hashes);
	else
		page_say(p, TEXT_OWN_NO_RATE);
	html_raw(p->w, "</small>");
}

const struct job *own_job_of(const struct page *p, const char *name)
{
	const struct jobs *jobs = p->api->hooks.jobs(p->api->hooks.ctx);
	const struct job *job;

	for (size_t i = 0; jobs && (job = jobs_at(jobs, i)); i++)
		if (!job_has_ended(job->state) && slice_eq(job->name, slice_str(name)))
			return job;
	return NULL;
}

void own_put_locked(struct page *p, const char *key)
{
	html_raw(p->w, "<p>");
	page_say(p, TEXT_OWN_KEY_LOCKED);
	html_raw(p->w, " <a class=\"more\" href=\"/glossary#lock\">");
	page_say(p, TEXT_WHAT_IS_THIS);
	html_raw(p->w, "</a></p>\n");
	if (p->api->config->webui_unlock) {
		html_raw(p->w, "<p><a href=\"/own/keys#key-");
		html_url(p->w, slice_str(key));
		html_raw(p->w, "\">");
		page_say(p, TEXT_OWN_UNLOCK_THERE);
		html_raw(p->w, "</a></p>\n");
		return;
	}
	page_sentence(p, TEXT_OWN_UNLOCK_HOW);
	own_command(p, "key unlock", key);
}

const char *own_title(
	const struct page *p, enum web_text text, const char *name, char to[OWN_TITLE_MAX])
{
	return web_filled(p->language, text, name, NULL, to, OWN_TITLE_MAX);
}

/* ---- whole pages ---- */

int own_sentence(struct page *p, int status, enum web_text title, enum web_text why)
{
	page_begin(p, web_text(p->language, title), NULL);
	page_sentence(p, why);
	page_end(p);
	return status;
}

int own_refusal(struct page *p, int status, enum web_text title, const char *line)
{
	page_begin(p, web_text(p->language, title), NULL);
	html_raw(p->w, "<p class=\"why\"><span class=\"bad\"></span> ");
	page_put_line(p, line);
	html_raw(p->w, "</p>\n");
	page_end(p);
	return status;
}

/* The job that the same form began before, and which has not ended; 0 = there is none. A form is
 * sent twice by a second click, or by going back. */
static uint64_t same_job(const struct page *p, const struct draft_request *r)
{
	const struct jobs *jobs = p->api->hooks.jobs(p->api->hooks.ctx);
	const struct job *job;

	for (size_t i = 0; jobs && (job = jobs_at(jobs, i)); i++)
		if (!job_has_ended(job->state) && slice_eq(job->name, r->name) &&
			slice_eq(job->data, r->data) && job->renewal == r->renewal && r->author &&
			memcmp(job->author, r->author, KEY_SIZE) == 0 &&
			slice_eq(job->to_signing, r->to_signing) &&
			slice_eq(job->to_encryption, r->to_encryption))
			return job->id;
	return 0;
}

int own_add_job(struct page *p, const struct draft_request *r)
{
	char said[1024] = "", number[24];
	uint64_t id = same_job(p, r);

	if (!id && p->api->hooks.job_add(p->api->hooks.ctx, r, &id, said, sizeof said) != ERR_OK)
		return own_refusal(p, 400, TEXT_OWN_NOT_STARTED, said);
	snprintf(number, sizeof number, "%llu", (unsigned long long)id);
	return page_go(p, "/own/jobs/", slice_str(number));
}
