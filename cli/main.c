/* The program: settings, then one command. Everything is freed before the audit at the end. */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "chain/crypto.h"
#include "cli/cli.h"
#include "cli/fault.h"
#include "node/version.h"

#ifndef COMMIT /* told by the build */
#define COMMIT ""
#endif

static int run_with(const struct cli *cli, const struct command *cmd, struct config *c)
{
	if (cmd->needs == SETTINGS_NONE)
		return cmd->run(cli, c);
	if (!cli_load_settings(cli, cmd->needs, c)) {
		cli_tell_errors(c);
		return cli->check ? EXIT_CHECK_UNKNOWN : EXIT_USAGE;
	}
	/* The log file may be in the data directory, which is not there yet. */
	if (!(cmd->how & LOGS_TO_FILE) && !cli_begin_log(c, cmd))
		return cli->check ? EXIT_CHECK_UNKNOWN : EXIT_USAGE;
	return cmd->run(cli, c);
}

/* Nothing that we allocated may be left; the log has the figures. What a version of a library does
 * not give back is no mistake of ours. */
static int audit(int status)
{
	if (mem_library_blocks())
		log_debug("clean-up audit: libcrypto keeps %zu blocks with %zu bytes",
			mem_library_blocks(), mem_library_bytes());
	if (mem_blocks() == 0)
		return status;
	log_error("clean-up audit: %zu blocks with %zu bytes were not freed", mem_blocks(),
		mem_bytes());
	return status == EXIT_DONE ? EXIT_AUDIT : status;
}

/* Whoever started us may have closed them. The next file that is opened, a file of the store, would
 * get such a number, and a message would be written into it. False when nothing can be opened. */
static bool open_standard_descriptors(void)
{
	int pair[2];

	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		if (open("/dev/null", O_RDWR) == fd)
			continue;
		/* A root without /dev: an end of a pipe is as good. The lowest number is taken. */
		if (pipe2(pair, O_NONBLOCK) != 0)
			return false;
		if (pair[1] > STDERR_FILENO)
			close(pair[1]);
	}
	return true;
}

/* What the starter may have left behind: signals that cannot come, files of our own that we could
 * not read. */
static void put_process_right(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(umask(077) & 077);
	fault_catch();
	signal(SIGXFSZ, SIG_IGN); /* a file at its limit is an error like a full disk, */
	signal(SIGPIPE, SIG_IGN); /* and a reader who went away one of writing */
	signal(SIGUSR1, SIG_IGN); /* other daemons open their log again; running, we say so */
	signal(SIGUSR2, SIG_IGN);
}

int main(int argc, char **argv)
{
	struct cli cli;

	crypto_count_memory(); /* when it is too late for that, crypto_init() says so */
	if (!open_standard_descriptors())
		return EXIT_TASK_FAILED;
	put_process_right();
	version_set_commit(COMMIT);
	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	if (!cli_parse(argc, argv, &cli))
		return EXIT_USAGE;
	struct config *c = mem_alloc(sizeof *c);
	if (!c) {
		cli_error("out of memory");
		return EXIT_TASK_FAILED;
	}
	int status = run_with(&cli, command_find(cli.command), c);
	mem_free(c);
	libevent_global_shutdown();
	crypto_end();
	status = cli_finish(audit(status));
	log_close();
	return status;
}
