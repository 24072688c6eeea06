/* Heads of requests: what is one, what is refused and with which words, each text at its edge; and
 * heads of answers. */
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
	assert_int_equal(q.head, sizeof text - 5);
	assert_int_equal(q.minor, 1);
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
	refused("GET / HTTP/1.\n", 400);
	refused("GET / HTTP/1.x\n", 400);
	refused("GET / HTTP/1.10\n", 400);
	refused("GET / HTTP/1.1 \n", 400);
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
	refused("GET / HTTP/1.0\nX: a\rHost: b\n", 400);
	refused("GET / HTTP/1.0\nX: a\x1b\n", 400);
	refused("GET / HTTP/1.0\nX\x7f: a\n", 400);
	refused("GET / HTTP/1.0\nX(: a\n", 400);
	refused("GET / HTTP/1.0\nX\xc3\xa4: a\n", 400);
	expect("GET / HTTP/1.0\nX!#-_~: a\tb \xc3\xa4\n\n", HTTP_DONE);
	refused("GET / HTTP/1.0\nTransfer-Encoding: chunked\n", 411);
	refused("POST / HTTP/1.1\nContent-Length: 4\nTransfer-Encoding: chunked\n", 411);
	refused("POST / HTTP/1.1\nExpect: more\n", 417);
}

/* A text of `n` letters in each place that has a size. */
static enum http_parsed of_size(
	const char *before, size_t n, const char *behind, struct http_request *q)
{
	static char text[4096], letters[3072];

	memset(letters, 'x', sizeof letters);
	snprintf(text, sizeof text, "%s%.*s%s", before, (int)n, letters, behind);
	return parse(text, q);
}

/* What a page is chosen by: languages, what the browser has already, and whether it unpacks. */
static void test_what_a_browser_likes(void **state)
{
	struct http_request q;
	(void)state;

	assert_int_equal(parse("GET / HTTP/1.1\nAccept-Language: ru-RU, en;q=0.5\n"
			       "If-None-Match: \"abc\"\nAccept-Encoding: br;q=1, gzip\n\n",
				 &q),
		HTTP_DONE);
	assert_string_equal(q.languages, "ru-RU, en;q=0.5");
	assert_string_equal(q.known, "\"abc\"");
	assert_true(q.gzip);
	assert_int_equal(parse("GET / HTTP/1.1\nAccept-Encoding: gzip;q=0, gzipped, x\n"
			       "If-None-Match: \"a\", \"b\"\n\n",
				 &q),
		HTTP_DONE);
	assert_false(q.gzip);
	assert_string_equal(q.known, "");
	assert_string_equal(q.languages, "");
	assert_int_equal(of_size("GET / HTTP/1.0\nAccept-Language: ", 3000, "\n\n", &q), HTTP_DONE);
	assert_int_equal(strlen(q.languages), sizeof q.languages - 1);
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

/* A NUL is no end for us. */
static void test_zero_byte(void **state)
{
	static const char head[] = "GET / HTTP/1.0\nX: a\0b\n\n",
			  name[] = "GET / HTTP/1.0\nX\0: b\n\n", path[] = "GET /\0 HTTP/1.0\n\n";
	struct http_request q;
	(void)state;

	assert_int_equal(http_parse(slice_of(head, sizeof head - 1), &q), HTTP_BAD);
	assert_int_equal(http_parse(slice_of(name, sizeof name - 1), &q), HTTP_BAD);
	assert_int_equal(http_parse(slice_of(path, sizeof path - 1), &q), HTTP_BAD);
}

/* The status of a head that may have no such body, or 200. */
static int may_have_body(const char *text, uint64_t most)
{
	struct http_request q;

	assert_int_equal(parse(text, &q), HTTP_DONE);
	return http_may_have_body(&q, most) ? 200 : q.error ? q.status : 0;
}

#define LENGTH(method, n) method " / HTTP/1.1\nContent-Length: " n "\n\n"

static void test_length_of_a_body(void **state)
{
	(void)state;

	assert_int_equal(may_have_body("POST / HTTP/1.1\n\n", 0), 200);
	assert_int_equal(may_have_body(LENGTH("POST", "255"), 255), 200);
	assert_int_equal(may_have_body(LENGTH("POST", "256"), 255), 413);
	assert_int_equal(may_have_body(LENGTH("POST", "18446744073709551617"), 1 << 30), 413);
	assert_int_equal(may_have_body(LENGTH("GET", "1"), 255), 400);
	assert_int_equal(may_have_body(LENGTH("GET", "0"), 255), 200);
	assert_int_equal(
		may_have_body(
			"POST / HTTP/1.1\nContent-Type: application/xml\nContent-Length: 1\n\n",
			255),
		415);
	assert_int_equal(
		may_have_body("POST / HTTP/1.1\nContent-Type: application/json; charset=utf-8\n"
			      "Content-Length: 1\n\n",
			255),
		200);
	assert_int_equal(
		may_have_body(
			"POST / HTTP/1.1\nContent-Type: text/plain\nContent-Length: 0\n\n", 255),
		200);
	refused("POST / HTTP/1.1\nContent-Length: -1\n", 400);
	refused("POST / HTTP/1.1\nContent-Length: +1\n", 400);
	refused("POST / HTTP/1.1\nContent-Length: 0x1\n", 400);
	refused("POST / HTTP/1.1\nContent-Length: 1, 1\n", 400);
	refused("POST / HTTP/1.1\nContent-Length: \n", 400);
	refused("POST / HTTP/1.1\nContent-Length: 1\nContent-Length: 1\n", 400);
}

static void test_expectations(void **state)
{
	struct http_request q;
	(void)state;

	assert_int_equal(parse("POST / HTTP/1.1\nExpect: 100-Continue\n\n", &q), HTTP_DONE);
	assert_true(q.expects);
	assert_int_equal(parse("POST / HTTP/1.0\nExpect: 100-continue\n\n", &q), HTTP_DONE);
	assert_false(q.expects);
}

static void test_who_asks_again(void **state)
{
	static const struct {
		const char *head;
		bool keep;
	} rows[] = {
		{"1.1\n", true},
		{"1.0\n", false},
		{"1.2\n", true},
		{"1.1\nConnection: close\n", false},
		{"1.1\nConnection: Upgrade,Close\n", false},
		{"1.1\nConnection: Upgrade, closed\n", true},
		{"1.1\nConnection:\n", true},
		{"1.0\nConnection: Keep-Alive\n", true},
		{"1.0\nConnection: TE , keep-alive\n", true},
		{"1.0\nConnection: keep-alive, close\n", false},
		{"1.0\nConnection: keep-alive\nConnection: close\n", false},
		{"1.0\nKeep-Alive: 5\n", false},
	};
	struct http_request q;
	char text[200];
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(text, sizeof text, "GET / HTTP/%s\n", rows[i].head);
		assert_int_equal(parse(text, &q), HTTP_DONE);
		if (q.keep != rows[i].keep)
			fail_msg("%s", text);
	}
}

static void test_cookie_header(void **state)
{
	struct http_request q;
	(void)state;

	assert_int_equal(parse("GET / HTTP/1.1\nCookie:  a=1; b=\xff \n\n", &q), HTTP_DONE);
	assert_string_equal(q.cookie, "a=1; b=\xff");
	refused("GET / HTTP/1.1\nCookie: a=1\nCookie: a=1\n", 400);
	refused("GET / HTTP/1.1\nCookie:\nCookie: a=1\n", 400);
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
		{"GET / HTTP/1.0\nCookie: ", "\n\n", sizeof q.cookie - 1, 431},
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

/* ---- answers ---- */

static void expect_head(const struct http_answer *a, const char *first, const char *last)
{
	char text[512], whole[512];
	struct wr w = wr_of(text, sizeof text);

	snprintf(whole, sizeof whole,
		"HTTP/%sCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
		"X-Frame-Options: DENY\r\nReferrer-Policy: same-origin\r\n"
		"Content-Security-Policy: default-src 'none'\r\n%s\r\n\r\n",
		first, last);
	http_head(&w, a);
	assert_false(w.bad);
	assert_int_equal(w.n, strlen(whole));
	assert_memory_equal(text, whole, w.n);
}

static void test_head_of_an_answer(void **state)
{
	static const char policy[] = "default-src 'none'";
	struct http_answer error = {
		404, "text/plain", policy, "no-store", "X: y\r\n", .length = 12};
	struct http_answer empty = {
		200, "text/plain", policy, "no-store", "", .keep = true, .minor = 1};
	struct http_answer stream = {200, "text/plain", policy, "no-store", "", .endless = true};
	(void)state;

	expect_head(&error,
		"1.0 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n",
		"X: y\r\nConnection: close");
	expect_head(&empty, "1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n",
		"Connection: keep-alive");
	expect_head(&stream, "1.0 200 OK\r\nContent-Type: text/plain\r\n", "Connection: close");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_request),
		cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_what_a_browser_likes),
		cmocka_unit_test(test_pages_of_others),
		cmocka_unit_test(test_who_takes_a_stream),
		cmocka_unit_test(test_credentials),
		cmocka_unit_test(test_zero_byte),
		cmocka_unit_test(test_length_of_a_body),
		cmocka_unit_test(test_expectations),
		cmocka_unit_test(test_who_asks_again),
		cmocka_unit_test(test_cookie_header),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_head_of_an_answer),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
