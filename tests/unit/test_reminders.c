/* When the owner of a name is reminded, in which words, and when it is renewed by itself. */
#include "owner/reminders.h"
#include "tests/unit/main.h"

enum { DAY = 86400, UNTIL = 400 * DAY, FREE_FROM = UNTIL + 30 * DAY + 1 };

static const uint8_t identity[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

static struct own_domain at(enum domain_state state)
{
	return (struct own_domain){.id = 7,
		.state = state,
		.until = UNTIL,
		.free_from = FREE_FROM,
		.identity = slice_of(identity, sizeof identity)};
}

static enum reminder_step step(enum domain_state state, int64_t now)
{
	struct own_domain d = at(state);

	return reminder_step(&d, now);
}

static void test_steps(void **state)
{
	static const struct {
		unsigned days;
		enum reminder_step before, at;
	} rows[] = {{60, REMIND_NONE, REMIND_60_DAYS}, {30, REMIND_60_DAYS, REMIND_30_DAYS},
		{7, REMIND_30_DAYS, REMIND_7_DAYS}, {1, REMIND_7_DAYS, REMIND_1_DAY}};
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t when = UNTIL - (int64_t)rows[i].days * DAY;
		assert_int_equal(step(DOMAIN_ALIVE, when - 1), rows[i].before);
		assert_int_equal(step(DOMAIN_ALIVE, when), rows[i].at);
	}
	assert_int_equal(step(DOMAIN_ALIVE, UNTIL), REMIND_1_DAY);
	assert_int_equal(step(DOMAIN_EXPIRED, UNTIL + 1), REMIND_EXPIRED);
	assert_int_equal(step(DOMAIN_FREE, FREE_FROM), REMIND_FREE);
	assert_int_equal(step(DOMAIN_FREE, FREE_FROM + 30 * DAY), REMIND_FREE);
	assert_int_equal(step(DOMAIN_FREE, FREE_FROM + 30 * DAY + 1), REMIND_NONE);
	assert_int_equal(step(DOMAIN_ALIVE, INT64_MIN), REMIND_NONE);
}

static void assert_says(enum reminder_step s, int64_t now, const char *name, const char *wanted)
{
	struct own_domain d = at(DOMAIN_ALIVE);
	char line[REMINDER_WORDS_MAX];

	assert_string_equal(reminder_words(&d, s, now, slice_str(name), "main", line), wanted);
}

static void test_words(void **state)
{
	(void)state;
	assert_says(REMIND_30_DAYS, UNTIL - 29 * DAY - 3600, "a.ygg",
		"a.ygg expires in 29 d, on 1971-02-05 00:00 UTC: `alfisd domain renew a.ygg`");
	assert_says(REMIND_1_DAY, UNTIL - 3600, "",
		"a name of key main (identity 0102030405060708…) expires in 1 h, on "
		"1971-02-05 00:00 UTC: `alfisd key unlock`, then `alfisd domain list` and `domain "
		"renew`");
	assert_says(REMIND_EXPIRED, UNTIL + 1, "a.ygg",
		"a.ygg expired on 1971-02-05 00:00 UTC; until 1971-03-07 00:00 UTC its owner alone "
		"may renew it: `alfisd domain renew a.ygg`");
	assert_says(REMIND_FREE, FREE_FROM, "a.ygg",
		"a.ygg has expired, and since 1971-03-07 00:00 UTC anybody may take it");
}

/* Each step of each date of each name is another reminder. */
static void test_key(void **state)
{
	uint8_t one[REMINDER_KEY_MAX], two[REMINDER_KEY_MAX];
	struct own_domain d = at(DOMAIN_ALIVE), later = d;
	(void)state;

	later.until++;
	struct slice k = reminder_key(&d, REMIND_7_DAYS, one);
	assert_true(slice_eq(k, reminder_key(&d, REMIND_7_DAYS, two)));
	assert_false(slice_eq(k, reminder_key(&d, REMIND_1_DAY, two)));
	assert_false(slice_eq(k, reminder_key(&later, REMIND_7_DAYS, two)));
	later = d;
	later.identity = slice_of(identity, 31);
	assert_false(slice_eq(k, reminder_key(&later, REMIND_7_DAYS, two)));
}

static void test_renews(void **state)
{
	struct own_domain alive = at(DOMAIN_ALIVE), expired = at(DOMAIN_EXPIRED);
	struct own_domain gone = at(DOMAIN_FREE);
	(void)state;

	assert_false(reminder_renews(&alive, UNTIL, 0));
	assert_false(reminder_renews(&alive, UNTIL - 45 * DAY - 1, 45 * DAY));
	assert_true(reminder_renews(&alive, UNTIL - 45 * DAY, 45 * DAY));
	assert_true(reminder_renews(&expired, UNTIL + 1, 45 * DAY));
	assert_false(reminder_renews(&expired, UNTIL + 1, 0));
	assert_false(reminder_renews(&gone, FREE_FROM, 45 * DAY));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_renews),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
