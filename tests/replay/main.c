/* replay [--orders N] FILE…: plays vectors against the program's own code. One line for each
 * difference, then `N passed, N failed`. The first line of a file names its format; files are
 * played in parallel and reported in order. --orders: the blocks of each script also go through the
 * sync engine, in N orders. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "chain/crypto.h"
#include "tests/replay/file.h"
#include "tests/replay/play.h"

enum { WHAT_SIZE = 4096 };

static void play_file(struct play *p)
{
	size_t n;
	uint8_t *text = file_read_all(p->file, &n);

	if (text) {
		play_text(p, slice_of(text, n));
	} else {
		play_say(p, 0, "cannot be read");
		p->failed++;
	}
	mem_free(text);
}

/* ---- one process a file ---- */

struct worker {
	pid_t pid;
	FILE *out;
	int counts; /* pipe: two numbers at the end */
};

static int work(const char *file, unsigned long seeds, FILE *out, int counts)
{
	struct play p = {.file = file, .out = out, .seeds = seeds};

	if (!crypto_init())
		return EXIT_FAILURE;
	play_file(&p);
	unsigned long sums[2] = {p.passed, p.failed};
	bool told = write(counts, sums, sizeof sums) == (ssize_t)sizeof sums;
	return fflush(out) == 0 && told ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* `all` is the table that *w stands in; the new process needs it no more. */
static bool start(struct worker *all, struct worker *w, const char *file, unsigned long seeds)
{
	int ends[2];

	w->out = tmpfile();
	if (!w->out || pipe(ends))
		return false;
	fflush(stdout);
	w->pid = fork();
	if (w->pid == 0) {
		FILE *out = w->out;
		mem_free(all);
		close(ends[0]);
		exit(work(file, seeds, out, ends[1]));
	}
	close(ends[1]);
	w->counts = ends[0];
	return w->pid > 0;
}

static void finish(struct worker *w, const char *file, unsigned long total[2])
{
	unsigned long sums[2];
	char text[WHAT_SIZE];
	int status = 0;
	bool told = read(w->counts, sums, sizeof sums) == (ssize_t)sizeof sums;
	size_t n;

	waitpid(w->pid, &status, 0);
	rewind(w->out);
	while ((n = fread(text, 1, sizeof text, w->out)) > 0)
		fwrite(text, 1, n, stdout);
	fclose(w->out);
	close(w->counts);
	if (told && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS) {
		total[0] += sums[0];
		total[1] += sums[1];
	} else {
		printf("%s:0: the player died (status %d)\n", file, status);
		total[1]++;
	}
}

int main(int argc, char **argv)
{
	struct log_settings quiet = {.level = LOG_ERROR};
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	bool orders = argc > 2 && strcmp(argv[1], "--orders") == 0;
	unsigned long seeds = orders ? strtoul(argv[2], NULL, 10) : 0, total[2] = {0, 0};
	int files = argc - 1, started = 0;

	argv += orders ? 2 : 0;
	files -= orders ? 2 : 0;

	log_setup(&quiet);
	struct worker *w = mem_alloc((size_t)argc * sizeof *w);
	for (int done = 0; w && done < files; done++) {
		for (; started < files && started < done + cores; started++)
			if (!start(w, &w[started], argv[started + 1], seeds)) {
				perror("replay");
				return EXIT_FAILURE;
			}
		finish(&w[done], argv[done + 1], total);
	}
	mem_free(w);
	printf("%lu passed, %lu failed\n", total[0], total[1]);
	return total[1] || !w ? EXIT_FAILURE : EXIT_SUCCESS;
}
