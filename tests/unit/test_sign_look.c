/* The last full block and its signatures, what our keys missed, and what the owner is warned of. */
#include "owner/sign_warn.h"
#include "tests/unit/main.h"
#include "tests/unit/signers_rig.h"

enum { OWN = 3 };

static uint8_t made[OWN][KEY_SIZE];
static struct own_key own[OWN];

/* The keys of these authors are ours. */
static void hold(unsigned a, unsigned b, unsigned c)
{
	static const char *const names[OWN] = {"one", "two", "three"};
	const unsigned authors[OWN] = {a, b, c};

	for (unsigned i = 0; i < OWN; i++) {
		made_key(authors[i], made[i]);
		own[i] = (struct own_key){.name = names[i], .signing = made[i]};
	}
}

static struct sign_look look(struct fixture *f)
{
	struct sign_look l;

	sign_look(&f->view, own, OWN, &l);
	return l;
}

static const struct sign_key *drawn(const struct sign_look *l, int ours)
{
	for (unsigned i = 0; i < l->drawn; i++)
		if (l->draw[i].ours == ours)
			return &l->draw[i];
	return NULL;
}

/* Full block 20 draws the authors 2 … 8. */
static void test_window(void **state)
{
	struct fixture f;
	char line[SIGN_WORDS_MAX], key[9];
	(void)state;

	open_window(&f);
	hold(3, 50, 200);
	struct sign_look l = look(&f);
	assert_int_equal(l.full, 20);
	assert_int_equal(l.since, 1200);
	assert_true(l.waits);
	assert_int_equal(l.drawn, SIGNERS_ALL);
	assert_int_equal(l.blocks, 0);
	assert_int_equal(l.heal_from, 0); /* healing begins above the activation */
	assert_true(sign_is_due(&l, drawn(&l, 0)));
	assert_null(drawn(&l, 1)); /* the author of the full block */
	sign_look_words(&l, 1200 + 41 * 60, line);
	assert_memory_equal(
		line, "waiting for 4 of 4 signatures of block 20 since 41 min: drawn ", 62);
	assert_non_null(strstr(line, "; signed nobody"));
	fixture_add(&f, 3, false);
	l = look(&f);
	assert_int_equal(l.blocks, 1);
	assert_int_equal(drawn(&l, 0)->block, 21);
	assert_false(sign_is_due(&l, drawn(&l, 0)));
	assert_false(l.healed);
	sign_look_words(&l, 1200, line);
	snprintf(key, sizeof key, "%02X%02X%02X%02X", made[0][0], made[0][1], made[0][2],
		made[0][3]);
	assert_string_equal(strstr(line, "; signed ") + 9, key);
	for (unsigned i = 4; i <= 6; i++)
		fixture_add(&f, i, false);
	assert_false(look(&f).waits);
	fixture_end(&f);
}

/* Nothing to sign: too low, or no full block. */
static void test_nothing(void **state)
{
	struct fixture f;
	(void)state;

	fixture_start(&f);
	hold(3, 50, 200);
	assert_int_equal(look(&f).full, 0);
	fixture_add(&f, 1, true);
	assert_int_equal(look(&f).full, 0);
	fixture_end(&f);
}

/* A key on standby of ours, and when it may heal. */
static void test_standby(void **state)
{
	struct fixture f;
	struct block_summary full;
	char line[SIGN_WORDS_MAX];
	(void)state;

	fixture_start(&f);
	f.params.healing_activation_height = 20;
	crowd(&f, 19);
	for (unsigned i = 20; i <= 40; i++)
		fixture_add(&f, i % 2 ? 9 : 10, false);
	fixture_add(&f, 50, true);
	fixture_head(&f, 41, &full);
	hold(10, 50, 200);
	struct sign_look l = look(&f);
	int64_t from = full.timestamp + (int64_t)signers_timeout(&f.view, &full);
	assert_int_equal(l.heal_from, from);
	assert_int_equal(l.standby, drawn(&l, 0) ? 0 : 1);
	assert_non_null(strstr(sign_look_words(&l, from - 1, line), "; healing possible from "));
	assert_non_null(strstr(sign_look_words(&l, from, line), "; healing possible since "));
	assert_int_equal(l.standby, 1);
	assert_int_equal(l.stand[0].ours, 0);
	fixture_add(&f, 10, false);
	l = look(&f);
	assert_true(l.healed);
	assert_int_equal(l.stand[0].block, 42);
	fixture_end(&f);
}

static struct sign_misses misses(struct fixture *f)
{
	struct sign_misses m;

	sign_misses(&f->view, own, OWN, &m);
	return m;
}

/* Half of the time has passed after which others may sign. */
static int64_t late_of(struct fixture *f)
{
	struct block_summary full;

	view_last_full(&f->view, UINT64_MAX, &full);
	return 1200 + (int64_t)(signers_timeout(&f->view, &full) / 2) + 1;
}

static void test_misses(void **state)
{
	struct fixture f;
	(void)state;

	open_window(&f);
	hold(3, 4, 51);
	for (unsigned i = 4; i <= 7; i++)
		fixture_add(&f, i, false);
	assert_int_equal(misses(&f).n, 0); /* it may still come */
	fixture_add(&f, 51, true);
	assert_int_equal(misses(&f).n, 0); /* four others were there in time */
	fixture_end(&f);

	open_window(&f);
	for (unsigned i = 4; i <= 7; i++)
		fixture_add_at(&f, i, false, 1, late_of(&f));
	fixture_add_at(&f, 51, true, 1, late_of(&f));
	struct sign_misses m = misses(&f);
	assert_int_equal(m.n, 1);
	assert_int_equal(m.miss[0].full, 20);
	assert_int_equal(m.miss[0].key, 0);
	assert_false(m.miss[0].healed);
	fixture_end(&f);

	open_window(&f);
	for (unsigned i = 4; i <= 6; i++)
		fixture_add(&f, i, false);
	fixture_add(&f, A, false); /* a stranger */
	fixture_add(&f, 51, true);
	m = misses(&f);
	assert_int_equal(m.n, 1);
	assert_true(m.miss[0].healed);
	fixture_end(&f);

	open_window(&f);
	for (unsigned i = 4; i <= 6; i++)
		fixture_add(&f, i, false);
	fixture_add(&f, A, false);
	fixture_add(&f, 3, true); /* its own full block closes the window: no miss */
	assert_int_equal(misses(&f).n, 0);
	fixture_end(&f);
}

static struct sign_warning warning[SIGN_WARNINGS_MAX];

static uint64_t vouched;

static unsigned warn(struct fixture *f, bool on, int64_t now)
{
	struct sign_look l = look(f);
	struct sign_misses m = misses(f);
	struct sign_warn_ask ask = {
		.keys = own, .n = OWN, .on = on, .now = now, .vouched = vouched};

	return sign_warnings(&f->view, &ask, &l, &m, warning);
}

/* The journal of the author of full block 20 is older than that, and who vouches for it. */
static void test_restored(void **state)
{
	struct keys_signed last = {.index = 19};
	struct fixture f;
	(void)state;

	open_window(&f);
	hold(3, 50, 200);
	own[1].full = &last;
	assert_int_equal(warn(&f, true, 1300), 1);
	assert_int_equal(warning[0].kind, SIGN_WARN_RESTORED);
	assert_int_equal(warning[0].key, 1);
	assert_int_equal(warning[0].block, 20);
	vouched = 19;
	assert_int_equal(warn(&f, true, 1300), 1);
	vouched = 20;
	assert_int_equal(warn(&f, true, 1300), 0);
	vouched = 0;
	last.index = 20;
	assert_int_equal(warn(&f, true, 1300), 0);
	fixture_end(&f);
}

static void test_warnings(void **state)
{
	struct fixture f;
	char line[SIGN_WORDS_MAX];
	(void)state;

	open_window(&f);
	hold(3, 50, 200);
	assert_int_equal(warn(&f, true, 1300), 0); /* open, on, in time */
	own[0].locked = own[1].locked = true;
	assert_int_equal(warn(&f, true, 1300), 1);
	assert_int_equal(warning[0].kind, SIGN_WARN_LOCKED);
	assert_string_equal(sign_warning_words(&warning[0], "one", line),
		"key one is drawn to sign block 20, and is locked: `alfisd key unlock`; when "
		"others must sign in its place it is banned for ever");
	assert_memory_equal(sign_warning_words(&warning[0], NULL, line),
		"a key is drawn to sign block 20,", 32);
	own[0].locked = false;
	assert_int_equal(warn(&f, false, 1300), 1);
	assert_int_equal(warning[0].kind, SIGN_WARN_OFF);
	fixture_add(&f, A, false); /* in its place */
	assert_int_equal(warn(&f, true, 1300), 1);
	assert_int_equal(warning[0].kind, SIGN_WARN_LATE);
	fixture_add(&f, 3, false);
	assert_int_equal(warn(&f, true, 1300), 0);
	fixture_end(&f);
}

/* By time alone; then missed; then banned. */
static void test_late_and_banned(void **state)
{
	struct fixture f;
	(void)state;

	open_window(&f);
	hold(3, 50, 200);
	f.params.healing_activation_height = 19;
	int64_t from = look(&f).heal_from;
	assert_true(from > 1200);
	assert_int_equal(warn(&f, true, from - 1), 0);
	assert_int_equal(warn(&f, true, from), 1);
	assert_int_equal(warning[0].kind, SIGN_WARN_LATE);
	for (unsigned i = 4; i <= 7; i++)
		fixture_add_at(&f, i, false, 1, late_of(&f));
	fixture_add_at(&f, 51, true, 1, late_of(&f));
	assert_int_equal(warn(&f, true, from), 1);
	assert_int_equal(warning[0].kind, SIGN_WARN_MISSED);
	assert_int_equal(warning[0].block, 20);
	struct ban b = {.closing = 25};
	memcpy(b.key, made[0], KEY_SIZE);
	assert_int_equal(store_add_ban(f.store, &b), ERR_OK);
	assert_int_equal(warn(&f, true, from), 1);
	assert_int_equal(warning[0].kind, SIGN_WARN_BANNED);
	assert_int_equal(warning[0].block, 25);
	fixture_end(&f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_standby),
		cmocka_unit_test(test_misses),
		cmocka_unit_test(test_restored),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_late_and_banned),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
