/* Starts and ends the HTTP server, and the log-in at webui.listen. Before: node/node.c,
 * node/reload.c. After: web/login.c; http/server.c sends what it answers. */
#include "node/node_web.h"

#include "base/log.h"
#include "base/rng.h"
#include "api/events.h"
#include "http/event_stream.h"
#include "http/server.h"
#include "node/node.h"
#include "web/api_events.h"
#include "web/login.h"
#include "web/routes.h"

/* The route is called again with this status, and writes the answer. */
static void on_answer(void *ctx, uint64_t call, int status)
{
	struct node *n = ctx;

	if (n->http)
		http_server_answer(n->http, call, status, slice_str(""));
}

bool node_web_start(struct node *n)
{
	const struct login_settings s = {.base = n->base,
		.clock = n->clock,
		.rng = &rng_system,
		.limits = &n->config->limits,
		.answer = on_answer,
		.ctx = n};

	if (!n->config->limits.web)
		return true;
	n->api.login = login_new(&s);
	if (n->api.login)
		login_set(n->api.login, n->config);
	return n->api.login != NULL;
}

void node_web_stop(struct node *n)
{
	login_free(n->api.login);
	n->api.login = NULL;
}

void node_web_reload(struct node *n)
{
	if (n->api.login)
		login_set(n->api.login, n->config);
	else if (!node_web_start(n))
		log_error("webui: nobody can log in: out of memory or descriptors");
}

/* Nobody listens on after he logged out. */
static bool session_lives(void *ctx, const char *token)
{
	const struct node *n = ctx;

	return n->api.login && login_has(n->api.login, token);
}

bool node_http_start(struct node *n)
{
	const struct http_settings s = {.base = n->base,
		.clock = n->clock,
		.limits = &n->config->limits,
		.stream = events_stream(n->events),
		.web_stream = web_events_stream(n->api.web),
		.route = web_route,
		.know = web_know,
		.knows = web_knows,
		.admit = web_admit,
		.refused = web_refused,
		.ctx = &n->api};

	event_stream_set_judge(s.stream, session_lives, n);
	event_stream_set_judge(s.web_stream, session_lives, n);
	n->http = http_server_start(&s, n->config, &n->status);
	return n->http != NULL;
}

void node_http_stop(struct node *n)
{
	http_server_free(n->http);
	n->http = NULL;
}
