/* The commands `domain new`, `set`, `renew` and `transfer`: what was typed becomes the whole data
 * of the name, the running node mines it as a job, and the command waits for its end. Before:
 * cli/main.c. After: cli/name_change.h; the node's api/jobs.c. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/human.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/ctl.h"
#include "cli/name_change.h"
#include "cli/print.h"
#include "cli/rate.h"
#include "cli/term.h"

enum { PATH_SIZE = 128, LOOK_MS = 500 };

static bool is_command(const struct cli *cli, const char *second)
{
	return strcmp(cli->command + strlen("domain "), second) == 0;
}

/* ---- the node ---- */

/* Asks the node; *body is its answer, and `a` is to be freed. False after an error was printed. */
static bool ask(const struct cli *cli, const struct config *c, const char *request,
	struct slice form, struct ctl_answer *a, int *status)
{
	enum ctl_end end = ctl_request_form(c, request, form, a);

	*status = EXIT_TASK_FAILED;
	if (end == CTL_ANSWERED && a->status == 200)
		return true;
	if (end == CTL_ANSWERED)
		*status = ctl_print_refusal(cli, a);
	else
		ctl_print_failure(end, cli->command, c);
	return false;
}

static bool keep_name(struct slice key, struct name_change *change)
{
	char name[PRINT_TEXT_MAX];

	snprintf(change->author_name, sizeof change->author_name, "%.*s", KEY_NAME_MAX,
		print_text(key, "name", name));
	return true;
}

/* The key of this name, or the only one. */
static bool take_key(const struct cli *cli, struct slice keys, struct name_change *change)
{
	char name[PRINT_TEXT_MAX], hex[PRINT_TEXT_MAX];
	struct slice one, found = {NULL, 0};
	size_t count = 0, n;

	for (size_t at = 0; json_element(keys, &at, &one); count++)
		if (!cli->key || strcmp(print_text(one, "name", name), cli->key) == 0)
			found = one;
	if (!count)
		cli_error("%s: there is no key here: alfisd key new", cli->command);
	else if (!found.n)
		cli_error("%s: there is no key of this name: alfisd key list", cli->command);
	else if (!cli->key && count > 1)
		cli_error(
			"%s: there are several keys: say which one with --key NAME", cli->command);
	else if (!hex_decode(slice_str(print_text(found, "signing", hex)), change->author.signing,
			 KEY_SIZE, &n) ||
		 n != KEY_SIZE ||
		 !hex_decode(slice_str(print_text(found, "encryption", hex)),
			 change->author.encryption, KEY_SIZE, &n) ||
		 n != KEY_SIZE)
		cli_error("%s: this key cannot be used: alfisd key list", cli->command);
	else
		return keep_name(found, change);
	return false;
}

static bool find_key(
	const struct cli *cli, const struct config *c, struct name_change *change, int *status)
{
	struct ctl_answer a;
	bool good = ask(cli, c, "GET /keys", (struct slice){NULL, 0}, &a, status) &&
		    take_key(cli, print_inner(a.body, "keys"), change);

	ctl_answer_free(&a);
	return good;
}

/* ---- what is asked for ---- */

/* Says why the name is not one to be changed by the key: what it is, or whose. False when there is
 * nothing of that kind to say. */
static bool say_whose(struct name_change *c)
{
	static const enum draft_why all[] = {DRAFT_NAME, DRAFT_ZONE, DRAFT_LABELS, DRAFT_LONG_LABEL,
		DRAFT_TAKEN, DRAFT_OVERTAKEN};
	struct draft *d = name_change_draft(c);
	struct draft_refusal f;
	char text[DRAFT_WORDS_MAX];
	bool said = !d;

	for (size_t i = 0; !said && i < sizeof all / sizeof all[0]; i++) {
		said = draft_test(d, all[i], &f);
		if (said)
			cli_error("%s", cli_printable(draft_say(d, &f, text)));
	}
	draft_free(d);
	return said;
}

/* What the command is for must fit what the name is. */
static bool fits(const struct cli *cli, struct name_change *c, int *status)
{
	*status = EXIT_TASK_FAILED;
	if (!c->name[0] && say_whose(c)) /* the node would not know what was typed */
		*status = EXIT_REFUSED;
	else if (is_command(cli, "new") && c->ours)
		cli_error("%s: %s is yours already: alfisd domain set, or renew", cli->command,
			c->name);
	else if (!is_command(cli, "new") && !c->ours && say_whose(c))
		*status = EXIT_REFUSED;
	else if (!is_command(cli, "new") && !c->ours)
		cli_error("%s: %s is not a name of this key: alfisd domain new", cli->command,
			cli_printable(c->name));
	else if (is_command(cli, "transfer") && !cli->to)
		cli_error("%s: to whom? --to takes an owner line", cli->command);
	else
		return true;
	return false;
}

static void put_argument(struct wr *w, const char *key, struct slice value)
{
	if (!value.n)
		return;
	wr_format(w, "%s%s=", w->n ? "&" : "", key);
	ctl_put_encoded(w, value);
}

static bool put_form(const struct name_change *c, struct wr *w)
{
	const struct cli *cli = c->cli;

	put_argument(w, "name", slice_str(c->name));
	put_argument(w, "data", wr_done(&c->after));
	put_argument(w, "key", slice_str(cli->key ? cli->key : ""));
	put_argument(w, "to_signing", slice_str(c->to_signing));
	put_argument(w, "to_encryption", slice_str(c->to_encryption));
	put_argument(w, "threads", slice_str(cli->threads ? cli->threads : ""));
	if (cli->renewal || is_command(cli, "renew"))
		wr_format(w, "&renewal");
	return !w->bad;
}

/* ---- waiting ---- */

/* Shows how far it is on one line of a terminal. */
static void show(struct slice job)
{
	char state[PRINT_TEXT_MAX], why[PRINT_TEXT_MAX], count[HUMAN_MAX];

	if (!isatty(STDERR_FILENO))
		return;
	print_text(job, "reason", why);
	fprintf(stderr, "\r%s, %s hashes%s%.*s \033[K", print_text(job, "state", state),
		human_count(print_u64(job, "hashes"), count), why[0] ? ": " : "",
		(int)(term_width() > 50 ? term_width() - 45 : 5), why);
}

static int tell_end(const struct cli *cli, struct slice job)
{
	struct out o = {.f = stdout, .width = term_width(), .now = clock_wall(&clock_system)};
	char state[PRINT_TEXT_MAX], why[PRINT_TEXT_MAX], name[PRINT_TEXT_MAX];
	bool done = strcmp(print_text(job, "state", state), "done") == 0;

	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
	if (cli->json)
		print_json(stdout, job);
	else if (done)
		print_job(&o, job);
	if (!done)
		cli_error("%s: %s: %s: %s", cli->command, print_text(job, "name", name), state,
			print_text(job, "reason", why));
	return done ? EXIT_DONE : strcmp(state, "failed") == 0 ? EXIT_REFUSED : EXIT_TASK_FAILED;
}

/* ^C detaches: the node goes on. */
static int wait_for(const struct cli *cli, const struct config *c, uint64_t id)
{
	const struct timespec look = {0, LOOK_MS * 1000000L};
	char request[PATH_SIZE];
	struct ctl_answer a;
	int status = EXIT_DONE;
	bool ended = false;

	snprintf(request, sizeof request, "GET /jobs/%llu", (unsigned long long)id);
	while (!ended && !offline_interrupted()) {
		ended = !ask(cli, c, request, (struct slice){NULL, 0}, &a, &status);
		if (!ended && print_i64(a.body, "ended")) {
			ended = true;
			status = tell_end(cli, a.body);
		} else if (!ended) {
			show(a.body);
			nanosleep(&look, NULL);
		}
		ctl_answer_free(&a);
	}
	if (!ended)
		printf("\njob %llu goes on: alfisd job show %llu, alfisd job cancel %llu\n",
			(unsigned long long)id, (unsigned long long)id, (unsigned long long)id);
	return status;
}

static int submit(const struct name_change *change, const struct config *c)
{
	const struct cli *cli = change->cli;
	struct wr form = wr_of(mem_alloc(NAME_CHANGE_LINES), NAME_CHANGE_LINES);
	struct out o = {.f = stdout, .width = term_width(), .now = clock_wall(&clock_system)};
	struct ctl_answer a = {.status = 0};
	int status = EXIT_TASK_FAILED;
	bool asked = false;

	if (form.p && put_form(change, &form))
		asked = ask(cli, c, "POST /domains/new", wr_done(&form), &a, &status);
	else
		cli_error("%s: out of memory", cli->command);
	mem_free(form.p);
	uint64_t id = asked ? print_u64(a.body, "id") : 0;
	if (asked && cli->no_wait) {
		if (cli->json)
			print_json(stdout, a.body);
		else
			print_job(&o, a.body);
		status = EXIT_DONE;
	}
	ctl_answer_free(&a);
	if (!asked || cli->no_wait)
		return status;
	offline_catch_signals();
	return wait_for(cli, c, id);
}

/* ---- the command ---- */

static int change_name(struct name_change *change, const struct config *c)
{
	const struct cli *cli = change->cli;
	struct draft_price price;
	struct draft *d;

	int status;

	if (!fits(cli, change, &status))
		return status;
	if (!name_change_edit(change) || !(d = name_change_draft(change)))
		return EXIT_TASK_FAILED;
	status = EXIT_DONE;
	if (cli->dry_run) {
		status = name_change_refused(change, d) ? EXIT_REFUSED : EXIT_DONE;
		draft_price(d, &price);
		change->rate = rate_here(c);
		name_change_tell(change, d, &price);
	}
	draft_free(d);
	return cli->dry_run ? status : submit(change, c);
}

int cmd_domain_ask(const struct cli *cli, struct config *c)
{
	struct name_change change = {.cli = cli};
	int status;

	if (!ctl_become(c) || !find_key(cli, c, &change, &status))
		return EXIT_TASK_FAILED;
	status = name_change_begin(&change, cli, c);
	if (status == EXIT_DONE)
		status = change_name(&change, c);
	return name_change_end(&change, status);
}
