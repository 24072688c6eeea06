/* What is told and taken over HTTP, without a node: struct api over a chain and an engine with
 * model peers, a real p2p side that dials nobody, and hooks that keep what they were called with.
 */
#ifndef TESTS_UNIT_API_RIG_H
#define TESTS_UNIT_API_RIG_H

#include "tests/unit/api_told.h"

/* ---- life ---- */

static inline void ignore_ready(void *ctx, peer_id id)
{
	(void)ctx, (void)id;
}

static inline void ignore_message(void *ctx, peer_id id, const struct message *m)
{
	(void)ctx, (void)id, (void)m;
}

static inline void ignore_gone(void *ctx, peer_id id, enum close_reason why)
{
	(void)ctx, (void)id, (void)why;
}

static inline uint64_t no_tip(void *ctx, uint8_t hash[32])
{
	(void)ctx, (void)hash;
	return 0;
}

static inline struct p2p *told_p2p(struct told *t)
{
	struct p2p_settings s = {.base = t->base,
		.clock = &t->r.clock,
		.rng = &rng_system,
		.limits = &t->r.limits,
		.listen = t->config.listen.ptr,
		.listen_count = t->config.listen.count,
		.allow_local = true,
		.events = {
			ignore_ready, ignore_message, ignore_gone, ignore_ready, no_tip, NULL, t}};

	snprintf(s.origin, sizeof s.origin, "%064d", 1);
	return p2p_start(&s);
}

/* `sets`: settings as on the command line ("node.drain=1 s"), NULL at the end. */
static inline void told_begin(struct told *t, const char *const *sets)
{
	const char *all[16] = {"chain.network=devnet", "net.listen=127.0.0.1:0", "net.peers=[]"};
	const char *const no_env[] = {NULL};
	static const struct key_table no_keys;
	size_t count = 3;

	memset(t, 0, sizeof *t);
	for (; sets && *sets; sets++)
		all[count++] = *sets;
	if (config_load("/dev/null", all, count, no_env, &t->config) != ERR_OK)
		fail_msg("%s", t->config.errors[0].text);
	rig_begin_with(&t->r, &t->b, API_BLOCKS);
	t->r.params.has_origin = true;
	t->dns.why = "";
	t->keys = (struct api_keys){.why = "", .table = &no_keys};
	t->base = event_base_new();
	t->api = (struct api){.version = "1.2.3",
		.config = &t->config,
		.params = &t->r.params,
		.clock = &t->r.clock,
		.started_ms = t->r.mono,
		.threads = 2,
		.chain = t->r.chain,
		.p2p = told_p2p(t),
		.sync = t->r.sync,
		.serve = &t->r.serve,
		.hooks = {told_state, told_dns, told_forwarders, told_asked, told_resolve,
			told_flush, told_submit, told_keys, told_need, told_rename, told_remove,
			told_lock, told_secret, told_key_cancel, told_key_file, told_key_chosen,
			told_key_choose, told_jobs, told_job_hashes, told_job_rate, told_job_add,
			told_job_change, told_names, told_web_names, told_stop, told_reload,
			told_ban, told_unban, told_peer_add, told_peer_remove, told_saved, t}};
	assert_non_null(t->api.p2p);
}

static inline void told_turn(struct told *t)
{
	event_base_loop(t->base, EVLOOP_NONBLOCK);
}

static inline void told_end(struct told *t)
{
	p2p_quiesce(t->api.p2p);
	p2p_abort(t->api.p2p);
	while (p2p_connections(t->api.p2p))
		told_turn(t);
	p2p_free(t->api.p2p);
	event_base_free(t->base);
	rig_end_with(&t->r, &t->b);
}

/* ---- asking ---- */

static inline int ask_text(struct told *t, enum http_right right, const char *text)
{
	static struct http_request q;

	assert_int_equal(http_parse(slice_str(text), &q), HTTP_DONE);
	assert_true(http_take_body(&q, slice_of(text + q.head, (size_t)q.length)));
	t->config.limits = t->r.limits;
	t->called = NULL;
	t->calls = 0;
	t->answer = wr_of(t->body, sizeof t->body - 1);
	t->call = (struct http_call){.request = &q,
		.right = right,
		.token = "",
		.answer = &t->answer,
		.type = HTTP_JSON,
		.policy = "",
		.more = ""};
	t->status = api_route(&t->api, &t->call);
	assert_false(t->answer.bad);
	t->body[t->answer.n] = 0;
	return t->status;
}

static inline int ask_with(
	struct told *t, enum http_right right, const char *method, const char *target)
{
	char text[1400];

	snprintf(text, sizeof text, "%s %s HTTP/1.0\r\n\r\n", method, target);
	return ask_text(t, right, text);
}

/* `target`: path, '?' and arguments. */
static inline int ask(struct told *t, const char *method, const char *target)
{
	return ask_with(t, RIGHT_STEER, method, target);
}

static inline const char *body(const struct told *t)
{
	return (const char *)t->body;
}

/* ---- what an answer says ---- */

/* The raw value of a field; "a.b" is b of the object a. */
static inline struct slice field(const struct told *t, const char *path)
{
	struct slice at = slice_of(t->body, t->answer.n), value;
	char key[64];

	for (size_t n; *path; path += n + (path[n] == '.')) {
		n = strcspn(path, ".");
		snprintf(key, sizeof key, "%.*s", (int)n, path);
		if (!json_find(at, key, &value))
			fail_msg("there is no %s in %s", key, body(t));
		at = value;
	}
	return at;
}

static inline void expect_text(const struct told *t, const char *path, const char *wanted)
{
	char text[512];
	size_t n;

	assert_true(json_get_text(field(t, path), (uint8_t *)text, sizeof text - 1, &n));
	text[n] = 0;
	assert_string_equal(text, wanted);
}

static inline void expect_number(const struct told *t, const char *path, uint64_t wanted)
{
	uint64_t v;

	assert_true(json_get_u64(field(t, path), &v));
	assert_int_equal(v, wanted);
}

static inline void expect_bool(const struct told *t, const char *path, bool wanted)
{
	bool v;

	assert_true(json_get_bool(field(t, path), &v));
	assert_int_equal(v, wanted);
}

/* The i-th element of a list, from 0, as what is looked into from now on. */
static inline void look_into(struct told *t, const char *list, size_t i)
{
	struct slice array = field(t, list), value = {NULL, 0};
	size_t at = 0;

	for (size_t n = 0; n <= i; n++)
		if (!json_element(array, &at, &value))
			fail_msg("%s has no element %zu: %s", list, i, body(t));
	memmove(t->body, value.p, value.n);
	t->body[value.n] = 0;
	t->answer.n = value.n;
}

static inline size_t length_of(const struct told *t, const char *list)
{
	struct slice array = field(t, list), value;
	size_t at = 0, n = 0;

	while (json_element(array, &at, &value))
		n++;
	return n;
}

static inline void expect_error(const struct told *t, int status, const char *wanted)
{
	assert_int_equal(t->status, status);
	assert_string_equal(t->call.type, HTTP_JSON);
	expect_text(t, "error", wanted);
	assert_int_equal(t->body[t->answer.n - 1], '\n');
}

#endif
