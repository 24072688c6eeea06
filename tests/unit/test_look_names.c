/* Names as people write them, for looking up. */
#include "tests/unit/main.h"

#include "api/query_name.h"

static void expect_name(const char *text, const char *name, const char *sub)
{
	const char *why = NULL;
	struct query_name n;

	if (!query_name_read(text, &n, &why))
		fail_msg("%s: %s", text, why);
	assert_string_equal(n.name, name);
	assert_string_equal(n.sub, sub);
	assert_false(n.is_identity);
}

static void names_as_people_write_them(void **state)
{
	(void)state;
	expect_name("alfis.ygg", "alfis.ygg", "");
	expect_name("ALFIS.Ygg", "alfis.ygg", "");
	expect_name("alfis.ygg.", "alfis.ygg", "");
	expect_name(" www.alfis.ygg ", "alfis.ygg", "www");
	expect_name("a.b.alfis.ygg.", "alfis.ygg", "a.b");
	expect_name("http://alfis.ygg/path?q#f", "alfis.ygg", "");
	expect_name("https://me:secret@www.Alfis.ygg:8080/x.y/z", "alfis.ygg", "www");
	expect_name("alfis.ygg:80", "alfis.ygg", "");
	expect_name("a@b@alfis.ygg", "alfis.ygg", "");
	expect_name("ПРИМЕР.ygg", "пример.ygg", "");
	expect_name("XN--e1AFMKFD.ygg", "xn--e1afmkfd.ygg", "");
	expect_name("\xE2\x84\xAA.ygg", "k.ygg",
		""); /* the sign of Kelvin, by the mapping of Unicode */
	expect_name("ygg", "ygg", "");
}

static void texts_that_are_no_names(void **state)
{
	char lengthy[400];
	const char *const bad[] = {"", " ", ".", "..", "a..ygg", ".ygg", "http://", "a.ygg..",
		"\xFF.ygg", "a.\xC3.ygg", lengthy};
	const char *why;
	struct query_name n;

	(void)state;
	memset(lengthy, 'a', sizeof lengthy);
	lengthy[sizeof lengthy - 1] = 0;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		why = NULL;
		if (query_name_read(bad[i], &n, &why) || !why)
			fail_msg("%s was taken as %s", bad[i], n.name);
	}
}

static void names_that_nobody_can_register(void **state)
{
	static const struct {
		const char *name;
		bool good;
	} rows[] = {{"alfis.ygg", true}, {"777.ygg", true}, {"77.ygg", false}, {"a-b.mob", true},
		{"a--b.ygg", false}, {"xn--abc.ygg", false}, {"-a.ygg", false}, {"ygg", false},
		{"alfis", false}, {"alfis.com", false}, {"пример.ygg", false}, {"a_b.ygg", false}};
	const char *why;
	struct query_name n;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_true(query_name_read(rows[i].name, &n, &why));
		if ((query_name_refused(&n) == NULL) != rows[i].good)
			fail_msg("%s", rows[i].name);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_as_people_write_them),
		cmocka_unit_test(texts_that_are_no_names),
		cmocka_unit_test(names_that_nobody_can_register),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
