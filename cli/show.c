/* The commands `show block`, `show chain`, `show domain`, `show key`, `domain check`
 * and `domain list`: print a block, names, a key or the chain from the store, also while the node
 * runs; own names come from the node, which has them decrypted. Before: cli/offline.c opens the
 * store. After: api/query.h makes the JSON, cli/print.h prints it. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/ctl.h"
#include "api/query.h"
#include "cli/offline.h"
#include "cli/print.h"
#include "cli/rate.h"
#include "cli/term.h"

enum { LIST_REQUEST_MAX = 512, ANSWER_MAX = 8 * BLOCK_MAX_ENCODED + 65536 };

struct topic {
	const char *name;
	bool (*query)(struct query *s, const char *what);
	void (*print)(struct out *o, struct slice json);
};

static void print(const struct cli *cli, const struct topic *t, const struct query *s)
{
	struct out o = {.f = stdout, .now = s->now, .width = term_width()};
	struct slice json = wr_done(s->j.w);

	if (cli->json)
		print_json(stdout, json);
	else
		t->print(&o, json);
}

static int run_topic(struct query *s, const struct topic *t, const struct cli *cli)
{
	struct wr w = wr_of(mem_alloc(ANSWER_MAX), ANSWER_MAX);
	int status = EXIT_TASK_FAILED;

	if (!w.p)
		return status;
	s->j.w = &w;
	if (t->query(s, cli->args[0])) {
		print(cli, t, s);
		status = s->refused ? EXIT_REFUSED : EXIT_DONE;
	} else if (s->no_memory) {
		cli_error("show %s: out of memory", t->name);
	} else {
		cli_error("no such %s: %s%s%s%s", s->missing, cli->args[0], s->why ? " (" : "",
			s->why ? s->why : "", s->why ? ")" : "");
	}
	mem_free(w.p);
	return status;
}

static double measure(void *config)
{
	return rate_measured(config);
}

/* `key`: as in struct query. */
static int show_with(
	const struct cli *cli, struct config *c, const struct topic *t, const uint8_t *key)
{
	offline_will_read();
	struct query s = {
		.now = clock_wall(&clock_system), .key = key, .measure = measure, .ctx = c};
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

static int show(const struct cli *cli, struct config *c, const struct topic *t)
{
	return show_with(cli, c, t, NULL);
}

/* The key of --key, if it was given. False, said, when it is none. */
static bool read_key(const struct cli *cli, uint8_t key[KEY_SIZE])
{
	size_t n;

	if (!cli->key || (hex_decode(slice_str(cli->key), key, KEY_SIZE, &n) && n == KEY_SIZE))
		return true;
	cli_error("--key %s: a public key is 64 hex digits", cli_printable(cli->key));
	return false;
}

int cmd_domain_check(const struct cli *cli, struct config *c)
{
	uint8_t key[KEY_SIZE];

	if (!read_key(cli, key))
		return EXIT_USAGE;
	return show_with(
		cli, c, &(struct topic){"domain", query_check, print_check}, cli->key ? key : NULL);
}

struct listing {
	const struct cli *cli;
	bool several; /* keys, none of which was named */
};

static void take_list(void *ctx, struct slice json)
{
	struct listing *l = ctx;
	struct out o = {.f = stdout, .now = clock_wall(&clock_system), .width = term_width()};

	l->several = !l->cli->key && !l->cli->all_keys && print_u64(json, "keys_total") > 1;
	if (l->several)
		cli_error("domain list: there are several keys: say which one with --key NAME, or "
			  "--all-keys");
	else if (l->cli->json)
		print_json(stdout, json);
	else
		print_owned(&o, json);
}

/* The names of our keys, which the running node has decrypted. */
static int list_own(const struct cli *cli, struct config *c)
{
	struct listing l = {.cli = cli};
	char request[LIST_REQUEST_MAX];
	struct wr w = wr_of(request, sizeof request);

	wr_format(&w, "GET /domains%s", cli->key ? "?key=" : "");
	ctl_put_encoded(&w, slice_str(cli->key ? cli->key : ""));
	wr_u8(&w, 0);
	if (w.bad) {
		cli_error("domain list: --key is too long");
		return EXIT_USAGE;
	}
	if (!ctl_become(c))
		return EXIT_TASK_FAILED;
	int status = ctl_tell(cli, c, request, take_list, &l);
	return l.several ? EXIT_USAGE : status;
}

/* A public key may be anybody's, and is looked up without the node. */
int cmd_domain_list(const struct cli *cli, struct config *c)
{
	uint8_t key[KEY_SIZE];
	size_t n;

	if (cli->key && cli->all_keys) {
		cli_error("domain list: either --key or --all-keys");
		return EXIT_USAGE;
	}
	if (!cli->key || !hex_decode(slice_str(cli->key), key, KEY_SIZE, &n) || n != KEY_SIZE)
		return list_own(cli, c);
	return show_with(cli, c, &(struct topic){"domain", query_owned, print_owned}, key);
}

int cmd_show_block(const struct cli *cli, struct config *c)
{
	return show(cli, c, &(struct topic){"block", query_block, print_block});
}

int cmd_show_chain(const struct cli *cli, struct config *c)
{
	return show(cli, c, &(struct topic){"chain", query_chain, print_chain});
}

int cmd_show_domain(const struct cli *cli, struct config *c)
{
	return show(cli, c, &(struct topic){"domain", query_domain, print_domain});
}

int cmd_show_key(const struct cli *cli, struct config *c)
{
	return show(cli, c, &(struct topic){"key", query_key, print_key});
}
