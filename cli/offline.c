/* Opens the store for a command that works without the network. Before: the commands import,
 * export, verify and show. After: chain/chain.c. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "chain/crypto.h"
#include "cli/become.h"
#include "cli/child.h"
#include "cli/cli.h"
#include "node/node.h"
#include "cli/offline.h"

enum { TRIES = 8 }; /* forks to find a process number that no other reader has */

/* the only kind of object that a signal handler may write */
static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

void offline_catch_signals(void)
{
	struct sigaction sa = {.sa_handler = on_signal};

	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

bool offline_interrupted(void)
{
	return interrupted != 0;
}

static bool reads_beside(const struct chain_settings *s)
{
	return s->read_only && !s->alone;
}

/* We have number 1 in a container, and so does, most likely, a node in another container: do not
 * even try it. */
void offline_will_read(void)
{
	if (getpid() == 1)
		child_goes_on();
}

int offline_become(struct config *c)
{
	char who[BECOME_NAME_MAX], why[1024];

	if (!become_owner(c, who, why, sizeof why)) {
		cli_error("%s", why);
		return EXIT_TASK_FAILED;
	}
	if (who[0])
		log_debug("the rest as %s, whose data directory it is", who);
	return EXIT_DONE;
}

static int open_with(struct offline *o, struct config *c, struct chain_settings *s)
{
	struct chain_error e;

	if (offline_become(c) != EXIT_DONE)
		return EXIT_TASK_FAILED;
	*o = (struct offline){.threads = node_threads(c), .read_only = s->read_only};
	s->offline = true;
	s->dir = c->data_dir;
	s->params = &o->params;
	s->limits = &c->limits;
	if (!node_params(c, &o->params))
		return EXIT_USAGE;
	if (!crypto_init()) /* it logged why */
		return EXIT_TASK_FAILED;
	if (!s->read_only && !cli_data_dir(c))
		return EXIT_STORE;
	o->chain = chain_open(s, &e);
	for (int i = 0; !o->chain && e.err == ERR_BUSY && reads_beside(s) && i < TRIES; i++)
		o->chain = child_goes_on() ? chain_open(s, &e) : NULL;
	if (o->chain)
		return EXIT_DONE;
	cli_error("%s", e.text);
	return node_store_status(e.err);
}

int offline_open(struct offline *o, struct config *c, bool read_only)
{
	struct chain_settings s = {.read_only = read_only};

	return open_with(o, c, &s);
}

int offline_open_alone(struct offline *o, struct config *c)
{
	struct chain_settings s = {.read_only = true, .alone = true};

	return open_with(o, c, &s);
}

int offline_close(struct offline *o, int status)
{
	enum err err = chain_commit(o->chain);

	if (err != ERR_OK && status != EXIT_STORE)
		cli_error("the store could not be %s: %s", o->read_only ? "read" : "written",
			chain_why(o->chain));
	chain_close(o->chain);
	o->chain = NULL;
	return err == ERR_OK ? status : EXIT_STORE;
}
