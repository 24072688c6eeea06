/* Clients of the HTTP server that want more than there is: places, time, memory. */
#include "tests/unit/http_rig.h"

/* ---- places ---- */

static void fill(struct web_rig *r, int from, int to, enum http_door door)
{
	for (int i = from; i < to; i++) {
		web_ask(r, web_come(r, i, door), WEB_GET("/"));
		r->now++;
	}
}

static void test_an_idle_client_makes_room(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	r->limits.max_admin_clients.max = 3;
	fill(r, 0, 3, DOOR_LOCAL);
	web_ask(r, &r->clients[0], WEB_GET("/")); /* it is the youngest now */
	r->now++;
	fill(r, 3, 4, DOOR_LOCAL);
	WEB_UNTIL(r, r->clients[1].closed);
	fill(r, 4, 5, DOOR_READ); /* of a stranger too: the quarter that is kept is a place more */
	WEB_UNTIL(r, r->clients[2].closed);
	fill(r, 5, 6, DOOR_LOCAL); /* strangers first */
	WEB_UNTIL(r, r->clients[4].closed);
	assert_false(r->clients[0].closed || r->clients[3].closed || r->clients[5].closed);
	assert_int_equal(r->limits.max_admin_clients.hits, 0);
	web_end(r);
}

/* Who has begun a request, or has not asked yet, is not idle; of strangers it is after a second. */
static void test_a_busy_client_stays(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	r->limits.max_admin_clients.max = 3;
	web_come(r, 0, DOOR_LOCAL);
	fill(r, 1, 2, DOOR_LOCAL);
	web_say(r, &r->clients[1], WEB_POST("/", "3") "a");
	web_come(r, 2, DOOR_READ);
	web_say(r, &r->clients[2], "GET / HT");
	web_turns(r);
	r->now += 999;
	WEB_UNTIL(r, web_come(r, 3, DOOR_LOCAL)->fd >= 0 && (web_turn(r), r->clients[3].closed));
	assert_int_equal(r->limits.max_admin_clients.hits, 1);
	r->now++;
	fill(r, 3, 4, DOOR_LOCAL);
	assert_true(r->clients[2].closed);
	assert_int_equal(r->limits.max_admin_clients.hits, 2);
	web_ask(r, &r->clients[1], "=b");
	web_ask(r, &r->clients[0], WEB_GET("/"));
	web_end(r);
}

/* They never take the place of the Unix socket's clients, but for one that is idle while there is
 * no free one. */
static void test_a_crowd_of_strangers(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r); /* eight places, two are kept */
	fill(r, 0, 1, DOOR_LOCAL);
	fill(r, 1, 7, DOOR_READ);
	fill(r, 7, 8, DOOR_METRICS);
	assert_true(r->clients[1].closed);
	assert_int_equal(r->conns.by_tcp, 6);
	for (int i = 2; i < 8; i++)
		web_say(r, &r->clients[i], "GET");
	web_turns(r);
	struct web_client *c = web_come(r, 8, DOOR_READ);
	WEB_UNTIL(r, c->closed);
	assert_false(r->clients[0].closed);
	fill(r, 9, 10, DOOR_LOCAL);
	assert_int_equal(r->limits.max_admin_clients.used, 8);
	web_end(r);
}

static void test_who_may_ask_has_changed(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	fill(r, 0, 1, DOOR_LOCAL);
	fill(r, 1, 5, DOOR_READ);
	web_say(r, &r->clients[2], "GET /x HT");
	web_say(r, &r->clients[3], WEB_POST("/", "3") "a");
	WEB_UNTIL(r, r->limits.http_body_total_bytes.used > 0);
	static const char get[] = WEB_GET("/long"); /* more than its socket takes */
	assert_int_equal(send(r->clients[4].fd, get, sizeof get - 1, MSG_NOSIGNAL), sizeof get - 1);
	while (r->asked < 6)
		event_base_loop(r->base, EVLOOP_ONCE);
	http_conns_renew(&r->conns);
	WEB_UNTIL(r, r->clients[1].closed);
	web_ask(r, &r->clients[2], "TP/1.1\r\n\r\n");
	web_ask(r, &r->clients[3], "=b");
	for (int i = 2; i < 5; i++) {
		WEB_UNTIL(r, r->clients[i].closed);
		assert_int_equal(web_answers(&r->clients[i]), 2);
		assert_int_equal(web_count(&r->clients[i], "Connection: close"), i < 4);
	}
	web_ask(r, &r->clients[0], WEB_GET("/"));
	assert_false(r->clients[0].closed);
	web_end(r);
}

/* ---- time ---- */

static void test_idle_time(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	r->limits.http_idle_timeout.max = 50;
	fill(r, 0, 2, DOOR_LOCAL);
	web_say(r, &r->clients[1], "GET");
	WEB_UNTIL(r, r->clients[0].closed);
	web_ask(r, &r->clients[1], " / HTTP/1.1\r\n\r\n");
	WEB_UNTIL(r, r->clients[1].closed);
	assert_int_equal(r->limits.max_admin_clients.used, 0);
	web_end(r);
}

/* Says one byte more at each turn, until it is closed. */
static void dribble(struct web_rig *r, struct web_client *c, const char *begun)
{
	web_say(r, c, begun);
	WEB_UNTIL(r, send(c->fd, "a", 1, MSG_NOSIGNAL) < 0 || c->closed);
	assert_int_equal(r->limits.max_admin_clients.used, 0);
}

/* Time for an exchange is time for all of it, for the second one as for the first. */
static void test_slow_writers(void **state)
{
	static const char *const begun[] = {
		"", "GET / HTTP/1.1\r\nX:", WEB_POST("/", "60000") "a="};
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	r->limits.admin_request_bytes.max = 65536; /* more than comes in that time */
	for (size_t i = 0; i < sizeof begun / sizeof begun[0]; i++) {
		r->limits.admin_timeout.max = 100;
		dribble(r, web_come(r, 0, DOOR_LOCAL), begun[i]);
		r->limits.admin_timeout.max = WEB_PATIENCE_MS;
		struct web_client *c = web_come(r, 0, DOOR_LOCAL);
		web_ask(r, c, WEB_GET("/"));
		r->limits.admin_timeout.max = 100;
		dribble(r, c, begun[i]);
		assert_int_equal(web_answers(c), 1);
	}
	web_end(r);
}

static void test_a_slow_reader(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	r->limits.admin_timeout.max = 100;
	struct web_client *c = web_come(r, 0, DOOR_LOCAL);
	static const char twice[] = WEB_GET("/long") WEB_GET("/long");
	int small = 4096;
	setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	assert_int_equal(send(c->fd, twice, sizeof twice - 1, MSG_NOSIGNAL), sizeof twice - 1);
	uint64_t end = clock_mono(&clock_system) + WEB_PATIENCE_MS;
	while (r->limits.max_admin_clients.used) { /* it reads nothing */
		struct timeval tv = {0, 1000};
		assert_true(clock_mono(&clock_system) < end);
		evtimer_add(r->wake, &tv);
		event_base_loop(r->base, EVLOOP_ONCE);
	}
	web_end(r);
}

/* Whoever leaves in the middle leaves nothing behind. */
static void test_gone_in_the_middle(void **state)
{
	static const char script[] = WEB_GET("/1")
		WEB_POST("/2", "3\r\nExpect: 100-continue") "a=b" WEB_POST("/nothing", "3") "a";
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	for (size_t n = 0; n < sizeof script; n++) {
		struct web_client *c = web_come(r, 0, DOOR_READ);
		web_send(r, c, script, n);
		web_turn(r);
		close(c->fd);
		c->fd = -1;
		WEB_UNTIL(r, !r->limits.max_admin_clients.used);
		assert_int_equal(r->limits.http_body_total_bytes.used, 0);
	}
	web_end(r);
}

/* ---- memory ---- */

/* Each allocation fails once. The client is answered or closed, and the next one is served. When
 * none fails three answers come; if they did not come in time, there is twice the time for them. */
static void test_no_memory(void **state)
{
	struct web_rig *r = web;
	uint64_t n = 0, time = 50;
	(void)state;

	do {
		web_begin(r);
		r->limits.admin_timeout.max = time;
		mem_fail_nth(++n);
		struct web_client *c = web_come(r, 0, DOOR_READ);
		web_say(r, c, WEB_GET("/1") WEB_POST("/2", "20000\r\nExpect: 100-continue"));
		web_say_form(r, c, 20000);
		web_say(r, c, WEB_POST("/nothing", "3") "a=b");
		WEB_UNTIL(r, c->closed);
		bool failed = mem_fail_nth(0) == 0;
		bool answered = web_answers(c) == 3;
		r->limits.admin_timeout.max = WEB_PATIENCE_MS;
		web_ask(r, web_come(r, 1, DOOR_READ), WEB_GET("/3"));
		web_end(r);
		if (!failed && answered)
			break;
		if (!failed) {
			assert_true(time < WEB_PATIENCE_MS);
			time *= 2;
			n--;
		}
	} while (n < 1000);
	assert_in_range(n, 15, 999);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_idle_client_makes_room),
		cmocka_unit_test(test_a_busy_client_stays),
		cmocka_unit_test(test_a_crowd_of_strangers),
		cmocka_unit_test(test_who_may_ask_has_changed),
		cmocka_unit_test(test_idle_time),
		cmocka_unit_test(test_slow_writers),
		cmocka_unit_test(test_a_slow_reader),
		cmocka_unit_test(test_gone_in_the_middle),
		cmocka_unit_test(test_no_memory),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, web_setup, web_teardown);
}
