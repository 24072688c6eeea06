/* What is told and taken over HTTP, without a node: struct api over a chain and an engine with
 * model peers, a real p2p side that dials nobody, and hooks that keep what they were called with.
 */
#ifndef TESTS_UNIT_API_RIG_H
#define TESTS_UNIT_API_RIG_H

#include <event2/event.h>
#include <string.h>

#include "api/events.h"
#include "api/routes.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/keys.h"
#include "dns/name.h"
#include "tests/unit/main.h"
#include "tests/unit/sync_rig.h"
#include "tests/unit/p2p_start.h"

/* Each block has its proof of work, which an emulated machine needs seconds for: a test that looks
 * at none of them says so before. */
#ifndef API_BLOCKS
#define API_BLOCKS 30
#endif

enum { API_BODY = 1 << 20 };

struct told {
	struct rig r;
	struct branch b; /* API_BLOCKS blocks; the node has none of them yet */
	struct config config;
	struct event_base *base;
	struct api api;

	/* What the hooks give, */
	struct api_state state;
	struct api_dns dns;
	struct api_keys keys;
	struct api_said said; /* to what is done to a key */
	struct jobs *jobs;    /* NULL = there was no key since the start */
	bool refuses;         /* the key process cannot be started */
	size_t forwarders;    /* how many of the next */
	struct dns_forwarder_told forwarder[2];
	size_t names; /* how many of each of the next */
	struct dns_asked_told name[2][2];
	enum err err;
	bool reloads;
	bool saved; /* the owner has a copy of his key */
	/* and what they were called with since the last request */
	const char *called; /* NULL = nothing */
	char address[1100];
	uint64_t seconds;
	bool once;
	uint16_t type;
	unsigned calls;
	uint64_t call_number;
	char passphrase[1100], old[1100], file[9000];
	uint8_t chosen[KEY_SIZE]; /* the active key; zeros = none */

	/* The last answer */
	int status;
	struct http_call call;
	struct wr answer;
	uint8_t body[API_BODY];
};

/* ---- hooks ---- */

static inline void note(struct told *t, const char *hook, const char *address)
{
	t->called = hook;
	t->calls++;
	snprintf(t->address, sizeof t->address, "%s", address);
}

static inline void told_state(void *ctx, struct api_state *out)
{
	*out = ((struct told *)ctx)->state;
}

static inline void told_dns(void *ctx, struct api_dns *out)
{
	*out = ((struct told *)ctx)->dns;
}

static inline size_t told_forwarders(void *ctx, struct dns_forwarder_told *to, size_t max)
{
	struct told *t = ctx;
	size_t n = t->forwarders < max ? t->forwarders : max;

	memcpy(to, t->forwarder, n * sizeof *to);
	return n;
}

static inline size_t told_asked(
	void *ctx, enum dns_asked_order order, struct dns_asked_told *to, size_t max)
{
	struct told *t = ctx;
	size_t n = t->names < max ? t->names : max;

	memcpy(to, t->name[order], n * sizeof *to);
	return n;
}

static inline enum err told_resolve(void *ctx, uint64_t call, const struct dns_query *q, bool trace)
{
	struct told *t = ctx;
	char name[DNS_NAME_TEXT_MAX];

	dns_name_text(&q->name, name);
	note(t, trace ? "trace" : "resolve", name);
	t->seconds = call;
	t->type = q->type;
	return t->err;
}

static inline enum err told_flush(void *ctx, const struct dns_name *n)
{
	char name[DNS_NAME_TEXT_MAX] = "everything";

	if (n)
		dns_name_text(n, name);
	note(ctx, "flush", name);
	return ((struct told *)ctx)->err;
}

static inline enum err told_submit(void *ctx, uint64_t call, struct block_owned **block)
{
	char index[32];

	(void)call;
	snprintf(index, sizeof index, "%llu", (unsigned long long)(*block)->b.index);
	note(ctx, "submit", index);
	mem_free(*block);
	*block = NULL;
	return ((struct told *)ctx)->err;
}

static inline void told_keys(void *ctx, struct api_keys *out)
{
	*out = ((struct told *)ctx)->keys;
}

static inline bool told_need(void *ctx, char *said, size_t size)
{
	note(ctx, "keys_need", "");
	snprintf(said, size, "no room");
	return !((struct told *)ctx)->refuses;
}

static inline struct api_said told_rename(
	void *ctx, uint64_t call, const char *name, const char *to)
{
	char both[128];

	snprintf(both, sizeof both, "%s %s", name, to);
	note(ctx, "rename", both);
	((struct told *)ctx)->seconds = call;
	return ((struct told *)ctx)->said;
}

static inline struct api_said told_remove(void *ctx, uint64_t call, const char *name)
{
	note(ctx, "remove", name);
	((struct told *)ctx)->seconds = call;
	return ((struct told *)ctx)->said;
}

static inline struct api_said told_lock(void *ctx, uint64_t call, const char *name)
{
	note(ctx, "lock", name);
	((struct told *)ctx)->seconds = call;
	return ((struct told *)ctx)->said;
}

static inline struct api_said told_secret(void *ctx, uint64_t call, const struct keys_order *o)
{
	struct told *t = ctx;

	note(t, keys_order_name(o->kind), o->name);
	t->seconds = o->seconds;
	t->call_number = call;
	snprintf(t->passphrase, sizeof t->passphrase, "%.*s", (int)o->passphrase.n,
		(const char *)o->passphrase.p);
	snprintf(t->old, sizeof t->old, "%.*s", (int)o->old.n, (const char *)o->old.p);
	snprintf(t->file, sizeof t->file, "%.*s", (int)o->file.n, (const char *)o->file.p);
	return t->said;
}

static inline bool told_key_cancel(void *ctx)
{
	note(ctx, "key_cancel", "");
	return !((struct told *)ctx)->refuses;
}

static inline enum err told_key_file(void *ctx, const char *name, uint8_t bytes[KEY_FILE_MAX + 1],
	size_t *n, char why[KEY_WHY_SIZE])
{
	struct told *t = ctx;

	note(t, "key_file", name);
	*n = (size_t)snprintf((char *)bytes, KEY_FILE_MAX, "alfisd key 1\n");
	snprintf(why, KEY_WHY_SIZE, "there is no key of this name");
	return t->err;
}

static inline bool told_key_chosen(void *ctx, uint8_t signing[KEY_SIZE])
{
	const struct told *t = ctx;

	memcpy(signing, t->chosen, KEY_SIZE);
	return !slice_zero(slice_of(t->chosen, KEY_SIZE));
}

static inline enum err told_key_choose(void *ctx, const uint8_t signing[KEY_SIZE])
{
	struct told *t = ctx;

	memcpy(t->chosen, signing, KEY_SIZE);
	return t->err;
}

static inline const struct jobs *told_jobs(void *ctx)
{
	return ((struct told *)ctx)->jobs;
}

static inline double told_job_rate(void *ctx)
{
	(void)ctx;
	return 1000;
}

static inline uint64_t told_job_hashes(void *ctx)
{
	(void)ctx;
	return 0;
}

static inline enum err told_job_add(
	void *ctx, const struct draft_request *r, uint64_t *id, char *said, size_t size)
{
	char name[64];

	snprintf(name, sizeof name, "%.*s", (int)r->name.n, (const char *)r->name.p);
	note(ctx, "job_add", name);
	snprintf(said, size, "there are too many jobs");
	*id = 0;
	return ERR_FULL;
}

static inline enum err told_job_change(void *ctx, uint64_t id, enum api_job_change change)
{
	char text[32];

	snprintf(text, sizeof text, "%llu %d", (unsigned long long)id, (int)change);
	note(ctx, "job_change", text);
	return ((struct told *)ctx)->err;
}

static inline enum err told_names(void *ctx, uint64_t call, const char *key)
{
	(void)call;
	note(ctx, "names", key);
	return ((struct told *)ctx)->err;
}

static inline enum err told_web_names(void *ctx, uint64_t call, const char *key)
{
	(void)call;
	note(ctx, "web_names", key);
	return ((struct told *)ctx)->err;
}

static inline void told_stop(void *ctx)
{
	note(ctx, "stop", "");
}

static inline bool told_reload(void *ctx, char *said, size_t size)
{
	struct told *t = ctx;

	note(t, "reload", "");
	snprintf(said, size, t->reloads ? "3 settings changed" : "node.toml:1:1: what is this");
	return t->reloads;
}

static inline enum err told_ban(void *ctx, const char *address, uint64_t seconds)
{
	struct told *t = ctx;

	note(t, "ban", address);
	t->seconds = seconds;
	return t->err;
}

static inline enum err told_unban(void *ctx, const char *address)
{
	note(ctx, "unban", address);
	return ((struct told *)ctx)->err;
}

static inline enum err told_peer_add(void *ctx, const char *address, bool once)
{
	struct told *t = ctx;

	note(t, "peer_add", address);
	t->once = once;
	return t->err;
}

static inline enum err told_peer_remove(void *ctx, const char *address)
{
	note(ctx, "peer_remove", address);
	return ((struct told *)ctx)->err;
}

static inline bool told_saved(void *ctx, const uint8_t signing[KEY_SIZE], bool now)
{
	struct told *t = ctx;

	(void)signing;
	t->saved |= now;
	return t->saved;
}

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
