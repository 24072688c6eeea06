/* The paths of the admin interface (routes.def), and what steers the node. What changes something
 * is a POST, and only taken from the Unix socket. Before: admin_client.c. After: status.c, page.c,
 * metrics.c, health.c, admin_chain.c. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "config/keys.h"
#include "config/units.h"
#include "node/admin.h"
#include "node/config_json.h"
#include "node/events.h"
#include "node/http.h"
#include "node/metrics.h"
#include "node/page.h"
#include "node/reload.h"
#include "node/status.h"

enum { ADDRESS_MAX = 256 };

/* ---- reading ---- */

static int say(struct admin_call *c, int status, const char *key, const char *text)
{
	struct json_wr j = {.w = c->answer};

	json_open(&j, NULL, '{');
	json_str(&j, key, text);
	json_close(&j, '}');
	return status;
}

int admin_say_error(struct admin_call *c, int status, const char *text)
{
	return say(c, status, "error", text);
}

int get_status(struct admin_call *c)
{
	status_json(c->node, c->answer);
	return 200;
}

int get_limits(struct admin_call *c)
{
	status_limits_json(c->node, c->answer);
	return 200;
}

int get_config(struct admin_call *c)
{
	config_json(c->node->config, c->answer);
	return 200;
}

int get_peers(struct admin_call *c)
{
	status_peers_json(c->node, c->answer, http_has_arg(c->request, "all"));
	return 200;
}

int get_bans(struct admin_call *c)
{
	status_bans_json(c->node, c->answer);
	return 200;
}

int get_metrics(struct admin_call *c)
{
	c->type = ANSWER_METRICS;
	metrics_put(c->node, c->answer);
	return 200;
}

int get_page(struct admin_call *c)
{
	c->type = ANSWER_PAGE;
	page_put(c->node, c->answer);
	return 200;
}

int get_events(struct admin_call *c)
{
	c->stays = true;
	return 200;
}

bool admin_take_number(
	struct admin_call *c, const char *key, uint64_t least, uint64_t most, uint64_t *to)
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

/* ---- steering ---- */

static int tell(struct admin_call *c, enum err err, const char *what)
{
	switch (err) {
	case ERR_OK:
		return say(c, 200, "done", what);
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

/* The argument `address`; false after an answer when it is missing. */
static bool take_address(struct admin_call *c, char to[ADDRESS_MAX])
{
	if (http_arg(c->request, "address", to, ADDRESS_MAX))
		return true;
	say(c, 400, "error", "an address is needed");
	return false;
}

int post_stop(struct admin_call *c)
{
	log_info("told to stop over the admin socket");
	node_stop(c->node);
	return say(c, 200, "done", "stopping");
}

int post_reload(struct admin_call *c)
{
	char said[512];

	return node_reload(c->node, said, sizeof said) ? say(c, 200, "done", said)
						       : say(c, 400, "error", said);
}

/* The argument `seconds`, 0 when there is none: the bans' own time. */
static bool take_seconds(struct admin_call *c, uint64_t *seconds)
{
	const struct config_key *bound = &config_keys[KEY_limit_ban_time];
	char text[ADDRESS_MAX], least[UNITS_TEXT_MAX], most[UNITS_TEXT_MAX];
	uint64_t ms = 0;

	*seconds = 0;
	if (!http_arg(c->request, "seconds", text, sizeof text))
		return true;
	if (!units_parse_time(text, &ms) || ms < bound->min || ms > bound->max) {
		snprintf(text, sizeof text, "the time is not from %s to %s",
			units_time(bound->min, least), units_time(bound->max, most));
		say(c, 400, "error", text);
		return false;
	}
	*seconds = ms / 1000;
	return true;
}

int post_ban(struct admin_call *c)
{
	char address[ADDRESS_MAX];
	uint64_t seconds;

	if (!take_address(c, address) || !take_seconds(c, &seconds))
		return 400;
	return tell(c, p2p_ban(c->node->p2p, address, seconds), "banned");
}

int post_unban(struct admin_call *c)
{
	char address[ADDRESS_MAX];

	return take_address(c, address) ? tell(c, p2p_unban(c->node->p2p, address), "unbanned")
					: 400;
}

int post_peer_add(struct admin_call *c)
{
	char address[ADDRESS_MAX];

	if (!take_address(c, address))
		return 400;
	if (http_has_arg(c->request, "once"))
		return tell(c, p2p_peer_add_once(c->node->p2p, address), "added for once");
	return tell(c, p2p_peer_add(c->node->p2p, address), "added");
}

int post_peer_remove(struct admin_call *c)
{
	char address[ADDRESS_MAX];

	return take_address(c, address) ? tell(c, p2p_peer_remove(c->node->p2p, address), "removed")
					: 400;
}

/* ---- the table ---- */

static const struct admin_route routes[] = {
#define ROUTE(method, path, arguments, right, function, help)                                      \
	{method, path, arguments, right, function},
#include "node/routes.def"
};

/* A path that ends in '/' stands for all below it; one '/' more at the end of another is forgiven.
 */
static bool matches(const char *route, const char *path)
{
	size_t n = strlen(route);

	if (n > 1 && route[n - 1] == '/')
		return strncmp(route, path, n) == 0 && path[n];
	return strncmp(route, path, n) == 0 && (!path[n] || (n > 1 && strcmp(path + n, "/") == 0));
}

const struct admin_route *admin_route(const struct http_request *q, const char **method)
{
	const char *asked = http_is_head(q) ? "GET" : q->method;

	*method = NULL;
	for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
		if (!matches(routes[i].path, q->path))
			continue;
		if (strcmp(routes[i].method, asked) == 0)
			return &routes[i];
		*method = routes[i].method;
	}
	return NULL;
}
