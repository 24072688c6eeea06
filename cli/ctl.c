/* Commands that ask or steer the running node, and print its answer. Before: cli/main.c. After:
 * cli/ctl_request.c makes the request, cli/ctl_link.c sends it; cli/print.h prints the answer. */
#include "cli/ctl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "cli/become.h"
#include "cli/passphrase.h"
#include "cli/print.h"
#include "cli/term.h"

enum { TEXT_MAX = 256, REQUEST_MAX = 1024, LINE_LEN = 9216, WATCH_S = 2 };

/* --check prints one line and exits, so it cannot be combined with --watch or --all. */
static bool check_fits(const struct cli *cli)
{
	if (cli->check && (cli->watch || cli->all))
		cli_error("--check cannot be combined with --watch or --all");
	return !cli->check || (!cli->watch && !cli->all);
}

/* ---- the answer ---- */

/* Prints the node's error, which is a member of its answer, such as "alfisd: ban 1.2.3: this is no
 * address". */
static void print_refusal(const struct cli *cli, struct slice body, const char *member)
{
	char text[PRINT_TEXT_MAX], words[REQUEST_MAX];
	struct wr w = wr_of(words, sizeof words);

	wr_format(&w, "%s", cli->command);
	for (size_t i = 0; i < cli->arg_count; i++)
		wr_format(&w, " %s", cli->args[i]);
	print_text(body, member, text);
	cli_error(
		"%.*s: %s", (int)w.n, words, text[0] ? text : "the node refused without a reason");
}

int ctl_print_refusal(const struct cli *cli, const struct ctl_answer *a)
{
	print_refusal(cli, a->body, "error");
	return a->status == 409 ? EXIT_REFUSED : EXIT_TASK_FAILED;
}

/* --watch draws a screen if it can; otherwise it prints one answer after the other. */
static struct out make_out(const struct cli *cli)
{
	struct out o = {.f = stdout,
		.all = cli->all,
		.terminal = isatty(STDOUT_FILENO),
		.now = clock_wall(&clock_system)};

	o.screen = cli->watch && !cli->json && term_draws();
	if (o.screen)
		term_screen(&o.width, &o.height);
	else
		o.width = term_width();
	return o;
}

static void print_answer(const struct cli *cli, const struct command *cmd, struct slice body)
{
	struct out o = make_out(cli);

	if (o.screen)
		term_begin();
	if (cli->json)
		print_json(stdout, body);
	else
		cmd->print(&o, body);
	out_end(&o);
	if (o.screen)
		term_drawn(o.lines >= o.height);
	fflush(stdout);
}

/* Asks once and prints the answer. On failure it restores the terminal's own screen first, so that
 * the error stays visible. */
static int ask_once(const struct cli *cli, const struct config *c, const struct command *cmd,
	const char *request)
{
	struct ctl_answer a;
	enum ctl_end end = ctl_request(c, request, &a);
	int status = EXIT_TASK_FAILED, saved = errno;

	if (end == CTL_ANSWERED && a.status == 200) {
		print_answer(cli, cmd, a.body);
		status = EXIT_DONE;
		if (cmd->how & NEEDS_RECORDS && !print_bool(a.body, "found")) {
			print_refusal(cli, a.body, "reason");
			status = EXIT_TASK_FAILED;
		}
		if (cmd->how & WAITS_FOR_END && !ctl_wait_for_end(c, a.peer))
			status = EXIT_TASK_FAILED;
	} else if (end == CTL_ANSWERED) {
		term_end();
		status = ctl_print_refusal(cli, &a);
	} else {
		term_end();
		errno = saved;
		ctl_print_failure(end, cli->command, c);
	}
	ctl_answer_free(&a);
	return status;
}

/* ---- events ---- */

/* Each event arrives as two lines, "event: KIND" and "data: {…}", and is printed as one, until the
 * node ends. False when none came. */
static bool print_events(FILE *f, bool json)
{
	char line[LINE_LEN], kind[TEXT_MAX] = "";
	bool any = false;

	while (fgets(line, sizeof line, f)) {
		if (sscanf(line, "event: %255s", kind) == 1 || strncmp(line, "data: ", 6) != 0)
			continue;
		line[strcspn(line, "\r\n")] = 0;
		printf(json ? "{\"event\":\"%s\",\"data\":" : "%-7s ", kind);
		print_json_text(stdout, slice_str(line + 6));
		puts(json ? "}" : "");
		if (fflush(stdout) != 0)
			return true;
		any = true;
	}
	return any;
}

static int follow_events(const struct cli *cli, const struct config *c, const char *request)
{
	struct timeval for_ever = {0, 0};
	int fd = ctl_connect(c);
	FILE *f = fd >= 0 ? fdopen(fd, "r+") : NULL;

	if (!f) {
		ctl_print_failure(fd < 0 ? CTL_NOBODY : CTL_NO_MEMORY, cli->command, c);
		if (fd >= 0)
			close(fd);
		return EXIT_TASK_FAILED;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &for_ever, sizeof for_ever);
	fprintf(f, "%s HTTP/1.0\r\n\r\n", request);
	fflush(f);
	bool any = print_events(f, cli->json);
	fclose(f);
	if (!any)
		cli_error("the node accepts no more subscribers (limits.max_subscribers)");
	return any ? EXIT_DONE : EXIT_TASK_FAILED;
}

/* ---- the command ---- */

bool ctl_become(struct config *c)
{
	char who[BECOME_NAME_MAX], why[1024];

	if (c->admin_socket[0] == '/' || become_owner(c, who, why, sizeof why))
		return true;
	cli_error("%s", why);
	return false;
}

int ctl_tell(const struct cli *cli, const struct config *c, const char *request,
	void (*take)(void *ctx, struct slice body), void *ctx)
{
	struct ctl_answer a;
	enum ctl_end end = ctl_request(c, request, &a);
	bool done = end == CTL_ANSWERED && a.status == 200;

	if (done && take)
		take(ctx, a.body);
	else if (end != CTL_ANSWERED)
		ctl_print_failure(end, cli->command, c);
	else if (!done)
		print_refusal(cli, a.body, "error");
	ctl_answer_free(&a);
	return done ? EXIT_DONE : EXIT_TASK_FAILED;
}

/* False after an error was printed. */
static bool confirmed(const struct cli *cli, const struct command *cmd)
{
	char question[TEXT_MAX];

	snprintf(question, sizeof question, "%s %.60s?", cmd->name, cli->args[0]);
	if (!(cmd->how & CONFIRMS) || cli->yes || passphrase_confirm(question))
		return true;
	cli_error("%s: nothing was done; without a terminal say --yes", cmd->name);
	return false;
}

int cmd_ctl(const struct cli *cli, struct config *c)
{
	const struct command *cmd = command_find(cli->command);
	char request[REQUEST_MAX];
	int status;

	if (!check_fits(cli) || !ctl_make_request(cli, cmd, request, sizeof request))
		return EXIT_USAGE;
	if (!confirmed(cli, cmd))
		return EXIT_TASK_FAILED;
	if (!ctl_become(c))
		return cli->check ? EXIT_CHECK_UNKNOWN : EXIT_TASK_FAILED;
	if (cli->check)
		return ctl_check(cli, c);
	if (!cmd->print)
		return follow_events(cli, c, request);
	do {
		status = ask_once(cli, c, cmd, request);
	} while (cli->watch && status == EXIT_DONE && !ferror(stdout) && term_wait(WATCH_S));
	term_end();
	return status;
}
