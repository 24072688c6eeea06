/* Requests of the admin interface: what is one, what is refused, and each text at its edge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "node/http.h"

static enum http_parsed parse(const char *text, struct http_request *q)
{
	return http_parse(slice_str(text), q);
}

static void expect(const char *text, enum http_parsed expected)
{
	struct http_request q;

	if (parse(text, &q) != expected)
		fail_msg("%s", text);
}

static void test_a_request(void **state)
{
	struct http_request q;
	static const char text[] = "GET /peers?a=1&b=2 HTTP/1.1\r\nHOST:  localhost:1\r\n"
				   "content-length: 00\nX: y\r\n\r\nrest";
	(void)state;

	for (size_t n = 0; n + 5 < sizeof text; n++)
		assert_int_equal(http_parse(slice_of(text, n), &q), HTTP_MORE);
	assert_int_equal(parse(text, &q), HTTP_DONE);
	assert_string_equal(q.method, "GET");
	assert_string_equal(q.path, "/peers");
	assert_string_equal(q.query, "a=1&b=2");
	assert_string_equal(q.host, "localhost:1");
	assert_false(q.origin);
	assert_int_equal(parse("POST / HTTP/1.0\norigin: null\n\n", &q), HTTP_DONE);
	assert_string_equal(q.query, "");
	assert_true(q.origin);
}

static void test_what_is_none(void **state)
{
	(void)state;

	expect("\r\n", HTTP_BAD);
	expect("GET\n", HTTP_BAD);
	expect("GET /\n", HTTP_BAD);
	expect("GET x HTTP/1.0\n", HTTP_BAD);
	expect("GET / HTTP/2.0\n", HTTP_BAD);
	expect("GET / HTTP/1\n", HTTP_BAD);
	expect("GET / HTTP/1.\n", HTTP_MORE);
	expect("GET /\t HTTP/1.0\n", HTTP_BAD);
	expect("GET /\x7f HTTP/1.0\n", HTTP_BAD);
	expect("GET /?\x1b HTTP/1.0\n", HTTP_BAD);
	expect("GET / HTTP/1.0\nHost: a b\n", HTTP_BAD);
	expect("GET / HTTP/1.0\nTransfer-Encoding: chunked\n", HTTP_BAD);
	expect("GET / HTTP/1.0\nContent-Length: 10\n", HTTP_BAD);
	expect("GET / HTTP/1.0\nContent-Length: 0\n\n", HTTP_DONE);
}

/* A text of `n` letters in each place that has a size. */
static enum http_parsed of_size(const char *before, size_t n, const char *behind)
{
	struct http_request q;
	char text[1024], letters[512];

	memset(letters, 'x', sizeof letters);
	snprintf(text, sizeof text, "%s%.*s%s", before, (int)n, letters, behind);
	return parse(text, &q);
}

static void test_sizes(void **state)
{
	struct http_request q;
	static const struct {
		const char *before, *behind;
		size_t most;
	} rows[] = {
		{"", " / HTTP/1.0\n\n", sizeof q.method - 1},
		{"GET /", " HTTP/1.0\n\n", sizeof q.path - 2},
		{"GET /?", " HTTP/1.0\n\n", sizeof q.query - 1},
		{"GET / HTTP/1.0\nHost: ", "\n\n", sizeof q.host - 1},
	};
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(of_size(rows[i].before, rows[i].most, rows[i].behind), HTTP_DONE);
		assert_int_equal(
			of_size(rows[i].before, rows[i].most + 1, rows[i].behind), HTTP_BAD);
	}
}

static void test_queries(void **state)
{
	struct http_request q = {.query = "ab=1&b=%41%2f&c=&d=%4&e=%00&f=%1F&g=%20&h=1234"};
	char to[5];
	(void)state;

	assert_true(http_query(&q, "ab", to, sizeof to));
	assert_string_equal(to, "1");
	assert_true(http_query(&q, "b", to, sizeof to));
	assert_string_equal(to, "A/");
	assert_false(http_query(&q, "c", to, sizeof to));
	assert_false(http_query(&q, "d", to, sizeof to));
	assert_false(http_query(&q, "e", to, sizeof to));
	assert_false(http_query(&q, "f", to, sizeof to));
	assert_true(http_query(&q, "g", to, sizeof to));
	assert_true(http_query(&q, "h", to, sizeof to));
	assert_string_equal(to, "1234");
	to[4] = 'x';
	assert_false(http_query(&q, "h", to, sizeof to - 1));
	assert_int_equal(to[4], 'x');
	assert_false(http_query(&q, "z", to, sizeof to));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_request),
		cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_queries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
