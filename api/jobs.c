/* The routes of the owner's work: names that are asked for, and their jobs. Nothing secret comes
 * this way. Before: api/routes.c. After: the hooks of api/api.h, owner/jobs.h. */
#include <stdio.h>
#include <string.h>

#include "api/jobs.h"
#include "api/query.h"
#include "api/routes.h"
#include "base/hex.h"
#include "base/mem.h"
#include "mine/search.h"
#include "owner/owner_line.h"

enum { WHY_MAX = 1024, ARG_MAX_ = 256 };

/* ---- jobs ---- */

void job_json(const struct api *a, const struct job *job, struct json_wr *j)
{
	bool runs = job->state == JOB_SEARCHES;

	json_open(j, NULL, '{');
	json_u64(j, "id", job->id);
	json_text(j, "name", job->name);
	json_str(j, "state", job_state_name(job->state));
	json_str(j, "reason", job->line);
	json_hex(j, "key", slice_of(job->author, KEY_SIZE));
	json_i64(j, "asked", job->asked);
	json_i64(j, "ended", job->ended);
	json_u64(j, "difficulty", job->difficulty);
	json_u64(j, "hashes", job->hashes + (runs ? a->hooks.job_hashes(a->hooks.ctx) : 0));
	json_u64(j, "block", job->block);
	json_u64(j, "threads", job->threads);
	if (job->difficulty && !job_has_ended(job->state))
		query_put_search_time(j, job->difficulty, a->hooks.job_rate(a->hooks.ctx));
	json_text(j, "data", job->data);
	json_close(j, '}');
}

int get_jobs(const struct api *a, struct http_call *c)
{
	const struct jobs *jobs = a->hooks.jobs(a->hooks.ctx);
	struct json_wr j = {.w = c->answer};
	const struct job *job;

	json_open(&j, NULL, '{');
	json_open(&j, "jobs", '[');
	for (size_t i = 0; jobs && (job = jobs_at(jobs, i)); i++)
		job_json(a, job, &j);
	json_close(&j, ']');
	json_number(&j, "hashes_a_second", a->hooks.job_rate(a->hooks.ctx));
	json_close(&j, '}');
	return 200;
}

static bool take_id(struct http_call *c, uint64_t *id)
{
	*id = 0;
	if (!http_has_arg(c->request, "id")) {
		api_error(c, 400, "the argument id is missing");
		return false;
	}
	return api_take_number(c, "id", 1, UINT64_MAX, id);
}

static int no_job(struct http_call *c)
{
	return api_error(c, 404, "there is no job of this number: `alfisd job list`");
}

int get_job(const struct api *a, struct http_call *c)
{
	const struct jobs *jobs = a->hooks.jobs(a->hooks.ctx);
	struct json_wr j = {.w = c->answer};
	const char *text = c->request->path + strlen("/jobs/");
	uint64_t id = 0;

	for (; *text >= '0' && *text <= '9' && id < UINT64_MAX / 20; text++)
		id = id * 10 + (uint64_t)(*text - '0');
	const struct job *job = jobs && !*text ? jobs_find(jobs, id) : NULL;
	if (!job)
		return no_job(c);
	job_json(a, job, &j);
	return 200;
}

static int change(
	const struct api *a, struct http_call *c, enum api_job_change what, const char *said)
{
	uint64_t id;

	if (!take_id(c, &id))
		return 400;
	enum err err = a->hooks.job_change(a->hooks.ctx, id, what);
	if (err == ERR_NOT_FOUND)
		return no_job(c);
	if (err != ERR_OK)
		return api_error(c, 400, "this job has ended, or its block is being checked");
	return api_done(c, said);
}

int post_job_cancel(const struct api *a, struct http_call *c)
{
	return change(a, c, API_JOB_CANCEL, "cancelled");
}

int post_job_pause(const struct api *a, struct http_call *c)
{
	return change(a, c, API_JOB_PAUSE, "paused");
}

int post_job_resume(const struct api *a, struct http_call *c)
{
	return change(a, c, API_JOB_RESUME, "it goes on");
}

/* ---- names ---- */

/* The texts of a request, decoded. */
struct asked {
	char name[ARG_MAX_ * 2], key[ARG_MAX_], to_signing[ARG_MAX_], to_encryption[ARG_MAX_];
	char *data;
};

static bool take_text(struct http_call *c, const char *key, char *to, size_t size)
{
	to[0] = 0;
	return !http_has_arg(c->request, key) || http_arg(c->request, key, to, size) ||
	       (api_error(c, 400, "an argument is malformed or too long"), false);
}

static bool take_asked(struct http_call *c, struct asked *q)
{
	return take_text(c, "name", q->name, sizeof q->name) &&
	       take_text(c, "key", q->key, sizeof q->key) &&
	       take_text(c, "to_signing", q->to_signing, sizeof q->to_signing) &&
	       take_text(c, "to_encryption", q->to_encryption, sizeof q->to_encryption) &&
	       take_text(c, "data", q->data, c->request->body.n + sizeof c->request->query);
}

/* What is looked for among the keys, and what was found. */
struct key_search {
	const char *name; /* "" = the only one */
	char called[KEY_NAME_MAX + 1];
	struct key_public pub;
	size_t count;
	bool found;
};

static void look_at(struct key_search *s, const char *name, const struct key_public *pub)
{
	if (slice_zero(slice_of(pub->signing, KEY_SIZE)) || (s->found && s->name[0]))
		return;
	s->count++;
	if (s->name[0] && strcmp(s->name, name) != 0)
		return;
	s->found = true;
	s->pub = *pub;
	snprintf(s->called, sizeof s->called, "%s", name);
}

/* The key that is named, or the only one: of those that the key process has told, and of a new one
 * that is on disk and that it will tell of in a moment. False with an error written. */
static bool find_key(const struct api *a, struct http_call *c, struct key_search *s)
{
	struct api_keys k;

	a->hooks.keys(a->hooks.ctx, &k);
	for (size_t i = 0; k.state && i < k.state->count; i++)
		look_at(s, k.state->rows[i].name, &k.state->rows[i].pub);
	for (size_t i = 0; !s->count && i < k.table->count; i++)
		look_at(s, k.table->entry[i].name, &k.table->entry[i].pub);
	if (s->found && (s->name[0] || s->count == 1))
		return true;
	api_error(c, 400,
		s->count == 0 ? "there is no key here: alfisd key new"
		: s->name[0]  ? "there is no key of this name: alfisd key list"
			      : "there are several keys: say which one with --key NAME");
	return false;
}

static int64_t now_of(const struct api *a)
{
	return chain_now(a->chain, clock_wall(a->clock));
}

/* What would be mined, at what price, or why not. */
static int try_out(const struct api *a, struct http_call *c, const struct draft_request *r)
{
	struct json_wr j = {.w = c->answer};
	char line[DRAFT_WORDS_MAX];
	struct draft_refusal f;
	struct draft_price p;
	struct draft *d;

	if (draft_open(r, chain_view(a->chain), now_of(a), &d) != ERR_OK)
		return api_error(c, 503, "out of memory");
	bool fine = draft_first(d, false, &f) == DRAFT_FINE;
	draft_say(d, &f, line);
	draft_price(d, &p);
	json_open(&j, NULL, '{');
	json_text(&j, "name", d->name);
	json_bool(&j, "found", fine);
	json_str(&j, "reason", fine ? "" : line);
	query_put_draft_refusals(&j, d);
	json_u64(&j, "difficulty", p.difficulty);
	json_str(&j, "price", draft_say_price(&p, line));
	json_number(&j, "mean_hashes", draft_mean_hashes(p.difficulty));
	query_put_search_time(&j, p.difficulty, a->hooks.job_rate(a->hooks.ctx));
	json_u64(&j, "block_bytes", d->block_bytes);
	json_text(&j, "data", d->tx.data);
	json_close(&j, '}');
	draft_free(d);
	return 200;
}

static int add(const struct api *a, struct http_call *c, const struct draft_request *r)
{
	struct json_wr j = {.w = c->answer};
	char said[WHY_MAX];
	uint64_t id;

	if (a->hooks.job_add(a->hooks.ctx, r, &id, said, sizeof said) != ERR_OK)
		return api_error(c, 400, said);
	const struct job *job = jobs_find(a->hooks.jobs(a->hooks.ctx), id);
	if (job->state == JOB_FAILED)
		return api_error(c, 409, job->line);
	job_json(a, job, &j);
	return 200;
}

static bool is_key(const char *hex, uint8_t to[KEY_SIZE])
{
	size_t n;

	return hex_decode(slice_str(hex), to, KEY_SIZE, &n) && n == KEY_SIZE;
}

/* The new owner's keys are of one owner, and that is not who has the name already. What they are
 * else is for the draft. */
static bool is_somebody_else(const struct api *a, struct http_call *c, const struct job_asked *q,
	const struct key_public *author)
{
	struct key_public to;
	char why[KEY_ERROR_MAX];
	struct api_keys k;

	if (!is_key(q->to_signing, to.signing) || !is_key(q->to_encryption, to.encryption))
		return true;
	bool good = owner_is_another(&to, author, true, why);
	a->hooks.keys(a->hooks.ctx, &k);
	for (size_t i = 0; good && k.state && i < k.state->count; i++)
		good = owner_is_another(&to, &k.state->rows[i].pub, false, why);
	if (!good)
		api_error(c, 400, why);
	return good;
}

int job_ask(const struct api *a, struct http_call *c, const struct job_asked *q)
{
	struct key_search key = {.name = q->key};

	if (!find_key(a, c, &key) || !is_somebody_else(a, c, q, &key.pub))
		return 400;
	const struct draft_request r = {.name = q->name,
		.data = q->data,
		.author = key.pub.signing,
		.encryption = key.pub.encryption,
		.author_name = key.called,
		.to_signing = slice_str(q->to_signing),
		.to_encryption = slice_str(q->to_encryption),
		.threads = q->threads,
		.renewal = q->renewal};
	return q->dry_run ? try_out(a, c, &r) : add(a, c, &r);
}

static int ask_for(const struct api *a, struct http_call *c, const struct asked *q)
{
	uint64_t threads = 0;

	if (!api_take_number(c, "threads", 1, SEARCH_THREADS_MAX, &threads))
		return 400;
	const struct job_asked asked = {.name = slice_str(q->name),
		.key = q->key,
		.data = slice_str(q->data),
		.to_signing = q->to_signing,
		.to_encryption = q->to_encryption,
		.threads = (unsigned)threads,
		.renewal = http_has_arg(c->request, "renewal"),
		.dry_run = http_has_arg(c->request, "dry-run")};
	return job_ask(a, c, &asked);
}

int post_domain(const struct api *a, struct http_call *c)
{
	struct asked q = {.data = mem_alloc(c->request->body.n + sizeof c->request->query)};
	int status = 503;

	if (!q.data)
		api_error(c, status, "out of memory");
	else
		status = take_asked(c, &q) ? ask_for(a, c, &q) : 400;
	mem_free(q.data);
	return status;
}
