/* The command `export`: a snapshot, written under a temporary name and renamed when it is whole and
 * on the disk. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "chain/crypto.h"
#include "node/cli.h"
#include "node/offline.h"
#include "node/progress.h"
#include "node/source.h"

struct export_job {
	FILE *f;
	struct chain *chain;
	uint8_t sum[32];
	uint8_t block[BLOCK_MAX_ENCODED];
	uint8_t space[32 + BLOCK_MAX_ENCODED];
};

static bool put(struct export_job *e, const void *p, size_t n)
{
	return fwrite(p, 1, n, e->f) == n;
}

static bool put_head(struct export_job *e, const struct chain_params *params, uint64_t count)
{
	uint8_t head[SNAPSHOT_HEAD];
	struct wr w = wr_of(head, sizeof head);

	snapshot_head(&w, params->origin, count);
	crypto_digest(wr_done(&w), e->sum);
	return put(e, head, w.n);
}

static enum err put_block(struct export_job *e, uint64_t index)
{
	uint8_t length[4];
	struct wr w = wr_of(length, sizeof length);
	size_t n;
	enum err err = chain_read(e->chain, index, e->block, sizeof e->block, &n);

	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_CORRUPT : err;
	wr_be(&w, n, 4);
	snapshot_sum(e->sum, slice_of(e->block, n), e->space);
	return put(e, length, sizeof length) && put(e, e->block, n) ? ERR_OK : ERR_IO;
}

static enum err write_all(struct export_job *e, const struct chain_params *params, uint64_t count)
{
	struct progress p;
	enum err err = put_head(e, params, count) ? ERR_OK : ERR_IO;

	progress_start(&p, "export", count);
	for (uint64_t i = 1; i <= count && err == ERR_OK; i++) {
		err = offline_interrupted() ? ERR_STOPPING : put_block(e, i);
		progress_step(&p);
	}
	progress_end(&p);
	if (err == ERR_OK && !put(e, e->sum, sizeof e->sum))
		err = ERR_IO;
	if (err == ERR_OK && (fflush(e->f) != 0 || fsync(fileno(e->f)) != 0))
		err = ERR_IO;
	return err;
}

static int finish(enum err err, const char *temporary, const char *path, uint64_t count)
{
	int saved = errno;

	if (err == ERR_OK && rename(temporary, path) == 0) {
		printf("exported %llu blocks to %s\n", (unsigned long long)count, path);
		return EXIT_DONE;
	}
	saved = err == ERR_OK ? errno : saved;
	unlink(temporary);
	if (err == ERR_OK || err == ERR_IO)
		fprintf(stderr, "alfisd: %s could not be written: %s\n", path, strerror(saved));
	else
		fprintf(stderr, "alfisd: export: %s\n", err_name(err));
	return err == ERR_CORRUPT ? EXIT_STORE : EXIT_TASK_FAILED;
}

static int export_to(struct offline *o, struct export_job *e, const char *path)
{
	char temporary[4096];
	struct chain_tip t;

	if (snprintf(temporary, sizeof temporary, "%s.part", path) >= (int)sizeof temporary) {
		fprintf(stderr, "alfisd: the file name is too long\n");
		return EXIT_USAGE;
	}
	e->chain = o->chain;
	e->f = fopen(temporary, "wbe");
	if (!e->f) {
		fprintf(stderr, "alfisd: %s: %m\n", temporary);
		return EXIT_TASK_FAILED;
	}
	chain_get_tip(o->chain, &t);
	enum err err = write_all(e, &o->params, t.height);
	if (fclose(e->f) != 0 && err == ERR_OK)
		err = ERR_IO;
	return finish(err, temporary, path, t.height);
}

int cmd_export(const struct cli *cli, struct config *c)
{
	struct offline o;
	int status = offline_open(&o, c, true);

	if (status != EXIT_DONE)
		return status;
	offline_catch_signals();
	struct export_job *e = mem_alloc(sizeof *e);
	status = e ? export_to(&o, e, cli->args[0]) : EXIT_TASK_FAILED;
	mem_free(e);
	return offline_close(&o, status);
}
