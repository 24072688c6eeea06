/* The program: sets the process up, reads the command line and the settings, and runs one command.
 * Before: the operating system. After: the command's function (cli/commands.c). At the end all
 * memory must have been freed; audit() checks that. */
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
#include "owner/keys_start.h"

#ifndef COMMIT /* set by the build */
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
	/* `run` sets its log up later: log.file may be in the data directory, which may not exist
	 * yet. */
	if (!(cmd->how & LOGS_TO_FILE) && !cli_begin_log(c, cmd))
		return cli->check ? EXIT_CHECK_UNKNOWN : EXIT_USAGE;
	return cmd->run(cli, c);
}

static int run(const struct cli *cli)
{
	struct config *c = mem_alloc(sizeof *c);

	if (!c) {
		cli_error("out of memory");
		return EXIT_TASK_FAILED;
	}
	int status = run_with(cli, command_find(cli->command), c);
	mem_free(c);
	return status;
}

/* All memory that we allocated must be freed by now; else the exit status is EXIT_AUDIT. What
 * libcrypto keeps is only logged: some versions never free all of it, which is not our fault. */
static int audit(int status)
{
	if (mem_library_blocks())
		log_debug("libcrypto keeps %zu blocks with %zu bytes to the end",
			mem_library_blocks(), mem_library_bytes());
	if (mem_blocks() == 0)
		return status;
	log_error("clean-up audit: %zu blocks with %zu bytes were not freed", mem_blocks(),
		mem_bytes());
	return status == EXIT_DONE ? EXIT_AUDIT : status;
}

/* Opens descriptors 0 to 2 if the process was started without them. Otherwise the next file we
 * open, a file of the store for example, would become standard error, and a message would be
 * written into it. False when nothing can be opened. */
static bool open_standard_descriptors(void)
{
	int pair[2];

	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		if (open("/dev/null", O_RDWR) == fd)
			continue;
		/* There is no /dev (a bare chroot): one end of a pipe will do. pipe2() takes the
		 * lowest free numbers, and `fd` is the lowest. */
		if (pipe2(pair, O_NONBLOCK) != 0)
			return false;
		if (pair[1] > STDERR_FILENO)
			close(pair[1]);
	}
	return true;
}

/* Undoes what we may have inherited: blocked signals, and a umask that would make our own files
 * unreadable for us. */
static void put_process_right(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(umask(077) & 077);
	fault_catch();
	/* writing beyond a file's size limit then fails like a full disk, */
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN); /* and writing to a closed pipe fails with EPIPE */
	signal(SIGUSR1, SIG_IGN); /* the running node logs that it has no use for it */
	signal(SIGUSR2, SIG_IGN);
}

int main(int argc, char **argv)
{
	struct cli cli;

	mem_begin();
	crypto_count_memory(); /* before libcrypto is used; if it was too late, crypto_init() says
				  so */
	if (!open_standard_descriptors())
		return EXIT_TASK_FAILED;
	put_process_right();
	version_set_commit(COMMIT);
	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	int status = EXIT_DONE;
	if (argc == 2 && strcmp(argv[1], KEYS_COMMAND) == 0)
		status = key_process();
	else if (cli_parse(argc, argv, &cli))
		status = run(&cli);
	else
		return EXIT_USAGE;
	libevent_global_shutdown();
	crypto_end();
	status = cli_finish(audit(status));
	log_close();
	return status;
}
