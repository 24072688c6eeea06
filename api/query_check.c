/* Answers whether a name may be mined by a key, and what that costs: by the tests that a search for
 * its block makes. Before: cli/show.c and api/routes_chain.c. After: owner/draft.h. */
#include <stdio.h>

#include "base/utf8.h"
#include "api/query.h"
#include "owner/draft.h"

enum { DATA_MAX = 64 };

/* The least data that a name of its zone can have. */
static void least_data(struct slice name, char to[DATA_MAX])
{
	struct slice zone = name_zone(name);

	snprintf(to, DATA_MAX, "{\"encrypted\":\"\",\"zone\":\"%.*s\"}",
		zone_is_known(zone) ? (int)zone.n : 0, (const char *)zone.p);
}

static void put_one(void *json_wr, const struct draft *d, const struct draft_refusal *f)
{
	struct json_wr *j = json_wr;
	char text[DRAFT_WORDS_MAX];

	json_open(j, NULL, '{');
	json_str(j, "reason", draft_why_name(f->why));
	json_str(j, "text", draft_say(d, f, text));
	if (f->until)
		query_put_moment(j, "until", f->until);
	json_close(j, '}');
}

static void put_refusal(struct query *s, const struct draft *d, const struct draft_refusal *f)
{
	s->refused = true;
	put_one(&s->j, d, f);
}

void query_put_draft_refusals(struct json_wr *j, const struct draft *d)
{
	json_open(j, "refusals", '[');
	draft_each(d, put_one, j);
	json_close(j, ']');
}

/* What stands against it: the first fault of the name, else what the chain says. */
static void put_refusals(struct query *s, const struct draft *d)
{
	static const enum draft_why of_name[] = {
		DRAFT_NAME, DRAFT_ZONE, DRAFT_LABELS, DRAFT_LONG_LABEL};
	static const enum draft_why of_chain[] = {
		DRAFT_NEXT, DRAFT_TAKEN, DRAFT_COOLDOWN, DRAFT_OVERTAKEN};
	struct draft_refusal f;

	json_open(&s->j, "refusals", '[');
	for (size_t i = 0; i < sizeof of_name / sizeof of_name[0] && !s->refused; i++)
		if (draft_test(d, of_name[i], &f))
			put_refusal(s, d, &f);
	for (size_t i = 0, named = s->refused; i < sizeof of_chain / sizeof of_chain[0]; i++)
		if (!named && draft_test(d, of_chain[i], &f))
			put_refusal(s, d, &f);
	json_close(&s->j, ']');
	json_bool(&s->j, "may_mine", !s->refused);
}

/* What is longer than this is no time to wait for. */
static uint64_t whole(double seconds)
{
	return seconds < 1e15 ? (uint64_t)(seconds + 0.5) : (uint64_t)1e15;
}

void query_put_search_time(struct json_wr *j, uint64_t difficulty, double rate)
{
	if (rate <= 0)
		return;
	struct draft_time t = draft_time(difficulty, rate);
	json_number(j, "hashes_a_second", rate);
	json_u64(j, "mean_seconds", whole(t.mean));
	json_u64(j, "half_seconds", whole(t.half));
	json_u64(j, "ninety_percent_seconds", whole(t.most));
}

static void put_row(struct query *s, const struct draft *d)
{
	static const char *const states[] = {"alive", "expired", "free"};

	if (!d->has_row) {
		json_str(&s->j, "state", "free");
		json_bool(&s->j, "registered", false);
		return;
	}
	json_str(&s->j, "state", states[domain_rules_state(s->params, &d->row, s->now)]);
	json_bool(&s->j, "registered", true);
	json_hex(&s->j, "owner", slice_of(d->row.owner, d->row.owned ? KEY_SIZE : 0));
	json_u64(&s->j, "block", d->row.id);
}

static void put_price(struct query *s, const struct draft *d)
{
	struct draft_price p;
	char text[DRAFT_WORDS_MAX];

	draft_price(d, &p);
	json_u64(&s->j, "difficulty", p.difficulty);
	json_str(&s->j, "difficulty_reason", draft_reason_name(p.reason));
	json_str(&s->j, "difficulty_text", draft_say_price(&p, text));
	json_number(&s->j, "mean_hashes", draft_mean_hashes(p.difficulty));
	if (!s->refused && s->measure)
		s->rate = s->measure(s->ctx);
	query_put_search_time(&s->j, p.difficulty, s->rate);
}

/* Which block is waited for, and as of which one all this is. */
static void put_chain(struct query *s, const struct draft *d)
{
	struct draft_refusal f;
	struct chain_tip tip;

	json_u64(&s->j, "waits_for_block", draft_test(d, DRAFT_WAITING, &f) ? f.block : 0);
	chain_get_tip(s->chain, &tip);
	json_u64(&s->j, "as_of_height", tip.height);
	query_put_moment(&s->j, "as_of", tip.timestamp);
}

bool query_check(struct query *s, const char *what)
{
	struct draft_request r = {.name = slice_str(what), .author = s->key, .encryption = s->key};
	struct view *v = chain_view(s->chain);
	char lower[DRAFT_NAME_MAX + 1], data[DATA_MAX];
	struct wr w = wr_of(lower, sizeof lower);
	struct draft *d;

	s->missing = "domain";
	if (utf8_valid(r.name))
		name_lower(r.name, &w);
	least_data(wr_done(&w), data);
	r.data = slice_str(data);
	s->no_memory = draft_open(&r, v, s->now, &d) != ERR_OK;
	if (s->no_memory)
		return false;
	view_begin(v);
	json_open(&s->j, NULL, '{');
	json_text(&s->j, "name", d->name);
	json_hex(&s->j, "identity", slice_of(d->identity, sizeof d->identity));
	put_row(s, d);
	put_refusals(s, d);
	put_price(s, d);
	put_chain(s, d);
	json_close(&s->j, '}');
	view_end(v);
	draft_free(d);
	return true;
}
