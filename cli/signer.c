/* The command `signer`: the key process by hand, without a node. Before: cli/main.c. After:
 * node/node_signer.c. */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/become.h"
#include "cli/signer.h"
#include "node/node.h"
#include "node/settings.h"

/* Everything before it runs; `who`: the user that root became. False after an error was printed. */
static bool prepare(const struct cli *cli, struct config *c, int *status)
{
	char who[BECOME_NAME_MAX], why[1024];

	*status = EXIT_USAGE;
	if (config_signer(c)) {
		cli_error("%s: owner.signer says that the keys are elsewhere: this command runs "
			  "where they are",
			cli->command);
		return false;
	}
	*status = EXIT_TASK_FAILED;
	if (!become_owner(c, who, why, sizeof why)) {
		cli_error("%s", why);
		return false;
	}
	*status = EXIT_STORE;
	return cli_data_dir(c);
}

int cmd_signer(const struct cli *cli, struct config *c)
{
	int status;

	if (!prepare(cli, c, &status))
		return status;
	if (!log_start_queue((size_t)c->limits.log_buffer_bytes.max)) {
		cli_error("cannot start the log: out of memory or threads");
		return EXIT_TASK_FAILED;
	}
	status = cli_begin_log(c, command_find("signer")) ? node_signer_run(c, true, -1, -1)
							  : EXIT_USAGE;
	log_stop_queue();
	return status;
}

/* ---- for the time of one command ---- */

/* In the child: until the parent closes its end. What goes wrong is said on standard error. */
static void serve(struct config *c, int ready, int until)
{
	_exit(node_signer_run(c, false, ready, until));
}

bool signer_begin(const struct cli *cli, struct config *c, struct signer_child *s)
{
	int ready[2] = {-1, -1}, until[2] = {-1, -1}, status;
	uint8_t byte;

	*s = (struct signer_child){.pid = -1, .end = -1};
	if (!prepare(cli, c, &status))
		return false;
	if (pipe(ready) == 0 && pipe(until) == 0)
		s->pid = fork();
	if (s->pid == 0) {
		close(ready[0]);
		close(until[1]);
		serve(c, ready[1], until[0]);
	}
	close(ready[1]);
	close(until[0]);
	s->end = until[1];
	bool good = s->pid > 0 && read(ready[0], &byte, 1) == 1;
	close(ready[0]);
	if (s->pid < 0)
		cli_error("%s: %m", cli->command);
	if (!good)
		signer_end(s);
	return good;
}

void signer_end(struct signer_child *s)
{
	if (s->end >= 0)
		close(s->end);
	if (s->pid > 0)
		waitpid(s->pid, NULL, 0);
	*s = (struct signer_child){.pid = -1, .end = -1};
}
