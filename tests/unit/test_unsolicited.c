/* What nobody asked for: how much of it is free, what it costs, and that reading waits. */
#include "p2p/unsolicited.h"
#include "tests/unit/main.h"
#include "tests/unit/p2p_rig.h"

enum { RATE = 4096, SHORT = 120, COUNTED = 256 }; /* bytes */

static struct raw w; /* large */

/* ---- the count ---- */

static void test_so_much_a_second(void **state)
{
	struct bound rate = {.max = RATE};
	struct unsolicited u = {0};
	uint64_t now = 5000, wait;
	(void)state;

	for (int i = 0; i < RATE / COUNTED; i++)
		assert_int_equal(unsolicited_came(&u, MSG_PING, SHORT, &rate, now), 0);
	assert_int_equal(rate.hits, 0);
	wait = unsolicited_came(&u, MSG_PING, SHORT, &rate, now);
	assert_int_equal(wait, 63); /* 256 bytes at 4096 a second */
	assert_int_equal(rate.hits, 1);
	assert_int_equal(rate.peak, RATE + COUNTED);
	/* who waited has made up for one, and not for two */
	now += wait;
	assert_int_equal(unsolicited_came(&u, MSG_PING, SHORT, &rate, now), 63);
	now += 63 + 125;
	assert_int_equal(unsolicited_came(&u, MSG_PING, SHORT, &rate, now), 0);
	/* long ones cost what they are, and years make up for all */
	assert_int_equal(unsolicited_came(&u, MSG_PEERS, 64 * 1024, &rate, now), 15937);
	now += 400ull * 24 * 3600 * 1000;
	assert_int_equal(unsolicited_came(&u, MSG_PEERS, RATE, &rate, now), 0);
	assert_int_equal(unsolicited_came(&u, MSG_PING, SHORT, &rate, now), 63);
	assert_int_equal(rate.used, 0);
}

static void test_time_makes_up(void **state)
{
	struct bound small = {.max = RATE}, large = {.max = 1 << 30};
	struct unsolicited u = {0};
	(void)state;

	assert_int_equal(unsolicited_came(&u, MSG_PING, SHORT, &small, 1000), 0);
	assert_int_equal(unsolicited_came(&u, MSG_PING, SHORT, &small, 31000), 0);
	assert_int_equal(u.debt, COUNTED); /* more than enough is not saved */
	u.debt = large.max;
	uint64_t later = 31000 + (1ull << 34); /* 2^64 when multiplied */
	assert_int_equal(unsolicited_came(&u, MSG_PING, SHORT, &large, later), 0);
}

static uint64_t costs(struct unsolicited *u, enum message_type t)
{
	struct bound rate = {.max = RATE};
	struct unsolicited before = *u;
	uint64_t wait = unsolicited_came(u, t, RATE + COUNTED, &rate, before.since);

	u->debt = before.debt;
	return wait;
}

static void test_answers_are_free(void **state)
{
	static const struct {
		enum message_type ask, answer;
	} pair[] = {{MSG_PING, MSG_PONG}, {MSG_GET_PEERS, MSG_PEERS}, {MSG_GET_BLOCK, MSG_BLOCK},
		{MSG_HAND, MSG_SHAKE}};
	struct unsolicited u = {0};
	(void)state;

	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(costs(&u, pair[i].answer), 63);
		unsolicited_sent(&u, pair[i].ask);
		unsolicited_sent(&u, pair[i].ask);
		for (size_t k = 0; k < 4; k++)
			if (k != i)
				assert_int_equal(costs(&u, pair[k].answer), 63);
		assert_int_equal(costs(&u, pair[i].answer), 0);
		assert_int_equal(costs(&u, pair[i].answer), 0);
		assert_int_equal(costs(&u, pair[i].answer), 63);
	}
}

static void test_requests(void **state)
{
	static const enum message_type counted[] = {
		MSG_HAND, MSG_PING, MSG_GET_PEERS, MSG_ERROR, MSG_TWIN, MSG_LOOP};
	struct unsolicited u = {0};
	(void)state;

	for (size_t i = 0; i < sizeof counted / sizeof *counted; i++) {
		unsolicited_sent(&u, counted[i]);
		assert_int_equal(costs(&u, counted[i]), 63);
	}
	assert_int_equal(costs(&u, MSG_GET_BLOCK), 0); /* also the answer to that Ping */
	assert_int_equal(costs(&u, MSG_PONG), 63);
	assert_int_equal(costs(&u, MSG_GET_BLOCK), 0);
}

/* ---- on a connection ---- */

static void begin(struct rig *r)
{
	rig_begin(r);
	r->a.limits.conn_unasked_bytes.max = RATE;
	side_start(r, &r->a);
	raw_connect(&w, &r->a.at);
	raw_greet(r, &w, "chatty");
}

/* A second to make up for, when it was not asked for. */
static struct message large_block(void)
{
	static const uint8_t bytes[2 * RATE];

	return (struct message){
		.type = MSG_BLOCK, .index = 1, .block = slice_of(bytes, sizeof bytes)};
}

static void raw_pings(unsigned n)
{
	struct message m = {.type = MSG_PING, .height = 1};

	while (n-- > 0)
		raw_message(&w, &m);
}

/* Twice as many as are read at once take a second: they are late, and none gets lost. */
static void test_reading_waits(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	uint64_t since = mono();
	raw_pings(2 * RATE / COUNTED);
	UNTIL(&r, r.a.limits.conn_unasked_bytes.hits > 0);
	assert_true(r.a.counts[MSG_PING] <= RATE / COUNTED);
	UNTIL(&r, r.a.counts[MSG_PING] == 2 * RATE / COUNTED);
	struct peer_info info;
	assert_true(p2p_info(r.a.p, r.a.ids[0], &info));
	assert_int_equal(info.unsolicited_waits, r.a.limits.conn_unasked_bytes.hits);
	assert_true(mono() - since >= 800); /* some were paid for by time before the first look */
	assert_int_equal(r.a.gone, 0);
	raw_close(&w);
	rig_end(&r);
}

/* The frame that waits meanwhile is not late, and what comes by halves is when we read again.
 * `here`: its first half was read with the frame before it. */
static void waits_for_us(bool here)
{
	struct message block = large_block();
	struct message ping = {.type = MSG_PING, .height = 1};
	struct rig r;

	begin(&r);
	r.a.limits.frame_timeout.max = 200;
	uint64_t since = mono();
	raw_message(&w, &block);
	if (!here)
		UNTIL(&r, r.a.limits.conn_unasked_bytes.hits == 1);
	size_t n = raw_frame(&w, &ping);
	raw_send(&w, w.frame, n);
	n = raw_frame(&w, &ping);
	raw_send(&w, w.frame, n / 2);
	UNTIL(&r, r.a.counts[MSG_PING] == 1);
	assert_true(mono() - since >= 900); /* what arrives does not shorten it */
	assert_int_equal(r.a.limits.frame_timeout.hits, 0);
	UNTIL(&r, r.a.gone == 1);
	assert_int_equal(r.a.limits.frame_timeout.hits, 1);
	raw_close(&w);
	rig_end(&r);
}

static void test_waiting_is_our_own(void **state)
{
	(void)state;

	waits_for_us(false);
	waits_for_us(true);
}

/* The timer of the connection may fire for something else meanwhile. */
static void test_pinged_while_it_waits(void **state)
{
	struct message block = large_block();
	struct message m = {.type = MSG_PING, .height = 1};
	struct rig r;
	(void)state;

	begin(&r);
	r.a.limits.idle_timeout.max = 300;
	raw_message(&w, &block);
	raw_message(&w, &m);
	raw_expect(&r, &w, MSG_PING, &m);
	assert_int_equal(r.a.limits.conn_unasked_bytes.hits, 1);
	assert_int_equal(r.a.counts[MSG_PING], 0);
	UNTIL(&r, r.a.counts[MSG_PING] == 1);
	raw_close(&w);
	rig_end(&r);
}

static void test_what_was_asked_for(void **state)
{
	struct message ask = {.type = MSG_GET_BLOCK, .index = 1}, block = large_block(), m;
	struct rig r;
	(void)state;

	begin(&r);
	assert_int_equal(p2p_send(r.a.p, r.a.ids[0], &ask), SEND_OK);
	raw_expect(&r, &w, MSG_GET_BLOCK, &m);
	raw_message(&w, &block);
	UNTIL(&r, r.a.counts[MSG_BLOCK] == 1);
	assert_int_equal(r.a.limits.conn_unasked_bytes.hits, 0);
	raw_close(&w);
	rig_end(&r);
}

/* Until the other side has closed: true when it did so in order. */
static bool ended_in_order(void)
{
	ssize_t n;

	do
		n = recv(w.fd, w.in, sizeof w.in, 0);
	while (n > 0);
	return n == 0;
}

/* Who waits can be closed in order, with all that it sent behind its back. */
static void test_closed_while_it_waits(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	raw_pings(2 * RATE / COUNTED);
	UNTIL(&r, r.a.limits.conn_unasked_bytes.hits > 0);
	raw_pings(RATE / COUNTED); /* these the kernel holds */
	p2p_quiesce(r.a.p);
	UNTIL(&r, p2p_connections(r.a.p) == 0);
	assert_true(ended_in_order());
	assert_true(r.a.counts[MSG_PING] < 2 * RATE / COUNTED);
	raw_close(&w);
	rig_end(&r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_so_much_a_second),
		cmocka_unit_test(test_time_makes_up),
		cmocka_unit_test(test_answers_are_free),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_reading_waits),
		cmocka_unit_test(test_waiting_is_our_own),
		cmocka_unit_test(test_pinged_while_it_waits),
		cmocka_unit_test(test_what_was_asked_for),
		cmocka_unit_test(test_closed_while_it_waits),
	};

	if (rig_setup())
		return 1;

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
