/* Reads the fields of a JSON body. Before: the CALLs of web/routes.def. After: base/json.h. */
#include "web/json_body.h"

#include <stdio.h>
#include <string.h>

#include "api/routes.h"
#include "base/json.h"

static bool bad(struct http_call *c, const char *key, const char *what)
{
	char text[128];

	snprintf(text, sizeof text, "the field %.40s %s", key, what);
	api_error(c, 400, text);
	return false;
}

static struct slice trim(struct slice s)
{
	while (s.n && strchr(" \t\r\n", s.p[0]) && s.p[0])
		s = slice_of(s.p + 1, s.n - 1);
	while (s.n && strchr(" \t\r\n", s.p[s.n - 1]) && s.p[s.n - 1])
		s.n--;
	return s;
}

/* True when all members of the object can be read, to its end. */
static bool is_object(struct slice s)
{
	struct slice key, value;
	size_t at = 0;

	if (s.n < 2 || s.p[0] != '{' || s.p[s.n - 1] != '}')
		return false;
	while (json_member(s, &at, &key, &value))
		;
	if (!at)
		at = 1;
	return trim(slice_of(s.p + at, s.n - at)).n == 1;
}

bool json_body(struct http_call *c, struct slice *object)
{
	*object = trim(c->request->json_body);
	if (!object->n)
		*object = slice_str("{}");
	if (is_object(*object))
		return true;
	api_error(c, 400, "the body is no JSON object");
	return false;
}

/* True when the field is there and is not null. */
static bool find(struct slice object, const char *key, struct slice *value)
{
	return json_find(object, key, value) && !json_is_null(*value);
}

bool json_body_text(struct http_call *c, struct slice object, const char *key, bool needed,
	char *to, size_t size)
{
	struct slice value;
	size_t n = 0;

	to[0] = 0;
	if (!find(object, key, &value))
		return !needed || bad(c, key, "is missing");
	if (!json_get_text(value, (uint8_t *)to, size - 1, &n) || memchr(to, 0, n)) {
		to[0] = 0;
		return bad(c, key, "is no text, or too long");
	}
	to[n] = 0;
	return true;
}

bool json_body_number(
	struct http_call *c, struct slice object, const char *key, uint64_t most, uint64_t *to)
{
	struct slice value;
	uint64_t v;

	if (!find(object, key, &value))
		return true;
	if (!json_get_u64(value, &v) || v > most)
		return bad(c, key, "is no number, or too large");
	*to = v;
	return true;
}

bool json_body_bool(struct http_call *c, struct slice object, const char *key, bool *to)
{
	struct slice value;
	bool v;

	if (!find(object, key, &value))
		return true;
	if (!json_get_bool(value, &v))
		return bad(c, key, "is neither true nor false");
	*to = v;
	return true;
}

bool json_body_object(
	struct http_call *c, struct slice object, const char *key, struct slice *value)
{
	return (find(object, key, value) && is_object(*value)) || bad(c, key, "is no object");
}
