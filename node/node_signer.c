/* `alfisd signer`: the owner's keys without a node. Of struct node it has the loop and the keys.
 * Before: cli/signer.c. After: node/node_owner.c, owner/keys_relay.h. */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "chain/crypto.h"
#include "net/event_loop.h"
#include "node/node.h"
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
	return !serves || serve_node(s);
}

static void stop(struct signer *s)
{
	struct node *n = &s->node;

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
