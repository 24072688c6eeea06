#include "tests/bench/micro.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double cpu_seconds(void)
{
	return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

double wall_seconds(void)
{
	return seconds(CLOCK_MONOTONIC);
}

void micro_say(const char *name, double value, const char *unit)
{
	printf("{\"name\":\"%s\",\"value\":%.4f,\"unit\":\"%s\"}\n", name, value, unit);
	fflush(stdout);
}

/* Sizes of messages come on standard input; says how many frames of these sizes libsodium alone
 * seals in a second of one core. */
void micro_frames(void)
{
	enum { SIZES_MAX = 4096, LARGEST = 65536, ROUNDS = 20 };
	static unsigned char plain[LARGEST],
		sealed[LARGEST + crypto_aead_chacha20poly1305_ietf_ABYTES];
	unsigned char key[crypto_aead_chacha20poly1305_ietf_KEYBYTES] = {1};
	unsigned char nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES] = {2};
	static unsigned sizes[SIZES_MAX];
	unsigned count = 0;
	double best = 1e9;

	while (count < SIZES_MAX && scanf("%u", &sizes[count]) == 1 && sizes[count] <= LARGEST)
		count++;
	if (sodium_init() < 0 || !count)
		exit(1);
	for (int i = 0; i < ROUNDS; i++) {
		double begun = cpu_seconds();
		for (unsigned j = 0; j < count; j++)
			crypto_aead_chacha20poly1305_ietf_encrypt(
				sealed, NULL, plain, sizes[j], NULL, 0, NULL, nonce, key);
		double took = cpu_seconds() - begun;
		best = took < best ? took : best;
	}
	micro_say("frames sealed", count / best, "1/s");
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "hash") == 0)
		micro_hash();
	else if (argc == 2 && strcmp(argv[1], "frames") == 0)
		micro_frames();
#ifndef BLAKEOUT_ONE_WIDTH /* else there is only the hash */
	else if (argc == 2 && strcmp(argv[1], "dns") == 0)
		micro_dns();
	else if (argc == 2 && strcmp(argv[1], "mine") == 0)
		micro_mine(false);
	else if (argc == 2 && strcmp(argv[1], "mine-quick") == 0)
		micro_mine(true);
	else if (argc == 4 && strcmp(argv[1], "found") == 0)
		micro_found((unsigned)atoi(argv[2]), (unsigned)atoi(argv[3]));
#endif
	else
		return fprintf(stderr, "usage: bench hash | bench dns | bench mine[-quick] |"
				       " bench found SEED COUNT | bench frames <sizes\n"),
		       2;
	return 0;
}
