/* Finds the function that answers a request (routes.def), checks right and arguments, and has the
 * functions of short routes and of those that change something. The latter are POSTs, which need
 * RIGHT_OWN or more. Before: http/http_reply.c. After: the other files of api/, and the hooks of
 * api/api.h. */
#include "api/routes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "config/keys.h"
#include "config/units.h"
#include "api/config_json.h"
#include "api/metrics.h"
#include "api/status.h"
#include "api/status_dns.h"

enum { ADDRESS_MAX = 256 };

/* ---- reading ---- */

/* Writes {"key":"text"} and returns `status`. */
static int say(struct http_call *c, int status, const char *key, const char *text)
{
	struct json_wr j = {.w = c->answer};

	json_open(&j, NULL, '{');
	json_str(&j, key, text);
	json_close(&j, '}');
	return status;
}

int api_done(struct http_call *c, const char *text)
{
	return say(c, 200, "done", text);
}

int api_error(struct http_call *c, int status, const char *text)
{
	return say(c, status, "error", text);
}

int get_status(const struct api *a, struct http_call *c)
{
	status_json(a, c->answer);
	return 200;
}

int get_limits(const struct api *a, struct http_call *c)
{
	status_limits_json(a, c->answer);
	return 200;
}

int get_config(const struct api *a, struct http_call *c)
{
	config_json(a->config, c->answer);
	return 200;
}

int get_peers(const struct api *a, struct http_call *c)
{
	status_peers_json(a, c->answer, http_has_arg(c->request, "all"));
	return 200;
}

int get_bans(const struct api *a, struct http_call *c)
{
	status_bans_json(a, c->answer);
	return 200;
}

int get_dns(const struct api *a, struct http_call *c)
{
	status_dns_json(a, c->answer);
	return 200;
}

int get_dns_names(const struct api *a, struct http_call *c)
{
	status_dns_names_json(a, c->answer);
	return 200;
}

int get_metrics(const struct api *a, struct http_call *c)
{
	c->type = "text/plain; version=0.0.4; charset=utf-8";
	metrics_put(a, c->answer);
	return 200;
}

int get_events(const struct api *a, struct http_call *c)
{
	(void)a;
	c->type = "text/event-stream";
	c->stays = true;
	return 200;
}

bool api_take_number(
	struct http_call *c, const char *key, uint64_t least, uint64_t most, uint64_t *to)
{
	char text[HTTP_ARG_MAX], error[HTTP_ERROR_MAX], *end;

	if (!http_has_arg(c->request, key))
		return true;
	errno = 0;
	bool good =
		http_arg(c->request, key, text, sizeof text) && text[0] >= '0' && text[0] <= '9';
	unsigned long long v = good ? strtoull(text, &end, 10) : 0;
	if (good && !*end && !errno && v >= least && v <= most) {
		*to = v;
		return true;
	}
	snprintf(error, sizeof error, "the argument %s is no number from %llu to %llu", key,
		(unsigned long long)least, (unsigned long long)most);
	say(c, 400, "error", error);
	return false;
}

/* ---- changing something ---- */

/* Writes the result of a hook: `what` when it succeeded, else what the error means to the user. */
static int tell(struct http_call *c, enum err err, const char *what)
{
	switch (err) {
	case ERR_OK:
		return api_done(c, what);
	case ERR_NOT_FOUND:
		return say(c, 404, "error", "there is no such entry");
	case ERR_EXISTS:
		return say(c, 400, "error", "it is there already");
	case ERR_FULL:
		return say(c, 400, "error", "the list is at its bound, see alfisd limits");
	default:
		return say(c, 400, "error", "this is no address");
	}
}

/* Reads the argument `address`. False when it is missing; the error is written. */
static bool take_address(struct http_call *c, char to[ADDRESS_MAX])
{
	if (http_arg(c->request, "address", to, ADDRESS_MAX))
		return true;
	say(c, 400, "error", "an address is needed");
	return false;
}

int post_stop(const struct api *a, struct http_call *c)
{
	log_info("told to stop over the admin socket");
	a->hooks.stop(a->hooks.ctx);
	return api_done(c, "stopping");
}

int post_reload(const struct api *a, struct http_call *c)
{
	char said[512];

	bool done = a->hooks.reload(a->hooks.ctx, said, sizeof said);
	return say(c, done ? 200 : 400, done ? "done" : "error", said);
}

bool api_ban_time(const char *text, uint64_t *seconds)
{
	const struct config_key *bound = &config_keys[KEY_limit_ban_time];
	uint64_t ms = 0;

	if (!units_parse_time(text, &ms) || ms < bound->min || ms > bound->max)
		return false;
	*seconds = ms / 1000;
	return true;
}

/* Reads the argument `seconds`, a time as in the settings ("10m" too). 0 when it is absent, which
 * means limits.ban_time. False when it is not within the range of that row; the error is written.
 */
static bool take_seconds(struct http_call *c, uint64_t *seconds)
{
	const struct config_key *bound = &config_keys[KEY_limit_ban_time];
	char text[ADDRESS_MAX], least[UNITS_TEXT_MAX], most[UNITS_TEXT_MAX];

	*seconds = 0;
	if (!http_arg(c->request, "seconds", text, sizeof text) || api_ban_time(text, seconds))
		return true;
	snprintf(text, sizeof text, "the time is not from %s to %s", units_time(bound->min, least),
		units_time(bound->max, most));
	say(c, 400, "error", text);
	return false;
}

int post_ban(const struct api *a, struct http_call *c)
{
	char address[ADDRESS_MAX];
	uint64_t seconds;

	if (!take_address(c, address) || !take_seconds(c, &seconds))
		return 400;
	return tell(c, a->hooks.ban(a->hooks.ctx, address, seconds), "banned");
}

int post_unban(const struct api *a, struct http_call *c)
{
	char address[ADDRESS_MAX];

	if (!take_address(c, address))
		return 400;
	return tell(c, a->hooks.unban(a->hooks.ctx, address), "unbanned");
}

int post_peer_add(const struct api *a, struct http_call *c)
{
	bool once = http_has_arg(c->request, "once");
	char address[ADDRESS_MAX];

	if (!take_address(c, address))
		return 400;
	return tell(c, a->hooks.peer_add(a->hooks.ctx, address, once),
		once ? "added for once" : "added");
}

int post_peer_remove(const struct api *a, struct http_call *c)
{
	char address[ADDRESS_MAX];

	if (!take_address(c, address))
		return 400;
	return tell(c, a->hooks.peer_remove(a->hooks.ctx, address), "removed");
}

/* ---- the table ---- */

static const struct api_path paths[] = {
#define ROUTE(method, path, arguments, right, function, help)                                      \
	{method, path, arguments, right, function},
#include "api/routes.def"
};

/* True when the path belongs to this route. A route that ends in '/', such as "/block/", matches
 * every longer path; any other also matches with one '/' more at its end. */
static bool matches(const char *route, const char *path)
{
	size_t n = strlen(route);

	if (n > 1 && route[n - 1] == '/')
		return strncmp(route, path, n) == 0 && path[n];
	return strncmp(route, path, n) == 0 && (!path[n] || (n > 1 && strcmp(path + n, "/") == 0));
}

const struct api_path *api_path_find(const struct http_request *q, const char **method)
{
	const char *asked = http_is_head(q) ? "GET" : q->method;

	*method = NULL;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		if (!matches(paths[i].path, q->path))
			continue;
		if (strcmp(paths[i].method, asked) == 0)
			return &paths[i];
		*method = paths[i].method;
	}
	return NULL;
}

/* Writes the error for a path without a row. `takes`: the method that the path takes, NULL when
 * there is no such path. */
static int no_route(struct http_call *c, const char *takes)
{
	if (!takes)
		return api_error(c, 404,
			"there is no such path: docs/api.md has the list, and what follows /block/, "
			"/domain/ and /key/");
	if (strcmp(takes, "POST") == 0) {
		c->more = "Allow: POST\r\n";
		return api_error(c, 405, "this path takes a POST");
	}
	c->more = "Allow: GET, HEAD\r\n";
	return api_error(c, 405, "this path is read with GET");
}

int api_refuse(struct http_call *c)
{
	static const char *const why[] = {
		[RIGHT_NONE] = "log in first: POST /api/login",
		[RIGHT_OPEN] = "only /metrics and /health are here",
		[RIGHT_READ] =
			("only reading here: changes, and the owner's keys, are asked for at the "
			 "Unix socket admin.socket, or with a session at webui.listen"),
		[RIGHT_OWN] = "this is asked for at the Unix socket admin.socket alone",
	};

	return api_error(c, c->right == RIGHT_NONE ? 401 : 403, why[c->right]);
}

/* Finds the row and checks the client's right: 200 with *path set, or the status of the error that
 * was written. */
static int judge(struct http_call *c, const struct api_path **path)
{
	const char *takes;

	*path = api_path_find(c->request, &takes);
	if (!*path)
		return no_route(c, takes);
	return (*path)->right > c->right ? api_refuse(c) : 200;
}

static int answer(const struct api *a, struct http_call *c)
{
	char text[HTTP_ERROR_MAX], names[HTTP_ERROR_MAX];
	const struct api_path *path;
	int status = judge(c, &path);

	if (status != 200)
		return status;
	snprintf(names, sizeof names, "%s%s", path->args, c->token[0] ? " token" : "");
	if (!http_check_args(c->request, names, HTTP_ARG_MAX, text))
		return api_error(c, 400, text);
	return path->fn(a, c);
}

/* JSON answers end with a line feed, for people who ask with curl in a terminal. */
int api_route(void *api, struct http_call *c)
{
	int status = answer(api, c);

	if (strcmp(c->type, HTTP_JSON) == 0)
		wr_u8(c->answer, '\n');
	return status;
}

int api_admit(void *api, struct http_call *c)
{
	const struct api_path *path;
	int status = judge(c, &path);

	(void)api;
	if (status != 200)
		wr_u8(c->answer, '\n');
	return status;
}
