/* The routes that show what is in the chain: blocks, names, keys. Before: api/routes.c. After:
 * api/query.c and the other files api/query*.c. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "api/routes.h"
#include "api/name_lists.h"
#include "api/query.h"
#include "domain/names.h"

enum {
	BLOCKS_AT_ONCE = 100, /* greatest `count` of GET /blocks */
	BLOCKS_BY_ITSELF = 20 /* count when none is given */
};

static struct query query_of(const struct api *a, struct http_call *c)
{
	return (struct query){.chain = a->chain,
		.params = a->params,
		.j = {.w = c->answer},
		.now = chain_now(a->chain, clock_wall(a->clock))};
}

/* What one look finds of the last part of the path, or 404. */
static int answer(
	const struct api *a, struct http_call *c, bool (*query)(struct query *s, const char *what))
{
	const char *last = strchr(c->request->path + 1, '/');
	struct query q = query_of(a, c);
	char what[HTTP_ARG_MAX] = "", error[HTTP_ERROR_MAX];

	bool good = !last || http_decode(last + 1, what, sizeof what);
	if (good && query(&q, what))
		return 200;
	if (!good)
		return api_error(c, 400, "the path is malformed");
	snprintf(error, sizeof error, "there is no such %s%s%s", q.missing ? q.missing : "thing",
		q.why ? ": " : "", q.why ? q.why : "");
	return q.no_memory ? api_error(c, 503, "out of memory") : api_error(c, 404, error);
}

int get_block(const struct api *a, struct http_call *c)
{
	return answer(a, c, query_block);
}

int get_domain(const struct api *a, struct http_call *c)
{
	return answer(a, c, query_domain);
}

/* A key in the query, or none: false after a malformed one. */
static bool take_key(struct http_call *c, uint8_t key[KEY_SIZE], bool *given)
{
	char text[HTTP_ARG_MAX];
	size_t n;

	*given = http_arg(c->request, "key", text, sizeof text);
	return !*given || (hex_decode(slice_str(text), key, KEY_SIZE, &n) && n == KEY_SIZE);
}

int get_domain_check(const struct api *a, struct http_call *c)
{
	struct query q = query_of(a, c);
	uint8_t key[KEY_SIZE];
	char name[HTTP_ARG_MAX];
	bool given;

	if (!http_arg(c->request, "name", name, sizeof name))
		return api_error(c, 400, "name is missing");
	if (!take_key(c, key, &given))
		return api_error(c, 400, "key: a public key is 64 hex digits");
	q.key = given ? key : NULL;
	q.rate = a->hooks.job_rate(a->hooks.ctx);
	return query_check(&q, name) ? 200 : api_error(c, 503, "out of memory");
}

int get_key(const struct api *a, struct http_call *c)
{
	return answer(a, c, query_key);
}

int get_chain(const struct api *a, struct http_call *c)
{
	return answer(a, c, query_chain);
}

int get_blocks(const struct api *a, struct http_call *c)
{
	struct query q = query_of(a, c);
	uint64_t count = BLOCKS_BY_ITSELF, from;
	struct chain_tip t;

	chain_get_tip(a->chain, &t);
	if (!api_take_number(c, "count", 1, BLOCKS_AT_ONCE, &count))
		return 400;
	from = t.height >= count ? t.height - count + 1 : 1;
	if (!api_take_number(c, "from", 1, UINT64_MAX, &from))
		return 400;
	json_open(&q.j, NULL, '{');
	query_blocks(&q, from, count);
	json_close(&q.j, '}');
	return 200;
}

int get_names(const struct api *a, struct http_call *c)
{
	struct query q = query_of(a, c);

	query_names(&q);
	return 200;
}

int get_zones(const struct api *a, struct http_call *c)
{
	struct json_wr j = {.w = c->answer};

	(void)a;
	json_open(&j, NULL, '{');
	json_open(&j, "zones", '[');
	for (const char *zone = zone_next(NULL); zone; zone = zone_next(zone)) {
		json_open(&j, NULL, '{');
		json_str(&j, "name", zone);
		json_bool(&j, "yggdrasil", zone_is_yggdrasil_only(slice_str(zone)));
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
	return 200;
}
