/* The commands `run` and `config-template`. Before: cli/main.c read the settings. After:
 * node/node.c runs the node. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/human.h"
#include "config/template.h"
#include "config/memory.h"
#include "cli/become.h"
#include "cli/cli.h"
#include "config/paths.h"
#include "node/descriptors.h"
#include "node/node.h"
#include "node/settings.h"
#include "node/version.h"

bool cli_data_dir(const struct config *c)
{
	if (mkdir(c->data_dir, 0750) == 0 || errno == EEXIST)
		return true;
	cli_error("data directory %s: %m (see node.data_dir)", c->data_dir);
	return false;
}

static void say_who_starts(const struct config *c)
{
	char file[4096] = "";

	if (c->file[0])
		path_absolute(c->file, file, sizeof file);
	log_info("alfisd %s (network release %s), %s, %s", ALFISD_VERSION, ALFIS_RELEASE,
		c->network, c->file[0] ? file : "no settings file");
}

/* ---- hooks for a reload (struct node_again in node/node.h) ---- */

static bool load_again(const void *ctx, struct config *c)
{
	return cli_load_settings(ctx, SETTINGS_ALL, c);
}

static bool set_up_log_again(const void *ctx, const struct config *c)
{
	(void)ctx;
	return cli_set_up_log(c, command_find("run"));
}

/* `who`: the user that root became, "" = none. */
static int run_with_log(const struct cli *cli, struct config *c, const char *who)
{
	char held[HUMAN_MAX], beside[HUMAN_MAX];

	if (!cli_begin_log(c, command_find("run")))
		return EXIT_USAGE;
	say_who_starts(c);
	if (who[0])
		log_info("running as %s, whose data directory it is", who);
	log_info("memory: at most %s (memory_budget) can be held for input, and %s beside it",
		human_bytes_of(memory_sum(&c->limits), c->memory_budget, held),
		human_bytes(memory_fixed(node_threads(c)), beside));
	descriptors_raise_limit(c);
	return node_run(&(struct node_again){cli, load_again, set_up_log_again}, c);
}

/* The order matters: the settings are checked before anything is created, and root becomes the
 * owner of the data directory before it touches anything there. */
int cmd_run(const struct cli *cli, struct config *c)
{
	char who[BECOME_NAME_MAX], why[1024];

	if (!settings_judge(c)) {
		cli_tell_errors(c);
		return EXIT_USAGE;
	}
	if (!become_owner(c, who, why, sizeof why)) {
		cli_error("%s", why);
		return EXIT_TASK_FAILED;
	}
	if (!cli_data_dir(c))
		return EXIT_STORE;
	if (!log_start_queue((size_t)c->limits.log_buffer_bytes.max)) {
		cli_error("cannot start the log: out of memory or threads");
		return EXIT_TASK_FAILED;
	}
	int status = run_with_log(cli, c, who);
	log_stop_queue();
	return status;
}

int cmd_config_template(const struct cli *cli, struct config *c)
{
	(void)cli;
	(void)c;
	return config_template_print(stdout);
}
