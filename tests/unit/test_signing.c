/* Crystallisation of bans and the signing rule on histories made by hand. */
#include "tests/unit/main.h"
#include "tests/unit/signers_rig.h"

/* ---- crystallisation ---- */

/* A chain of 298 blocks in which `rich` authors (1, 2, …) have many blocks, and the authors A …
 * A + 6 two each at 2 … 15. Full block 299 draws just these (tail 1), needing two blocks; the
 * window is signed by two of them and a stranger; full block 303 needs three, and `third` has them.
 */
static unsigned crystallise(
	uint64_t floor, unsigned rich, unsigned third, struct ban list[SIGNERS_ALL])
{
	struct fixture f;
	struct block_summary h;
	uint8_t author[KEY_SIZE];

	fixture_start(&f);
	f.params.low_height = 0;
	f.params.ban_activation_height = 1000;
	f.params.ban_pool_floor = floor;
	for (unsigned i = 1; i <= 298; i++) {
		unsigned who = i == 200 ? third : 1 + i % rich;
		fixture_add(&f, i >= 2 && i <= 15 ? A + i % 7 : who, i == 1);
	}
	fixture_add(&f, 1, true);
	fixture_add(&f, A, false);
	fixture_add(&f, A + 1, false);
	fixture_add(&f, 2, false);
	fixture_head(&f, 299, &h);
	made_key(A + 2, author);
	unsigned n = signer_bans_crystallise(&f.view, &h, 303, author, list);
	fixture_end(&f);
	return n;
}

static void test_floor_spares_only_the_eligible(void **state)
{
	struct ban list[SIGNERS_ALL];
	(void)state;

	/* Five rich authors, and A, A + 1, now with three blocks: seven eligible. The candidates
	   A + 3 … A + 6 have two blocks, too few at 303, and cost the pool nothing. */
	assert_int_equal(crystallise(7, 5, 1, list), 4);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(list[i].key[1], A + 3 + i);
		assert_int_equal(list[i].closing, 303);
		assert_int_equal(list[i].place, i);
	}
	assert_int_equal(crystallise(8, 5, 1, list), 0);
	/* A + 3 is eligible now, and spared by the floor; those behind it are not. */
	assert_int_equal(crystallise(8, 5, A + 3, list), 3);
	assert_int_equal(list[0].key[1], A + 4);
	assert_int_equal(crystallise(8, 6, 1, list), 4);
}

static void test_window_not_healed(void **state)
{
	struct fixture f;
	struct block_summary h;
	struct draw d;
	struct ban list[SIGNERS_ALL];
	uint8_t author[KEY_SIZE];
	(void)state;

	open_window(&f);
	fixture_head(&f, 20, &h);
	signers_draw(&f.view, &h, &d);
	for (unsigned i = 0; i < 4; i++)
		fixture_add(&f, d.keys[i][1], false);
	made_key(A, author);
	assert_int_equal(signer_bans_crystallise(&f.view, &h, 25, author, list), 0);
	fixture_add(&f, A + 1, false); /* a stranger heals */
	assert_int_equal(signer_bans_crystallise(&f.view, &h, 26, author, list), 3);
	assert_int_equal(signer_bans_crystallise(&f.view, &h, 26, d.keys[5], list), 2);
	h.index = 19; /* windows opened below the activation never count */
	assert_int_equal(signer_bans_crystallise(&f.view, &h, 26, author, list), 0);
	fixture_end(&f);
}

/* ---- the signing rule ---- */

static const char *rejects(struct fixture *f, uint64_t index, unsigned author, bool full,
	uint64_t last_full, uint64_t height, int64_t timestamp)
{
	struct made m;
	struct block_summary h;

	made_block(&m, index, author, full, 1);
	m.b.timestamp = timestamp;
	fixture_head(f, last_full, &h);
	return signers_reject(&f->view, &m.b, &h, height, 5);
}

static void test_rule_before_healing(void **state)
{
	struct fixture f;
	(void)state;

	fixture_start(&f);
	crowd(&f, 12);
	fixture_add(&f, 50, true); /* 13; draw 2 … 8 */
	assert_null(rejects(&f, 14, 2, false, 13, 13, 2000));
	assert_non_null(rejects(&f, 14, A, false, 13, 13, 2000));
	assert_non_null(rejects(&f, 14, 50, false, 13, 13, 2000));
	assert_non_null(rejects(&f, 14, 9, false, 13, 13, 1000000)); /* nobody stands by yet */
	/* Seven blocks above, by our own height: anybody. */
	assert_non_null(rejects(&f, 20, A, false, 13, 19, 2000));
	assert_null(rejects(&f, 20, A, false, 13, 20, 2000));
	assert_null(rejects(&f, 14, A, false, 13, 12, 2000)); /* wraps */
	assert_null(rejects(&f, 14, A, true, 13, 13, 2000));  /* no lock needed yet */
	fixture_add(&f, 2, false);
	assert_non_null(rejects(&f, 15, 2, false, 13, 14, 2000)); /* twice */
	assert_null(rejects(&f, 14, 2, false, 13, 14, 2000));     /* in its own place */
	assert_null(signers_reject(&f.view, &(struct block){.index = 15}, NULL, 14, 5));
	fixture_end(&f);
}

static void test_rule_with_healing(void **state)
{
	struct fixture f;
	struct made m;
	struct block_summary h;
	int64_t opened = 1000 + 20 * 10;
	(void)state;

	open_window(&f); /* draw 2 … 8; 9 … 14 have one or two blocks */
	assert_null(rejects(&f, 21, 2, false, 20, 20, opened));
	assert_non_null(rejects(&f, 21, 1, false, 20, 20, opened + 999));
	assert_null(rejects(&f, 21, 1, false, 20, 20, opened + 1000));
	assert_non_null(rejects(&f, 21, A, false, 20, 20, opened + 9999));
	assert_non_null(rejects(&f, 21, 50, false, 20, 20, opened + 9999)); /* its author */
	/* Wraps to something huge; step 11 refuses such a block anyway. */
	assert_null(rejects(&f, 21, 1, false, 20, 20, INT64_MIN + 5));
	assert_non_null(rejects(&f, 21, 50, true, 20, 20, opened)); /* not locked */
	assert_null(rejects(&f, 20, 50, true, 20, 20, opened));     /* competes with F */
	made_block(&m, 21, 2, false, 1);
	fixture_head(&f, 20, &h);
	assert_non_null(signers_reject(&f.view, &m.b, &h, 20, 1)); /* weak key */
	fixture_add(&f, 50, true);                                 /* 21, above the activation */
	assert_null(rejects(&f, 21, 60, true, 21, 21, opened));    /* rivals need no lock of it */
	assert_non_null(rejects(&f, 22, 60, true, 21, 21, opened));
	assert_int_equal(store_truncate(f.store, 21), ERR_OK);
	for (unsigned i = 2; i <= 8; i++)
		fixture_add(&f, i, false);
	assert_null(rejects(&f, 28, 50, true, 20, 27, opened));
	assert_non_null(rejects(&f, 28, 1, false, 20, 27, opened + 9999)); /* the eighth */
	assert_null(rejects(&f, 27, 1, false, 20, 27, opened + 9999));     /* a rival seventh */
	fixture_end(&f);
}

/* Seven blocks that do not lock: the window goes on. */
static void test_full_window_without_lock(void **state)
{
	struct fixture f;
	int64_t opened = 1000 + 20 * 10;
	(void)state;

	open_window(&f);
	for (unsigned i = 0; i < 7; i++)
		fixture_add(&f, 12 + i, false);
	assert_null(rejects(&f, 28, 2, false, 20, 27, opened));
	assert_non_null(rejects(&f, 28, 60, true, 20, 27, opened));
	fixture_add(&f, 2, false); /* locks */
	assert_non_null(rejects(&f, 29, 3, false, 20, 28, opened));
	assert_null(rejects(&f, 29, 60, true, 20, 28, opened));
	fixture_end(&f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_floor_spares_only_the_eligible),
		cmocka_unit_test(test_window_not_healed),
		cmocka_unit_test(test_rule_before_healing),
		cmocka_unit_test(test_rule_with_healing),
		cmocka_unit_test(test_full_window_without_lock),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
