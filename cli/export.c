/* The command `export`: writes a snapshot of the chain, also while the node runs, into a file or a
 * pipe. Before: chain/chain.c reads the blocks. After: cli/export_file.c gives the file its name
 * when it is complete. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "chain/crypto.h"
#include "cli/become.h"
#include "cli/cli.h"
#include "cli/offline.h"
#include "cli/progress.h"
#include "cli/block_source.h"
#include "cli/export_file.h"

enum { TRIES = 5 }; /* a running node may replace blocks while we write */

struct export_job {
	struct export_file target;
	struct chain *chain;
	struct progress progress;
	bool bar;       /* show a progress bar */
	int failed;     /* errno of a failed write */
	uint64_t index; /* of the block that is being written */
	uint8_t sum[32];
	uint8_t last_hash[HASH_SIZE]; /* of the block written last */
	uint8_t block[BLOCK_MAX_ENCODED];
	uint8_t space[32 + BLOCK_MAX_ENCODED];
};

/* Writes n bytes; keeps errno for the message. A signal that interrupts the wait for a reader ends
 * the export. */
static enum err put(struct export_job *e, const void *p, size_t n)
{
	if (fwrite(p, 1, n, e->target.f) == n)
		return ERR_OK;
	e->failed = errno;
	return errno == EINTR && offline_interrupted() ? ERR_STOPPING : ERR_IO;
}

static enum err put_head(struct export_job *e, const struct chain_params *params, uint64_t count)
{
	uint8_t head[SNAPSHOT_HEAD];
	struct wr w = wr_of(head, sizeof head);

	snapshot_head(&w, params->origin, count);
	crypto_digest(wr_done(&w), e->sum);
	return put(e, head, w.n);
}

/* Reads block `index` into e->block. ERR_BUSY: it does not follow the block before, because the
 * running node has replaced blocks meanwhile. */
static enum err read_block(struct export_job *e, uint64_t index, size_t *n)
{
	e->index = index;
	enum err err = chain_read(e->chain, index, e->block, sizeof e->block, n);
	struct block_owned *b;

	if (err == ERR_TOO_BIG)
		return ERR_CORRUPT;
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_BUSY : err;
	err = block_decode_owned(slice_of(e->block, *n), &b);
	if (err != ERR_OK)
		return err == ERR_NOMEM ? err : ERR_CORRUPT;
	bool follows =
		index == 1 || slice_eq(b->b.prev_hash, slice_of(e->last_hash, sizeof e->last_hash));
	if (b->b.hash.n == HASH_SIZE)
		memcpy(e->last_hash, b->b.hash.p, HASH_SIZE);
	mem_free(b);
	return follows ? ERR_OK : ERR_BUSY;
}

static enum err put_block(struct export_job *e, uint64_t index)
{
	uint8_t length[4];
	struct wr w = wr_of(length, sizeof length);
	size_t n;
	enum err err = read_block(e, index, &n);

	if (err != ERR_OK)
		return err;
	wr_be(&w, n, 4);
	snapshot_sum(e->sum, slice_of(e->block, n), e->space);
	err = put(e, length, sizeof length);
	return err == ERR_OK ? put(e, e->block, n) : err;
}

static enum err write_all(struct export_job *e, const struct chain_params *params, uint64_t count)
{
	enum err err = put_head(e, params, count);

	for (uint64_t i = 1; i <= count && err == ERR_OK; i++) {
		err = offline_interrupted() ? ERR_STOPPING : put_block(e, i);
		progress_step(&e->progress);
	}
	return err == ERR_OK ? put(e, e->sum, sizeof e->sum) : err;
}

/* Starts again when the chain changed meanwhile, unless the target is a pipe: what went into it
 * cannot be taken back. *count = blocks written. */
static enum err write_unchanged(
	struct export_job *e, const struct chain_params *params, uint64_t *count)
{
	enum err err = ERR_BUSY;
	struct chain_tip t;

	for (unsigned i = 0; i < TRIES && err == ERR_BUSY; i++) {
		if (i > 0 && (e->target.through || !export_file_rewind(&e->target)))
			break;
		chain_get_tip(e->chain, &t);
		*count = t.height;
		progress_start(&e->progress, "export", t.height, e->bar);
		err = write_all(e, params, t.height);
		progress_end(&e->progress);
	}
	/* Without a running node nothing can have been replaced: the store is damaged. */
	return err == ERR_BUSY && !chain_has_writer(e->chain) ? ERR_CORRUPT : err;
}

static int fail(const struct export_job *e, enum err err)
{
	const char *name = e->target.name;

	if (err == ERR_IO && e->failed)
		cli_error("%s could not be written: %s", name, strerror(e->failed));
	else if (err == ERR_STOPPING)
		cli_error("export: interrupted; %s",
			e->target.through ? "what was written is not a whole snapshot"
					  : "nothing was changed");
	else if (err == ERR_BUSY)
		cli_error("export: the running node replaced blocks meanwhile; repeat the command");
	else if (chain_why(e->chain)[0])
		cli_error("export: the store cannot be read: %s", chain_why(e->chain));
	else if (err == ERR_CORRUPT)
		cli_error(
			"export: the store is damaged: block %llu is missing, damaged, or does not follow the one before; "
			"alfisd verify says more",
			(unsigned long long)e->index);
	else
		cli_error("export: %s", err_name(err));
	return err == ERR_CORRUPT ? EXIT_STORE : EXIT_TASK_FAILED;
}

static void report(const struct cli *cli, const struct export_file *t, uint64_t count)
{
	FILE *to = t->standard ? stderr : stdout;

	if (!cli->json)
		fprintf(to, "exported %llu blocks to %s\n", (unsigned long long)count,
			cli_printable(t->name));
	else
		fprintf(to, "{\"height\":%llu}\n", (unsigned long long)count);
}

static bool open_target(
	const struct cli *cli, struct export_job *e, const struct config *c, bool due)
{
	if (export_file_open(&e->target, cli->args[0], c->data_dir) &&
		(!due || export_file_keep_rights(&e->target)))
		return true;
	cli_error("%s", offline_interrupted() ? "export: interrupted" : e->target.error);
	return false;
}

static int export_to(const struct cli *cli, struct offline *o, struct export_job *e)
{
	struct export_file *t = &e->target;
	uint64_t count;

	e->chain = o->chain;
	e->bar = !cli->json;
	enum err err = write_unchanged(e, &o->params, &count);
	if (err != ERR_OK)
		return fail(e, err);
	if (!export_file_finish(t)) {
		cli_error("%s", offline_interrupted() ? "export: interrupted" : t->error);
		return EXIT_TASK_FAILED;
	}
	report(cli, t, count);
	return EXIT_DONE;
}

/* Root opens the target with its own rights, before it becomes the owner of the store to read that.
 */
static int run_export(const struct cli *cli, struct export_job *e, struct config *c)
{
	bool due = become_is_due(c);
	struct offline o;

	if (due && !open_target(cli, e, c, true))
		return EXIT_TASK_FAILED;
	int status = offline_open(&o, c, true);
	if (status != EXIT_DONE)
		return status;
	status = due || open_target(cli, e, c, false) ? export_to(cli, &o, e) : EXIT_TASK_FAILED;
	return offline_close(&o, status);
}

int cmd_export(const struct cli *cli, struct config *c)
{
	offline_will_read();
	struct export_job *e = mem_alloc(sizeof *e);
	if (!e) {
		cli_error("export: out of memory");
		return EXIT_TASK_FAILED;
	}
	offline_catch_signals();
	signal(SIGPIPE, SIG_IGN); /* writing to a closed pipe then fails with EPIPE */
	e->target.dir = e->target.helper = -1;
	int status = run_export(cli, e, c);
	export_file_close(&e->target);
	mem_free(e);
	return status;
}
