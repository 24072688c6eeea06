/* The command `show`: reads the store, also beside a running node. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "node/cli.h"
#include "node/look.h"
#include "node/offline.h"

enum { ANSWER_MAX = 2 * BLOCK_MAX_ENCODED + 65536 };

static const struct topic {
	const char *name;
	bool (*look)(struct look *s, const char *what);
	bool has_arg;
} topics[] = {
	{"block", look_block, true},
	{"domain", look_domain, true},
	{"key", look_key, true},
	{"chain", look_chain, false},
};

/* ---- output ---- */

static void print_text(struct slice object)
{
	struct slice key, value;
	char name[64];
	size_t n;

	for (size_t at = 0; json_member(object, &at, &key, &value);) {
		if (!json_get_text(key, (uint8_t *)name, sizeof name - 1, &n))
			continue;
		bool quoted = value.n >= 2 && value.p[0] == '"';
		printf("%-18.*s %.*s\n", (int)n, name, (int)(value.n - (quoted ? 2 : 0)),
			(const char *)value.p + quoted);
	}
}

static int run_topic(struct look *s, const struct topic *t, const struct cli *cli)
{
	struct wr w = wr_of(mem_alloc(ANSWER_MAX), ANSWER_MAX);
	int status = EXIT_TASK_FAILED;

	if (!w.p)
		return status;
	s->j.w = &w;
	if (t->look(s, cli->args[1])) {
		if (cli->json)
			printf("%.*s\n", (int)w.n, (const char *)w.p);
		else
			print_text(wr_done(&w));
		status = EXIT_DONE;
	} else {
		cli_error("no such %s: %s", s->missing, cli->args[1]);
	}
	mem_free(w.p);
	return status;
}

int cmd_show(const struct cli *cli, struct config *c)
{
	const struct topic *t = NULL;

	for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++)
		if (strcmp(topics[i].name, cli->args[0]) == 0)
			t = &topics[i];
	if (!t || t->has_arg != (cli->arg_count == 2)) {
		cli_error("usage: alfisd show chain | block N|HASH | domain NAME|IDENTITY | key "
			  "PUBKEY");
		return EXIT_USAGE;
	}
	struct look s = {.block = mem_alloc(BLOCK_MAX_ENCODED)};
	struct offline o;
	if (!s.block)
		return EXIT_TASK_FAILED;
	int status = offline_open(&o, c, true);
	s.chain = o.chain;
	s.params = &o.params;
	if (status == EXIT_DONE)
		status = offline_close(&o, run_topic(&s, t, cli));
	mem_free(s.block);
	return status;
}
