/* The command `key new`: has the key process search for a key, shows how far it is, and leaves it
 * alone at ^C. Before: cli/main.c. After: owner/keys_user.h. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/human.h"
#include "cli/key.h"

static volatile sig_atomic_t told_to_end;

static void on_end(int number)
{
	(void)number;
	told_to_end = 1;
}

/* A second one ends it at once. */
static void catch_ends(void)
{
	struct sigaction a = {.sa_handler = on_end, .sa_flags = (int)SA_RESETHAND};

	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
	sigaction(SIGHUP, &a, NULL);
}

/* The search has no memory: what is left is the mean, whatever was tried. */
static void put_progress(const struct keys_search_state *s)
{
	char tried[HUMAN_MAX], rate[HUMAN_MAX], left[HUMAN_MAX] = "?";

	if (s->rate)
		human_time_left(s->mean, (double)s->rate, left);
	fprintf(stderr, "\r\033[Ksearching: %s candidates, %s; %s more on average",
		human_count(s->tried, tried), human_rate((double)s->rate, "", rate), left);
	fflush(stderr);
}

static bool on_progress(void *ctx, const struct keys_search_state *s)
{
	bool *terminal = ctx;

	if (*terminal)
		put_progress(s);
	return !told_to_end;
}

static const char goes_on[] =
	"the search goes on: `alfisd key list` shows it, `alfisd key new --cancel` ends it";

static int wait_for_key(const struct cli *cli, struct keys_user *u)
{
	bool terminal = isatty(STDERR_FILENO) && !cli->json;
	struct keys_reply r;
	char done[256];

	catch_ends();
	bool good = keys_user_wait(u, on_progress, &terminal, &r);
	if (terminal)
		fputs("\r\033[K", stderr);
	if (!good && told_to_end) {
		cli_error("key new: %s", goes_on);
		return EXIT_TASK_FAILED;
	}
	if (!good)
		return key_refused(cli, &r);
	snprintf(done, sizeof done,
		"%s is made and sealed, and open until it is locked\nBack it up now: `alfisd key "
		"export %s FILE`. Without that file and its passphrase its names are lost.",
		r.name, r.name);
	return key_tell(cli, &r, done);
}

static int make(const struct cli *cli, struct keys_user *u, const char *name)
{
	struct passphrase p;
	struct keys_reply r;

	bool good = passphrase_read_new(cli, "passphrase of the new key", &p);
	bool begun = good && keys_user_make(u, name, passphrase_slice(&p), &r);
	passphrase_wipe(&p);
	if (!good)
		return EXIT_TASK_FAILED;
	if (!begun)
		return key_refused(cli, &r);
	if (!cli->no_wait)
		return wait_for_key(cli, u);
	puts(cli->json ? "{\"done\":\"searching\"}" : goes_on);
	return EXIT_DONE;
}

static int cancel(const struct cli *cli, struct config *c)
{
	struct keys_user u;
	struct keys_reply r;

	if (!key_connect_running(cli, c, &u))
		return EXIT_TASK_FAILED;
	bool good = keys_user_cancel(&u, &r);
	keys_user_close(&u);
	if (!good)
		return key_refused(cli, &r);
	puts(cli->json ? "{\"done\":\"no search runs\"}" : "no search runs any more");
	return EXIT_DONE;
}

int cmd_key_new(const struct cli *cli, struct config *c)
{
	const char *name = cli->arg_count ? cli->args[0] : "";
	struct keys_user u;

	if (cli->cancel)
		return cancel(cli, c);
	if (!key_connect(cli, c, true, name, &u))
		return EXIT_TASK_FAILED;
	int status = make(cli, &u, name);
	keys_user_close(&u);
	return status;
}
