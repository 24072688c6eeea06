/* Asks for pages of web/ without a node: the rig of the API, and what stands in an answer. */
#ifndef TESTS_UNIT_PAGE_RIG_H
#define TESTS_UNIT_PAGE_RIG_H

#include "tests/unit/api_rig.h"
#include "web/routes.h"

static struct told t; /* large */
static enum http_right page_right = RIGHT_READ;
static enum http_door page_door = DOOR_READ;
static const char *page_file = CONFIG_SYSTEM_FILE; /* the settings that the node runs with */
static const char *page_from = "127.0.0.1";        /* the client's address */

/* Sends a request; `came`: what came for it (http_call.came), NULL = it is asked the first time. */
static inline int page_ask(const char *text, const char *came)
{
	static struct http_request q;

	assert_int_equal(http_parse(slice_str(text), &q), HTTP_DONE);
	assert_true(http_take_body(&q, slice_of(text + q.head, (size_t)q.length)));
	t.config.limits = t.r.limits;
	snprintf(t.config.file, sizeof t.config.file, "%s", page_file);
	t.called = NULL;
	t.answer = wr_of(t.body, sizeof t.body - 1);
	t.call = (struct http_call){.request = &q,
		.right = page_right,
		.door = page_door,
		.token = "",
		.answer = &t.answer,
		.type = HTTP_JSON,
		.policy = "",
		.cache = HTTP_NO_STORE,
		.more = "",
		.came_status = came ? 200 : 0,
		.came = slice_str(came ? came : "")};
	if (page_door != DOOR_LOCAL)
		assert_true(netaddr_parse_loose(slice_str(page_from), 40000, &t.call.from));
	t.status = web_route(&t.api, &t.call);
	assert_false(t.answer.bad);
	t.body[t.answer.n] = 0;
	return t.status;
}

/* Asks for a page with these header lines, each with its CR LF. */
static inline int page_with(const char *target, const char *headers)
{
	char text[1400];

	snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n", target, headers);
	return page_ask(text, NULL);
}

static inline int page(const char *target)
{
	return page_with(target, "");
}

/* Sends a form of these fields. */
static inline int page_post(const char *path, const char *fields)
{
	char text[1400];

	snprintf(text, sizeof text,
		"POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
		"Content-Length: %zu\r\n\r\n%s",
		path, strlen(fields), fields);
	return page_ask(text, NULL);
}

static inline void has(const char *text)
{
	if (!strstr(body(&t), text))
		fail_msg("\"%s\" is not in %s", text, body(&t));
}

static inline void has_not(const char *text)
{
	if (strstr(body(&t), text))
		fail_msg("\"%s\" is in %s", text, body(&t));
}

#endif
