/* What a client of the HTTP server gets for what it sends, in which order, and when its connection
 * ends. */
#include "tests/unit/http_rig.h"

/* ---- one after the other ---- */

static void test_it_asks_again(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	struct web_client *c = web_come(r, 0, DOOR_READ);
	web_ask(r, c, WEB_GET("/a"));
	assert_non_null(strstr(c->heard, "HTTP/1.1 200 OK\r\n"));
	assert_non_null(strstr(c->heard, "Content-Length: 23\r\n"));
	assert_non_null(strstr(c->heard, "Connection: keep-alive\r\n"));
	web_ask(r, c, WEB_GET("/b"));
	web_ask(r, c, "HEAD /c HTTP/1.1\r\n\r\n" WEB_GET("/d"));
	assert_int_equal(web_count(c, "HTTP/1.1 200 OK"), 4);
	assert_non_null(strstr(c->heard, "\"/d\""));
	assert_null(strstr(c->heard, "\"/c\""));
	assert_int_equal(r->limits.max_admin_clients.used, 1);
	assert_int_equal(r->limits.max_http_requests.peak, 4);
	web_ask(r, c, "GET /e HTTP/1.1\r\nConnection: close\r\n\r\n" WEB_GET("/f"));
	WEB_UNTIL(r, c->closed);
	assert_int_equal(web_count(c, "Connection: close"), 1);
	assert_int_equal(r->asked, 5);
	web_end(r);
}

static void test_version_decides(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	struct web_client *c = web_come(r, 0, DOOR_LOCAL);
	web_ask(r, c, "GET /a HTTP/1.0\r\n\r\n");
	WEB_UNTIL(r, c->closed);
	assert_non_null(strstr(c->heard, "HTTP/1.0 200 OK\r\n"));
	assert_non_null(strstr(c->heard, "Connection: close\r\n"));
	c = web_come(r, 0, DOOR_LOCAL);
	web_ask(r, c, "GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
	web_ask(r, c, "GET /a HTTP/1.0\r\n\r\n");
	WEB_UNTIL(r, c->closed);
	assert_int_equal(web_count(c, "Connection: keep-alive\r\n"), 1);
	web_end(r);
}

/* JSON is for the calls of webui.listen; everywhere else a body is a form. */
static void test_json_by_one_door(void **state)
{
	static const char json[] =
		"POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
		"Content-Length: 2\r\n\r\n{}";
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	struct web_client *c = web_come(r, 0, DOOR_LOCAL);
	web_ask(r, c, json);
	WEB_UNTIL(r, c->closed);
	assert_non_null(strstr(c->heard, "HTTP/1.1 415 "));
	assert_int_equal(r->asked, 0);
	c = web_come(r, 1, DOOR_WEB);
	web_say(r, c, json);
	WEB_UNTIL(r, web_answers(c) == 1);
	assert_non_null(strstr(c->heard, "HTTP/1.1 200 "));
	assert_non_null(strstr(c->heard, "\"body\":0}")); /* it is no form */
	web_end(r);
}

static void test_pipeline(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	struct web_client *c = web_come(r, 0, DOOR_LOCAL);
	web_say(r, c, WEB_GET("/1") WEB_POST("/2", "5") "a=bcd" WEB_GET("/3") "GET /4 HTT");
	WEB_UNTIL(r, web_answers(c) == 3);
	const char *two = strstr(c->heard, "{\"path\":\"/2\",\"body\":5}");
	assert_non_null(two);
	assert_true(strstr(c->heard, "\"/1\"") < two && two < strstr(c->heard, "\"/3\""));
	assert_string_equal(r->body, "");
	web_ask(r, c, "P/1.1\r\n\r\n");
	assert_non_null(strstr(c->heard, "\"/4\""));
	web_end(r);
}

/* Any cut between two packets gives the same answers. */
static void test_segments(void **state)
{
	static const char script[] = WEB_GET("/1") WEB_POST("/2", "3") "a=b" WEB_POST("/3", "0")
		WEB_GET("/4") "GET /5 HTTP/1.1\r\nConnection: close\r\n\r\nmore";
	static char whole[WEB_HEARD + 1];
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	for (size_t step = sizeof script; step; step /= 3) {
		struct web_client *c = web_come(r, 0, DOOR_LOCAL);
		for (size_t n = 0; n + 1 < sizeof script; n += step) {
			size_t rest = sizeof script - 1 - n;
			web_send(r, c, script + n, rest < step ? rest : step);
			web_turn(r);
		}
		WEB_UNTIL(r, c->closed);
		if (step == sizeof script)
			memcpy(whole, c->heard, c->n + 1);
		assert_string_equal(c->heard, whole);
		assert_int_equal(web_answers(c), 5);
	}
	web_end(r);
}

static void test_requests_of_a_connection(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	r->limits.max_http_requests.max = 2;
	struct web_client *c = web_come(r, 0, DOOR_LOCAL);
	web_say(r, c, WEB_GET("/1") WEB_GET("/2") WEB_GET("/3"));
	WEB_UNTIL(r, c->closed);
	assert_int_equal(web_answers(c), 2);
	assert_int_equal(web_count(c, "Connection: keep-alive"), 1);
	assert_int_equal(r->asked, 2);
	web_end(r);
}

/* ---- what cannot be read to its end ---- */

/* The one answer has this status, and nothing behind the request is taken for another one. */
static void refused(const char *request, int status)
{
	struct web_rig *r = web;
	char line[32];

	snprintf(line, sizeof line, " %d ", status);
	struct web_client *c = web_come(r, 0, DOOR_LOCAL);
	web_say(r, c, request);
	web_say(r, c, WEB_GET("/smuggled"));
	WEB_UNTIL(r, c->closed);
	if (web_count(c, line) != 1 || web_count(c, "HTTP/1.") != 1 ||
		!strstr(c->heard, "Connection: close"))
		fail_msg("%s: %s", request, c->heard);
}

static void test_one_reading(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	refused(WEB_POST("/", "3\r\nContent-Length: 30") "a=b", 400);
	refused(WEB_POST("/", "3\r\nContent-Length: 3") "a=b", 400);
	refused(WEB_POST("/", "3, 3") "a=b", 400);
	refused(WEB_POST("/", "+3") "a=b", 400);
	refused(WEB_POST("/", "4\r\nTransfer-Encoding: chunked") "0\r\n\r\n", 411);
	refused("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n", 411);
	refused("POST / HTTP/1.1\r\nContent-Length : 3\r\n\r\na=b", 400);
	refused("POST / HTTP/1.1\r\nX: y\r\n Content-Length: 3\r\n\r\na=b", 400);
	refused("POST / HTTP/1.1\r\nX: y\rContent-Length: 3\r\n\r\na=b", 400);
	refused("GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\na=b", 400);
	refused("GET http://x/ HTTP/1.1\r\n\r\n", 400);
	refused("GET /\r\n\r\n", 400);
	assert_int_equal(r->asked, 0);
	web_end(r);
}

/* An answer about a request that was read to its end is no reason to close. */
static void test_an_error_in_between(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	struct web_client *c = web_come(r, 0, DOOR_LOCAL);
	web_ask(r, c, WEB_POST("/", "3") "a b");
	assert_non_null(strstr(c->heard, "HTTP/1.1 400 "));
	web_ask(r, c, WEB_GET("/b"));
	assert_int_equal(web_count(c, "keep-alive"), 2);
	web_end(r);
}

static void test_what_is_too_long(void **state)
{
	static char head[3000];
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	r->limits.admin_request_bytes.max = 2048;
	r->limits.admin_response_bytes.max = 100000;
	struct web_client *c = web_come(r, 0, DOOR_LOCAL);
	web_ask(r, c, WEB_GET("/long"));
	assert_non_null(strstr(c->heard, "HTTP/1.1 503 "));
	snprintf(head, sizeof head, "GET / HTTP/1.1\r\nX: %02025d\r\n\r\n", 0);
	web_ask(r, c, head);
	assert_int_equal(strlen(head), 2048);
	assert_non_null(strstr(c->heard, "HTTP/1.1 200 "));
	memset(head, 'x', sizeof head - 1);
	memcpy(head, "GET / HTTP/1.1\r\nX: ", 19);
	web_send(r, c, head, 2048);
	WEB_UNTIL(r, c->closed);
	assert_non_null(strstr(c->heard, "HTTP/1.1 431 "));
	web_end(r);
}

/* ---- bodies ---- */

static void test_a_body_at_its_bound(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	struct web_client *c = web_come(r, 0, DOOR_LOCAL);
	web_say(r, c, WEB_POST("/", "65536"));
	web_say_form(r, c, 65536);
	WEB_UNTIL(r, web_answers(c) == 1);
	assert_non_null(strstr(c->heard, "\"body\":65536}"));
	assert_int_equal(r->limits.http_body_total_bytes.peak, 65536);
	assert_int_equal(r->limits.http_body_bytes.hits, 0);
	web_say(r, c, WEB_POST("/", "65537"));
	WEB_UNTIL(r, web_answers(c) == 2);
	assert_non_null(strstr(c->heard, "HTTP/1.1 413 "));
	assert_int_equal(r->limits.http_body_bytes.hits, 1);
	WEB_UNTIL(r, c->closed);
	web_end(r);
}

/* What is told costs nothing. */
static void test_memory_of_a_body(void **state)
{
	struct web_rig *r = web;
	const struct bound *total = &r->limits.http_body_total_bytes;
	(void)state;

	web_begin(r);
	struct web_client *c = web_come(r, 0, DOOR_LOCAL);
	web_say(r, c, WEB_POST("/", "65536"));
	web_turns(r);
	assert_int_equal(total->used, 0);
	web_say_form(r, c, 10);
	WEB_UNTIL(r, total->used > 0);
	assert_int_equal(total->used, 4096);
	web_say_form(r, c, 20000);
	web_turns(r);
	assert_in_range(total->used, 20010, 40020);
	assert_int_equal(r->asked, 0);
	web_end(r);
}

static void test_room_of_all_bodies(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	struct web_client *a = web_come(r, 0, DOOR_LOCAL), *b = web_come(r, 1, DOOR_LOCAL);
	web_say(r, a, WEB_POST("/", "65536"));
	web_say_form(r, a, 65000);
	web_say(r, b, WEB_POST("/", "65536"));
	web_say_form(r, b, 65000);
	WEB_UNTIL(r, b->closed);
	assert_non_null(strstr(b->heard, "HTTP/1.1 503 "));
	assert_in_range(r->limits.http_body_total_bytes.peak, 65536, 98304);
	web_say_form(r, a, 536);
	WEB_UNTIL(r, web_answers(a) == 1);
	assert_non_null(strstr(a->heard, "\"body\":65536}"));
	assert_int_equal(r->limits.http_body_total_bytes.used, 0);
	web_end(r);
}

static void test_continue(void **state)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	struct web_client *c = web_come(r, 0, DOOR_LOCAL);
	web_say(r, c, WEB_POST("/", "3\r\nExpect: 100-continue"));
	WEB_UNTIL(r, strcmp(c->heard, go_on) == 0);
	web_ask(r, c, "a=b");
	assert_int_equal(web_count(c, "100 Continue"), 1);
	web_ask(r, c, WEB_POST("/", "3\r\nExpect: 100-continue") "a=b");
	web_ask(r, c, WEB_POST("/", "65537\r\nExpect: 100-continue"));
	WEB_UNTIL(r, c->closed);
	assert_int_equal(web_count(c, "100 Continue"), 1);
	assert_int_equal(web_count(c, "HTTP/1.1 413 "), 1);
	web_end(r);
}

/* Nobody sends a body for nothing, and who does it all the same sees the answer. */
static void test_who_may_send_a_body(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	strcpy(r->conns.access.token, "0123456789abcdef");
	struct web_client *c = web_come(r, 0, DOOR_LOCAL);
	web_say(r, c, WEB_POST("/nothing", "60000"));
	WEB_UNTIL(r, c->closed);
	assert_non_null(strstr(c->heard, "HTTP/1.1 404 "));
	assert_int_equal(r->limits.max_admin_clients.used, 1); /* it may be sending */
	web_say_form(r, c, 60000);
	web_turns(r);
	assert_int_equal(r->limits.max_admin_clients.used, 1);
	close(c->fd);
	c->fd = -1;
	WEB_UNTIL(r, r->limits.max_admin_clients.used == 0);
	c = web_come(r, 0, DOOR_READ);
	web_say(r, c, WEB_POST("/", "3"));
	WEB_UNTIL(r, c->closed);
	assert_non_null(strstr(c->heard, "HTTP/1.1 401 "));
	assert_int_equal(r->admitted, 1);
	assert_int_equal(r->limits.http_body_total_bytes.peak, 0);
	web_end(r);
}

/* ---- input behind an answer that is not read ---- */

static void test_input_is_bounded(void **state)
{
	static char flood[1 << 20];
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	struct web_client *c = web_come(r, 0, DOOR_LOCAL);
	web_say(r, c, WEB_GET("/long"));
	memset(flood, 'x', sizeof flood);
	size_t before = mem_bytes(), taken = 0;
	for (int i = 0; i < 200; i++) { /* without reading */
		ssize_t sent = send(c->fd, flood, sizeof flood, MSG_NOSIGNAL);
		taken += sent > 0 ? (size_t)sent : 0;
		event_base_loop(r->base, EVLOOP_NONBLOCK);
	}
	assert_true(mem_bytes() - before < 300000);
	assert_true(taken < 2 * sizeof flood); /* the rest is the kernel's */
	web_end(r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_asks_again),
		cmocka_unit_test(test_version_decides),
		cmocka_unit_test(test_json_by_one_door),
		cmocka_unit_test(test_pipeline),
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_requests_of_a_connection),
		cmocka_unit_test(test_one_reading),
		cmocka_unit_test(test_an_error_in_between),
		cmocka_unit_test(test_what_is_too_long),
		cmocka_unit_test(test_a_body_at_its_bound),
		cmocka_unit_test(test_memory_of_a_body),
		cmocka_unit_test(test_room_of_all_bodies),
		cmocka_unit_test(test_continue),
		cmocka_unit_test(test_who_may_send_a_body),
		cmocka_unit_test(test_input_is_bounded),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, web_setup, web_teardown);
}
