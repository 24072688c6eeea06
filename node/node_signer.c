/* `alfisd signer`: the owner's keys without a node. Of struct node it has the loop, the keys and
 * HTTP. Before: cli/signer.c. After: node/node_owner.c, owner/keys_relay.h. */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/routes.h"
#include "base/log.h"
#include "chain/crypto.h"
#include "net/event_loop.h"
#include "http/server.h"
#include "node/node.h"
#include "node/node_api.h"
#include "owner/keys_relay.h"

enum { ENDS = 3 };

/* What it has beside the keys. */
struct signer {
	struct node node;
	struct socket_file socket;
	struct event *ends[ENDS]; /* SIGTERM, SIGINT, `until` */
};

static void on_end(evutil_socket_t fd, short what, void *ctx)
{
	struct signer *s = ctx;

	(void)fd;
	(void)what;
	s->node.stopping = true;
	event_base_loopbreak(s->node.base);
}

static bool hear_ends(struct signer *s, int until)
{
	struct event_base *base = s->node.base;

	signal(SIGPIPE, SIG_IGN);
	s->ends[0] = evsignal_new(base, SIGTERM, on_end, s);
	s->ends[1] = evsignal_new(base, SIGINT, on_end, s);
	s->ends[2] = until < 0 ? NULL : event_new(base, until, EV_READ, on_end, s);
	for (int i = 0; i < ENDS; i++)
		if (s->ends[i] ? event_add(s->ends[i], NULL) != 0 : i < 2 || until >= 0)
			return false;
	return true;
}

/* ---- the socket of the node ---- */

static int listen_for_node(struct signer *s)
{
	const char *dir = s->node.config->data_dir;
	char why[512];
	int fd = socket_file_listen(&s->socket, dir, SIGNER_SOCKET, why, sizeof why);

	if (fd < 0)
		log_error("signer: %s", why);
	else
		log_info("signer: a node is served at %s", s->socket.path);
	return fd;
}

static bool serve_node(struct signer *s)
{
	struct node *n = &s->node;
	int fd = listen_for_node(s);

	n->relay = fd < 0 ? NULL : keys_relay_new(n->base, n->owner.link, fd);
	if (fd >= 0 && !n->relay)
		close(fd);
	return n->relay != NULL;
}

/* ---- the socket of the command line ---- */

/* What asks for nothing but keys. */
static bool is_of_keys(const struct http_request *q)
{
	static const char *const posts[] = {
		"/keys/start", "/keys/rename", "/keys/remove", "/keys/lock"};

	if (strcmp(q->method, "GET") == 0)
		return strcmp(q->path, "/keys") == 0 || strncmp(q->path, "/keys/", 6) == 0;
	for (size_t i = 0; i < sizeof posts / sizeof posts[0]; i++)
		if (strcmp(q->path, posts[i]) == 0)
			return true;
	return false;
}

static int refuse(struct http_call *c)
{
	return api_error(c, 404, "here runs `alfisd signer`: it has keys, and no chain");
}

static int on_route(void *api, struct http_call *c)
{
	return is_of_keys(c->request) ? api_route(api, c) : refuse(c);
}

static int on_admit(void *api, struct http_call *c)
{
	return is_of_keys(c->request) ? api_admit(api, c) : refuse(c);
}

/* At admin.socket, as a node; without it, or when somebody else has it, the rest works. */
static void serve_commands(struct signer *s)
{
	struct node *n = &s->node;
	const struct http_settings settings = {.base = n->base,
		.clock = n->clock,
		.limits = &n->config->limits,
		.route = on_route,
		.admit = on_admit,
		.ctx = &n->api};

	/* It needs no network. */
	n->config->admin_listen[0] = n->config->admin_metrics_listen[0] = 0;
	node_api_fill_keys(n);
	n->http = http_server_start(&settings, n->config, &n->status);
	if (!n->http)
		log_warn("signer: `alfisd key list` and the like find nobody here");
}

/* ---- start and end ---- */

static bool start(struct signer *s, bool serves, int until)
{
	struct node *n = &s->node;
	char said[KEY_WHY_SIZE];

	n->base = event_loop_new();
	if (!n->base || !hear_ends(s, until)) {
		log_error("signer: out of memory or descriptors");
		return false;
	}
	if (!node_owner_need(n, said, sizeof said)) {
		log_error("signer: %s", said);
		return false;
	}
	if (serves)
		serve_commands(s);
	return !serves || serve_node(s);
}

static void stop(struct signer *s)
{
	struct node *n = &s->node;

	http_server_free(n->http);
	n->http = NULL;
	node_owner_stop(n);
	keys_relay_free(n->relay);
	socket_file_remove(&s->socket);
	for (int i = 0; i < ENDS; i++)
		if (s->ends[i])
			event_free(s->ends[i]);
	if (n->base)
		event_base_free(n->base);
}

int node_signer_run(struct config *config, bool serves, int ready, int until)
{
	struct signer s = {.node = {.config = config,
				   .clock = &clock_system,
				   .rng = &rng_system,
				   .wake_fd = -1,
				   .owner.folder.fd = -1,
				   .is_signer = true,
				   .ready = ready}};

	if (!node_params(config, &s.node.params))
		return EXIT_USAGE;
	if (!crypto_init()) /* it logged why */
		return EXIT_TASK_FAILED;
	s.node.started_ms = clock_mono(s.node.clock);
	bool good = start(&s, serves, until);
	if (good) {
		log_info("ready");
		event_base_dispatch(s.node.base);
	}
	stop(&s);
	log_info("stopped");
	return good ? EXIT_DONE : EXIT_TASK_FAILED;
}
