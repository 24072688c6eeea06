/* What a request for a name costs, which figures it is judged by, and the transaction that it
 * becomes. */
#include "tests/unit/draft_rig.h"
#include "tests/unit/main.h"

static void assert_price(struct fixture *f, int64_t now, bool renewal, const char *words)
{
	struct draft_request r = ask("abc.ygg", YGG);
	struct draft_price p;
	char said[DRAFT_WORDS_MAX];

	r.renewal = renewal;
	struct draft *d = open_at(f, &r, now);
	draft_price(d, &p);
	assert_string_equal(draft_say_price(&p, said), words);
	assert_true(p.difficulty >= p.required);
	draft_free(d);
}

static void test_price(void **state)
{
	struct owner_row row = {.name = "abc.ygg", .author = ME, .owner = ME, .when = OWNER_START};
	struct fixture f;
	(void)state;

	owner_start(&f);
	assert_price(&f, NOW, false, "difficulty 24: a new name");
	assert_price(&f, NOW, true, "difficulty 24: a new name");
	owner_mine(&f, &row); /* also as the tip */
	assert_price(&f, OWNER_START + ONE_WEEK - 1, false,
		"difficulty 23: a change 0 weeks after the last one");
	assert_price(&f, OWNER_START + ONE_WEEK, false,
		"difficulty 22: a change 1 week after the last one");
	assert_price(&f, OWNER_START + 4 * ONE_WEEK, false,
		"difficulty 19: a change 4 weeks after the last one");
	assert_price(&f, OWNER_START + 4 * ONE_WEEK, true,
		"difficulty 23: a renewal that release 0.10 counts as one");
	assert_price(&f, OWNER_START + OWNER_YEAR, false,
		"difficulty 16: a change seven weeks or more after the last one");
	assert_price(&f, OWNER_START + OWNER_YEAR + 1, false,
		"difficulty 24: last changed more than a year ago: as a new name");
	assert_price(&f, OWNER_START + OWNER_YEAR + 1, true,
		"difficulty 24: last changed more than a year ago: as a new name");
	f.params.blocks_without_discount = 100;
	assert_price(&f, OWNER_START + 4 * ONE_WEEK, false,
		"difficulty 23: a change, one bit less than a new name while the chain is short");
	fixture_end(&f);
}

/* Bytes of the block when the search is over and its numbers are as long as they can be. */
static size_t largest(const struct block *draft)
{
	static uint8_t out[DRAFT_BLOCK_MAX], ones[SIGNATURE_SIZE] = {1};
	struct wr w = wr_of(out, sizeof out);
	struct block b = *draft;

	b.index = b.nonce = UINT64_MAX;
	b.timestamp = INT64_MAX;
	b.difficulty = b.random = UINT32_MAX;
	b.hash = b.prev_hash = slice_of(ones, HASH_SIZE);
	b.signature = slice_of(ones, SIGNATURE_SIZE);
	block_encode(&b, &w);
	return wr_done(&w).n;
}

/* As the table of 10.1 has them, rounded; and a word for each test and reason. */
static void test_figures(void **state)
{
	static const unsigned means[][2] = {{16, 7282}, {20, 95325}, {23, 671089}, {24, 1290555}};
	(void)state;

	for (size_t i = 0; i < sizeof means / sizeof means[0]; i++)
		assert_int_equal((unsigned)(draft_mean_hashes(means[i][0]) + 0.5), means[i][1]);
	assert_true(draft_mean_hashes(UINT32_MAX) > 1e200 && draft_mean_hashes(UINT32_MAX) < 1e301);
	struct draft_time t = draft_time(24, 620);
	assert_int_equal((int)t.mean, 2081);
	assert_int_equal((int)t.half, 1442);
	assert_int_equal((int)t.most, 4792);
	char said[DRAFT_WORDS_MAX];
	assert_string_equal(draft_say_time(24, 620, said),
		"34 min on average at 620 hashes/s: half of all searches end within 24 min, nine "
		"of ten within 1 h 19 min");
	assert_string_equal(draft_say_time(24, 0, said), "1,290,555 hashes on average");
	assert_non_null(strstr(draft_say_time(UINT32_MAX, 1e-9, said), "years on average"));
	for (int why = DRAFT_FINE; why < DRAFT_WHYS; why++)
		assert_non_null(draft_why_name((enum draft_why)why));
	for (int r = DRAFT_PRICE_NEW; r <= DRAFT_PRICE_RENEWAL; r++)
		assert_non_null(draft_reason_name((enum draft_reason)r));
}

static void test_transaction(void **state)
{
	struct fixture f;
	struct rng_seeded s;
	struct rng rng = rng_from_seed(&s, 1);
	uint8_t cipher[128], plain[128], expected[32], confirmation[32];
	size_t n, size;
	(void)state;

	owner_start(&f);
	struct draft_request r = ask("ABC.ygg",
		"{\"x\":1,\"info\":\"\",\"records\":[],\"zone\":\"y\\u0067g\",\"encrypted\":\"AB\","
		"\"contacts\":[[\"a\\/\",\"\\u00e4\"]]}");
	struct draft *d = open_at(&f, &r, NOW);
	assert_int_equal(draft_seal(d, &rng), ERR_OK);
	struct slice data = d->tx.data;
	assert_int_equal(strncmp((const char *)data.p, "{\"encrypted\":\"", 14), 0);
	assert_true(hex_decode(slice_of(data.p + 14, 2 * 67), cipher, sizeof cipher, &n));
	static const char rest[] =
		"\",\"zone\":\"ygg\",\"contacts\":[{\"name\":\"a/\",\"value\":\"ä\"}]}";
	assert_int_equal(data.n, 14 + 2 * 67 + strlen(rest));
	assert_memory_equal(data.p + 14 + 2 * 67, rest, strlen(rest));
	assert_true(ecies_decrypt(secret, slice_of(cipher, n), plain, &size));
	assert_memory_equal(plain, "abc.ygg", 7);
	assert_int_equal(size, 7);
	crypto_identity(slice_str("abc.ygg"), slice_of(me, 32), expected, confirmation);
	assert_memory_equal(d->tx.identity.p, expected, 32);
	assert_memory_equal(d->tx.confirmation.p, confirmation, 32);
	assert_memory_equal(d->tx.signing.p, me, 32);
	assert_memory_equal(d->tx.encryption.p, encryption, 32);
	assert_true(slice_is(d->tx.class_name, "domain"));
	assert_int_equal(d->b.index, 2);
	assert_true(d->b.tx.data.p == d->tx.data.p);
	assert_int_equal(d->block_bytes, largest(&d->b));
	draft_free(d);
	mem_fail_nth(1);
	assert_int_equal(draft_open(&r, &f.view, NOW, &d), ERR_NOMEM);
	assert_null(d);
	mem_fail_nth(2);
	assert_int_equal(draft_open(&r, &f.view, NOW, &d), ERR_NOMEM);
	assert_null(d);
	fixture_end(&f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_price),
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_transaction),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
