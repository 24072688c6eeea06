/* Strangers at webui.listen: what they can keep from others. */
#include "tests/unit/http_rig.h"

static void fill(struct web_rig *r, int from, int to, enum http_door door)
{
	for (int i = from; i < to; i++) {
		web_ask(r, web_come(r, i, door), WEB_GET("/"));
		r->now++;
	}
}

/* All that came so far is of another network now, each of its own or all of one. */
static void move(struct web_rig *r, bool apart)
{
	uint8_t network = 0x20;

	for (struct http_conn *one = r->conns.first; one; one = one->next) {
		one->from.ip[0] = network;
		network += apart;
	}
}

/* ---- places ---- */

/* Strangers at webui.listen have places of their own. An idle one makes room; of those that have
 * not said what they want, one of a crowded network. */
static void test_places_of_the_owners_page(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	r->limits.web_clients.max = 3;
	fill(r, 0, 3, DOOR_WEB);
	fill(r, 3, 4, DOOR_WEB);
	assert_true(r->clients[0].closed);
	for (int i = 1; i < 4; i++)
		web_say(r, &r->clients[i], "GET");
	web_turns(r);
	struct web_client *c = web_come(r, 4, DOOR_WEB);
	WEB_UNTIL(r, c->closed); /* of the same network */
	assert_int_equal(r->limits.web_clients.hits, 1);
	move(r, false);
	fill(r, 5, 6, DOOR_WEB);
	assert_true(r->clients[1].closed);
	assert_int_equal(r->limits.web_clients.used, 3);
	assert_int_equal(r->limits.max_admin_clients.used, 0);
	assert_int_equal(r->conns.by_tcp, 0);
	web_end(r);
}

static bool by_first_byte(void *ctx, const struct netaddr *from)
{
	(void)ctx;
	return from->ip[0] == 0;
}

/* Nor do they keep out who logged in before, when each comes from a network of its own. */
static void test_who_is_known_has_a_place(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	r->limits.web_clients.max = 3;
	r->conns.s.knows = by_first_byte;
	for (int i = 0; i < 3; i++)
		web_say(r, web_come(r, i, DOOR_WEB), i ? "GET" : WEB_GET("/later"));
	web_turns(r);
	move(r, true);
	fill(r, 3, 4, DOOR_WEB);
	assert_true(r->clients[1].closed);
	web_say(r, &r->clients[3], "GET");
	web_turns(r);
	web_come(r, 4, DOOR_WEB);
	WEB_UNTIL(r, r->clients[2].closed);
	web_come(r, 5, DOOR_WEB);
	WEB_UNTIL(r, r->clients[0].closed); /* it waited for an answer */
	struct web_client *c = web_come(r, 6, DOOR_WEB);
	WEB_UNTIL(r, c->closed); /* all are known now */
	web_end(r);
}

/* A socket that takes little, and asks for more than that, twice: it never reads. */
static void ask_and_be_deaf(struct web_rig *r, int n)
{
	static const char twice[] = WEB_GET("/long") WEB_GET("/long");
	struct web_client *c = web_come(r, n, DOOR_WEB);
	unsigned before = r->asked;
	int small = 4096;

	setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	assert_int_equal(send(c->fd, twice, sizeof twice - 1, MSG_NOSIGNAL), sizeof twice - 1);
	while (r->asked == before)
		event_base_loop(r->base, EVLOOP_ONCE);
	r->now++;
}

/* How many of the moved ones are left that were answered at this time or later. */
static unsigned deaf_since(struct web_rig *r, uint64_t ms)
{
	unsigned n = 0;

	for (struct http_conn *one = r->conns.first; one; one = one->next)
		n += one->from.ip[0] == 0x20 && one->phase == PHASE_ANSWERS && one->since_ms >= ms;
	return n;
}

/* Nor does one network keep out another by reading nothing; who is silent goes first. */
static void test_who_reads_nothing_makes_room(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	r->limits.web_clients.max = 4;
	uint64_t began = r->now;
	for (int i = 0; i < 3; i++)
		ask_and_be_deaf(r, i);
	web_come(r, 3, DOOR_WEB);
	move(r, false);
	web_come(r, 4, DOOR_WEB);
	assert_int_equal(deaf_since(r, began), 3);
	web_come(r, 5, DOOR_WEB);
	assert_int_equal(deaf_since(r, began), 2);
	assert_int_equal(deaf_since(r, began + 1), 2);
	web_come(r, 6, DOOR_WEB); /* both have two */
	assert_int_equal(deaf_since(r, began), 2);
	assert_int_equal(r->limits.web_clients.hits, 3);
	assert_int_equal(r->limits.web_clients.used, 4);
	web_end(r);
}

/* ---- bodies ---- */

/* What strangers send takes nothing of what all others have, and is no longer than a log-in. */
static void test_bodies(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	r->limits.http_body_total_bytes.max = 4096;
	for (int i = 0; i < 3; i++) {
		web_say(r, web_come(r, i, DOOR_WEB), WEB_POST("/", "2048"));
		web_say_form(r, &r->clients[i], 2047);
	}
	web_turns(r);
	assert_int_equal(r->limits.http_body_total_bytes.used, 0);
	web_ask(r, web_come(r, 3, DOOR_LOCAL), WEB_POST("/local", "3") "a=b");
	for (int i = 0; i < 3; i++) {
		web_ask(r, &r->clients[i], "x");
		assert_non_null(strstr(r->clients[i].heard, "\"body\":2048}"));
	}
	struct web_client *c = web_come(r, 0, DOOR_WEB);
	web_say(r, c, WEB_POST("/", "2049"));
	WEB_UNTIL(r, c->closed);
	assert_non_null(strstr(c->heard, "HTTP/1.1 413 "));
	assert_int_equal(r->asked, 4);
	web_end(r);
}

static void know(void *ctx, struct http_call *c)
{
	(void)ctx;
	c->right = RIGHT_OWN;
}

/* Who has a session sends as much as others, and is counted; also when a stranger's request came
 * before on the same connection. */
static void test_bodies_of_a_session(void **state)
{
	struct web_rig *r = web;
	(void)state;

	web_begin(r);
	struct web_client *c = web_come(r, 0, DOOR_WEB);
	web_ask(r, c, WEB_POST("/", "3") "a=b");
	assert_int_equal(r->limits.http_body_total_bytes.peak, 0);
	r->conns.s.know = know;
	web_say(r, c, WEB_POST("/", "20000"));
	web_say_form(r, c, 20000);
	WEB_UNTIL(r, web_answers(c) == 2);
	assert_in_range(r->limits.http_body_total_bytes.peak, 20000, 40000);
	r->conns.s.know = NULL;
	web_ask(r, c, WEB_POST("/", "3") "a=b");
	web_end(r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places_of_the_owners_page),
		cmocka_unit_test(test_who_is_known_has_a_place),
		cmocka_unit_test(test_who_reads_nothing_makes_room),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_bodies_of_a_session),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, web_setup, web_teardown);
}
