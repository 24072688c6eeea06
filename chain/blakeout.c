/* Blakeout, sixteen independent inputs at once (protocol.md 3).
 *
 *   slot[0] = B(input), slot[1] = B(slot[0]), slot[i] = B(slot[i−2] ‖ slot[i−1]), i < 65,536
 *   result  = B(all slots ‖ all their bytes in reverse order)          B = BLAKE2s-256
 *
 * Lanes. Every array is [word][lane]: one plain loop over the lanes is one vector operation a step,
 * and the compiler picks the width. Words are numbers, not bytes, so nothing depends on the
 * machine's byte order.
 *
 * Memory. The reversed half needs the slots from last to first. They are cut into 256 segments of
 * 256 slots; the first pair of slots of each segment is a checkpoint from which it can be made
 * again. The last `kept` segments stay in memory as they are, the others are recomputed one by one.
 *
 * Before: chain/verify.c fills the lanes. After: it compares hashes. */
#include <assert.h>
#include <string.h>

#include "chain/blakeout.h"

enum {
	LANES = BLAKEOUT_LANES,
	SLOTS = 65536,
	SEGMENT = SLOTS / BLAKEOUT_SEGMENTS, /* slots */
	SLOT = 8,                            /* words */
	PAIR = 2 * SLOT,                     /* words: what one compression takes in */
	BLOCK = 64,                          /* bytes of the same */
};

typedef uint32_t word[LANES]; /* the same word of every lane */

/* Where the compiler can, it makes one copy of the lane loop for each of these and the loader picks
 * the one that the processor has. Sanitizers cannot start such programs. */
#if defined __x86_64__ && defined __GLIBC__ && defined __GNUC__ && !defined __clang__ &&           \
	!defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
#define WIDE     __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#define HAS_WIDE 1
#else
#define WIDE
#define HAS_WIDE 0
#endif

/* Into the copy that calls it, else it would have the narrowest width. */
#if defined __GNUC__
#define INTO_CALLER static inline __attribute__((always_inline))
#else
#define INTO_CALLER static inline
#endif

/* No lane depends on another. A build that does not want vectors is no fault. */
#if defined __clang__
#pragma clang diagnostic ignored "-Wpass-failed"
#define EACH_LANE _Pragma("clang loop vectorize(assume_safety)")
#elif defined __GNUC__
#define EACH_LANE _Pragma("GCC ivdep")
#else
#define EACH_LANE
#endif

static const uint32_t iv[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F,
	0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};

/* iv[0] with the parameters: 32 bytes of digest, no key, fan-out and depth 1. */
static const uint32_t first_iv = 0x6A09E667 ^ 0x01010020;

/* ---- the ten rounds; M(i) is message word i ---- */

#define ROR(x, n) ((x) >> (n) | (x) << (32 - (n)))

#define MIX(a, b, c, d, x, y)                                                                      \
	a += b + M(x);                                                                             \
	d = ROR(d ^ a, 16);                                                                        \
	c += d;                                                                                    \
	b = ROR(b ^ c, 12);                                                                        \
	a += b + M(y);                                                                             \
	d = ROR(d ^ a, 8);                                                                         \
	c += d;                                                                                    \
	b = ROR(b ^ c, 7);

#define ROUND(s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, sa, sb, sc, sd, se, sf)                      \
	MIX(v0, v4, v8, vc, s0, s1)                                                                \
	MIX(v1, v5, v9, vd, s2, s3)                                                                \
	MIX(v2, v6, va, ve, s4, s5)                                                                \
	MIX(v3, v7, vb, vf, s6, s7)                                                                \
	MIX(v0, v5, va, vf, s8, s9)                                                                \
	MIX(v1, v6, vb, vc, sa, sb)                                                                \
	MIX(v2, v7, v8, vd, sc, sd)                                                                \
	MIX(v3, v4, v9, ve, se, sf)

#define TEN_ROUNDS                                                                                 \
	ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)                                \
	ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3)                                \
	ROUND(11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4)                                \
	ROUND(7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8)                                \
	ROUND(9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13)                                \
	ROUND(2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9)                                \
	ROUND(12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11)                                \
	ROUND(13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10)                                \
	ROUND(6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5)                                \
	ROUND(10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0)

/* ---- one input: slot 0, whose length differs from lane to lane, and the scalar form ---- */

static void compress_one(uint32_t h[8], const uint8_t block[BLOCK], uint32_t taken, bool last)
{
	uint32_t m[16];

	for (int i = 0; i < 16; i++)
		m[i] = (uint32_t)block[4 * i] | (uint32_t)block[4 * i + 1] << 8 |
		       (uint32_t)block[4 * i + 2] << 16 | (uint32_t)block[4 * i + 3] << 24;
	uint32_t v0 = h[0], v1 = h[1], v2 = h[2], v3 = h[3], v4 = h[4], v5 = h[5], v6 = h[6],
		 v7 = h[7], v8 = iv[0], v9 = iv[1], va = iv[2], vb = iv[3], vc = iv[4] ^ taken,
		 vd = iv[5], ve = last ? ~iv[6] : iv[6], vf = iv[7];
#define M(i) m[i]
	TEN_ROUNDS
#undef M
	h[0] ^= v0 ^ v8;
	h[1] ^= v1 ^ v9;
	h[2] ^= v2 ^ va;
	h[3] ^= v3 ^ vb;
	h[4] ^= v4 ^ vc;
	h[5] ^= v5 ^ vd;
	h[6] ^= v6 ^ ve;
	h[7] ^= v7 ^ vf;
}

/* BLAKE2s of a whole input that is at hand. */
static void hash_one(struct slice in, uint32_t h[8])
{
	uint8_t tail[BLOCK] = {0};
	size_t at = 0;

	memcpy(h, iv, sizeof iv);
	h[0] = first_iv;
	for (; in.n - at > BLOCK; at += BLOCK)
		compress_one(h, in.p + at, (uint32_t)(at + BLOCK), false);
	if (in.n > at)
		memcpy(tail, in.p + at, in.n - at);
	compress_one(h, tail, (uint32_t)in.n, true);
}

static void put_words(const uint32_t h[8], uint8_t out[BLAKEOUT_SIZE])
{
	for (int i = 0; i < BLAKEOUT_SIZE; i++)
		out[i] = (uint8_t)(h[i / 4] >> 8 * (i % 4));
}

void blakeout_scalar(struct slice in, uint8_t out[BLAKEOUT_SIZE], uint8_t (*words)[32])
{
	uint32_t h[8];
	uint8_t block[BLOCK];
	const uint8_t *all = words[0];
	const size_t size = (size_t)SLOTS * 32;

	hash_one(in, h);
	put_words(h, words[0]);
	hash_one(slice_of(words[0], 32), h);
	put_words(h, words[1]);
	for (size_t i = 2; i < SLOTS; i++) {
		hash_one(slice_of(words[i - 2], 64), h);
		put_words(h, words[i]);
	}
	memcpy(h, iv, sizeof iv);
	h[0] = first_iv;
	for (size_t at = 0; at < size; at += BLOCK)
		compress_one(h, all + at, (uint32_t)(at + BLOCK), false);
	for (size_t at = 0; at < size; at += BLOCK) {
		for (size_t i = 0; i < BLOCK; i++)
			block[i] = all[size - 1 - at - i];
		compress_one(h, block, (uint32_t)(size + at + BLOCK), at + BLOCK == size);
	}
	put_words(h, out);
}

/* ---- all lanes ---- */

/* o = compression of h with the block m. `taken` and `last` are the same for all lanes. */
INTO_CALLER void compress(word *o, const word *h, const word *m, uint32_t taken, uint32_t last)
{
	EACH_LANE
	for (int l = 0; l < LANES; l++) {
		uint32_t v0 = h[0][l], v1 = h[1][l], v2 = h[2][l], v3 = h[3][l], v4 = h[4][l],
			 v5 = h[5][l], v6 = h[6][l], v7 = h[7][l], v8 = iv[0], v9 = iv[1],
			 va = iv[2], vb = iv[3], vc = iv[4] ^ taken, vd = iv[5], ve = iv[6] ^ last,
			 vf = iv[7];
#define M(i) m[i][l]
		TEN_ROUNDS
#undef M
		o[0][l] = h[0][l] ^ v0 ^ v8;
		o[1][l] = h[1][l] ^ v1 ^ v9;
		o[2][l] = h[2][l] ^ v2 ^ va;
		o[3][l] = h[3][l] ^ v3 ^ vb;
		o[4][l] = h[4][l] ^ v4 ^ vc;
		o[5][l] = h[5][l] ^ v5 ^ vd;
		o[6][l] = h[6][l] ^ v6 ^ ve;
		o[7][l] = h[7][l] ^ v7 ^ vf;
	}
}

static inline uint32_t swapped(uint32_t x)
{
	return x >> 24 | (x >> 8 & 0xFF00) | (x << 8 & 0xFF0000) | x << 24;
}

/* The last hash, which takes in a pair of slots at a time. */
struct sum {
	_Alignas(64) word h[8];
	uint32_t taken; /* bytes */
};

INTO_CALLER void absorb(struct sum *s, const word *pair, bool last)
{
	s->taken += BLOCK;
	compress(s->h, (const word *)s->h, pair, s->taken, last ? ~(uint32_t)0 : 0);
}

/* A pair with all its bytes in reverse order. */
INTO_CALLER void absorb_reversed(struct sum *s, const word *pair, bool last)
{
	_Alignas(64) word m[PAIR];

	for (int j = 0; j < PAIR; j++) {
		EACH_LANE
		for (int l = 0; l < LANES; l++)
			m[j][l] = swapped(pair[PAIR - 1 - j][l]);
	}
	absorb(s, (const word *)m, last);
}

/* slots[2 … count−1] from the two before; with a sum, pairs are taken in while they are warm. */
INTO_CALLER void fill(word *slots, int count, const word *start, struct sum *s)
{
	for (int i = 2; i < count; i++) {
		const word *pair = (const word *)(slots + SLOT * (i - 2));
		compress(slots + SLOT * i, start, pair, BLOCK, ~(uint32_t)0);
		if (s && i % 2 == 0)
			absorb(s, pair, false);
	}
}

INTO_CALLER void take_back(struct sum *s, const word *slots, int count, bool ends)
{
	for (int i = count - 2; i >= 0; i -= 2)
		absorb_reversed(s, slots + SLOT * i, ends && i == 0);
}

/* Scratch: a checkpoint for each segment, one segment to work in (with the pair that begins the
 * next), and the kept segments in a row. */
struct areas {
	word *checkpoints, *work, *kept;
};

enum { CHECKPOINT_WORDS = BLAKEOUT_SEGMENTS * PAIR, WORK_WORDS = (SEGMENT + 2) * SLOT };

size_t blakeout_scratch_size(unsigned kept)
{
	return sizeof(word) * (CHECKPOINT_WORDS + WORK_WORDS + (size_t)kept * SEGMENT * SLOT);
}

int blakeout_kept_for(size_t bytes)
{
	size_t least = blakeout_scratch_size(0), each = blakeout_scratch_size(1) - least;

	if (bytes < least)
		return -1;
	size_t kept = (bytes - least) / each;
	return kept < BLAKEOUT_SEGMENTS ? (int)kept : BLAKEOUT_SEGMENTS;
}

/* Both passes; `first` = slots 0 and 1, the result is s->h. */
WIDE static void two_passes(struct sum *s, const word *first, struct areas *a, int kept)
{
	_Alignas(64) word start[8];
	const int made_again = BLAKEOUT_SEGMENTS - kept;
	const size_t pair = PAIR * sizeof(word);

	for (int i = 0; i < 8; i++)
		for (int l = 0; l < LANES; l++)
			start[i][l] = s->h[i][l] = i ? iv[i] : first_iv;
	memcpy(a->work, first, pair);
	for (int c = 0; c < made_again; c++) {
		memcpy(a->checkpoints + c * PAIR, a->work, pair);
		bool more = c + 1 < BLAKEOUT_SEGMENTS;
		fill(a->work, more ? SEGMENT + 2 : SEGMENT, (const word *)start, s);
		if (more)
			memcpy(a->work, a->work + SEGMENT * SLOT, pair);
		else
			absorb(s, (const word *)(a->work + (SEGMENT - 2) * SLOT), false);
	}
	if (kept) {
		memcpy(a->kept, a->work, pair);
		fill(a->kept, kept * SEGMENT, (const word *)start, s);
		absorb(s, (const word *)(a->kept + (kept * SEGMENT - 2) * SLOT), false);
		take_back(s, (const word *)a->kept, kept * SEGMENT, !made_again);
	}
	for (int c = made_again - 1; c >= 0; c--) {
		memcpy(a->work, a->checkpoints + c * PAIR, pair);
		fill(a->work, SEGMENT, (const word *)start, NULL);
		take_back(s, (const word *)a->work, SEGMENT, c == 0);
	}
}

/* Slots 0 and 1 of each lane; lanes without an input work on zeros. */
static void first_slots(const struct slice *in, unsigned n, word first[PAIR])
{
	uint32_t h[2][8];
	uint8_t bytes[32];

	memset(first, 0, PAIR * sizeof *first);
	for (unsigned l = 0; l < n; l++) {
		hash_one(in[l], h[0]);
		put_words(h[0], bytes);
		hash_one(slice_of(bytes, sizeof bytes), h[1]);
		for (int i = 0; i < PAIR; i++)
			first[i][l] = h[i / SLOT][i % SLOT];
	}
}

void blakeout_lanes(const struct slice *in, unsigned n, uint8_t (*out)[BLAKEOUT_SIZE],
	void *scratch, unsigned kept)
{
	word *space = scratch;
	struct areas a = {space, space + CHECKPOINT_WORDS, space + CHECKPOINT_WORDS + WORK_WORDS};
	_Alignas(64) word first[PAIR];
	struct sum s = {.taken = 0};
	uint32_t h[8];

	assert(n <= LANES && kept <= BLAKEOUT_SEGMENTS && (uintptr_t)scratch % 64 == 0);
	first_slots(in, n, first); /* the last look at the inputs, which may lie in the scratch */
	two_passes(&s, (const word *)first, &a, (int)kept);
	for (unsigned l = 0; l < n; l++) {
		for (int i = 0; i < 8; i++)
			h[i] = s.h[i][l];
		put_words(h, out[l]);
	}
}

const char *blakeout_width(void)
{
#if HAS_WIDE
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
		__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
		return "avx512";
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
		return "avx2";
#endif
	return "generic";
}
