/* The commands that need only the settings: run, check-config, config-template. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/human.h"
#include "config/memory.h"
#include "node/check_config.h"
#include "node/cli.h"
#include "node/node.h"
#include "node/socket_file.h"

static bool params_error(const struct config_param *row, uint64_t low, uint64_t high)
{
	if (!low && !high)
		cli_error("%s: chain.params.%s: there is no such number", row->place, row->name);
	else
		cli_error("%s: chain.params.%s: %llu is not between %llu and %llu", row->place,
			row->name, (unsigned long long)row->value, (unsigned long long)low,
			(unsigned long long)high);
	return false;
}

bool node_params(const struct config *c, struct chain_params *p)
{
	uint64_t low, high;
	size_t n;

	*p = params_mainnet;
	for (size_t i = 0; i < c->param_count; i++)
		if (!params_set(p, c->params[i].name, c->params[i].value, &low, &high))
			return params_error(&c->params[i], low, high);
	p->has_origin = c->origin[0] != 0;
	if (!p->has_origin)
		memset(p->origin, 0, sizeof p->origin);
	else if (!hex_decode(slice_str(c->origin), p->origin, sizeof p->origin, &n) ||
		 n != sizeof p->origin) {
		cli_error("origin: %s is not 64 hexadecimal digits", c->origin);
		return false;
	}
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
	return err == ERR_REFUSED || err == ERR_BUSY || err == ERR_NOT_FOUND ? EXIT_TASK_FAILED
									     : EXIT_STORE;
}

unsigned node_threads(const struct config *c)
{
	long cpus = c->verify_threads ? (long)c->verify_threads : sysconf(_SC_NPROCESSORS_ONLN);

	return cpus < 1 ? 1 : cpus > 64 ? 64 : (unsigned)cpus;
}

/* Before anything is made: later the store would be there already. */
static bool socket_fits(const struct config *c)
{
	struct sockaddr_un address;
	char why[512];

	if (!c->admin_socket[0] || socket_file_look(c->data_dir, c->admin_socket, &address, why,
					   sizeof why) != SOCKET_WRONG)
		return true;
	cli_error("admin.socket: %s", why);
	return false;
}

int cmd_run(const struct cli *cli, struct config *c)
{
	char held[HUMAN_MAX], beside[HUMAN_MAX];
	struct config_error e;
	uint64_t total;

	if (config_check_memory(c, &total, &e) != ERR_OK) {
		cli_error("%s", e.text);
		return EXIT_USAGE;
	}
	if (!socket_fits(c))
		return EXIT_USAGE;
	log_info(
		"alfisd starts: at most %s (memory_budget) can be held for input, and %s beside it",
		human_bytes_of(total, c->memory_budget, held),
		human_bytes(memory_fixed(node_threads(c)), beside));
	if (!node_data_dir(c))
		return EXIT_STORE;
	return node_run(cli, c);
}

int cmd_check_config(const struct cli *cli, struct config *c)
{
	struct chain_params p;

	(void)cli;
	return node_params(c, &p) && socket_fits(c) ? check_config_print(c, stdout) : EXIT_USAGE;
}

int cmd_config_template(const struct cli *cli, struct config *c)
{
	(void)cli;
	(void)c;
	return config_template_print(stdout);
}
