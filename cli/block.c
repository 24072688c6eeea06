/* The commands `block search` and `block submit`: a block in a file (mine/block_file.h) gets its
 * proof of work, on any machine, without chain or key; and is brought to the running node.
 * Before: cli/main.c. After: mine/block_search.h; the node's api/submit.c. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/human.h"
#include "base/mem.h"
#include "chain/hash_scratch.h"
#include "cli/block_io.h"
#include "cli/cli.h"
#include "cli/ctl.h"
#include "cli/offline.h"
#include "cli/print.h"
#include "mine/block_search.h"
#include "owner/draft.h"

enum { SHOW_MS = 1000, LOOK_MS = 50 };

/* ---- search ---- */

/* The search has no memory, so what is expected is always the mean. */
static void show_progress(const struct block_search *s, uint32_t difficulty, uint64_t begun_ms)
{
	double seconds = (double)(clock_mono(&clock_system) - begun_ms) / 1000;
	uint64_t hashes = block_search_hashes(s);
	double rate = seconds > 0 ? (double)hashes / seconds : 0;
	char done[HUMAN_MAX], speed[HUMAN_MAX], left[HUMAN_MAX];

	if (!isatty(STDERR_FILENO) || rate <= 0)
		return;
	double mean = draft_mean_hashes(difficulty);
	fprintf(stderr, "\r%s, %s, best %u of %u bits, on average %s from now \033[K",
		human_rate(rate, "hashes", speed), human_count(hashes, done), block_search_best(s),
		(unsigned)difficulty,
		human_time_left(mean < 1e18 ? (uint64_t)mean : (uint64_t)1e18, rate, left));
}

static void wait_for_end(struct block_search *s, uint32_t difficulty, uint64_t begun)
{
	const struct timespec look = {0, LOOK_MS * 1000000L};
	uint64_t shown = begun;

	while (!block_search_has_ended(s)) {
		if (offline_interrupted())
			block_search_cancel(s);
		nanosleep(&look, NULL);
		uint64_t now = clock_mono(&clock_system);
		if (now - shown < SHOW_MS)
			continue;
		shown = now;
		show_progress(s, difficulty, begun);
	}
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
}

static bool take_threads(const struct cli *cli, unsigned *threads)
{
	char *end;
	unsigned long n = cli->threads ? strtoul(cli->threads, &end, 10) : 0;

	*threads = search_threads_wanted(n);
	if (!cli->threads || (*end == 0 && n >= 1 && n <= SEARCH_THREADS_MAX))
		return true;
	cli_error("%s: --threads takes a number from 1 to %d", cli->command, SEARCH_THREADS_MAX);
	return false;
}

static void on_ended(void *ctx)
{
	(void)ctx; /* the command looks now and then */
}

/* Says what was found and how long it took. */
static void tell_found(const struct cli *cli, const struct block *b, const struct block_search *s,
	const struct block_found *found, uint64_t took_ms)
{
	char hash[2 * HASH_SIZE + 1], hashes[HUMAN_MAX], took[HUMAN_MAX];
	uint64_t count = block_search_hashes(s);

	hex_upper(slice_of(found->hash, HASH_SIZE), hash);
	if (cli->json)
		printf("{\"index\":%llu,\"difficulty\":%u,\"hash\":\"%s\",\"hashes\":%llu,"
		       "\"ms\":%llu}\n",
			(unsigned long long)b->index, (unsigned)b->difficulty, hash,
			(unsigned long long)count, (unsigned long long)took_ms);
	else
		printf("block %llu: found after %s hashes, in %s; next: alfisd block sign\n",
			(unsigned long long)b->index, human_count(count, hashes),
			human_ms(took_ms, took));
}

static bool search(
	const struct cli *cli, const struct block *b, unsigned threads, struct block_found *found)
{
	struct bound scratch = {.name = "scratch", .max = SIZE_MAX};
	struct search_settings settings = {.threads = threads,
		.scratch_bytes = threads * hash_scratch_most(),
		.scratch = &scratch,
		.lower = true,
		.ended = on_ended};
	enum err err;

	offline_catch_signals();
	struct block_search *s = block_search_start(&settings, &clock_system, &rng_system, b, &err);
	if (!s) {
		cli_error("%s: no memory for %u threads: try fewer with --threads", cli->command,
			threads);
		return false;
	}
	uint64_t begun = clock_mono(&clock_system);
	wait_for_end(s, b->difficulty, begun);
	bool good = block_search_found(s, found);
	if (good)
		tell_found(cli, b, s, found, clock_mono(&clock_system) - begun);
	else
		cli_error("%s: interrupted; nothing is lost but the hashes so far", cli->command);
	block_search_free(s);
	return good;
}

static int search_file(const struct cli *cli, const struct block_file *f, unsigned threads)
{
	struct block b = f->block->b;
	struct block_found found;

	if (block_file_state(&b) != BLOCK_PREPARED) {
		cli_error("%s: %s is searched already", cli->command, cli->args[0]);
		return EXIT_TASK_FAILED;
	}
	if (!search(cli, &b, threads, &found))
		return EXIT_TASK_FAILED;
	b.timestamp = found.timestamp;
	b.random = found.random;
	b.nonce = found.nonce;
	b.hash = slice_of(found.hash, HASH_SIZE);
	return block_io_write(cli, f->origin, &b) ? EXIT_DONE : EXIT_TASK_FAILED;
}

int cmd_block_search(const struct cli *cli, struct config *c)
{
	struct block_file f;
	unsigned threads;

	(void)c;
	if (!take_threads(cli, &threads))
		return EXIT_USAGE;
	if (!block_io_read(cli, &f))
		return EXIT_TASK_FAILED;
	int status = search_file(cli, &f, threads);
	mem_free(f.block);
	return status;
}

/* ---- submit ---- */

static int submit(const struct cli *cli, const struct config *c, const struct block_file *f)
{
	size_t size = 2 * f->block->canonical.n + 16;
	struct wr form = wr_of(mem_alloc(size), size);
	struct ctl_answer a;
	int status = EXIT_TASK_FAILED;

	if (!form.p) {
		cli_error("%s: out of memory", cli->command);
		return status;
	}
	wr_format(&form, "block=");
	hex_write(&form, f->block->canonical);
	enum ctl_end end = ctl_request_form(c, "POST /blocks/submit", wr_done(&form), &a);
	if (end == CTL_ANSWERED && a.status == 200) {
		struct out o = {.f = stdout, .width = UINT_MAX};
		if (cli->json)
			print_json(stdout, a.body);
		else
			print_done(&o, a.body);
		status = EXIT_DONE;
	} else if (end == CTL_ANSWERED) {
		status = ctl_print_refusal(cli, &a);
	} else {
		ctl_print_failure(end, cli->command, c);
	}
	ctl_answer_free(&a);
	mem_free(form.p);
	return status;
}

int cmd_block_submit(const struct cli *cli, struct config *c)
{
	static const char *const missing[] = {
		[BLOCK_PREPARED] = "is not searched yet", [BLOCK_SEARCHED] = "is not signed yet"};
	struct block_file f;
	int status = EXIT_TASK_FAILED;

	if (!block_io_read(cli, &f))
		return status;
	enum block_file_state state = block_file_state(&f.block->b);
	if (state != BLOCK_SIGNED)
		cli_error("%s: %s %s", cli->command, cli->args[0], missing[state]);
	else if (ctl_become(c))
		status = submit(cli, c, &f);
	mem_free(f.block);
	return status;
}
