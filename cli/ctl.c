/* Commands that ask or steer the running node: makes the request, and prints the answer. Before:
 * cli/main.c. After: cli/ctl_link.c sends it; cli/print.h prints the answer. */
#include "cli/ctl.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "cli/become.h"
#include "cli/print.h"
#include "cli/term.h"

enum { TEXT_MAX = 256, REQUEST_MAX = 1024, LINE_LEN = 9216, WATCH_S = 2 };

/* The ASKS rows of cli/commands.def. `word` is the first argument where that decides (`peer add`).
 */
static const struct question {
	const char *command, *word, *method, *path;
	const char *key; /* the argument's name in the query; NULL = it takes none */
	void (*print)(struct out *o, struct slice json);
} questions[] = {
#define ASKS(command, word, method, path, key, print) {command, word, method, path, key, print},
#include "cli/commands.def"
};

static const struct question *find_question(const struct cli *cli)
{
	for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
		const struct question *q = &questions[i];
		if (strcmp(q->command, cli->command) == 0 &&
			(!q->word || strcmp(q->word, cli->args[0]) == 0))
			return q;
	}
	cli_error("usage: alfisd peer add ADDR, or alfisd peer remove ADDR");
	return NULL;
}

/* --check prints one line and exits, so it cannot be combined with --watch or --all. */
static bool check_fits(const struct cli *cli)
{
	if (cli->check && (cli->watch || cli->all))
		cli_error("--check cannot be combined with --watch or --all");
	return !cli->check || (!cli->watch && !cli->all);
}

static bool once_fits(const struct cli *cli)
{
	bool good = !cli->once || strcmp(cli->args[0], "add") == 0;

	if (!good)
		cli_error("--once has no effect on peer %s", cli->args[0]);
	return good;
}

/* ---- the request ---- */

/* False for an empty argument, and for one with spaces or control characters. */
static bool is_text(const char *s)
{
	const char *end = s;

	while ((unsigned char)*end > 0x20 && *end != 0x7F)
		end++;
	return end != s && !*end;
}

/* Appends `key` and the value, with all characters but letters and digits as %XX. */
static void put_query(struct wr *w, const char *key, const char *value)
{
	wr_bytes(w, key, strlen(key));
	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;
		wr_format(w, isalnum(c) ? "%c" : "%%%02X", c);
	}
}

/* Writes the request line into `to`. False when an argument is wrong; the error was printed. */
static bool make_request(const struct cli *cli, const struct question *q, char *to, size_t size)
{
	struct wr w = wr_of(to, size);
	const char *address = cli->arg_count ? cli->args[q->word ? 1 : 0] : "";

	if (cli->arg_count && !is_text(address)) {
		cli_error("%s: the address %s", cli->command,
			address[0] ? "has spaces or control characters in it" : "is empty");
		return false;
	}
	wr_format(&w, "%s %s", q->method, q->path);
	if (q->key) {
		wr_format(&w, "?%s=", q->key);
		put_query(&w, "", address);
	}
	if (strcmp(cli->command, "ban") == 0 && cli->arg_count > 1)
		put_query(&w, "&seconds=", cli->args[1]);
	if (cli->once)
		wr_format(&w, "&once");
	if (strcmp(cli->command, "peers") == 0 && cli->all)
		wr_format(&w, "?all");
	wr_u8(&w, 0);
	if (w.bad)
		cli_error("the address is too long");
	return !w.bad;
}

/* ---- the answer ---- */

/* Prints the node's error, such as "alfisd: ban 1.2.3: this is no address". */
static int print_refusal(const struct cli *cli, struct slice body)
{
	char text[PRINT_TEXT_MAX], words[REQUEST_MAX];
	struct wr w = wr_of(words, sizeof words);

	wr_format(&w, "%s", cli->command);
	for (size_t i = 0; i < cli->arg_count; i++)
		wr_format(&w, " %s", cli->args[i]);
	print_text(body, "error", text);
	cli_error(
		"%.*s: %s", (int)w.n, words, text[0] ? text : "the node refused without a reason");
	return EXIT_TASK_FAILED;
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

static void print_answer(const struct cli *cli, const struct question *q, struct slice body)
{
	struct out o = make_out(cli);

	if (o.screen)
		term_begin();
	if (cli->json)
		print_json(stdout, body);
	else
		q->print(&o, body);
	out_end(&o);
	if (o.screen)
		term_drawn(o.lines >= o.height);
	fflush(stdout);
}

/* Asks once and prints the answer. On failure it restores the terminal's own screen first, so that
 * the error stays visible. */
static int ask_once(const struct cli *cli, const struct config *c, const struct question *q,
	const char *request)
{
	struct ask_answer a;
	enum ask_end end = ask_node(c, request, &a);
	int status = EXIT_TASK_FAILED, saved = errno;

	if (end == ASK_ANSWERED && a.status == 200) {
		print_answer(cli, q, a.body);
		status = EXIT_DONE;
		if (strcmp(cli->command, "stop") == 0 && !ask_wait_for_end(c, a.peer))
			status = EXIT_TASK_FAILED;
	} else if (end == ASK_ANSWERED) {
		term_end();
		print_refusal(cli, a.body);
	} else {
		term_end();
		errno = saved;
		ask_say(end, cli->command, c);
	}
	ask_free(&a);
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
	int fd = ask_connect(c);
	FILE *f = fd >= 0 ? fdopen(fd, "r+") : NULL;

	if (!f) {
		ask_say(fd < 0 ? ASK_NOBODY : ASK_NO_MEMORY, cli->command, c);
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

/* Root becomes the owner of the data directory when the socket is in there: its owner could have
 * put a link to another program's socket in its place. */
static bool become_socket_owner(struct config *c)
{
	char who[BECOME_NAME_MAX], why[1024];

	if (c->admin_socket[0] == '/' || become_owner(c, who, why, sizeof why))
		return true;
	cli_error("%s", why);
	return false;
}

int cmd_ask(const struct cli *cli, struct config *c)
{
	const struct question *q = find_question(cli);
	char request[REQUEST_MAX];
	int status;

	if (!q || !check_fits(cli) || !once_fits(cli) ||
		!make_request(cli, q, request, sizeof request))
		return EXIT_USAGE;
	if (!become_socket_owner(c))
		return cli->check ? EXIT_CHECK_UNKNOWN : EXIT_TASK_FAILED;
	if (cli->check)
		return ask_check(cli, c);
	if (!q->print)
		return follow_events(cli, c, request);
	do {
		status = ask_once(cli, c, q, request);
	} while (cli->watch && status == EXIT_DONE && !ferror(stdout) && term_wait(WATCH_S));
	term_end();
	return status;
}
