/* The draw of signers against the walk of the protocol, step by step over arrays: the same keys for
 * every signature, also for those made to keep the walk going; and what it costs. */
#include <inttypes.h>

#include "base/rng.h"
#include "tests/unit/main.h"
#include "tests/unit/signers_rig.h"

enum {
	BLOCKS = 7002,
	SHORT = 400,
	AUTHOR = 50,
	DOUBT = 1 << 13, /* from this step on the draw remembers where it was */
};

/* A chain below a full block; the author of each block, from 1. */
struct history {
	struct fixture f;
	uint64_t window;
	unsigned author[BLOCKS + 1];
	unsigned counts[256];
};

/* Makes the chain of those authors; a `low` height keeps the right to sign from those of few
 * blocks. */
static void make_chain(struct history *h, uint64_t low)
{
	fixture_start(&h->f);
	h->f.params.low_height = low;
	h->f.params.ban_activation_height = 1 << 20;
	h->f.draws.max = 0; /* each one is computed */
	for (unsigned i = 1; i <= h->window; i++) {
		h->counts[h->author[i]]++;
		fixture_add(&h->f, h->author[i], i == 1);
	}
	fixture_add(&h->f, AUTHOR, true);
}

/* `rare`: blocks of this many authors are alone, all others go round among `many`. */
static void make(struct history *h, uint64_t window, unsigned many, unsigned rare, uint64_t low)
{
	*h = (struct history){.window = window};
	for (unsigned i = 1; i <= window; i++)
		h->author[i] = i > 1 && i <= rare + 1 ? A + i : 1 + i % many;
	make_chain(h, low);
}

struct plain {
	unsigned n, who[SIGNERS_ALL];
};

static bool drawn(const struct plain *p, unsigned who)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->who[i] == who)
			return true;
	return false;
}

/* protocol.md 7.7, with its cap. */
static void walk(const struct history *h, uint64_t tail, struct plain *p)
{
	uint64_t least = params_draw_minimum(&h->f.params, h->window + 1);
	bool mitigated = false;

	p->n = 0;
	for (uint64_t c = 1; p->n < SIGNERS_ALL; c++) {
		if (c > DRAW_STEPS_MAX) {
			p->n = 0;
			return;
		}
		unsigned who = h->author[tail * c % h->window + 1];
		if (h->counts[who] < least)
			continue;
		if (who != AUTHOR && !drawn(p, who))
			p->who[p->n++] = who;
		if (!mitigated && c + 1 > MITIGATION_COUNT) {
			tail /= MITIGATION_DIVISOR;
			mitigated = true;
		}
	}
}

static void compare(struct history *h, uint64_t tail)
{
	struct plain want;
	struct block_summary full;
	struct draw got;
	uint8_t key[KEY_SIZE];

	fixture_head(&h->f, h->window + 1, &full);
	full.tail = tail;
	signers_draw(&h->f.view, &full, &got);
	walk(h, tail, &want);
	if (got.n != want.n)
		fail_msg("window %" PRIu64 ", tail %" PRIu64 ": %u drawn, not %u", h->window, tail,
			got.n, want.n);
	for (unsigned i = 0; i < want.n; i++) {
		made_key(want.who[i], key);
		assert_memory_equal(got.keys[i], key, KEY_SIZE);
	}
	/* Before the marks, and each index once before and once behind the mitigation. */
	if (got.looks > DOUBT + 2 * h->window)
		fail_msg("tail %" PRIu64 " looks at %u blocks", tail, got.looks);
}

/* Signatures that make the walk long: multiples of the window, with powers of two, of 13, beside
 * them; few trailing bits; those about to wrap. */
static void compare_made(struct history *h)
{
	const uint64_t w = h->window;

	for (unsigned z = 0; z < 64; z += 3) {
		compare(h, w << z);
		compare(h, (w << z) + 1);
		compare(h, (uint64_t)1 << z);
		compare(h, 13 * w << z);
		compare(h, (13 * w << z) + 7);
	}
	for (uint64_t n = 0; n < 6; n++) {
		compare(h, n);
		compare(h, w - n);
		compare(h, UINT64_MAX - n);
		compare(h, UINT64_MAX / DRAW_STEPS_MAX - 2 + n);
		compare(h, (UINT64_MAX / DRAW_STEPS_MAX / w - 2 + n) * w);
		compare(h, 0xF000000 + n);
	}
}

static void compare_random(struct history *h, unsigned times)
{
	struct rng_seeded seed;
	struct rng rng = rng_from_seed(&seed, h->window);
	uint64_t tail;

	for (unsigned i = 0; i < times; i++) {
		rng_fill(&rng, &tail, sizeof tail);
		compare(h, tail);
		compare(h, tail >> i % 64);
		compare(h, tail << i % 64);
	}
}

static void all(uint64_t window, unsigned many, unsigned rare, uint64_t low)
{
	struct history h;

	make(&h, window, many, rare, low);
	compare_made(&h);
	compare_random(&h, 20);
	fixture_end(&h.f);
}

static void test_as_the_protocol_walks(void **state)
{
	(void)state;
	all(SHORT, 12, 0, 1000);     /* an even window */
	all(SHORT - 1, 12, 0, 1000); /* and an odd one: 3 · 7 · 19 */
	all(256, 6, 1, 1000);        /* 2^64 is a multiple of it; the seventh has one block */
	all(SHORT + 9, 5, 2, 1000);  /* a prime */
	all(SHORT, 5, 1, 1000);      /* too few: never ends */
	all(997, 9, 40, 0);          /* some have no right to sign */
}

/* The worst that could be found, on a chain of the size at which it took 1.1 s and more. */
static void test_cost(void **state)
{
	static const uint64_t factors[] = {1, 3, 13, 1 << 10, (uint64_t)1 << 31, (uint64_t)1 << 45};
	struct history h;
	struct block_summary full;
	struct draw d;
	(void)state;

	make(&h, 2998, 12, 0, 0);
	for (size_t i = 0; i < sizeof factors / sizeof factors[0]; i++) {
		compare(&h, 2998 * factors[i]);
		fixture_head(&h.f, 2999, &full);
		full.tail = 2998 * factors[i];
		signers_draw(&h.f.view, &full, &d);
		assert_in_range(d.turns, 1, DOUBT + 2 * 2998);
	}
	fixture_end(&h.f);
}

/* Two of the signers are met before the mitigation can begin, and again behind DOUBT only. It leads
 * to the five others, whose blocks have even indices. */
static void test_met_before_the_mitigation(void **state)
{
	enum { TAIL = 14, BEGIN = MITIGATION_COUNT - 300, END = MITIGATION_COUNT - 100 };
	struct history h = {.window = BLOCKS};
	(void)state;

	assert_true(BEGIN + BLOCKS / 2 > DOUBT);
	for (unsigned i = 1; i <= BLOCKS; i++)
		h.author[i] = i < 1000 && i % 2 == 0 ? 3 + i / 2 % 5 : A + i % 150;
	for (unsigned c = BEGIN; c < END; c++)
		h.author[TAIL * c % BLOCKS + 1] = 1 + c % 2;
	make_chain(&h, 0);
	struct plain want;
	walk(&h, TAIL, &want);
	assert_int_equal(want.n, SIGNERS_ALL);
	compare(&h, TAIL);
	fixture_end(&h.f);
}

/* The index that is met for the first time after more steps than there are blocks behind DOUBT. */
static uint64_t met_late(uint64_t window, uint64_t tail)
{
	bool met[BLOCKS] = {false};
	uint64_t last = 0;

	for (uint64_t c = 1; c < DOUBT + 4 * window; c++) {
		uint64_t at = tail * c % window;
		if (!met[at])
			last = c > DOUBT + 2 * window ? at + 1 : 0;
		met[at] = true;
		if (c == MITIGATION_COUNT - 1)
			tail /= MITIGATION_DIVISOR;
	}
	return last;
}

static void test_many_are_met_again_before_the_last(void **state)
{
	const uint64_t tail = 0xB2221A58008A05A6;
	struct history h = {.window = BLOCKS};
	(void)state;

	for (unsigned i = 1; i <= BLOCKS; i++)
		h.author[i] = 1 + i % (SIGNERS_ALL - 1);
	uint64_t late = met_late(BLOCKS, tail);
	assert_in_range(late, 1, BLOCKS);
	h.author[late] = SIGNERS_ALL;
	make_chain(&h, 1 << 20);
	struct plain want;
	walk(&h, tail, &want);
	assert_int_equal(want.n, SIGNERS_ALL);
	compare(&h, tail);
	fixture_end(&h.f);
}

/* A draw that is remembered is that of its own block only. */
static void test_one_signature_of_two_blocks(void **state)
{
	struct history h;
	struct block_summary full;
	struct draw once, again;
	(void)state;

	make(&h, 40, 15, 0, 1000);
	for (unsigned i = 42; i <= 61; i++)
		fixture_add(&h.f, i % 15, i == 61);
	h.f.draws.max = 4;
	fixture_head(&h.f, 41, &full);
	full.tail = 100;
	signers_draw(&h.f.view, &full, &once);
	fixture_head(&h.f, 61, &full);
	full.tail = 100;
	signers_draw(&h.f.view, &full, &again);
	assert_int_equal(once.n, SIGNERS_ALL);
	assert_int_equal(again.n, SIGNERS_ALL);
	assert_memory_equal(again.hash, full.hash, HASH_SIZE);
	assert_memory_not_equal(once.keys, again.keys, sizeof once.keys);
	fixture_end(&h.f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_the_protocol_walks),
		cmocka_unit_test(test_cost),
		cmocka_unit_test(test_met_before_the_mitigation),
		cmocka_unit_test(test_many_are_met_again_before_the_last),
		cmocka_unit_test(test_one_signature_of_two_blocks),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
