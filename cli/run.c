/* The commands run and config-template, and what all commands do with their settings. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/human.h"
#include "config/template.h"
#include "config/memory.h"
#include "cli/become.h"
#include "cli/cli.h"
#include "node/descriptors.h"
#include "node/node.h"
#include "node/settings.h"
#include "node/version.h"

bool node_params(const struct config *c, struct chain_params *p)
{
	uint64_t low, high;
	size_t n;

	*p = params_mainnet;
	for (size_t i = 0; i < c->param_count; i++)
		if (!params_set(p, c->params[i].name, c->params[i].value, &low, &high))
			return false;
	p->has_origin = c->origin[0] != 0;
	if (p->has_origin)
		return hex_decode(slice_str(c->origin), p->origin, sizeof p->origin, &n) &&
		       n == sizeof p->origin;
	memset(p->origin, 0, sizeof p->origin);
	return true;
}

bool node_data_dir(const struct config *c)
{
	if (mkdir(c->data_dir, 0750) == 0 || errno == EEXIST)
		return true;
	cli_error("data directory %s: %m (see node.data_dir)", c->data_dir);
	return false;
}

int node_store_status(enum err err)
{
	if (err == ERR_USAGE)
		return EXIT_USAGE;
	return err == ERR_REFUSED || err == ERR_BUSY || err == ERR_NOT_FOUND ? EXIT_TASK_FAILED
									     : EXIT_STORE;
}

static void say_who_starts(const struct config *c)
{
	char file[4096] = "";

	if (c->file[0])
		settings_absolute(c->file, file, sizeof file);
	log_info("alfisd %s (network release %s), %s, %s", ALFISD_VERSION, ALFIS_RELEASE,
		c->network, c->file[0] ? file : "no settings file");
}

/* `who`: as whom it runs, "" = as it was started. */
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
	descriptors_look(c);
	return node_run(cli, c);
}

int cmd_run(const struct cli *cli, struct config *c)
{
	char who[BECOME_NAME_MAX], why[1024];

	if (!settings_judge(c)) {
		settings_tell(c);
		return EXIT_USAGE;
	}
	if (!become_owner(c, who, why, sizeof why)) {
		cli_error("%s", why);
		return EXIT_TASK_FAILED;
	}
	if (!node_data_dir(c))
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
