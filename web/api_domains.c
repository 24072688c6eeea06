/* Role: the names of /api (protocol.md 10.5): those of the active key, tests of names and records,
 * and what is asked to be mined. Before: web/routes.c. After: the hooks of api/api.h, api/jobs.h,
 * api/query.h. */
#include <stdio.h>
#include <string.h>

#include "api/jobs.h"
#include "api/query.h"
#include "api/routes.h"
#include "domain/domain.h"
#include "domain/jsontext.h"
#include "mine/search.h"
#include "owner/draft.h"
#include "web/api_active.h"
#include "web/api_body.h"
#include "web/routes.h"

enum { WAIT_MS = 10000, NAME_SIZE = 2 * DRAFT_NAME_MAX, KEY_TEXT_MAX = 256 };

/* ---- own names ---- */

static int refuse_list(const struct api *a, struct http_call *c, enum err err)
{
	char text[HTTP_ERROR_MAX];

	if (err == ERR_NOMEM)
		return api_error(c, 503, "out of memory");
	if (err == ERR_NOT_FOUND)
		return api_error(c, 404, "there is no such key: GET /api/keys has the list");
	snprintf(text, sizeof text,
		"limits.owner_lists = %llu lists of own names are being made: ask again in a moment",
		(unsigned long long)a->config->limits.owner_lists.max);
	return api_error(c, 503, text);
}

/* Without a key there are no names. */
int call_domains(const struct api *a, struct http_call *c)
{
	static const char none[] = "{\"domains\":[],\"domains_total\":0,\"keys_total\":0}";
	char name[KEY_NAME_MAX + 2] = "";
	struct active_key key;

	if (http_has_arg(c->request, "key") && !http_arg(c->request, "key", name, sizeof name))
		return refuse_list(a, c, ERR_NOT_FOUND);
	if (!name[0] && !active_key(a, &key)) {
		wr_bytes(c->answer, none, sizeof none - 1);
		return 200;
	}
	enum err err =
		a->hooks.web_names(a->hooks.ctx, c->number, name[0] ? name : key.entry->name);
	if (err != ERR_OK)
		return refuse_list(a, c, err);
	c->waits_ms = WAIT_MS;
	return 200;
}

/* ---- tests ---- */

/* A name that is refused only for now is free to the key all the same. */
static bool only_waits(struct slice answer)
{
	struct slice refusals, each, reason;
	size_t at = 0;

	if (!json_find(answer, "refusals", &refusals))
		return false;
	while (json_element(refusals, &at, &each))
		if (!json_find(each, "reason", &reason) ||
			!(slice_is(reason, "\"cooldown\"") || slice_is(reason, "\"next\"")))
			return false;
	return true;
}

/* The answer of /domains/check for the active key, with one member more. */
int call_domain_check(const struct api *a, struct http_call *c)
{
	struct query q = {.chain = a->chain,
		.params = a->params,
		.j = {.w = c->answer},
		.now = chain_now(a->chain, clock_wall(a->clock)),
		.rate = a->hooks.job_rate(a->hooks.ctx)};
	char name[HTTP_ARG_MAX];
	struct active_key key;

	if (!http_arg(c->request, "name", name, sizeof name))
		return api_error(c, 400, "name is missing");
	q.key = active_key(a, &key) ? key.pub.signing : NULL;
	if (!query_check(&q, name))
		return api_error(c, 503, "out of memory");
	bool available = only_waits(wr_done(c->answer));
	if (c->answer->bad)
		return 503;
	c->answer->n--; /* the last bracket */
	json_bool(&q.j, "available", available);
	json_close(&q.j, '}');
	return 200;
}

/* Why a record cannot be used; NULL = it can. */
static const char *judge_record(struct slice text, bool *clearnet)
{
	struct rd r = rd_of(text);
	struct dns_record record;

	*clearnet = false;
	bool good = record_read(&r, &record);
	jt_space(&r);
	if (!good || r.bad || r.left)
		return "this is no record: `type` is one of the known ones in capitals, and the "
		       "fields are those of its type";
	int64_t size = record_text_size(&record);
	if (size < 0)
		return "a record of this type cannot be written as text";
	if (size > MAX_DATA_LEN)
		return "its data is longer than 255 bytes as text";
	*clearnet = record_is_clearnet(&record);
	return NULL;
}

int call_record_check(const struct api *a, struct http_call *c)
{
	struct json_wr j = {.w = c->answer};
	struct slice text = c->request->json_body;
	struct rd r = rd_of(text);
	bool clearnet;

	(void)a;
	jt_ignore(&r);
	jt_space(&r);
	if (!text.n || r.bad || r.left)
		return api_error(c, 400, "the body is no JSON");
	const char *why = judge_record(text, &clearnet);
	json_open(&j, NULL, '{');
	json_bool(&j, "ok", !why);
	json_str(&j, "reason", why ? why : "");
	json_bool(&j, "clearnet", clearnet);
	json_close(&j, '}');
	return 200;
}

/* ---- mining ---- */

struct texts {
	char name[NAME_SIZE], key[KEY_NAME_MAX + 2], signing[KEY_TEXT_MAX],
		encryption[KEY_TEXT_MAX];
};

static int ask_for(const struct api *a, struct http_call *c, struct job_asked *q)
{
	struct active_key key;

	if (!q->key[0] && active_key(a, &key))
		q->key = key.entry->name;
	int status = job_ask(a, c, q);
	return status == 409 ? 400 : status;
}

int call_domain(const struct api *a, struct http_call *c)
{
	struct body_field f[] = {{.name = "name"}, {.name = "data"}, {.name = "signing"},
		{.name = "encryption"}, {.name = "renewal"}, {.name = "key"}, {.name = "threads"},
		{.name = "dry_run"}};
	struct job_asked q = {.threads = 0};
	struct texts t;
	uint64_t threads = 0;

	if (!body_read(c, f, sizeof f / sizeof f[0]) ||
		!body_need(c, &f[0], t.name, sizeof t.name) ||
		!body_text(c, &f[2], t.signing, sizeof t.signing) ||
		!body_text(c, &f[3], t.encryption, sizeof t.encryption) ||
		!body_bool(c, &f[4], &q.renewal) || !body_text(c, &f[5], t.key, sizeof t.key) ||
		!body_number(c, &f[6], 1, SEARCH_THREADS_MAX, &threads) ||
		!body_bool(c, &f[7], &q.dry_run))
		return 400;
	if (!f[1].value.p || f[1].value.p[0] != '{')
		return api_error(c, 400,
			"data: an object is needed, with `encrypted` (may be \"\") and `zone`");
	q.name = slice_str(t.name);
	q.data = f[1].value;
	q.to_signing = t.signing;
	q.to_encryption = t.encryption;
	q.key = t.key;
	q.threads = (unsigned)threads;
	return ask_for(a, c, &q);
}

/* The search for a block of a name ends with its job; what only waits goes on waiting. */
static void stop_jobs(const struct api *a, struct json_wr *j)
{
	const struct jobs *jobs = a->hooks.jobs(a->hooks.ctx);
	const struct job *job;
	uint64_t id = 0;

	json_open(j, "cancelled", '[');
	for (size_t i = 0; jobs && !id && (job = jobs_at(jobs, i)); i++)
		if (job->state == JOB_SEARCHES)
			id = job->id;
	if (id && a->hooks.job_change(a->hooks.ctx, id, API_JOB_CANCEL) == ERR_OK)
		json_u64(j, NULL, id);
	json_close(j, ']');
}

int call_mining_stop(const struct api *a, struct http_call *c)
{
	struct json_wr j = {.w = c->answer};

	if (!body_read(c, NULL, 0))
		return 400;
	json_open(&j, NULL, '{');
	stop_jobs(a, &j);
	json_bool(&j, "signature", a->hooks.job_change(a->hooks.ctx, 0, API_SIGN_STOP) == ERR_OK);
	json_bool(&j, "key_search", a->hooks.key_cancel(a->hooks.ctx));
	json_close(&j, '}');
	return 200;
}
