/* The commands `api-reference`, which prints docs/api.md from api/routes.def, api/figures.def and
 * the commands that ask for a path, and `metrics-reference`, which prints docs/metrics.md. Before:
 * cli/main.c. After: standard output. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "http/access.h"
#include "api/figures.h"
#include "api/metrics.h"

enum { REFERENCE_MAX = 131072 };

static const struct route_help {
	const char *method, *path, *args;
	enum http_right right;
	const char *help;
} routes[] = {
#define ROUTE(method, path, arguments, right, function, help)                                      \
	{method, path, arguments, right, help},
#include "api/routes.def"
#define API(method, path, arguments, right, function, help) {method, path, arguments, right, help},
#include "web/api_routes.def"
};

/* One row about a path: an argument (kind is NULL), a member of the body that is sent (""), or a
 * field of its answer. */
struct detail {
	const char *path, *name, *kind, *help;
};

static const struct detail details[] = {
#define ARGUMENT(path, name, help)    {path, name, NULL, help},
#define FIELD(path, name, kind, help) {path, name, kind, help},
#include "api/routes.def"
#define ARGUMENT(path, name, help)    {path, name, NULL, help},
#define BODY(path, name, help)        {path, name, "", help},
#define FIELD(path, name, kind, help) {path, name, kind, help},
#include "web/api_routes.def"
};

static const char intro[] =
	"# What can be asked over HTTP\n\n"
	"Written by `alfisd api-reference`. Requests are `GET`, `HEAD` or `POST`; answers are JSON where "
	"nothing else is said,\nan error is `{\"error\": \"...\"}` with the status 400 to 503. "
	"Arguments stand in the query, those of a `POST` also in a body of the\nkind "
	"`application/x-www-form-urlencoded`, of `limits.http_body_bytes` at most. An argument that a "
	"path does not know is an error,\nlike one that is there twice or is longer than 255 bytes. A "
	"`/` at the end of a path is passed over.\n\n"
	"A connection takes one request after the other (keep-alive: HTTP/1.1 unless told otherwise, "
	"HTTP/1.0 when it is asked for), until it\nis idle for `limits.http_idle_timeout`, or a newcomer "
	"finds no place; `Connection: close` in an answer says that it is the last one.\nWhat exactly is "
	"understood: [http.md](http.md).\n\n"
	"```sh\n"
	"curl --unix-socket data/admin.sock http://localhost/status\n"
	"curl --unix-socket data/admin.sock -d address=192.0.2.7 -d seconds=3600 "
	"http://localhost/bans/add\n"
	"curl http://127.0.0.1:4245/blocks?count=5\n"
	"```\n\n"
	"What begins with `/api/` is at `webui.listen` alone: there a `POST` has a JSON object as its "
	"body (`Content-Type: application/json`),\nwhose members are named below; one that is there twice, "
	"or of another kind, is an error, others are passed over. Paths, fields and status codes are those of the\nnetwork's own "
	"program, so that a script for it works; what is more than that is told here, too. Who logs in "
	"gets a cookie; a script that\nis no browser needs no token.\n\n"
	"Who may ask:\n\n"
	"- **anybody**: at `admin.metrics_listen` too;\n"
	"- **reader**: at `admin.listen`, from this machine, or from a network of `admin.allow` with "
	"the token of `admin.token_file`;\n"
	"- **owner**: with a session at `webui.listen`;\n"
	"- **operator**: at the Unix socket `admin.socket` alone, where all of it can be asked.\n\n"
	"| request | arguments | who | command | what |\n|---|---|---|---|---|\n";

static const char *who(enum http_right right)
{
	static const char *const names[] = {
		[RIGHT_NONE] = "who reaches it",
		[RIGHT_OPEN] = "anybody",
		[RIGHT_READ] = "reader",
		[RIGHT_OWN] = "owner",
		[RIGHT_STEER] = "operator",
	};

	return names[right];
}

static void put_row(struct wr *w, const struct detail *d)
{
	if (d->kind && !d->kind[0])
		wr_format(w, "| `%s` | in the body | %s |\n", d->name, d->help);
	else if (d->kind)
		wr_format(w, "| `%s` | %s | %s |\n", d->name, d->kind, d->help);
	else
		wr_format(w, "| `%s` | argument | %s |\n", d->name, d->help);
}

/* The figures that are fields of this path: all of /status, and of /dns its own. */
static void put_figures(struct wr *w, const char *path)
{
	bool all = strcmp(path, "/status") == 0, dns = strcmp(path, "/dns") == 0;

	for (int i = 0; i < FIGURES; i++) {
		const struct figure_row *r = &figure_rows[i];
		if (all)
			wr_format(w, "| `%s%s%s` | number | %s |\n", r->part, r->part[0] ? "." : "",
				r->name, r->help);
		else if (dns && strcmp(r->part, "dns") == 0)
			wr_format(w, "| `%s` | number | %s |\n", r->name, r->help);
	}
}

/* A path that takes two methods has the method in front of it in its rows. */
static bool is_of(const struct detail *d, const struct route_help *r)
{
	size_t n = strlen(r->method);

	return strcmp(d->path, r->path) == 0 ||
	       (strncmp(d->path, r->method, n) == 0 && d->path[n] == ' ' &&
		       strcmp(d->path + n + 1, r->path) == 0);
}

static bool has_details(const struct route_help *r)
{
	for (size_t i = 0; i < sizeof details / sizeof details[0]; i++)
		if (is_of(&details[i], r))
			return true;
	return false;
}

static void put_route(struct wr *w, const struct route_help *r)
{
	wr_format(w, "\n## %s %s\n\n%s\n\n", r->method, r->path, r->help);
	if (!has_details(r))
		return;
	wr_format(w, "| field | kind | meaning |\n|---|---|---|\n");
	for (size_t i = 0; i < sizeof details / sizeof details[0]; i++)
		if (is_of(&details[i], r))
			put_row(w, &details[i]);
	put_figures(w, r->path);
}

/* The commands that ask for it. */
static void put_commands(struct wr *w, const struct route_help *r)
{
	const char *between = "";

	for (size_t i = 0; i < command_count; i++) {
		const struct command *cmd = &commands[i];
		if (!cmd->method || strcmp(cmd->method, r->method) != 0 ||
			strcmp(cmd->path, r->path) != 0)
			continue;
		wr_format(w, "%s`%s`", between, cmd->name);
		between = ", ";
	}
	wr_format(w, "%s", between[0] ? "" : "none");
}

static void describe_routes(struct wr *w)
{
	wr_format(w, "%s", intro);
	for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
		const struct route_help *r = &routes[i];
		wr_format(w, "| `%s %s` | %s | %s | ", r->method, r->path,
			r->args[0] ? r->args : "none", who(r->right));
		put_commands(w, r);
		wr_format(w, " | %s |\n", r->help);
	}
	for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
		put_route(w, &routes[i]);
}

static int print(void (*describe)(struct wr *w))
{
	static uint8_t text[REFERENCE_MAX];
	struct wr w = wr_of(text, sizeof text);

	describe(&w);
	return !w.bad && fwrite(text, w.n, 1, stdout) == 1 ? EXIT_DONE : EXIT_TASK_FAILED;
}

int cmd_api_reference(const struct cli *cli, struct config *c)
{
	(void)cli;
	(void)c;
	return print(describe_routes);
}

int cmd_metrics_reference(const struct cli *cli, struct config *c)
{
	(void)cli;
	(void)c;
	return print(metrics_describe);
}
