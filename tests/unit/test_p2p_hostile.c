/* Peers that are silent, slow, greedy or talk garbage, a machine without descriptors or memory:
 * every one meets a bound or a deadline, and nothing is left behind. */
#include "tests/unit/main.h"
#include "tests/unit/p2p_rig.h"

#include <sys/resource.h>

/* Deadlines: one that is to pass, and one that never does. libevent's clock is coarse. */
enum { SHORT_MS = 120, LONG_MS = 60000, COARSE_MS = 10 };

static struct raw w, x; /* large */

/* ---- garbage: closed, never banned (protocol.md 12.3 item 9) ---- */

static void closed_as_malformed(struct rig *r)
{
	UNTIL(r, raw_is_closed(&w));
	raw_close(&w);
	assert_int_equal(closed_for(&r->a, CLOSE_MALFORMED), 1);
	assert_int_equal(stats_of(&r->a).bans, 0);
	rig_end(r);
}

static void begin(struct rig *r)
{
	rig_begin(r);
	side_start(r, &r->a);
	raw_connect(&w, &r->a.at);
}

static void test_low_order_key(void **state)
{
	struct rig r;
	uint8_t hello[HELLO_CLIENT_MAX] = {0x0a}; /* no garbage, an all-zero key */
	(void)state;

	begin(&r);
	raw_send(&w, hello, 33);
	closed_as_malformed(&r);
}

static void test_garbage_behind_hello(void **state)
{
	struct rig r;
	uint8_t bytes[4096];
	(void)state;

	begin(&r);
	memset(bytes, 0x33, sizeof bytes); /* lengths of 39321 */
	raw_hello(&r, &w);
	for (int i = 0; i < 10; i++)
		raw_send(&w, bytes, sizeof bytes);
	closed_as_malformed(&r);
}

static void test_impossible_lengths(void **state)
{
	static const uint8_t heads[][2] = {{0xaa, 0xaa}, {0xaa, 0xab}, {0xaa, 0xba}};
	struct rig r;
	(void)state;

	for (size_t i = 0; i < 3; i++) { /* 0, 1, 16: judged before the body comes */
		begin(&r);
		raw_hello(&r, &w);
		raw_send(&w, heads[i], 2);
		closed_as_malformed(&r);
	}
}

static void test_broken_frames(void **state)
{
	struct rig r;
	struct message m = hand("broken");
	(void)state;

	begin(&r);
	raw_hello(&r, &w);
	size_t n = raw_frame(&w, &m);
	w.frame[n - 1] ^= 1;
	raw_send(&w, w.frame, n);
	closed_as_malformed(&r);

	begin(&r);
	raw_hello(&r, &w);
	struct wr f = wr_of(w.frame, sizeof w.frame);
	assert_true(secure_seal(&w.session, slice_str("no message"), &f));
	raw_send(&w, w.frame, f.n);
	closed_as_malformed(&r);
}

static void test_twin_and_error(void **state)
{
	struct rig r;
	struct message m = {.type = MSG_ERROR};
	(void)state;

	begin(&r);
	raw_hello(&r, &w);
	raw_message(&w, &m);
	raw_message(&w, &(struct message){.type = MSG_TWIN});
	UNTIL(&r, raw_is_closed(&w));
	assert_int_equal(closed_for(&r.a, CLOSE_DUPLICATE), 1);
	raw_close(&w);
	rig_end(&r);
}

/* ---- silence ---- */

static void test_silent_in_each_phase(void **state)
{
	struct rig r;
	uint8_t hello[HELLO_SENT_MAX];
	struct message m = hand("slow");
	(void)state;

	for (int phase = 0; phase < 4; phase++) {
		rig_begin(&r);
		r.a.limits.hello_timeout.max = phase < 2 ? SHORT_MS : LONG_MS;
		r.a.limits.handshake_timeout.max = phase == 2 ? SHORT_MS : LONG_MS;
		r.a.limits.frame_timeout.max = phase == 3 ? SHORT_MS : LONG_MS;
		side_start(&r, &r.a);
		raw_connect(&w, &r.a.at);
		uint64_t since = mono();
		if (phase == 1) {
			raw_hello_bytes(&w, hello);
			raw_send(&w, hello, 20);
		}
		if (phase >= 2)
			raw_hello(&r, &w);
		if (phase ==
			3) { /* dribble: every byte is progress, the frame is late all the same */
			size_t n = raw_frame(&w, &m), i = 0;
			for (; i < n - 1 && closed_for(&r.a, CLOSE_TIMEOUT) == 0; i++) {
				raw_send(&w, w.frame + i, 1);
				turns(&r, 5);
			}
			assert_true(i < n - 1);
			assert_int_equal(r.a.limits.frame_timeout.hits, 1);
		}
		UNTIL(&r, raw_is_closed(&w));
		assert_true(mono() - since >= SHORT_MS - COARSE_MS);
		assert_int_equal(closed_for(&r.a, CLOSE_TIMEOUT), 1);
		raw_close(&w);
		rig_end(&r);
	}
}

static void test_idle_is_pinged(void **state)
{
	struct rig r;
	struct message m;
	(void)state;

	rig_begin(&r);
	r.a.height = 3;
	r.a.limits.idle_timeout.max = 150;
	r.a.limits.pong_timeout.max = 600;
	side_start(&r, &r.a);
	raw_connect(&w, &r.a.at);
	raw_greet(&r, &w, "idler");
	uint64_t since = mono();
	for (int i = 0; i < 2; i++) {
		raw_expect(&r, &w, MSG_PING, &m);
		assert_int_equal(m.height, 3);
		assert_int_equal(m.hash.n, 32);
		raw_message(&w, &(struct message){.type = MSG_PONG, .height = 1});
	}
	assert_true(mono() - since >= 300);
	UNTIL(&r, r.a.counts[MSG_PONG] == 2);
	raw_expect(&r, &w, MSG_PING, &m);
	UNTIL(&r, raw_is_closed(&w));
	assert_int_equal(r.a.why, CLOSE_TIMEOUT);
	assert_int_equal(r.a.limits.pong_timeout.hits, 1);
	assert_int_equal(r.a.limits.idle_timeout.hits, 1); /* an answered one is none */
	raw_close(&w);
	rig_end(&r);
}

/* A dial that the other side answers with silence, and one that is refused. */
static void test_dials_that_fail(void **state)
{
	struct rig r;
	struct netaddr at;
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof sa;
	int mute = socket(AF_INET, SOCK_STREAM, 0);
	(void)state;

	assert_int_equal(bind(mute, (struct sockaddr *)&sa, n), 0);
	assert_int_equal(getsockname(mute, (struct sockaddr *)&sa, &n), 0);
	assert_true(netaddr_from_sockaddr((struct sockaddr *)&sa, &at));
	rig_begin(&r);
	r.a.limits.hello_timeout.max = 150;
	side_start(&r, &r.a);
	side_dial(&r.a, &at);
	UNTIL(&r, closed_for(&r.a, CLOSE_CONNECT) == 1);
	assert_non_null(strstr(stats_of(&r.a).last_dial_error, "refused"));
	assert_int_equal(stats_of(&r.a).dial_failures, 1);
	rig_end(&r);

	assert_int_equal(listen(mute, 5), 0);
	rig_begin(&r);
	r.a.limits.hello_timeout.max = 150;
	side_start(&r, &r.a);
	side_dial(&r.a, &at);
	UNTIL(&r, closed_for(&r.a, CLOSE_TIMEOUT) == 1);
	assert_int_equal(stats_of(&r.a).dial_failures, 1);
	rig_end(&r);
	close(mute);
}

/* ---- greed ---- */

/* A client that leaves everything in its small receive buffer. */
static void greedy(struct rig *r, const char *id)
{
	w.small = true;
	raw_connect(&w, &r->a.at);
	w.small = false;
	raw_greet(r, &w, id);
}

/* Sends until neither we nor the kernel take more; a slow machine may be given up meanwhile. */
static size_t fill(struct rig *r, const uint8_t *block)
{
	uint64_t full_since = 0;
	size_t sent = 0;

	while (full_since == 0 || mono() < full_since + 50) {
		struct message m = {
			.type = MSG_BLOCK, .index = sent, .block = slice_of(block, 30000)};
		enum send_result s = p2p_send(r->a.p, r->a.ids[0], &m);
		sent += s == SEND_OK;
		full_since = s == SEND_OK ? 0 : full_since ? full_since : mono();
		if (s == SEND_GONE)
			break;
		assert_true(sent < 10000);
		turn(r);
	}
	return sent;
}

static void test_output_is_bounded(void **state)
{
	struct rig r;
	uint8_t *block = calloc(1, 30000);
	struct peer_info i;
	struct message m;
	(void)state;

	for (int round = 0; round < 2; round++) {
		rig_begin(&r);
		if (round) /* the sum of all is what is short */
			r.a.limits.send_total_bytes.max = 150000;
		side_start(&r, &r.a);
		greedy(&r, "greedy");
		size_t sent = fill(&r, block);
		assert_true(sent > 4);
		assert_true(p2p_info(r.a.p, r.a.ids[0], &i));
		assert_true(i.out_pending <= 262144);
		assert_true(r.a.limits.conn_send_bytes.peak <= 262144);
		assert_int_equal(r.a.limits.conn_send_bytes.hits > 0, !round);
		assert_int_equal(r.a.limits.send_total_bytes.hits > 0, round);
		assert_true(r.a.limits.send_total_bytes.used > 0);
		for (size_t k = 0; k < sent; k++) {
			raw_expect(&r, &w, MSG_BLOCK, &m);
			assert_int_equal(m.index, k);
		}
		UNTIL(&r, r.a.drained && r.a.limits.send_total_bytes.used == 0);
		raw_close(&w);
		rig_end(&r);
	}
	free(block);
}

static void test_who_never_reads_is_closed(void **state)
{
	struct rig r;
	uint8_t *block = calloc(1, 30000);
	(void)state;

	rig_begin(&r);
	r.a.limits.write_timeout.max = 200;
	side_start(&r, &r.a);
	greedy(&r, "mule");
	fill(&r, block);
	UNTIL(&r, r.a.gone == 1);
	assert_int_equal(r.a.why, CLOSE_OUTPUT);
	assert_int_equal(r.a.limits.write_timeout.hits, 1);
	raw_close(&w);
	rig_end(&r);
	free(block);
}

/* Whoever is being flushed and does not read is not waited for. */
static void test_flush_has_an_end(void **state)
{
	struct rig r;
	uint8_t *block = calloc(1, 30000);
	(void)state;

	rig_begin(&r);
	r.a.limits.flush_timeout.max = 200;
	side_start(&r, &r.a);
	greedy(&r, "stone");
	fill(&r, block);
	uint64_t since = mono();
	p2p_quiesce(r.a.p);
	UNTIL(&r, p2p_connections(r.a.p) == 0);
	assert_true(mono() - since >= 190);
	raw_close(&w);
	rig_end(&r);
	free(block);
}

/* Thousands of requests in one go do not keep another peer from being served. */
static void test_flood_is_fair(void **state)
{
	struct rig r;
	struct message m = {.type = MSG_GET_BLOCK, .index = 1};
	(void)state;

	rig_begin(&r);
	side_start(&r, &r.a);
	raw_connect(&w, &r.a.at);
	raw_greet(&r, &w, "flood");
	raw_connect(&x, &r.a.at);
	raw_greet(&r, &x, "modest");
	size_t n = raw_frame(&w, &m);
	for (int i = 0; i < 1000; i++)
		raw_send(&w, w.frame, n);
	raw_message(&x, &(struct message){.type = MSG_PING, .height = 1});
	UNTIL(&r, r.a.counts[MSG_PING]);
	assert_true(r.a.counts[MSG_GET_BLOCK] < 200);
	UNTIL(&r, r.a.counts[MSG_GET_BLOCK] == 1000);
	raw_close(&w);
	raw_close(&x);
	rig_end(&r);
}

/* ---- a machine at its end ---- */

static void test_no_descriptors(void **state)
{
	struct rig r;
	struct rlimit old, low;
	(void)state;

	rig_begin(&r);
	side_start(&r, &r.a);
	raw_connect(&w, &r.a.at);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	int next = dup(0);
	close(next);
	low = (struct rlimit){(rlim_t)next, old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	turns(&r, 100);
	assert_int_equal(stats_of(&r.a).accepted, 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	/* a debugger that keeps its own count has accepted and closed; the kernel makes us wait */
	if (!raw_is_closed(&w))
		raw_greet(&r, &w, "patient");
	raw_close(&w);
	rig_end(&r);
}

/* The n-th allocation of a whole conversation fails: no crash, no leak, for every n. */
static void converse(struct rig *r, uint64_t n)
{
	struct side *a = &r->a, *b = &r->b;
	struct message m = {.type = MSG_GET_BLOCK, .index = 1};
	uint64_t end = mono() + 200;

	if (!side_start_at(r, b, "127.0.0.1:0"))
		return;
	mem_fail_nth(n);
	if (side_start_at(r, a, "127.0.0.1:0")) {
		char text[NETADDR_TEXT_MAX];
		(void)p2p_peer_add(a->p, netaddr_text(&b->at, text));
		while (mono() < end && !(a->ready && b->ready) && a->gone + b->gone == 0 &&
			closed_for(a, CLOSE_LIMIT) + closed_for(b, CLOSE_LIMIT) == 0)
			turn(r);
		if (a->ready)
			(void)p2p_send(a->p, a->ids[0], &m);
		for (int i = 0; i < 5; i++)
			event_base_loop(r->base, EVLOOP_NONBLOCK);
	}
	mem_fail_nth(0);
}

static void test_memory_runs_out(void **state)
{
	struct rig r;
	struct log_settings quiet = {.level = LOG_ERROR, .file = "/dev/null"};
	struct log_settings loud = {.level = LOG_ERROR};
	(void)state;

	log_setup(&quiet);
	for (uint64_t n = 1; n < 100; n++) {
		rig_begin(&r);
		converse(&r, n);
		rig_end(&r);
	}
	log_setup(&loud);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_low_order_key),
		cmocka_unit_test(test_garbage_behind_hello),
		cmocka_unit_test(test_impossible_lengths),
		cmocka_unit_test(test_broken_frames),
		cmocka_unit_test(test_twin_and_error),
		cmocka_unit_test(test_silent_in_each_phase),
		cmocka_unit_test(test_idle_is_pinged),
		cmocka_unit_test(test_dials_that_fail),
		cmocka_unit_test(test_output_is_bounded),
		cmocka_unit_test(test_who_never_reads_is_closed),
		cmocka_unit_test(test_flush_has_an_end),
		cmocka_unit_test(test_flood_is_fair),
		cmocka_unit_test(test_no_descriptors),
		cmocka_unit_test(test_memory_runs_out),
	};

	if (rig_setup())
		return 1;

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
