/* The owner's jobs: all of them, and one with its progress and what became of it. Before:
 * web/routes.c. After: owner/jobs.h, the hooks of api/api.h. */
#include <stdio.h>

#include "base/human.h"
#include "web/own.h"
#include "web/routes.h"

enum { JOBS_SHOWN = 100, REFRESH_S = 3, KEPT_FREE = 16384 };

/* ---- one ---- */

static void put_badge(struct page *p, const struct job *job)
{
	static const struct {
		const char *level;
		enum web_text text;
	} states[JOB_STATES] = {[JOB_WAITS] = {"busy", TEXT_JOB_WAITS},
		[JOB_SEARCHES] = {"busy", TEXT_JOB_SEARCHES},
		[JOB_SIGNS] = {"busy", TEXT_JOB_SIGNS},
		[JOB_CHECKS] = {"busy", TEXT_JOB_CHECKS},
		[JOB_DONE] = {"good", TEXT_JOB_DONE},
		[JOB_FAILED] = {"bad", TEXT_JOB_FAILED},
		[JOB_CANCELLED] = {"bad", TEXT_JOB_CANCELLED}};

	if (job->paused && !job_has_ended(job->state))
		own_badge(p, "busy", TEXT_JOB_PAUSED);
	else
		own_badge(p, states[job->state].level, states[job->state].text);
}

static uint64_t hashes_of(const struct page *p, const struct job *job)
{
	bool runs = job->state == JOB_SEARCHES;

	return job->hashes + (runs ? p->api->hooks.job_hashes(p->api->hooks.ctx) : 0);
}

static enum web_text kind_of(const struct job *job)
{
	return job->to_signing.n && job->to_encryption.n ? TEXT_JOB_KIND_GIFT
	       : job->renewal                            ? TEXT_JOB_KIND_RENEWAL
							 : TEXT_JOB_KIND_CHANGE;
}

/* What it waits for, or why it ended. */
static void put_line(struct page *p, const struct job *job)
{
	if (job->state == JOB_DONE && job->block) {
		page_say(p, TEXT_IN_BLOCK);
		html_raw(p->w, " ");
		page_link_block(p, job->block);
	} else if (job->line[0] && strcmp(job->line, job_state_name(job->state)) != 0) {
		page_put_line(p, job->line);
	}
}

/* ---- the list ---- */

static void put_row(struct page *p, const struct job *job)
{
	char number[PAGE_WORD_MAX];

	page_row(p, NULL, "n");
	wr_format(p->w, "<a href=\"/own/jobs/%llu\">%llu</a>", (unsigned long long)job->id,
		(unsigned long long)job->id);
	page_cell(p, NULL);
	html_foreign(p->w, job->name);
	html_raw(p->w, " <small>");
	page_say(p, kind_of(job));
	html_raw(p->w, "</small>");
	page_cell(p, NULL);
	put_badge(p, job);
	page_cell(p, NULL);
	page_put_time(p, job->asked);
	page_cell(p, "n");
	html_str(p->w, page_number(p, hashes_of(p, job), number));
	page_cell(p, "long");
	put_line(p, job);
	page_row_end(p);
}

static void put_jobs(struct page *p, const struct jobs *jobs)
{
	static const enum web_text columns[] = {TEXT_JOB, TEXT_COLUMN_NAME, TEXT_COLUMN_STATE,
		TEXT_JOB_ASKED, TEXT_JOB_HASHES, TEXT_COLUMN_REASON, WEB_TEXTS};
	size_t n = jobs_count(jobs), shown = 0;

	page_table(p, columns);
	for (; shown < n && shown < JOBS_SHOWN && p->w->n + KEPT_FREE < p->w->size; shown++)
		put_row(p, jobs_at(jobs, n - 1 - shown));
	page_table_end(p);
	if (shown < n)
		page_sentence(p, TEXT_LIST_CUT);
}

int page_own_jobs(struct page *p, const char *last)
{
	const struct jobs *jobs = p->api->hooks.jobs(p->api->hooks.ctx);
	(void)last;

	page_begin(p, web_text(p->language, TEXT_JOBS), "/jobs");
	if (jobs && jobs_count(jobs))
		put_jobs(p, jobs);
	else
		page_sentence(p, TEXT_JOBS_NONE);
	page_end(p);
	return 200;
}

/* ---- its page ---- */

static const struct job *find(const struct page *p, const char *text)
{
	const struct jobs *jobs = p->api->hooks.jobs(p->api->hooks.ctx);
	uint64_t id = 0;

	for (; *text >= '0' && *text <= '9' && id < UINT64_MAX / 20; text++)
		id = id * 10 + (uint64_t)(*text - '0');
	return jobs && !*text ? jobs_find(jobs, id) : NULL;
}

static int no_job(struct page *p)
{
	return own_sentence(p, 404, TEXT_JOBS, TEXT_JOB_NO_SUCH);
}

static void put_key(struct page *p, const struct job *job)
{
	struct own_key keys[OWN_KEYS_MAX];
	const struct own_key *k = own_key_signing(keys, own_page_keys(p, keys), job->author);

	page_fact(p, TEXT_TERM_KEY);
	if (k)
		html_str(p->w, k->name);
	html_raw(p->w, " ");
	page_link_key(p, slice_of(job->author, KEY_SIZE));
	page_fact_end(p);
}

static void put_name(struct page *p, const struct job *job)
{
	page_fact(p, TEXT_COLUMN_NAME);
	html_raw(p->w, "<a href=\"/own/name/");
	html_url(p->w, job->name);
	html_raw(p->w, "\">");
	html_foreign(p->w, job->name);
	html_raw(p->w, "</a>");
	page_fact_end(p);
}

static void put_progress(struct page *p, const struct job *job)
{
	double rate = p->api->hooks.job_rate(p->api->hooks.ctx);
	char word[PAGE_WORD_MAX];

	page_fact(p, TEXT_JOB_HASHES);
	html_raw(p->w, page_number(p, hashes_of(p, job), word));
	if (job->state == JOB_SEARCHES && rate > 0) {
		html_raw(p->w, " <small>");
		page_say_with(p, TEXT_JOB_RATE, page_number(p, (uint64_t)(rate + 0.5), word), NULL);
		html_raw(p->w, "</small>");
	}
	page_fact_end(p);
	if (!job->difficulty || job_has_ended(job->state))
		return;
	page_fact(p, TEXT_JOB_REST);
	own_put_cost(p, job->difficulty);
	html_raw(p->w, " <small>");
	page_say(p, TEXT_JOB_REST_EXPLAINED);
	html_raw(p->w, "</small>");
	page_fact_end(p);
}

static void put_facts(struct page *p, const struct job *job)
{
	char word[PAGE_WORD_MAX];

	html_raw(p->w, "<dl class=\"facts\">\n");
	page_fact(p, TEXT_COLUMN_STATE);
	put_badge(p, job);
	html_raw(p->w, " ");
	put_line(p, job);
	page_fact_end(p);
	page_fact(p, TEXT_COLUMN_KIND);
	page_say(p, kind_of(job));
	page_fact_end(p);
	put_name(p, job);
	put_key(p, job);
	page_fact(p, TEXT_JOB_ASKED);
	page_put_date(p, job->asked);
	page_fact_end(p);
	if (job->ended) {
		page_fact(p, TEXT_JOB_ENDED);
		page_put_date(p, job->ended);
		page_fact_end(p);
	}
	if (job->difficulty) {
		page_fact(p, TEXT_DIFFICULTY);
		page_say_with(
			p, TEXT_DIFFICULTY_VALUE, page_number(p, job->difficulty, word), NULL);
		page_fact_end(p);
	}
	put_progress(p, job);
	html_raw(p->w, "</dl>\n");
}

static void put_button(struct page *p, const char *deed, enum web_text text)
{
	wr_format(p->w, "<button name=\"do\" value=\"%s\">", deed);
	page_say(p, text);
	html_raw(p->w, "</button> ");
}

static void put_deeds(struct page *p, const struct job *job)
{
	char number[24];

	if (job_has_ended(job->state))
		return;
	snprintf(number, sizeof number, "%llu", (unsigned long long)job->id);
	page_form(p, "/own/job");
	own_hidden(p, "id", number);
	html_raw(p->w, "<p class=\"buttons\">");
	if (job->paused)
		put_button(p, "resume", TEXT_JOB_RESUME);
	else
		put_button(p, "pause", TEXT_JOB_PAUSE);
	put_button(p, "cancel", TEXT_JOB_CANCEL);
	html_raw(p->w, "</p>\n</form>\n");
}

static void title_of(const struct page *p, const struct job *job, char to[PAGE_WORD_MAX * 8])
{
	char number[PAGE_WORD_MAX], first[PAGE_WORD_MAX];
	int n = (int)(job->name.n < 255 ? job->name.n : 255);

	page_fill(p, TEXT_JOB_N, page_number(p, job->id, number), first);
	snprintf(to, PAGE_WORD_MAX * 8, "%s: %.*s", first, n, (const char *)job->name.p);
}

int page_own_job(struct page *p, const char *last)
{
	const struct job *job = find(p, last);
	char title[PAGE_WORD_MAX * 8], json[40];

	if (!job)
		return no_job(p);
	title_of(p, job, title);
	snprintf(json, sizeof json, "/jobs/%llu", (unsigned long long)job->id);
	if (!job_has_ended(job->state))
		p->again = REFRESH_S;
	page_begin(p, title, json);
	put_facts(p, job);
	put_deeds(p, job);
	if (job->data.n)
		page_put_data(p, job->data);
	html_raw(p->w, "<p><a href=\"/own/jobs\">");
	page_say(p, TEXT_JOBS_ALL);
	html_raw(p->w, "</a></p>\n");
	page_end(p);
	return 200;
}

/* ---- pause, resume, cancel ---- */

static bool deed_of(const struct page *p, enum api_job_change *what)
{
	static const struct {
		const char *word;
		enum api_job_change what;
	} words[] = {
		{"pause", API_JOB_PAUSE}, {"resume", API_JOB_RESUME}, {"cancel", API_JOB_CANCEL}};
	char text[16] = "";

	http_arg(p->call->request, "do", text, sizeof text);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(text, words[i].word) == 0) {
			*what = words[i].what;
			return true;
		}
	return false;
}

int form_own_job(struct page *p, const char *last)
{
	enum api_job_change what;
	char id[24] = "none";
	(void)last;

	http_arg(p->call->request, "id", id, sizeof id);
	const struct job *job = find(p, id);
	if (!job || !deed_of(p, &what))
		return no_job(p);
	if (p->api->hooks.job_change(p->api->hooks.ctx, job->id, what) != ERR_OK)
		return own_sentence(p, 400, TEXT_JOBS, TEXT_JOB_OVER);
	return page_go(p, "/own/jobs/", slice_str(id));
}
