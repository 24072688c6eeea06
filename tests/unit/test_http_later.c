/* Requests that are answered later: answer, client, time and server, each of which may be first. */
#include "tests/unit/http_rig.h"

#define LATER WEB_GET("/later")

static bool answer(struct web_rig *r, uint64_t number)
{
	return http_later_answer(&r->conns, number, 200, slice_str("{\"late\":1}\n"));
}

/* A client that waits for its answer. */
static struct web_client *wait_for(struct web_rig *r, int n, enum http_door door, const char *ask)
{
	struct web_client *c = web_come(r, n, door);
	unsigned before = r->asked;

	web_say(r, c, ask);
	WEB_UNTIL(r, r->asked > before);
	web_turns(r);
	assert_int_equal(c->n, 0);
	assert_false(c->closed);
	return c;
}

static void test_it_is_answered(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	struct web_client *one = wait_for(r, 0, DOOR_LOCAL, LATER);
	uint64_t number = r->later;
	struct web_client *two = wait_for(r, 1, DOOR_READ, LATER);
	assert_int_not_equal(number, r->later);
	assert_true(answer(r, number));
	WEB_UNTIL(r, web_answers(one) == 1);
	assert_int_equal(two->n, 0);
	assert_false(answer(r, number)); /* once */
	assert_true(answer(r, r->later));
	WEB_UNTIL(r, web_answers(two) == 1);
	assert_non_null(strstr(one->heard, "HTTP/1.1 200 OK\r\n"));
	assert_non_null(strstr(one->heard, "Content-Length: 11\r\n"));
	assert_non_null(strstr(one->heard, "\r\n\r\n{\"late\":1}\n"));
	web_ask(r, one, WEB_GET("/next")); /* the connection goes on */
	assert_false(answer(r, number + 1000));
	web_end(r);
}

static void test_head_and_end(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	struct web_client *c = wait_for(r, 0, DOOR_LOCAL, "HEAD /later HTTP/1.0\r\n\r\n");
	assert_true(answer(r, r->later));
	WEB_UNTIL(r, c->closed);
	assert_non_null(strstr(c->heard, "Content-Length: 11\r\n"));
	assert_null(strstr(c->heard, "late"));
	web_end(r);
}

/* Its place is free at once, and its answer finds nobody. */
static void test_the_client_is_gone(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	struct web_client *c = wait_for(r, 0, DOOR_READ, LATER);
	close(c->fd);
	c->fd = -1;
	WEB_UNTIL(r, r->limits.max_admin_clients.used == 0);
	assert_false(answer(r, r->later));
	web_end(r);
}

/* A client whose request nobody answered in time. */
static struct web_client *begin_in_vain(struct web_rig *r, const char *request)
{
	web_begin(r);
	r->waits_ms = 20;
	r->limits.admin_timeout.max = 30;
	struct web_client *c = web_come(r, 0, DOOR_LOCAL);
	web_say(r, c, request);
	WEB_UNTIL(r, web_answers(c) == 1);
	return c;
}

/* Nobody answers: the client is told so, and asks on. */
static void test_no_answer(void **state)
{
	struct web_rig *r = web;
	(void)state;

	struct web_client *c = begin_in_vain(r, LATER);

	assert_non_null(strstr(c->heard, "HTTP/1.1 504 Gateway Timeout\r\n"));
	assert_non_null(strstr(c->heard, "{\"error\":\"the answer did not come in time\"}\n"));
	assert_false(answer(r, r->later)); /* it is too late */
	r->limits.admin_timeout.max = 60000;
	web_ask(r, c, WEB_GET("/next"));
	web_end(r);
}

/* The server ends while some wait: web_end() finds nothing left of them. */
static void test_the_server_ends(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	wait_for(r, 0, DOOR_LOCAL, LATER);
	wait_for(r, 1, DOOR_READ, LATER);
	web_end(r);
}

/* Who may ask changes: who waits by TCP gets the answer and is closed then. */
static void test_renewed(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	struct web_client *c = wait_for(r, 0, DOOR_READ, LATER);
	http_conns_renew(&r->conns);
	assert_true(answer(r, r->later));
	WEB_UNTIL(r, c->closed);
	assert_int_equal(web_answers(c), 1);
	web_end(r);
}

/* Requests behind it wait, and are answered behind it. */
static void test_order(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	struct web_client *c = wait_for(r, 0, DOOR_LOCAL, LATER WEB_GET("/second"));
	assert_int_equal(r->asked, 1);
	assert_true(answer(r, r->later));
	WEB_UNTIL(r, web_answers(c) == 2);
	assert_true(strstr(c->heard, "late") < strstr(c->heard, "/second"));
	web_end(r);
}

/* What a client sends meanwhile has its bound. */
static void test_input_is_bounded(void **state)
{
	static char flood[1 << 16];
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	struct web_client *c = wait_for(r, 0, DOOR_LOCAL, LATER);
	memset(flood, 'x', sizeof flood);
	size_t before = mem_bytes();
	for (int i = 0; i < 200; i++) {
		if (send(c->fd, flood, sizeof flood, MSG_NOSIGNAL) < 0)
			assert_int_equal(errno, EAGAIN);
		event_base_loop(r->base, EVLOOP_NONBLOCK);
	}
	assert_true(mem_bytes() - before < 4 * r->limits.admin_request_bytes.max);
	assert_true(answer(r, r->later));
	WEB_UNTIL(r, web_count(c, "late") == 1);
	web_end(r);
}

/* A place is not taken from who waits for an answer. */
static void test_its_place_is_kept(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	r->limits.max_admin_clients.max = 4;
	for (int i = 0; i < 3; i++)
		wait_for(r, i, DOOR_READ, LATER);
	r->now += 10000;
	struct web_client *late = web_come(r, 3, DOOR_READ);
	WEB_UNTIL(r, late->closed);
	assert_int_equal(r->limits.max_admin_clients.used, 3);
	web_end(r);
}

/* ---- routes that are called again with what came ---- */

#define AGAIN                                                                                      \
	"POST /again?x=1 HTTP/1.1\r\nHost: h\r\nContent-Type: "                                    \
	"application/x-www-form-urlencoded\r\nContent-Length: 5\r\n\r\ny=abc"

/* The route has the request with its body again, and its answer is what it writes then. */
static void test_the_route_writes_it(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	struct web_client *c = wait_for(r, 0, DOOR_LOCAL, AGAIN);
	assert_int_equal(r->limits.http_body_total_bytes.used, 5);
	r->body[0] = 0;
	assert_true(answer(r, r->later));
	WEB_UNTIL(r, web_answers(c) == 1);
	assert_int_equal(r->asked, 2);
	assert_string_equal(r->body, "y=abc");
	assert_int_equal(r->limits.http_body_total_bytes.used, 0);
	assert_non_null(strstr(c->heard, "<p>200 {\"late\":1 x=1</p>"));
	assert_false(answer(r, r->later));
	web_ask(r, c, WEB_GET("/next"));
	web_end(r);
}

static void test_the_route_writes_that_nothing_came(void **state)
{
	struct web_rig *r = web;
	(void)state;

	struct web_client *c = begin_in_vain(r, AGAIN);

	assert_non_null(strstr(c->heard, "<p>504 {\"error\":\"the answer did not come in time\""));
	r->limits.admin_timeout.max = 60000;
	web_ask(r, c, WEB_GET("/next"));
	web_end(r);
}

/* What a client that leaves has had kept is free; a body that does not fit is told. */
static void test_kept_requests_are_bounded(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	struct web_client *c = wait_for(r, 0, DOOR_LOCAL, AGAIN);
	close(c->fd);
	c->fd = -1;
	WEB_UNTIL(r, r->limits.max_admin_clients.used == 0);
	assert_int_equal(r->limits.http_body_total_bytes.used, 0);
	assert_false(answer(r, r->later));
	r->limits.http_body_total_bytes.max = 5; /* the body itself takes all */
	c = web_come(r, 1, DOOR_LOCAL);
	web_say(r, c, AGAIN);
	WEB_UNTIL(r, web_answers(c) == 1);
	assert_non_null(strstr(c->heard, "503 Service Unavailable"));
	assert_non_null(strstr(c->heard, "limits.http_body_total_bytes"));
	web_end(r);
}

/* Each allocation fails once: the client is answered or closed, and nothing stays. */
static void expect_no_leak(const char *ask)
{
	struct web_rig *r = web;
	size_t n = 0;
	bool failed = true;

	while (failed) {
		web_begin(r);
		struct web_client *c = wait_for(r, 0, DOOR_LOCAL, ask);
		mem_fail_nth(++n);
		answer(r, r->later);
		for (int i = 0; i < 20 && !c->closed && !web_answers(c); i++)
			web_turn(r);
		failed = mem_fail_nth(0) == 0;
		assert_true(c->closed || web_answers(c) == 1);
		web_end(r);
	}
	assert_true(n > 1);
}

static void test_memory(void **state)
{
	(void)state;

	expect_no_leak(LATER);
	expect_no_leak(AGAIN);
}

/* The same while the request is kept. */
static void test_memory_to_keep(void **state)
{
	struct web_rig *r = web;
	size_t n = 0;
	bool failed = true;
	(void)state;

	while (failed) {
		web_begin(r);
		struct web_client *c = web_come(r, 0, DOOR_LOCAL);
		web_say(r, c, AGAIN);
		mem_fail_nth(++n);
		for (int i = 0; i < 20 && !c->closed && !web_answers(c) && !r->later; i++)
			web_turn(r);
		answer(r, r->later);
		for (int i = 0; i < 20 && !c->closed && !web_answers(c); i++)
			web_turn(r);
		failed = mem_fail_nth(0) == 0;
		assert_true(c->closed || web_answers(c) == 1);
		web_end(r);
	}
	assert_true(n > 2);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_answered),
		cmocka_unit_test(test_head_and_end),
		cmocka_unit_test(test_the_client_is_gone),
		cmocka_unit_test(test_no_answer),
		cmocka_unit_test(test_the_server_ends),
		cmocka_unit_test(test_renewed),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_input_is_bounded),
		cmocka_unit_test(test_its_place_is_kept),
		cmocka_unit_test(test_the_route_writes_it),
		cmocka_unit_test(test_the_route_writes_that_nothing_came),
		cmocka_unit_test(test_kept_requests_are_bounded),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_memory_to_keep),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, web_setup, web_teardown);
}
