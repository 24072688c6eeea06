/* The command `show`: prints a block, a name, a key or the chain from the store, also while the
 * node runs. Before: cli/offline.c opens the store. After: api/query.h makes the JSON, cli/print.h
 * prints it. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "api/query.h"
#include "cli/offline.h"
#include "cli/print.h"
#include "cli/term.h"

enum { ANSWER_MAX = 8 * BLOCK_MAX_ENCODED + 65536 };

static const struct topic {
	const char *name;
	bool (*look)(struct look *s, const char *what);
	void (*print)(struct out *o, struct slice json);
	bool has_arg;
} topics[] = {
	{"block", look_block, print_block, true},
	{"domain", look_domain, print_domain, true},
	{"key", look_key, print_key, true},
	{"chain", look_chain, print_chain, false},
};

static void print(const struct cli *cli, const struct topic *t, const struct look *s)
{
	struct out o = {.f = stdout, .now = s->now, .width = term_width()};
	struct slice json = wr_done(s->j.w);

	if (cli->json)
		print_json(stdout, json);
	else
		t->print(&o, json);
}

static int run_topic(struct look *s, const struct topic *t, const struct cli *cli)
{
	struct wr w = wr_of(mem_alloc(ANSWER_MAX), ANSWER_MAX);
	int status = EXIT_TASK_FAILED;

	if (!w.p)
		return status;
	s->j.w = &w;
	if (t->look(s, cli->args[1])) {
		print(cli, t, s);
		status = EXIT_DONE;
	} else if (s->no_memory) {
		cli_error("show %s: out of memory", t->name);
	} else {
		cli_error("no such %s: %s%s%s%s", s->missing, cli->args[1], s->why ? " (" : "",
			s->why ? s->why : "", s->why ? ")" : "");
	}
	mem_free(w.p);
	return status;
}

int cmd_show(const struct cli *cli, struct config *c)
{
	const struct topic *t = NULL;

	offline_will_read();
	for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++)
		if (strcmp(topics[i].name, cli->args[0]) == 0)
			t = &topics[i];
	if (!t || t->has_arg != (cli->arg_count == 2)) {
		cli_error("usage: alfisd show chain | block N|HASH | domain NAME|IDENTITY | key "
			  "PUBKEY");
		return EXIT_USAGE;
	}
	struct look s = {.now = clock_wall(&clock_system)};
	struct offline o;
	int status = offline_open(&o, c, true);
	s.chain = o.chain;
	if (status == EXIT_DONE)
		s.now = chain_now(s.chain, s.now);
	s.params = &o.params;
	if (status == EXIT_DONE)
		status = offline_close(&o, run_topic(&s, t, cli));
	return status;
}
