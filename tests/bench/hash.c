/* The hash in its forms, on one core and on all: the best of a few rounds, for noise only makes
 * slower. */
#include "tests/bench/micro.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chain/blakeout.h"

enum {
	ROUNDS = 6,
	BATCHES = 8, /* a thread's share when all cores work */
	THREADS_MAX = 64,
	SLOTS = 65536,
	SLOT = 32,
};

#define FULL blakeout_scratch_size(BLAKEOUT_LANES, BLAKEOUT_SEGMENTS)

static void hash_batch(unsigned n, void *scratch, size_t size)
{
	uint8_t hash[BLAKEOUT_LANES][BLAKEOUT_SIZE];
	struct slice in[BLAKEOUT_LANES];

	for (unsigned i = 0; i < n; i++)
		in[i] = slice_str("Science is poetry of reality!");
	blakeout_lanes(in, n, hash, scratch, size);
}

/* Hashes a second of one core. */
static double lanes_speed(unsigned n, size_t size)
{
	void *scratch = aligned_alloc(64, size);
	double best = 1e9;

	for (int i = 0; i < ROUNDS && scratch; i++) {
		double begun = cpu_seconds();
		hash_batch(n, scratch, size);
		double took = cpu_seconds() - begun;
		best = took < best ? took : best;
	}
	free(scratch);
	return n / best;
}

static void *all_cores_main(void *ctx)
{
	void *scratch = aligned_alloc(64, FULL);

	for (int i = 0; i < BATCHES && scratch; i++)
		hash_batch(BLAKEOUT_LANES, scratch, FULL);
	free(scratch);
	return ctx;
}

/* Hashes a second of all cores together. */
static double all_cores_speed(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[THREADS_MAX];
	double best = 1e9;

	cores = cores < 1 ? 1 : cores > THREADS_MAX ? THREADS_MAX : cores;
	for (int round = 0; round < 3; round++) {
		double begun = wall_seconds();
		for (long i = 0; i < cores; i++)
			if (pthread_create(&threads[i], NULL, all_cores_main, NULL) != 0)
				abort();
		for (long i = 0; i < cores; i++)
			pthread_join(threads[i], NULL);
		double took = wall_seconds() - begun;
		best = took < best ? took : best;
	}
	return (double)(cores * BATCHES * BLAKEOUT_LANES) / best;
}

/* ---- Debian's libb2, which picks its best code by itself ---- */

typedef int blake2s_function(uint8_t *out, const void *in, const void *key, size_t out_size,
	size_t size, size_t key_size);

static void libb2_blakeout(blake2s_function *blake2s, uint8_t *both)
{
	const size_t half = (size_t)SLOTS * SLOT;
	static const char text[] = "Science is poetry of reality!";
	uint8_t out[SLOT];

	blake2s(both, text, NULL, SLOT, sizeof text - 1, 0);
	blake2s(both + SLOT, both, NULL, SLOT, SLOT, 0);
	for (size_t i = 2; i < SLOTS; i++)
		blake2s(both + i * SLOT, both + (i - 2) * SLOT, NULL, SLOT, (size_t)2 * SLOT, 0);
	for (size_t i = 0; i < half; i++)
		both[2 * half - 1 - i] = both[i];
	blake2s(out, both, NULL, SLOT, 2 * half, 0);
}

/* Hashes a second; 0 when the library is not here. */
static double libb2_speed(void)
{
	void *library = dlopen("libb2.so.1", RTLD_NOW);
	void *symbol = library ? dlsym(library, "blake2s") : NULL;
	uint8_t *both = malloc((size_t)2 * SLOTS * SLOT);
	blake2s_function *blake2s;
	double best = 1e9;

	memcpy(&blake2s, &symbol, sizeof blake2s);
	for (int i = 0; i < ROUNDS && blake2s && both; i++) {
		double begun = cpu_seconds();
		libb2_blakeout(blake2s, both);
		double took = cpu_seconds() - begun;
		best = took < best ? took : best;
	}
	free(both);
	if (library)
		dlclose(library);
	return blake2s ? 1 / best : 0;
}

void micro_hash(void)
{
	const size_t none = blakeout_scratch_size(BLAKEOUT_LANES, 0);

	micro_say("width", 0, blakeout_width());
	micro_say("hash full", lanes_speed(BLAKEOUT_LANES, FULL), "1/s");
	micro_say("hash none kept", lanes_speed(BLAKEOUT_LANES, none), "1/s");
	micro_say("hash alone", 1000 / lanes_speed(1, FULL), "ms");
	micro_say("hash libb2", libb2_speed(), "1/s");
	micro_say("hash all cores", all_cores_speed(), "1/s");
}
