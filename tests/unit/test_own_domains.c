/* The names of our keys: true dates and those of release 0.10, what is believed, hostile rows
 * (protocol.md 10.5, 12.4). */
#include "base/hex.h"
#include "owner/own_domains.h"
#include "tests/unit/main.h"
#include "tests/unit/owner_rig.h"

enum { ME = 7, HER = 9, MINE = 2, WALK_MAX = 100 };

struct list {
	unsigned n;
	struct own_domain first; /* its slices are gone */
	uint64_t ids[8];
};

static uint8_t keys[MINE][KEY_SIZE];

static struct list list_at(struct fixture *f, int64_t now, unsigned most)
{
	struct list l = {0};
	struct own_walk *w;
	struct own_domain d;

	made_key(ME, keys[0]);
	made_key(ME + 1, keys[1]);
	assert_int_equal(own_walk_start((const uint8_t(*)[KEY_SIZE])keys, MINE, &w), ERR_OK);
	for (unsigned i = 0; own_walk_next(w, &f->view, now, most, &d); i++) {
		assert_true(i < WALK_MAX);
		if (!d.id)
			continue;
		if (l.n == 0)
			l.first = d;
		assert_true(l.n < 8);
		l.ids[l.n++] = d.id;
	}
	own_walk_end(w);
	return l;
}

static void test_dates(void **state)
{
	struct owner_row row = {.name = "abc.ygg",
		.author = ME,
		.owner = ME,
		.when = OWNER_START,
		.difficulty = 24};
	struct fixture f;
	(void)state;

	owner_start(&f);
	owner_mine(&f, &row);
	struct list l = list_at(&f, OWNER_START, 0);
	assert_int_equal(l.n, 1);
	assert_true(l.first.fresh);
	assert_int_equal(l.first.until, OWNER_START + OWNER_YEAR);
	assert_int_equal(l.first.free_from, OWNER_START + OWNER_YEAR + 30 * OWNER_DAY + 1);
	owner_cover(&f, OWNER_START);
	assert_int_equal(list_at(&f, l.first.until, 0).first.state, DOMAIN_ALIVE);
	assert_int_equal(list_at(&f, l.first.until + 1, 0).first.state, DOMAIN_EXPIRED);
	assert_int_equal(list_at(&f, l.first.free_from - 1, 0).first.state, DOMAIN_EXPIRED);
	assert_int_equal(list_at(&f, l.first.free_from, 0).first.state, DOMAIN_FREE);
	assert_false(list_at(&f, OWNER_START, 0).first.fresh);

	/* A cheap change starts a year, too; 0.10 does not show it. */
	row.when = OWNER_START + 100 * OWNER_DAY;
	row.difficulty = 16;
	owner_mine(&f, &row);
	l = list_at(&f, row.when, 0);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.first.until, row.when + OWNER_YEAR);
	assert_int_equal(l.first.shown_renewed, OWNER_START);
	assert_int_equal(l.first.shown_until, OWNER_START + OWNER_YEAR);

	/* One that is more than a year older than the last change does not count. */
	row.when = OWNER_START + OWNER_YEAR;
	owner_mine(&f, &row);
	assert_int_equal(list_at(&f, row.when, 0).first.shown_renewed, OWNER_START);
	row.when++;
	owner_mine(&f, &row);
	assert_int_equal(list_at(&f, row.when, 0).first.shown_renewed, row.when);
	row.when++;
	row.difficulty = 23;
	owner_mine(&f, &row);
	assert_int_equal(list_at(&f, row.when, 0).first.shown_renewed, row.when);
	fixture_end(&f);
}

/* The latest row decides whose name it is, whoever mined it. */
static void test_owners(void **state)
{
	struct owner_row row = {.name = "abc.ygg", .author = ME, .owner = ME, .when = OWNER_START};
	struct fixture f;
	(void)state;

	owner_start(&f);
	owner_mine(&f, &row); /* block 2 */
	row.name = "hers.ygg";
	row.owner = HER;
	owner_mine(&f, &row);
	row.name = "second.ygg";
	row.owner = ME + 1;
	owner_mine(&f, &row); /* block 4 */
	struct list l = list_at(&f, OWNER_START, 0);
	assert_int_equal(l.n, 2);
	assert_int_equal(l.ids[0] + l.ids[1], 6);
	/* In pieces: whoever walks is told after each name of another. */
	l = list_at(&f, OWNER_START, 1);
	assert_int_equal(l.n, 2);
	row.name = "abc.ygg";
	row.owner = HER;
	owner_mine(&f, &row);
	l = list_at(&f, OWNER_START, 0);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.ids[0], 4);
	assert_int_equal(l.first.key, 1);
	fixture_end(&f);
}

static enum own_name judge(struct fixture *f, const char *plain)
{
	struct own_walk *w;
	struct own_domain d;

	made_key(ME, keys[0]);
	assert_int_equal(own_walk_start((const uint8_t(*)[KEY_SIZE])keys, 1, &w), ERR_OK);
	assert_true(own_walk_next(w, &f->view, 0, 0, &d));
	enum own_name name = own_domain_name(&d, slice_str(plain));
	own_walk_end(w);
	return name;
}

static void test_belief(void **state)
{
	struct owner_row row = {.name = "abc.ygg", .author = HER, .owner = ME, .when = OWNER_START};
	struct fixture f;
	(void)state;

	owner_start(&f);
	owner_mine(&f, &row);
	assert_int_equal(judge(&f, "abc.ygg"), OWN_NAME_TRUE);
	assert_int_equal(judge(&f, "bank.ygg"), OWN_NAME_UNVERIFIED);
	assert_int_equal(judge(&f, "ABC.ygg"), OWN_NAME_UNVERIFIED);
	assert_int_equal(judge(&f, ""), OWN_NAME_UNKNOWN);
	assert_int_equal(judge(&f, "\xFF\xFE"), OWN_NAME_UNKNOWN);
	row.lies = true;
	owner_mine(&f, &row);
	assert_int_equal(judge(&f, "abc.ygg"), OWN_NAME_UNVERIFIED);
	fixture_end(&f);
}

/* What somebody else may put into a row that he gives to a key of ours. */
static void test_hostile(void **state)
{
	static char data[1 << 15];
	static const unsigned sizes[] = {0, 1, 32, 33, 43, 59, 60, 61, 315, 316, 8000};
	static const size_t cipher[] = {0, 0, 0, 0, 0, 0, 0, 61, 315, 0, 0};
	struct fixture f;
	(void)state;

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct owner_row row = {.name = "abc.ygg",
			.data = data,
			.author = HER,
			.owner = ME,
			.when = OWNER_START};
		int n = snprintf(data, sizeof data, "{\"zone\":\"ygg\",\"encrypted\":\"");
		memset(data + n, '0', 2 * sizes[i]);
		snprintf(data + n + 2 * sizes[i], 3, "\"}");
		owner_start(&f);
		owner_mine(&f, &row);
		struct list l = list_at(&f, OWNER_START, 0);
		assert_int_equal(l.n, 1);
		assert_int_equal(l.first.cipher.n, cipher[i]);
		fixture_end(&f);
	}
	static const char *const texts[] = {"", "{", "[\"\",\"ygg\"]", "{\"encrypted\":\"+a+b\"}",
		"{\"encrypted\":\"zz\",\"zone\":\"ygg\"}"};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct owner_row row = {.name = "abc.ygg",
			.data = texts[i],
			.author = HER,
			.owner = ME,
			.when = OWNER_START};
		owner_start(&f);
		owner_mine(&f, &row);
		struct list l = list_at(&f, OWNER_START, 0);
		assert_int_equal(l.n, 1);
		assert_int_equal(l.first.cipher.n, 0);
		fixture_end(&f);
	}
}

static void test_memory(void **state)
{
	struct own_walk *w;
	(void)state;

	mem_fail_nth(1);
	assert_int_equal(own_walk_start(NULL, 0, &w), ERR_NOMEM);
	assert_null(w);
	own_walk_end(NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_owners),
		cmocka_unit_test(test_belief),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_memory),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
