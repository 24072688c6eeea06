/* Commands that ask or steer the running node over its admin socket. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "node/cli.h"

enum {
	ANSWER_WAIT_S = 10,
	TEXT_MAX = 256,
	COLUMNS_MAX = 16,
	LINE_LEN = 9216,
	WATCH_S = 2,
	REFUSAL_MAX = 1024
};

/* ---- the exchange ---- */

static int connect_to(const struct config *c, char *path, size_t size)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	struct timeval tv = {ANSWER_WAIT_S, 0};
	int n = c->admin_socket[0] == '/'
			? snprintf(path, size, "%s", c->admin_socket)
			: snprintf(path, size, "%s/%s", c->data_dir, c->admin_socket);

	if (n < 0 || (size_t)n >= sizeof sa.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(sa.sun_path, path, (size_t)n + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
	if (connect(fd, (struct sockaddr *)&sa, sizeof sa) == 0)
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static bool exchange(int fd, const char *request, struct wr *answer)
{
	ssize_t n;

	if (write(fd, request, strlen(request)) != (ssize_t)strlen(request))
		return false;
	while (answer->n < answer->size &&
		(n = read(fd, answer->p + answer->n, answer->size - answer->n)) > 0)
		answer->n += (size_t)n;
	return answer->n > 0 && answer->n < answer->size;
}

/* The body behind the empty line; *ok = the status was 200. */
static struct slice body_of(struct slice answer, bool *ok)
{
	*ok = answer.n > 12 && memcmp(answer.p + 9, "200", 3) == 0;
	for (size_t i = 0; i + 4 <= answer.n; i++)
		if (memcmp(answer.p + i, "\r\n\r\n", 4) == 0)
			return slice_of(answer.p + i + 4, answer.n - i - 4);
	return slice_of(NULL, 0);
}

/* ---- printing ---- */

/* A value as people read it: strings without their quotes. */
static void text_of(struct slice value, char to[TEXT_MAX])
{
	size_t n = 0;

	if (!json_get_text(value, (uint8_t *)to, TEXT_MAX - 1, &n)) {
		n = value.n < TEXT_MAX - 1 ? value.n : TEXT_MAX - 1;
		memcpy(to, value.p, n);
	}
	to[n] = 0;
}

static void print_object(struct slice object, const char *indent)
{
	struct slice key, value;
	char name[TEXT_MAX], text[TEXT_MAX];

	for (size_t at = 0; json_member(object, &at, &key, &value);) {
		text_of(key, name);
		if (value.n && value.p[0] == '{') {
			printf("%s%s\n", indent, name);
			struct slice inner, k;
			for (size_t in = 0; json_member(value, &in, &k, &inner);) {
				text_of(k, name);
				text_of(inner, text);
				printf("%s  %-24s %s\n", indent, name, text);
			}
			continue;
		}
		text_of(value, text);
		printf("%s%-26s %s\n", indent, name, text);
	}
}

static void measure_row(struct slice row, size_t width[COLUMNS_MAX], bool names)
{
	struct slice key, value;
	char text[TEXT_MAX];
	size_t column = 0;

	for (size_t at = 0; column < COLUMNS_MAX && json_member(row, &at, &key, &value); column++) {
		text_of(names ? key : value, text);
		if (strlen(text) > width[column])
			width[column] = strlen(text);
	}
}

static void print_row(struct slice row, const size_t width[COLUMNS_MAX], bool names)
{
	struct slice key, value;
	char text[TEXT_MAX];
	size_t column = 0;

	for (size_t at = 0; column < COLUMNS_MAX && json_member(row, &at, &key, &value); column++) {
		text_of(names ? key : value, text);
		bool number = value.n && value.p[0] >= '0' && value.p[0] <= '9';
		printf(number ? "%*s  " : "%-*s  ", (int)width[column], text);
	}
	printf("\n");
}

/* {"name":[{…},{…}]} as an aligned table, its columns named by the first row's keys. */
static void print_table(struct slice object)
{
	struct slice key, rows, row;
	size_t width[COLUMNS_MAX] = {0}, at = 0;
	bool first = true;

	if (!json_member(object, &at, &key, &rows))
		return;
	for (at = 0; json_element(rows, &at, &row);) {
		measure_row(row, width, true);
		measure_row(row, width, false);
	}
	for (at = 0; json_element(rows, &at, &row); first = false) {
		if (first)
			print_row(row, width, true);
		print_row(row, width, false);
	}
	if (first)
		printf("none\n");
}

/* ---- the command ---- */

/* "alfisd: ban 1.2.3: this is no address" */
static int print_refusal(const struct cli *cli, struct slice body)
{
	char text[REFUSAL_MAX], words[TEXT_MAX];
	struct wr w = wr_of(words, sizeof words);
	size_t n = 0;
	struct slice what;

	for (size_t i = 0; i < cli->arg_count; i++)
		wr_format(&w, " %s", cli->args[i]);
	if (json_find(body, "error", &what) &&
		json_get_text(what, (uint8_t *)text, sizeof text, &n))
		body = slice_of(text, n);
	cli_error("%s%.*s: %.*s", cli->command, (int)w.n, words, (int)body.n, (const char *)body.p);
	return EXIT_TASK_FAILED;
}

static int print_answer(const struct cli *cli, struct slice answer)
{
	bool ok;
	struct slice body = body_of(answer, &ok);

	if (!ok)
		return print_refusal(cli, body);
	if (cli->json)
		printf("%.*s", (int)body.n, (const char *)body.p);
	else if (strcmp(cli->command, "peers") == 0 || strcmp(cli->command, "limits") == 0)
		print_table(body);
	else
		print_object(body, "");
	return EXIT_DONE;
}

/* Everything but letters and digits is written as %XX. */
static bool put_query(struct wr *w, const char *key, const char *value)
{
	char text[4];

	wr_bytes(w, key, strlen(key));
	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;
		snprintf(text, sizeof text, isalnum(c) ? "%c" : "%%%02X", c);
		wr_bytes(w, text, strlen(text));
	}
	return !w->bad;
}

static bool is_text(const char *s)
{
	const char *end = s;

	while ((unsigned char)*end > 0x20 && *end != 0x7F)
		end++;
	return end != s && !*end;
}

/* The request line for a command; false after an error line. */
static bool make_request(const struct cli *cli, char *to, size_t size)
{
	static const struct {
		const char *command, *word, *request;
	} posts[] = {
		{"stop", NULL, "POST /stop"},
		{"reload", NULL, "POST /reload"},
		{"ban", NULL, "POST /bans/add?address="},
		{"unban", NULL, "POST /bans/remove?address="},
		{"peer", "add", "POST /peers/add?address="},
		{"peer", "remove", "POST /peers/remove?address="},
	};
	struct wr w = wr_of(to, size);
	const char *request = NULL, *address = "";

	for (size_t i = 0; i < sizeof posts / sizeof posts[0]; i++)
		if (strcmp(posts[i].command, cli->command) == 0 &&
			(!posts[i].word || strcmp(posts[i].word, cli->args[0]) == 0)) {
			request = posts[i].request;
			address = cli->arg_count ? cli->args[posts[i].word ? 1 : 0] : "";
		}
	if (!request && strcmp(cli->command, "peer") == 0) {
		cli_error("usage: alfisd peer add ADDR, or alfisd peer remove ADDR");
		return false;
	}
	if (cli->arg_count && !is_text(address)) {
		cli_error("%s: the address is %s", cli->command,
			address[0] ? "not one of printable characters" : "empty");
		return false;
	}
	if (request)
		put_query(&w, request, address);
	else
		put_query(&w, "GET /", cli->command);
	if (strcmp(cli->command, "ban") == 0 && cli->arg_count > 1)
		put_query(&w, "&seconds=", cli->args[1]);
	wr_bytes(&w, " HTTP/1.0\r\n\r\n", 14);
	if (w.bad)
		cli_error("the address is too long");
	return !w.bad;
}

/* Events come as "event: KIND" and "data: {…}"; each is printed as one line until the node ends. */
static int follow_events(int fd, const char *request)
{
	struct timeval for_ever = {0, 0};
	FILE *f = fdopen(fd, "r+");
	char line[LINE_LEN], kind[TEXT_MAX] = "";
	bool any = false;

	if (!f) {
		close(fd);
		return EXIT_TASK_FAILED;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &for_ever, sizeof for_ever);
	fputs(request, f);
	fflush(f);
	while (!ferror(stdout) && fgets(line, sizeof line, f)) {
		if (sscanf(line, "event: %255s", kind) == 1 || strncmp(line, "data: ", 6) != 0)
			continue;
		printf("%-7s %s", kind, line + 6);
		fflush(stdout);
		any = true;
	}
	fclose(f);
	if (!any)
		cli_error("the node takes no further subscriber");
	return any ? EXIT_DONE : EXIT_TASK_FAILED;
}

/* What else could be tried; a node whose socket was given another name since it was started hears
 * signals alone. */
static int say_no_answer(const struct cli *cli, const struct config *c, const char *path)
{
	const char *command = cli->command;

	if (!c->admin_socket[0])
		cli_error(
			"admin.socket is empty: the node has no socket to ask (kill -HUP reloads, "
			"kill -TERM stops)");
	else if (errno == EACCES)
		cli_error("no node answers at %s: %m (ask as root or as the node's user)", path);
	else if (strcmp(command, "reload") == 0 || strcmp(command, "stop") == 0)
		cli_error("no node answers at %s: %m (is it running with this configuration? If "
			  "admin.socket or node.data_dir was changed since it was started: kill "
			  "-HUP reloads it, kill -TERM stops it)",
			path);
	else
		cli_error(
			"no node answers at %s: %m (is it running with this configuration?)", path);
	return EXIT_TASK_FAILED;
}

static int ask_once(const struct cli *cli, const struct config *c, const char *request)
{
	char path[2 * CONFIG_TEXT_MAX + 8];
	size_t size = (size_t)c->limits.admin_response_bytes.max + 1024;
	int fd = connect_to(c, path, sizeof path), status = EXIT_TASK_FAILED;

	if (fd < 0)
		return say_no_answer(cli, c, path);
	if (strcmp(cli->command, "events") == 0)
		return follow_events(fd, request);
	struct wr answer = wr_of(mem_alloc(size), size);
	if (answer.p && exchange(fd, request, &answer))
		status = print_answer(cli, slice_of(answer.p, answer.n));
	else
		cli_error("the node at %s gave no answer", path);
	close(fd);
	mem_free(answer.p);
	return status;
}

int cmd_ask(const struct cli *cli, struct config *c)
{
	const bool screen = isatty(STDOUT_FILENO);
	char request[512] = "";

	if (!make_request(cli, request, sizeof request))
		return EXIT_USAGE;
	for (;;) {
		if (cli->watch && screen)
			printf("\033[H\033[2J"); /* a clean screen */
		int status = ask_once(cli, c, request);
		fflush(stdout);
		if (!cli->watch || status != EXIT_DONE || ferror(stdout))
			return status;
		sleep(WATCH_S);
	}
}
