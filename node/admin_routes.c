/* The paths of the admin interface and what answers them (interfaces.md 4). What changes something
 * is a POST, and only taken from the Unix socket. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/keys.h"
#include "config/units.h"
#include "node/admin.h"
#include "node/events.h"
#include "node/figures.h"
#include "node/http.h"
#include "node/look.h"
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

static int get_status(struct admin_call *c)
{
	status_json(c->node, c->answer);
	return 200;
}

static int get_limits(struct admin_call *c)
{
	status_limits_json(c->node, c->answer);
	return 200;
}

static int get_peers(struct admin_call *c)
{
	status_peers_json(c->node, c->answer);
	return 200;
}

static int get_health(struct admin_call *c)
{
	struct node *n = c->node;
	struct json_wr j = {.w = c->answer};
	bool failing = n->store_error || n->stopping, syncing;
	struct figures f;
	char reason[256];

	figures_begin(&f, n);
	status_reason(n, reason, sizeof reason, &syncing);
	json_open(&j, NULL, '{');
	json_str(&j, "status", failing ? "failing" : "ok");
	json_str(&j, "reason", reason);
	json_bool(&j, "syncing", syncing);
	json_str(&j, "store", n->store_error ? n->store_error : "ok");
	json_u64(&j, "height", f.tip.height);
	json_number(&j, "store_bytes", figures_value(&f, FIGURE_store_bytes));
	json_u64(&j, "address_book", f.net.book);
	json_u64(&j, "peers", peers_count(&n->peers));
	json_u64(&j, "subscribers", events_subscribers(n->events));
	json_u64(&j, "admin_clients", admin_clients(n->admin));
	json_close(&j, '}');
	return failing ? 503 : 200;
}

enum { BLOCKS_AT_ONCE = 100 };

static uint64_t query_number(const struct admin_call *c, const char *key, uint64_t otherwise)
{
	char text[32];

	return http_query(c->request, key, text, sizeof text) ? strtoull(text, NULL, 10)
							      : otherwise;
}

static struct look look_at(struct admin_call *c, uint8_t *block)
{
	return (struct look){.chain = c->node->chain,
		.params = &c->node->params,
		.j = {.w = c->answer},
		.block = block};
}

static int get_blocks(struct admin_call *c)
{
	struct look l = look_at(c, NULL);
	struct chain_tip t;

	chain_get_tip(c->node->chain, &t);
	uint64_t count = query_number(c, "count", 20);
	count = count < BLOCKS_AT_ONCE ? count : BLOCKS_AT_ONCE;
	uint64_t from = query_number(c, "from", t.height >= count ? t.height - count + 1 : 1);
	json_open(&l.j, NULL, '{');
	look_blocks(&l, from, count);
	json_close(&l.j, '}');
	return 200;
}

static int get_domain(struct admin_call *c)
{
	uint8_t *block = mem_alloc(BLOCK_MAX_ENCODED);
	struct look l = look_at(c, block);

	bool found = block && look_domain(&l, c->request->path + strlen("/domain/"));

	mem_free(block);
	return found ? 200 : say(c, 404, "error", "there is no such domain");
}

static int get_metrics(struct admin_call *c)
{
	c->type = ANSWER_METRICS;
	metrics_put(c->node, c->answer);
	return 200;
}

static int get_page(struct admin_call *c)
{
	c->type = ANSWER_PAGE;
	page_put(c->node, c->answer);
	return 200;
}

static int get_events(struct admin_call *c)
{
	c->stays = true;
	return 200;
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

/* address=… of the query; false after an answer when it is missing. */
static bool take_address(struct admin_call *c, char to[ADDRESS_MAX])
{
	if (http_query(c->request, "address", to, ADDRESS_MAX))
		return true;
	say(c, 400, "error", "the query needs address=");
	return false;
}

static int post_stop(struct admin_call *c)
{
	log_info("told to stop over the admin socket");
	node_stop(c->node);
	return say(c, 200, "done", "stopping");
}

static int post_reload(struct admin_call *c)
{
	char said[512];

	return node_reload(c->node, said, sizeof said) ? say(c, 200, "done", said)
						       : say(c, 400, "error", said);
}

/* seconds=… of the query, 0 when there is none: the bans' own time. */
static bool take_seconds(struct admin_call *c, uint64_t *seconds)
{
	const struct config_key *bound = &config_keys[KEY_limit_ban_time];
	char text[ADDRESS_MAX], least[UNITS_TEXT_MAX], most[UNITS_TEXT_MAX];
	uint64_t ms = 0;

	*seconds = 0;
	if (!http_query(c->request, "seconds", text, sizeof text))
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

static int post_ban(struct admin_call *c)
{
	char address[ADDRESS_MAX];
	uint64_t seconds;

	if (!take_address(c, address) || !take_seconds(c, &seconds))
		return 400;
	return tell(c, p2p_ban(c->node->p2p, address, seconds), "banned");
}

static int post_unban(struct admin_call *c)
{
	char address[ADDRESS_MAX];

	return take_address(c, address) ? tell(c, p2p_unban(c->node->p2p, address), "unbanned")
					: 400;
}

static int post_peer_add(struct admin_call *c)
{
	char address[ADDRESS_MAX];

	return take_address(c, address) ? tell(c, p2p_peer_add(c->node->p2p, address), "added")
					: 400;
}

static int post_peer_remove(struct admin_call *c)
{
	char address[ADDRESS_MAX];

	return take_address(c, address) ? tell(c, p2p_peer_remove(c->node->p2p, address), "removed")
					: 400;
}

/* ---- the table ---- */

static const struct route {
	const char *method, *path;
	admin_fn fn;
} routes[] = {
	{"GET", "/", get_page},
	{"GET", "/status", get_status},
	{"GET", "/limits", get_limits},
	{"GET", "/peers", get_peers},
	{"GET", "/health", get_health},
	{"GET", "/blocks", get_blocks},
	{"GET", "/domain/", get_domain},
	{"GET", "/metrics", get_metrics},
	{"GET", "/events", get_events},
	{"POST", "/stop", post_stop},
	{"POST", "/reload", post_reload},
	{"POST", "/bans/add", post_ban},
	{"POST", "/bans/remove", post_unban},
	{"POST", "/peers/add", post_peer_add},
	{"POST", "/peers/remove", post_peer_remove},
};

/* A path that ends in '/' stands for all below it. */
static bool matches(const char *route, const char *path)
{
	size_t n = strlen(route);

	return n > 1 && route[n - 1] == '/' ? strncmp(route, path, n) == 0
					    : strcmp(route, path) == 0;
}

admin_fn admin_route(const char *method, const char *path, int *status)
{
	*status = 404;
	for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
		if (!matches(routes[i].path, path))
			continue;
		if (strcmp(routes[i].method, method) == 0)
			return routes[i].fn;
		*status = 405;
	}
	return NULL;
}
