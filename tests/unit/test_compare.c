/* Two stores side by side: what differs between the tables is found and named. */
#include "chain/store_compare.h"
#include "chain/store_internal.h"
#include "tests/unit/chain_rig.h"
#include "tests/unit/main.h"

static void put(struct test *t, enum store_table table, const char *key, const char *value)
{
	row_put(t->chain->store, table, slice_str(key), slice_str(value));
}

static void drop(struct test *t, enum store_table table, const char *key)
{
	row_delete(t->chain->store, table, slice_str(key));
}

/* Both ways round; what differs is named. */
static void expect_same(struct test *t, struct test *u, enum store_table table, bool same)
{
	char what[200];

	for (int round = 0; round < 2; round++) {
		assert_int_equal(chain_compare(round ? u->chain : t->chain,
					 round ? t->chain : u->chain, what, sizeof what),
			same);
		if (!same)
			assert_non_null(strstr(what, store_table_names[table]));
	}
}

static void test_compare(void **state)
{
	struct test t, u;
	(void)state;

	start(&t);
	grow(&t, 6);
	memset(&u, 0, sizeof u);
	u.params = t.params;
	limits_default(&u.limits);
	u.facts = t.facts;
	fixture_dir(u.dir, sizeof u.dir);
	reopen(&u);
	grow(&u, 6);
	for (int i = 0; i < TABLE_META; i++) {
		enum store_table table = (enum store_table)i;
		expect_same(&t, &u, table, true);
		put(&t, table, "\x7f one", "v"); /* a row too many */
		expect_same(&t, &u, table, false);
		put(&u, table, "\x7f two", "v"); /* as many, with another key */
		expect_same(&t, &u, table, false);
		drop(&u, table, "\x7f two");
		put(&u, table, "\x7f one", "w"); /* with another value */
		expect_same(&t, &u, table, false);
		drop(&t, table, "\x7f one");
		drop(&u, table, "\x7f one");
	}
	put(&t, TABLE_META, "one", "v"); /* what does not follow from the blocks may differ */
	expect_same(&t, &u, TABLE_META, true);
	assert_int_equal(chain_close(t.chain), ERR_OK);
	struct fixture f;
	memcpy(f.dir, t.dir, sizeof f.dir);
	fixture_remove(&f);
	end(&u);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
