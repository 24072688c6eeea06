/* What the owner was told already. */
#include "config/limits.h"
#include "owner/said.h"
#include "tests/unit/main.h"

static struct limits limits = {.max_said = {.name = "max_said", .max = 4}};

static bool first(struct said *s, const char *what)
{
	return said_first(s, slice_str(what));
}

static void test_once(void **state)
{
	struct said s;
	(void)state;

	said_init(&s, &limits.max_said);
	assert_false(said_before(&s, slice_str("a")));
	assert_true(first(&s, "a"));
	assert_false(first(&s, "a"));
	assert_true(said_before(&s, slice_str("a")));
	assert_true(first(&s, "b"));
	said_clear(&s);
	assert_int_equal(limits.max_said.used, 0);
}

/* The oldest is forgotten. */
static void test_bound(void **state)
{
	static const char *const all[] = {"a", "b", "c", "d", "e"};
	struct said s;
	(void)state;

	said_init(&s, &limits.max_said);
	for (int i = 0; i < 5; i++)
		assert_true(first(&s, all[i]));
	assert_int_equal(limits.max_said.used, 4);
	assert_false(first(&s, "b"));
	assert_true(first(&s, "a"));
	said_clear(&s);
}

/* Kept over a restart, also with a lower bound. */
static void test_kept(void **state)
{
	uint8_t space[64];
	struct wr w = wr_of(space, sizeof space);
	struct said s;
	(void)state;

	said_init(&s, &limits.max_said);
	first(&s, "a");
	first(&s, "b");
	first(&s, "c");
	said_encode(&s, &w);
	assert_false(w.bad);
	assert_int_equal(w.n, 24);
	said_clear(&s);
	said_init(&s, &limits.max_said);
	said_decode(&s, wr_done(&w));
	assert_false(first(&s, "a"));
	assert_false(first(&s, "c"));
	said_clear(&s);
	limits.max_said.max = 2;
	said_init(&s, &limits.max_said);
	said_decode(&s, wr_done(&w));
	assert_true(said_before(&s, slice_str("c")));
	assert_false(said_before(&s, slice_str("a")));
	said_decode(&s, slice_of(space, 7)); /* cut */
	said_clear(&s);
	limits.max_said.max = 4;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_kept),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
