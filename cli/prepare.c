/* The command `block prepare`: makes the block of a name, new or changed, by the chain as it is
 * now, and writes it to a file that is searched, signed and brought back elsewhere. No secret is
 * needed: the signature comes after the search. Before: cli/main.c. After: cli/name_change.h;
 * cli/block.c searches. */
#include <stdio.h>

#include "base/human.h"
#include "cli/name_change.h"
#include "cli/rate.h"
#include "cli/small_file.h"
#include "mine/block_file.h"

static bool words_fit(const struct cli *cli)
{
	if (!cli->key)
		cli_error("%s: whose block? --key takes an owner line, or two public keys",
			cli->command);
	else if (!cli->dry_run && !cli->output)
		cli_error("%s: where to? --output FILE, or --dry-run", cli->command);
	else
		return true;
	return false;
}

static int write_block(struct name_change *p, struct draft *d, const struct draft_price *price)
{
	struct block b = d->b;
	char why[SMALL_FILE_WHY];
	enum err err = draft_seal(d, &rng_system);

	if (err) {
		cli_error("%s: %s", p->cli->command, err_name(err));
		return EXIT_TASK_FAILED;
	}
	b.difficulty = (uint32_t)price->difficulty;
	b.prev_hash = slice_of(p->tip.hash, HASH_SIZE);
	p->file.n = 0;
	block_file_write(p->o.params.origin, &b, &p->file);
	if (!small_file_write(p->cli->output, wr_done(&p->file), 0644, why)) {
		cli_error("%s: %s %s", p->cli->command, p->cli->output, why);
		return EXIT_TASK_FAILED;
	}
	return EXIT_DONE;
}

static void tell_next(const struct name_change *p)
{
	char count[HUMAN_MAX], date[HUMAN_MAX];

	printf("on top of block %s of %s, and good until another one follows it\n",
		human_count(p->tip.index, count), human_date(p->tip.timestamp, date));
	if (!p->cli->dry_run)
		printf("next: alfisd block search %s\n", cli_printable(p->cli->output));
}

static int finish(struct name_change *p, struct draft *d)
{
	struct draft_price price;
	int status = name_change_refused(p, d) ? EXIT_REFUSED : EXIT_DONE;

	draft_price(d, &price);
	if (p->cli->dry_run)
		p->rate = rate_measured(p->config);
	if (status == EXIT_DONE && !p->cli->dry_run)
		status = write_block(p, d, &price);
	if (status == EXIT_DONE || p->cli->dry_run)
		name_change_tell(p, d, &price);
	if (!p->cli->json && (status == EXIT_DONE || p->cli->dry_run))
		tell_next(p);
	return status;
}

int cmd_block_prepare(const struct cli *cli, struct config *config)
{
	struct name_change c = {.cli = cli};
	struct draft *d = NULL;

	if (!words_fit(cli) || !name_change_owner(cli, "key", cli->key, &c.author))
		return EXIT_USAGE;
	int status = name_change_begin(&c, cli, config);
	if (status == EXIT_DONE && (!name_change_edit(&c) || !(d = name_change_draft(&c))))
		status = EXIT_TASK_FAILED;
	if (d)
		status = finish(&c, d);
	draft_free(d);
	return name_change_end(&c, status);
}
