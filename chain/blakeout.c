/* Blakeout, up to sixteen independent inputs at once (protocol.md 3).
 *
 *   slot[0] = B(input), slot[1] = B(slot[0]), slot[i] = B(slot[i−2] ‖ slot[i−1]), i < 65,536
 *   result  = B(all slots ‖ all their bytes in reverse order)          B = BLAKE2s-256
 *
 * Lanes. Every array is [word][lane]: one plain loop over the lanes is one vector operation a step,
 * and the compiler picks the width. The loops exist for each number of lanes that is worth it, all
 * from the same text; everything around them takes that number as a parameter. Words are numbers,
 * not bytes, so nothing depends on the machine's byte order.
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
	SLOTS = 65536,
	SEGMENT = SLOTS / BLAKEOUT_SEGMENTS, /* slots */
	SLOT = 8,                            /* words */
	PAIR = 2 * SLOT,                     /* words: what one compression takes in */
	BLOCK = 64,                          /* bytes of the same */
};

/* The compiler makes one copy of each lane loop for each of these instruction sets, and the loader
 * picks the one for the processor. Programs with sanitizers cannot start with such copies.
 * BLAKEOUT_ONE_WIDTH turns this off, so that measurements can choose a width by compiler
 * options. */
#if !defined BLAKEOUT_ONE_WIDTH && defined __x86_64__ && defined __GLIBC__ && defined __GNUC__ &&  \
	!defined __clang__ && !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
#define WIDE     __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#define HAS_WIDE 1
#else
#define WIDE
#define HAS_WIDE 0
#endif

/* Instrumented, the loops over the lanes would take ten times as long. They have no bounds that
 * could be wrong: their callers reach for the last word of what they hand in, instrumented. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define PLAIN               __attribute__((no_sanitize("address", "thread", "undefined")))
#define REACH(first, words) ((void)*(const volatile uint32_t *)&(first)[(words)-1])
#else
#define PLAIN
#define REACH(first, words) ((void)0)
#endif

/* Forces inlining, so that each copy of a loop is compiled for its instruction set and number of
 * lanes. */
#if defined __GNUC__
#define INTO_CALLER static inline PLAIN __attribute__((always_inline))
#else
#define INTO_CALLER static inline
#endif

/* Tells the compiler that the iterations do not depend on each other, so that it vectorises the
 * loop. A compiler that does not is no error. */
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

/* iv[0] XOR the parameter block: 32 bytes of digest, no key, fan-out and depth 1. */
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

/* ---- the loops over the lanes; word w of lane l is at [w * lanes + l] ---- */

/* o = compression of h with the block m. `taken` and `last` are the same for all lanes. */
INTO_CALLER void compress_each(uint32_t *o, const uint32_t *h, const uint32_t *m, uint32_t taken,
	uint32_t last, unsigned lanes)
{
	EACH_LANE
	for (unsigned l = 0; l < lanes; l++) {
#define H(i) h[(i)*lanes + l]
#define M(i) m[(i)*lanes + l]
		uint32_t v0 = H(0), v1 = H(1), v2 = H(2), v3 = H(3), v4 = H(4), v5 = H(5),
			 v6 = H(6), v7 = H(7), v8 = iv[0], v9 = iv[1], va = iv[2], vb = iv[3],
			 vc = iv[4] ^ taken, vd = iv[5], ve = iv[6] ^ last, vf = iv[7];
		TEN_ROUNDS
		o[0 * lanes + l] = H(0) ^ v0 ^ v8;
		o[1 * lanes + l] = H(1) ^ v1 ^ v9;
		o[2 * lanes + l] = H(2) ^ v2 ^ va;
		o[3 * lanes + l] = H(3) ^ v3 ^ vb;
		o[4 * lanes + l] = H(4) ^ v4 ^ vc;
		o[5 * lanes + l] = H(5) ^ v5 ^ vd;
		o[6 * lanes + l] = H(6) ^ v6 ^ ve;
		o[7 * lanes + l] = H(7) ^ v7 ^ vf;
#undef M
#undef H
	}
}

INTO_CALLER uint32_t swapped(uint32_t x)
{
	return x >> 24 | (x >> 8 & 0xFF00) | (x << 8 & 0xFF0000) | x << 24;
}

/* o = the pair of slots m with all its bytes in reverse order. */
INTO_CALLER void reverse_each(uint32_t *o, const uint32_t *m, unsigned lanes)
{
	for (unsigned j = 0; j < PAIR; j++) {
		EACH_LANE
		for (unsigned l = 0; l < lanes; l++)
			o[j * lanes + l] = swapped(m[(PAIR - 1 - j) * lanes + l]);
	}
}

/* Both loops, compiled for one number of lanes. */
struct loops {
	unsigned lanes;
	void (*compress)(
		uint32_t *o, const uint32_t *h, const uint32_t *m, uint32_t taken, uint32_t last);
	void (*reverse)(uint32_t *o, const uint32_t *m);
};

#define LOOPS(n)                                                                                   \
	WIDE PLAIN static void compress_##n(                                                       \
		uint32_t *o, const uint32_t *h, const uint32_t *m, uint32_t taken, uint32_t last)  \
	{                                                                                          \
		compress_each(o, h, m, taken, last, n);                                            \
	}                                                                                          \
	WIDE PLAIN static void reverse_##n(uint32_t *o, const uint32_t *m)                         \
	{                                                                                          \
		reverse_each(o, m, n);                                                             \
	}

LOOPS(1)
LOOPS(4)
LOOPS(8)
LOOPS(16)

static const struct loops all_loops[] = {{1, compress_1, reverse_1}, {4, compress_4, reverse_4},
	{8, compress_8, reverse_8}, {16, compress_16, reverse_16}};

/* ---- slots 0 and 1, whose inputs differ in length from lane to lane ---- */

static void words_of(const uint8_t block[BLOCK], uint32_t m[PAIR])
{
	for (int i = 0; i < PAIR; i++)
		m[i] = (uint32_t)block[4 * i] | (uint32_t)block[4 * i + 1] << 8 |
		       (uint32_t)block[4 * i + 2] << 16 | (uint32_t)block[4 * i + 3] << 24;
}

/* BLAKE2s of one whole input. */
static void hash_one(struct slice in, uint32_t h[SLOT])
{
	uint8_t tail[BLOCK] = {0};
	uint32_t m[PAIR];
	size_t at = 0;

	memcpy(h, iv, sizeof iv);
	h[0] = first_iv;
	for (; in.n - at > BLOCK; at += BLOCK) {
		words_of(in.p + at, m);
		compress_1(h, h, m, (uint32_t)(at + BLOCK), 0);
	}
	if (in.n > at)
		memcpy(tail, in.p + at, in.n - at);
	words_of(tail, m);
	compress_1(h, h, m, (uint32_t)in.n, ~(uint32_t)0);
}

/* Computes slots 0 and 1 of each lane. Lanes without an input stay zero; their results are not
 * used. */
static void first_slots(const struct slice *in, unsigned n, uint32_t *first, unsigned lanes)
{
	uint32_t h[SLOT], m[PAIR];

	memset(first, 0, sizeof *first * PAIR * lanes);
	for (unsigned l = 0; l < n; l++) {
		hash_one(in[l], h);
		for (int i = 0; i < PAIR; i++)
			m[i] = i < SLOT ? h[i] : 0;
		for (int i = 0; i < SLOT; i++)
			first[i * lanes + l] = h[i];
		memcpy(h, iv, sizeof iv);
		h[0] = first_iv;
		compress_1(h, h, m, BLAKEOUT_SIZE, ~(uint32_t)0);
		for (int i = 0; i < SLOT; i++)
			first[(SLOT + i) * lanes + l] = h[i];
	}
}

/* ---- both passes ---- */

/* The state of the final hash, which absorbs the slots in pairs. `start` is the initial state of
 * every slot's hash. */
struct sum {
	_Alignas(64) uint32_t h[SLOT * BLAKEOUT_LANES];
	_Alignas(64) uint32_t start[SLOT * BLAKEOUT_LANES];
	_Alignas(64) uint32_t reversed[PAIR * BLAKEOUT_LANES];
	uint32_t taken; /* bytes absorbed so far */
	const struct loops *loops;
};

static void sum_init(struct sum *s, const struct loops *loops)
{
	s->loops = loops;
	s->taken = 0;
	for (unsigned i = 0; i < SLOT; i++)
		for (unsigned l = 0; l < loops->lanes; l++)
			s->start[i * loops->lanes + l] = i ? iv[i] : first_iv;
	memcpy(s->h, s->start, sizeof s->h);
}

static void absorb(struct sum *s, const uint32_t *pair, bool last)
{
	REACH(pair, PAIR * s->loops->lanes);
	s->taken += BLOCK;
	s->loops->compress(s->h, s->h, pair, s->taken, last ? ~(uint32_t)0 : 0);
}

/* Computes slots[2 … count−1], each from the two before. With `take` the pairs are absorbed at
 * once, while they are in the cache; the last pair is left to the caller. */
static void fill(struct sum *s, uint32_t *slots, unsigned count, bool take)
{
	const size_t slot = SLOT * s->loops->lanes;

	REACH(slots, slot * count);
	for (unsigned i = 2; i < count; i++) {
		uint32_t *to = slots + slot * i;
		s->loops->compress(to, s->start, to - 2 * slot, BLOCK, ~(uint32_t)0);
		if (take && i % 2 == 0)
			absorb(s, to - 2 * slot, false);
	}
}

/* Absorbs the reversed slots from last to first. `ends`: they are the end of the hash's input. */
static void take_back(struct sum *s, const uint32_t *slots, unsigned count, bool ends)
{
	const size_t pair = PAIR * s->loops->lanes;

	REACH(slots, pair * (count / 2));
	for (unsigned i = count / 2; i-- > 0;) {
		s->loops->reverse(s->reversed, slots + pair * i);
		absorb(s, s->reversed, ends && i == 0);
	}
}

/* Scratch, in words: a checkpoint for each segment, one segment to work in (with the pair that
 * begins the next), and the kept segments in a row. */
struct areas {
	uint32_t *checkpoints, *work, *kept;
	unsigned kept_count;
};

enum { LANE_CHECKPOINTS = BLAKEOUT_SEGMENTS * PAIR, LANE_WORK = (SEGMENT + 2) * SLOT };

size_t blakeout_scratch_size(unsigned lanes, unsigned kept)
{
	return sizeof(uint32_t) * lanes *
	       (LANE_CHECKPOINTS + LANE_WORK + (size_t)kept * SEGMENT * SLOT);
}

/* How many segments can be kept in a scratch of so many bytes. */
static unsigned kept_for(unsigned lanes, size_t bytes)
{
	size_t least = blakeout_scratch_size(lanes, 0);
	size_t kept = (bytes - least) / (blakeout_scratch_size(lanes, 1) - least);

	assert(bytes >= least);
	return kept < BLAKEOUT_SEGMENTS ? (unsigned)kept : BLAKEOUT_SEGMENTS;
}

/* Runs both passes. a->work begins with slots 0 and 1. The result is s->h. */
static void two_passes(struct sum *s, struct areas *a)
{
	const unsigned made_again = BLAKEOUT_SEGMENTS - a->kept_count, last = SEGMENT - 2;
	const size_t slot = SLOT * s->loops->lanes, pair = 2 * slot, size = pair * sizeof *a->work;

	for (unsigned c = 0; c < made_again; c++) {
		memcpy(a->checkpoints + c * pair, a->work, size);
		bool more = c + 1 < BLAKEOUT_SEGMENTS;
		fill(s, a->work, more ? SEGMENT + 2 : SEGMENT, true);
		if (more)
			memcpy(a->work, a->work + SEGMENT * slot, size);
		else
			absorb(s, a->work + last * slot, false);
	}
	if (a->kept_count) {
		memcpy(a->kept, a->work, size);
		fill(s, a->kept, a->kept_count * SEGMENT, true);
		absorb(s, a->kept + (a->kept_count * SEGMENT - 2) * slot, false);
		take_back(s, a->kept, a->kept_count * SEGMENT, !made_again);
	}
	for (unsigned c = made_again; c-- > 0;) {
		memcpy(a->work, a->checkpoints + c * pair, size);
		fill(s, a->work, SEGMENT, false);
		take_back(s, a->work, SEGMENT, c == 0);
	}
}

static const struct loops *loops_for(unsigned n)
{
	const struct loops *l = all_loops;

	assert(n >= 1 && n <= BLAKEOUT_LANES);
	while (l->lanes < n)
		l++;
	return l;
}

unsigned blakeout_lanes_for(unsigned n)
{
	return loops_for(n)->lanes;
}

static void put_words(const uint32_t *h, unsigned lanes, uint8_t out[BLAKEOUT_SIZE])
{
	for (unsigned i = 0; i < BLAKEOUT_SIZE; i++)
		out[i] = (uint8_t)(h[i / 4 * lanes] >> 8 * (i % 4));
}

void blakeout_lanes(const struct slice *in, unsigned n, uint8_t (*out)[BLAKEOUT_SIZE],
	void *scratch, size_t size)
{
	const struct loops *loops = loops_for(n);
	const unsigned lanes = loops->lanes;
	uint32_t *space = scratch, *work = space + LANE_CHECKPOINTS * lanes;
	struct areas a = {space, work, work + LANE_WORK * lanes, kept_for(lanes, size)};
	_Alignas(64) uint32_t first[PAIR * BLAKEOUT_LANES];
	struct sum s;

	assert((uintptr_t)scratch % 64 == 0);
	first_slots(
		in, n, first, lanes); /* the last read of the inputs: they may lie in the scratch */
	memcpy(a.work, first, sizeof *first * PAIR * lanes);
	sum_init(&s, loops);
	two_passes(&s, &a);
	for (unsigned l = 0; l < n; l++)
		put_words(s.h + l, lanes, out[l]);
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
