/* Which sockets a list of addresses needs: repeated ones, wildcards, and both families. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/listen_list.h"
#include "tests/unit/main.h"

/* "use because" of each entry, "6" behind a wildcard that leaves IPv4 to another. */
static const char *planned(const char *const *texts, size_t count)
{
	static char said[256];
	struct listen_entry plan[8];
	size_t n = 0;

	listen_list_plan(texts, count, plan);
	for (size_t i = 0; i < count; i++) {
		assert_ptr_equal(plan[i].text, texts[i]);
		n += (size_t)snprintf(
			said + n, sizeof said - n, "%s%c", i ? " " : "", "URI"[plan[i].use]);
		if (plan[i].use != LISTEN_USED)
			n += (size_t)snprintf(said + n, sizeof said - n, "%zu", plan[i].because);
		if (plan[i].v6_only)
			n += (size_t)snprintf(said + n, sizeof said - n, "6");
	}
	return said;
}

#define PLANNED(...)                                                                               \
	planned((const char *const[]){__VA_ARGS__},                                                \
		sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void each_address_is_one_socket(void **state)
{
	(void)state;
	assert_string_equal(PLANNED("[::]:4244"), "U");
	assert_string_equal(PLANNED("127.0.0.1:4244", "127.0.0.2:4244", "[::1]:4244"), "U U U");
	assert_string_equal(PLANNED("127.0.0.1:4244", "127.0.0.1:4244"), "U R0");
	assert_string_equal(PLANNED("127.0.0.1:4244", "127.0.0.1:4245"), "U U");
	assert_string_equal(PLANNED("127.0.0.1:4244", "[::ffff:127.0.0.1]:4244"), "U R0");
	assert_string_equal(PLANNED("127.0.0.1:4244", "[::127.0.0.1]:4244"), "U R0");
	assert_string_equal(PLANNED("[2001:db8::0:1]:1", "[::2]:1", "[2001:DB8::1]:1"), "U U R0");
	assert_string_equal(PLANNED("127.0.0.1:0", "127.0.0.1:0"), "U U");
}

static void a_wildcard_contains_its_family(void **state)
{
	(void)state;
	assert_string_equal(PLANNED("0.0.0.0:4244", "127.0.0.6:4244"), "U I0");
	assert_string_equal(PLANNED("127.0.0.6:4244", "0.0.0.0:4244"), "I1 U");
	assert_string_equal(PLANNED("127.0.0.6:4245", "0.0.0.0:4244"), "U U");
	assert_string_equal(PLANNED("[::1]:4244", "[::]:4244"), "I1 U");
	assert_string_equal(PLANNED("[::1]:4244", "0.0.0.0:4244"), "U U");
	assert_string_equal(
		PLANNED("0.0.0.0:1", "[::ffff:0.0.0.0]:1", "[::ffff:10.0.0.1]:1"), "U R0 I0");
	assert_string_equal(PLANNED("0.0.0.0:0", "127.0.0.1:0", "[::]:0"), "U U U");
}

static void both_families_share_a_port(void **state)
{
	(void)state;
	assert_string_equal(PLANNED("0.0.0.0:4244", "[::]:4244"), "U U6");
	assert_string_equal(PLANNED("[::]:4244", "0.0.0.0:4244"), "U6 U");
	assert_string_equal(PLANNED("[::]:4244", "10.1.2.3:4244"), "U6 U");
	assert_string_equal(PLANNED("[::]:4244", "10.1.2.3:4245"), "U U");
	assert_string_equal(PLANNED("[::]:1", "0.0.0.0:1", "127.0.0.1:1", "[::1]:1"), "U6 U I1 I0");
}

static void another_socket_may_meet_the_list(void **state)
{
	static const char *const both[] = {"[::]:4244", "127.0.0.6:5"};
	static const char *const apart[] = {"[::]:4244", "10.0.0.1:4244"};
	struct listen_entry plan[2];

	(void)state;
	listen_list_plan(both, 2, plan);
	assert_int_equal(listen_list_meets(plan, 2, "127.0.0.1:4244"), 0);
	assert_int_equal(listen_list_meets(plan, 2, "[::1]:4244"), 0);
	assert_int_equal(listen_list_meets(plan, 2, "127.0.0.6:5"), 1);
	assert_int_equal(listen_list_meets(plan, 2, "0.0.0.0:5"), 1);
	assert_int_equal(listen_list_meets(plan, 2, "[::1]:5"), -1);
	assert_int_equal(listen_list_meets(plan, 2, "127.0.0.1:4245"), -1);
	assert_int_equal(listen_list_meets(plan, 2, "nonsense"), -1);
	listen_list_plan(apart, 2, plan);
	assert_int_equal(listen_list_meets(plan, 2, "127.0.0.1:4244"), -1);
	assert_int_equal(listen_list_meets(plan, 2, "[::1]:4244"), 0);
}

static void what_is_no_address_meets_nothing(void **state)
{
	(void)state;
	assert_string_equal(PLANNED("x", "x", "", ":1", "[::]:99999"), "U U U U U");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_address_is_one_socket),
		cmocka_unit_test(a_wildcard_contains_its_family),
		cmocka_unit_test(both_families_share_a_port),
		cmocka_unit_test(another_socket_may_meet_the_list),
		cmocka_unit_test(what_is_no_address_meets_nothing),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
