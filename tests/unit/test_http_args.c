/* What a request carries: arguments of its query and of its form, and cookies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "http/request.h"
#include "tests/unit/main.h"

static void test_bodies(void **state)
{
	static const char head[] = "POST /bans/add?seconds=1 HTTP/1.1\nContent-Type: "
				   "Application/X-WWW-Form-urlencoded ; charset=UTF-8\n"
				   "Content-Length: 13\n\naddress=";
	struct http_request q;
	char to[8];
	(void)state;

	assert_int_equal(http_parse(slice_str(head), &q), HTTP_DONE);
	assert_int_equal(q.length, 13);
	assert_int_equal(q.head, sizeof head - 1 - strlen("address="));
	assert_true(http_may_have_body(&q, 13));
	assert_true(http_take_body(&q, slice_str("address=a%3A\r\n")));
	assert_int_equal(q.body.n, 12);
	assert_true(http_arg(&q, "address", to, sizeof to));
	assert_string_equal(to, "a:");
	assert_true(http_take_body(&q, slice_str("\n")));
	assert_int_equal(q.body.n, 0);
	for (const char *bad = " \n\x1f\x7f\x80"; *bad; bad++) {
		char body[] = {'a', *bad, 'b'};
		assert_false(http_take_body(&q, slice_of(body, sizeof body)));
		assert_int_equal(q.status, 400);
	}
	assert_false(http_take_body(&q, slice_of("a\0b", 3)));
}

/* ---- arguments ---- */

static void test_arguments(void **state)
{
	struct http_request q = {.query = "ab=1&b=%41%2f&c=&d=%4&e=%00&f=%1F&g=%20&h=1234&m=1+2",
		.body = slice_str("&&i=+%2B+&ab=2&j&k=%7F&l=123456")};
	char to[5];
	(void)state;

	assert_true(http_arg(&q, "ab", to, sizeof to));
	assert_string_equal(to, "1");
	assert_true(http_arg(&q, "b", to, sizeof to));
	assert_string_equal(to, "A/");
	assert_false(http_arg(&q, "c", to, sizeof to));
	assert_true(http_has_arg(&q, "c"));
	assert_false(http_arg(&q, "d", to, sizeof to));
	assert_false(http_arg(&q, "e", to, sizeof to));
	assert_false(http_arg(&q, "f", to, sizeof to));
	assert_true(http_arg(&q, "g", to, sizeof to));
	assert_true(http_arg(&q, "h", to, sizeof to));
	assert_string_equal(to, "1234");
	to[4] = 'x';
	assert_false(http_arg(&q, "h", to, sizeof to - 1));
	assert_false(http_arg(&q, "l", to, sizeof to - 1));
	assert_int_equal(to[4], 'x');
	assert_false(http_arg(&q, "z", to, sizeof to));
	assert_true(http_arg(&q, "i", to, sizeof to));
	assert_string_equal(to, " + "); /* as every form is written */
	assert_true(http_arg(&q, "m", to, sizeof to));
	assert_string_equal(to, "1+2");
	assert_false(http_arg(&q, "j", to, sizeof to));
	assert_true(http_has_arg(&q, "j"));
	assert_false(http_has_arg(&q, "a"));
	assert_false(http_arg(&q, "k", to, sizeof to));
}

static void test_all_arguments(void **state)
{
	static const struct {
		const char *query, *body, *names, *error;
	} rows[] = {
		{"", "", "", NULL},
		{"a=1&b", "", "a b", NULL},
		{"a=1", "b=2", "b a", NULL},
		{"a=1", "", "", "there is no argument a here: this path takes none"},
		{"a=1", "", "ab b", "there is no argument a here: this path takes ab b"},
		{"a", "a", "a", "the argument a is there twice"},
		{"=1", "", "a", "there is no argument  here: this path takes a"},
		{"a=%0A", "", "a",
			"the argument a is malformed: special characters are written as %XX, "
			"control characters are not taken"},
	};
	char error[HTTP_ERROR_MAX];
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct http_request q = {.method = "GET"};
		snprintf(q.query, sizeof q.query, "%s", rows[i].query);
		q.body = slice_str(rows[i].body);
		bool good = http_check_args(&q, rows[i].names, HTTP_ARG_MAX, error);
		assert_int_equal(good, !rows[i].error);
		if (rows[i].error)
			assert_string_equal(error, rows[i].error);
	}
}

static void test_a_long_argument(void **state)
{
	static char text[3002], to[3001];
	struct http_request q = {.body = slice_of(text, sizeof text)};
	char error[HTTP_ERROR_MAX];
	(void)state;

	memset(text, 'x', sizeof text);
	memcpy(text, "a=", 2);
	assert_false(http_check_args(&q, "a", 3000, error));
	assert_string_equal(error, "the argument a is longer than 2999 bytes");
	assert_true(http_check_args(&q, "b a* c", 3, error));
	assert_false(http_check_args(&q, "b* c* a", 3, error));
	assert_false(http_check_args(&q, "b* c", 3, error));
	assert_string_equal(error, "there is no argument a here: this path takes b c");
	assert_true(http_check_args(&q, "a", sizeof to, error));
	assert_true(http_arg(&q, "a", to, sizeof to));
	assert_int_equal(strlen(to), 3000);
	assert_false(http_arg(&q, "a", to, sizeof to - 1));
}

/* ---- cookies ---- */

static void test_cookies(void **state)
{
	static const struct {
		const char *header, *value; /* of the cookie "id"; NULL: there is none */
	} rows[] = {
		{"", NULL},
		{"id=1", "1"},
		{"id=", ""},
		{"id", NULL},
		{"ID=1", NULL},
		{"xid=1; idx=2", NULL},
		{"a=id=3; id=1; b=2", "1"},
		{"a=b;id=1;b=2", "1"},
		{" \t id=1 \t ", "1"},
		{"; ;;id=a=b;", "a=b"},
		{"id=\"1 2\"", "1 2"},
		{"id=\"", "\""},
		{"id=1; id=1", NULL},
		{"id=1; id=", NULL},
		{"id=1234567", "1234567"},
		{"id=12345678", NULL},
		{"id=\xc3\xa4", "\xc3\xa4"},
	};
	char to[8];
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		bool found = http_cookie(rows[i].header, "id", to, sizeof to);
		if (found != (rows[i].value != NULL) || (found && strcmp(to, rows[i].value) != 0))
			fail_msg("%s", rows[i].header);
	}
}

/* A cookie is found as the last of so many, and no more are looked at. */
static void test_many_cookies(void **state)
{
	char text[HTTP_COOKIE_MAX] = "", to[8];
	(void)state;

	for (int i = 1; i < HTTP_COOKIES_MAX; i++)
		strcat(text, "a=b;");
	strcat(text, "id=1");
	assert_true(http_cookie(text, "id", to, sizeof to));
	strcat(text, ";c=d");
	assert_false(http_cookie(text, "id", to, sizeof to));
}

/* Lines are taken where the path says so, and by who asks for them. */
static void test_lines(void **state)
{
	struct http_request q = {.body = slice_str("zone=a%0D%0Ab%09c&bad=%07")};
	char to[16], error[HTTP_ERROR_MAX];
	(void)state;

	assert_true(http_check_args(
		&(struct http_request){.body = slice_str("zone=a%0Ab")}, "name zone**", 4, error));
	assert_false(http_check_args(&q, "zone** bad**", 64, error));
	assert_non_null(strstr(error, "bad"));
	assert_false(http_check_args(&q, "zone* bad", 64, error));
	assert_non_null(strstr(error, "zone"));
	assert_false(http_check_args(&q, "other** third", 64, error));
	assert_non_null(strstr(error, "takes other third"));
	assert_false(http_arg(&q, "zone", to, sizeof to));
	assert_true(http_arg_lines(&q, "zone", to, sizeof to));
	assert_string_equal(to, "a\r\nb\tc");
	assert_false(http_arg_lines(&q, "bad", to, sizeof to));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_all_arguments),
		cmocka_unit_test(test_a_long_argument),
		cmocka_unit_test(test_cookies),
		cmocka_unit_test(test_many_cookies),
		cmocka_unit_test(test_lines),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
