/* Sends requests to /api without a node: keys of the test, and the rig of the API. */
#ifndef TESTS_UNIT_WEB_API_RIG_H
#define TESTS_UNIT_WEB_API_RIG_H

#include "tests/unit/api_rig.h"
#include "web/routes.h"

static struct told t; /* large */
static struct key_table table;
static struct keys_state state;
static struct keys_row rows[3];
static struct bound max_keys = {.name = "max_keys", .max = 4};
static char request[80000]; /* routes wipe what is secret in it */

static inline void add_key(const char *name, bool plain, bool locked, const char *wrong)
{
	struct key_entry *e =
		plain ? key_table_add_plain(&table, name, 0) : key_table_add(&table, name);
	struct keys_row *row = &rows[state.count];

	assert_non_null(e);
	snprintf(e->wrong, sizeof e->wrong, "%s", wrong);
	memset(e->pub.signing, 0xA0 + (int)table.count, 32);
	if (wrong[0])
		return;
	*row = (struct keys_row){.plain = plain, .locked = locked, .strength = 24};
	snprintf(row->name, sizeof row->name, "%s", e->name);
	row->pub = e->pub;
	memset(row->hash, (int)table.count, sizeof row->hash);
	state.count++;
}

static inline void begin(void)
{
	static const char *const sets[] = {"key_files=secret-place/old.toml", NULL};

	told_begin(&t, sets);
	state = (struct keys_state){.running = true, .rows = rows};
	assert_true(key_table_init(&table, &max_keys));
	t.keys =
		(struct api_keys){.why = "", .state = &state, .table = &table, .folder = "/d/keys"};
}

static inline void end(void)
{
	key_table_free(&table);
	told_end(&t);
}

/* The request is in `request`, `n` bytes of it. */
static inline int send_request(size_t n, enum http_right right)
{
	static struct http_request q;

	assert_int_equal(http_parse(slice_of(request, n), &q), HTTP_DONE);
	assert_true(http_take_body(&q, slice_of(request + q.head, (size_t)q.length)));
	t.config.limits = t.r.limits;
	t.called = NULL;
	t.calls = 0;
	t.answer = wr_of(t.body, sizeof t.body - 1);
	t.call = (struct http_call){.request = &q,
		.right = right,
		.door = DOOR_WEB,
		.token = "",
		.answer = &t.answer,
		.number = 7,
		.type = HTTP_JSON,
		.policy = "",
		.cache = HTTP_NO_STORE,
		.more = ""};
	t.status = web_route(&t.api, &t.call);
	assert_false(t.answer.bad);
	t.body[t.answer.n] = 0;
	return t.status;
}

static inline int get(const char *target)
{
	int n = snprintf(request, sizeof request, "GET %s HTTP/1.0\r\n\r\n", target);

	return send_request((size_t)n, RIGHT_OWN);
}

static inline int post_bytes(const char *path, const void *json, size_t size)
{
	int n = snprintf(request, sizeof request,
		"POST %s HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: "
		"%zu\r\n\r\n",
		path, size);

	assert_true((size_t)n + size < sizeof request);
	memcpy(request + n, json, size);
	return send_request((size_t)n + size, RIGHT_OWN);
}

static inline int post(const char *path, const char *json)
{
	return post_bytes(path, json, strlen(json));
}

#endif
