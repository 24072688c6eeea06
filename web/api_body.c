/* Role: reads the JSON bodies of /api. See web/api_body.h. Before: web/api_*.c. After:
 * domain/jsontext.h. */
#include "web/api_body.h"

#include <stdio.h>
#include <string.h>

#include "api/routes.h"
#include "base/json.h"
#include "base/utf8.h"
#include "domain/jsontext.h"

static bool refuse(struct http_call *c, const char *name, const char *what)
{
	char text[HTTP_ERROR_MAX];

	snprintf(text, sizeof text, "%s: %s", name, what);
	api_error(c, 400, text);
	return false;
}

/* ---- the object ---- */

static struct body_field *find(struct body_field *fields, size_t n, struct slice raw)
{
	for (size_t i = 0; i < n; i++)
		if (jt_is(raw, fields[i].name))
			return &fields[i];
	return NULL;
}

static struct slice take_value(struct rd *r)
{
	jt_space(r);
	const uint8_t *from = r->p;

	jt_ignore(r);
	return r->bad ? slice_of(NULL, 0) : slice_of(from, (size_t)(r->p - from));
}

/* Reads "name": value. False after writing an error; malformed text sets r->bad. */
static bool take_member(
	struct http_call *c, struct rd *r, struct body_field *fields, size_t n, uint32_t *seen)
{
	jt_space(r);
	struct slice name = jt_string(r);

	if (r->bad || !jt_take(r, ':')) {
		rd_fail(r);
		return true;
	}
	struct slice value = take_value(r);
	if (r->bad)
		return true;
	struct body_field *f = find(fields, n, name);
	if (!f)
		return true;
	if (*seen & 1u << (f - fields))
		return refuse(c, f->name, "it is there twice");
	*seen |= 1u << (f - fields);
	if (!json_is_null(value))
		f->value = value;
	return true;
}

bool body_read(struct http_call *c, struct body_field *fields, size_t n)
{
	struct rd r = rd_of(c->request->json_body);
	uint32_t seen = 0;

	for (size_t i = 0; i < n; i++)
		fields[i].value = slice_of(NULL, 0);
	if (!c->request->json_body.n)
		return true;
	if (!utf8_valid(c->request->json_body) || !jt_take(&r, '{')) {
		api_error(c, 400, "the body is no JSON object");
		return false;
	}
	bool more = !jt_take(&r, '}');
	while (more && !r.bad) {
		if (!take_member(c, &r, fields, n, &seen))
			return false;
		more = jt_take(&r, ',');
		if (!more && !jt_take(&r, '}'))
			rd_fail(&r);
	}
	jt_space(&r);
	if (!r.bad && !r.left)
		return true;
	api_error(c, 400, "the body is malformed JSON");
	return false;
}

/* ---- values ---- */

bool body_text(struct http_call *c, const struct body_field *f, char *to, size_t size)
{
	struct rd r = rd_of(f->value);
	size_t n = 0;

	to[0] = 0;
	if (!f->value.p)
		return true;
	struct slice raw = f->value.p[0] == '"' ? jt_string(&r) : slice_of(NULL, 0);
	if (f->value.p[0] != '"' || r.bad)
		return refuse(c, f->name, "this is no text");
	bool fits = jt_decode(raw, to, size - 1, &n);
	to[fits ? n : 0] = 0;
	if (!fits)
		return refuse(c, f->name, "this is too long");
	return !memchr(to, 0, n) || refuse(c, f->name, "a zero byte is in it");
}

bool body_need(struct http_call *c, const struct body_field *f, char *to, size_t size)
{
	return body_text(c, f, to, size) && (to[0] || refuse(c, f->name, "it is missing"));
}

bool body_number(struct http_call *c, const struct body_field *f, uint64_t least, uint64_t most,
	uint64_t *to)
{
	char text[80];
	uint64_t v;

	if (!f->value.p)
		return true;
	if (json_get_u64(f->value, &v) && v >= least && v <= most) {
		*to = v;
		return true;
	}
	snprintf(text, sizeof text, "this is no number from %llu to %llu",
		(unsigned long long)least, (unsigned long long)most);
	return refuse(c, f->name, text);
}

bool body_bool(struct http_call *c, const struct body_field *f, bool *to)
{
	return !f->value.p || json_get_bool(f->value, to) ||
	       refuse(c, f->name, "this is neither true nor false");
}
