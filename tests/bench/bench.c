/* Speed as ratios within one run: the hash in its forms against the plain scalar one. Prints a
 * table and writes build/bench.json. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "chain/blakeout.h"

enum { ROUNDS = 6, FIGURES_MAX = 8 };

struct figure {
	const char *name;
	double value, baseline, goal;
};

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Hashes a second of one core, best of a few rounds: noise only makes slower. */
static double lanes_speed(void *scratch, unsigned kept)
{
	uint8_t hash[BLAKEOUT_LANES][BLAKEOUT_SIZE];
	struct slice in[BLAKEOUT_LANES];
	double best = 1e9;

	for (int i = 0; i < BLAKEOUT_LANES; i++)
		in[i] = slice_str("Science is poetry of reality!");
	for (int i = 0; i < ROUNDS; i++) {
		double begun = seconds();
		blakeout_lanes(in, BLAKEOUT_LANES, hash, scratch, kept);
		double took = seconds() - begun;
		best = took < best ? took : best;
	}
	return BLAKEOUT_LANES / best;
}

static double scalar_speed(uint8_t (*words)[32])
{
	uint8_t hash[BLAKEOUT_SIZE];
	double best = 1e9;

	for (int i = 0; i < ROUNDS; i++) {
		double begun = seconds();
		blakeout_scalar(slice_str("Science is poetry of reality!"), hash, words);
		double took = seconds() - begun;
		best = took < best ? took : best;
	}
	return 1 / best;
}

static void write_json(const struct figure *f, int count)
{
	FILE *out = fopen("build/bench.json", "we");

	if (!out)
		return;
	fprintf(out, "{\"figures\":[");
	for (int i = 0; i < count; i++)
		fprintf(out,
			"%s\n{\"name\":\"%s\",\"value\":%.1f,\"unit\":\"1/s\",\"baseline\":%.1f,"
			"\"ratio\":%.3f,\"goal\":%.2f,\"ok\":%s}",
			i ? "," : "", f[i].name, f[i].value, f[i].baseline,
			f[i].value / f[i].baseline, f[i].goal,
			f[i].value / f[i].baseline >= f[i].goal ? "true" : "false");
	fprintf(out, "\n]}\n");
	fclose(out);
}

int main(void)
{
	uint8_t *memory = mem_alloc(blakeout_scratch_size(BLAKEOUT_SEGMENTS) + 64);
	uint8_t(*words)[32] = mem_alloc(65536 * 32);

	if (!memory || !words)
		return 1;
	void *scratch = memory + (64 - (uintptr_t)memory % 64);
	double scalar = scalar_speed(words), full = lanes_speed(scratch, BLAKEOUT_SEGMENTS);
	struct figure figures[] = {
		{"hash, 16 lanes, all segments kept", full, scalar, 5},
		{"hash, 16 lanes, none kept", lanes_speed(scratch, 0), full, 0.6},
		{"hash, 16 lanes, half kept", lanes_speed(scratch, BLAKEOUT_SEGMENTS / 2), full,
			0.7},
	};
	int count = (int)(sizeof figures / sizeof figures[0]);

	printf("width %s\n%-36s %10s %10s %7s\n", blakeout_width(), "figure", "1/s", "baseline",
		"ratio");
	for (int i = 0; i < count; i++)
		printf("%-36s %10.1f %10.1f %7.2f\n", figures[i].name, figures[i].value,
			figures[i].baseline, figures[i].value / figures[i].baseline);
	write_json(figures, count);
	mem_free(memory);
	mem_free(words);
	return 0;
}
