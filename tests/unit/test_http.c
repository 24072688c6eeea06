/* Requests of the admin interface: what is one, what is refused and with which words, arguments,
 * and each text at its edge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "http/request.h"
#include "tests/unit/main.h"

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

/* Refused with that status, and with a sentence. */
static void refused(const char *text, int status)
{
	struct http_request q;

	if (parse(text, &q) != HTTP_BAD || q.status != status || !q.error)
		fail_msg("%s: %d", text, q.status);
}

static void test_a_request(void **state)
{
	struct http_request q;
	static const char text[] = "GET /peers?a=1&b=2 HTTP/1.1\r\nHOST:  localhost:1 \r\n"
				   "content-length: 00\nX: y\r\n\r\nrest";
	(void)state;

	for (size_t n = 0; n + 5 < sizeof text; n++)
		assert_int_equal(http_parse(slice_of(text, n), &q), HTTP_MORE);
	assert_int_equal(parse(text, &q), HTTP_DONE);
	assert_string_equal(q.method, "GET");
	assert_string_equal(q.path, "/peers");
	assert_string_equal(q.query, "a=1&b=2");
	assert_string_equal(q.host, "localhost:1");
	assert_false(q.origin || q.from_page || http_is_head(&q));
	assert_int_equal(q.auth, AUTH_NONE);
	assert_int_equal(parse("POST / HTTP/1.0\norigin: null\n\n", &q), HTTP_DONE);
	assert_string_equal(q.query, "");
	assert_true(q.origin);
	assert_int_equal(parse("HEAD / HTTP/1.0\n\n", &q), HTTP_DONE);
	assert_true(http_is_head(&q));
}

static void test_what_is_none(void **state)
{
	(void)state;

	refused("\r\n", 400);
	refused("GET\n", 400);
	refused("GET /\n", 400);
	refused("GET x HTTP/1.0\n", 400);
	refused("GET / HTTP/2.0\n", 400);
	refused("GET / HTTP/1\n", 400);
	expect("GET / HTTP/1.\n", HTTP_MORE);
	refused("GET /\t HTTP/1.0\n", 400);
	refused("GET /\x7f HTTP/1.0\n", 400);
	refused("GET /?\x1b HTTP/1.0\n", 400);
}

/* What two programs could read in two ways. */
static void test_headers(void **state)
{
	(void)state;

	refused("GET / HTTP/1.0\nHost: a b\n", 400);
	refused("GET / HTTP/1.0\nHost: a\nhost: a\n", 400);
	refused("GET / HTTP/1.0\nHost : a\n", 400);
	refused("GET / HTTP/1.0\nHost\n", 400);
	refused("GET / HTTP/1.0\n: a\n", 400);
	refused("GET / HTTP/1.0\nX: a\n b\n", 400);
	refused("GET / HTTP/1.0\nAuthorization: a b\nAuthorization: a b\n", 400);
	refused("GET / HTTP/1.0\nTransfer-Encoding: chunked\n", 411);
	refused("POST / HTTP/1.1\nExpect: more\n", 417);
}

static void test_pages_of_others(void **state)
{
	struct http_request q;
	static const struct {
		const char *headers;
		bool from_page;
	} rows[] = {
		{"", false},
		{"Sec-Fetch-Site: same-origin\n", false},
		{"Sec-Fetch-Site: none\n", false},
		{"Sec-Fetch-Site: cross-site\nSec-Fetch-Dest: image\n", true},
		{"Sec-Fetch-Site: same-site\n", true},
		{"Sec-Fetch-Dest: document\nSec-Fetch-Site: cross-site\n", false},
		{"Sec-Fetch-Dest: iframe\nSec-Fetch-Site: cross-site\n", true},
	};
	char text[200];
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(text, sizeof text, "GET / HTTP/1.1\n%s\n", rows[i].headers);
		assert_int_equal(parse(text, &q), HTTP_DONE);
		assert_int_equal(q.from_page, rows[i].from_page);
	}
}

static void test_who_takes_a_stream(void **state)
{
	struct http_request q;
	static const struct {
		const char *headers;
		bool other;
	} rows[] = {
		{"", false},
		{"Accept: text/event-stream\n", false},
		{"accept: text/html, Text/Event-Stream;q=0.5\n", false},
		{"Accept: */*\nAccept: text/event-stream\n", false},
		{"Accept: text/event-stream\nAccept: */*\n", false},
		{"Accept: */*\n", true},
		{"Accept: image/avif,image/webp,*/*;q=0.8\n", true},
		{"Accept:\n", true},
		{"Accept: text/event-strea\n", true},
	};
	char text[200];
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(text, sizeof text, "GET / HTTP/1.1\n%s\n", rows[i].headers);
		assert_int_equal(parse(text, &q), HTTP_DONE);
		assert_int_equal(q.other_accept, rows[i].other);
	}
}

static void test_credentials(void **state)
{
	struct http_request q;
	static const struct {
		const char *value;
		enum http_auth auth;
		const char *credentials;
	} rows[] = {
		{"Bearer  abc", AUTH_BEARER, "abc"},
		{"basic YTpi ", AUTH_BASIC, "YTpi"},
		{"Digest x", AUTH_OTHER, "x"},
		{"Bearer a b", AUTH_OTHER, ""},
		{"Bearer", AUTH_OTHER, ""},
		{"", AUTH_OTHER, ""},
	};
	char text[200];
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(text, sizeof text, "GET / HTTP/1.1\nAuthorization: %s\n\n", rows[i].value);
		assert_int_equal(parse(text, &q), HTTP_DONE);
		assert_int_equal(q.auth, rows[i].auth);
		assert_string_equal(q.credentials, rows[i].credentials);
	}
}

static void test_bodies(void **state)
{
	struct http_request q;
	static const char text[] = "POST /bans/add?seconds=1 HTTP/1.1\nContent-Type: "
				   "Application/X-WWW-Form-urlencoded ; charset=UTF-8\n"
				   "Content-Length: 13\n\naddress=a%3A\n";
	(void)state;

	for (size_t n = 0; n + 1 < sizeof text; n++)
		assert_int_equal(http_parse(slice_of(text, n), &q), HTTP_MORE);
	assert_int_equal(parse(text, &q), HTTP_DONE);
	assert_string_equal(q.body, "address=a%3A");
	expect("POST / HTTP/1.1\nExpect: 100-Continue\nContent-Length: 3\n\na=", HTTP_CONTINUE);
	expect("POST / HTTP/1.1\nExpect: 100-Continue\nContent-Length: 3\n\na=b", HTTP_DONE);
	expect("POST / HTTP/1.1\nContent-Type: text/plain\nContent-Length: 0\n\n", HTTP_DONE);
	refused("POST / HTTP/1.1\nContent-Type: application/json\nContent-Length: 1\n\n", 415);
	refused("POST / HTTP/1.1\nContent-Length: 1\n\n ", 400);
	refused("POST / HTTP/1.1\nContent-Length: 256\n\n", 413);
	expect("POST / HTTP/1.1\nContent-Length: 255\n\n", HTTP_MORE);
	refused("GET / HTTP/1.1\nContent-Length: 1\n\n", 400);
	refused("POST / HTTP/1.1\nContent-Length: 18446744073709551617\n\n", 413);
	refused("POST / HTTP/1.1\nContent-Length: -1\n", 400);
	refused("POST / HTTP/1.1\nContent-Length: \n", 400);
	refused("POST / HTTP/1.1\nContent-Length: 1\nContent-Length: 1\n", 400);
}

/* A text of `n` letters in each place that has a size. */
static enum http_parsed of_size(
	const char *before, size_t n, const char *behind, struct http_request *q)
{
	char text[1024], letters[600];

	memset(letters, 'x', sizeof letters);
	snprintf(text, sizeof text, "%s%.*s%s", before, (int)n, letters, behind);
	return parse(text, q);
}

static void test_sizes(void **state)
{
	struct http_request q;
	static const struct {
		const char *before, *behind;
		size_t most;
		int status;
	} rows[] = {
		{"", " / HTTP/1.0\n\n", sizeof q.method - 1, 400},
		{"GET /", " HTTP/1.0\n\n", sizeof q.path - 2, 414},
		{"GET /?", " HTTP/1.0\n\n", sizeof q.query - 1, 414},
		{"GET / HTTP/1.0\nHost: ", "\n\n", sizeof q.host - 1, 400},
	};
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t most = rows[i].most;
		assert_int_equal(of_size(rows[i].before, most, rows[i].behind, &q), HTTP_DONE);
		assert_int_equal(of_size(rows[i].before, most + 1, rows[i].behind, &q), HTTP_BAD);
		assert_int_equal(q.status, rows[i].status);
	}
	const char *bearer = "GET / HTTP/1.0\nAuthorization: Bearer ";
	assert_int_equal(of_size(bearer, sizeof q.credentials - 1, "\n\n", &q), HTTP_DONE);
	assert_int_equal(q.auth, AUTH_BEARER);
	assert_int_equal(of_size(bearer, sizeof q.credentials, "\n\n", &q), HTTP_DONE);
	assert_int_equal(q.auth, AUTH_OTHER);
}

static void test_arguments(void **state)
{
	struct http_request q = {.query = "ab=1&b=%41%2f&c=&d=%4&e=%00&f=%1F&g=%20&h=1234",
		.body = "&&i=+&ab=2&j&k=%7F&l=123456"};
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
	assert_string_equal(to, "+");
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
		snprintf(q.body, sizeof q.body, "%s", rows[i].body);
		assert_int_equal(http_check_args(&q, rows[i].names, error), !rows[i].error);
		if (rows[i].error)
			assert_string_equal(error, rows[i].error);
	}
}

static void test_head_of_an_answer(void **state)
{
	struct http_answer a = {404, "text/plain", "default-src 'none'", "X: y\r\n", 12};
	char text[512];
	struct wr w = wr_of(text, sizeof text);
	(void)state;

	http_head(&w, &a);
	assert_false(w.bad);
	assert_string_equal(text,
		"HTTP/1.0 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n"
		"Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
		"X-Frame-Options: DENY\r\nReferrer-Policy: no-referrer\r\n"
		"Content-Security-Policy: default-src 'none'\r\nX: y\r\nConnection: close\r\n\r\n");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_request),
		cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_pages_of_others),
		cmocka_unit_test(test_who_takes_a_stream),
		cmocka_unit_test(test_credentials),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_all_arguments),
		cmocka_unit_test(test_head_of_an_answer),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
