/* One connection at the edges of its bounds: deadlines by a clock that is set by hand, output and
 * input to the byte. The other side is the second end of a pair of sockets. */
#include <event2/event.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "p2p/conn_internal.h"
#include "tests/unit/book_rig.h"
#include "tests/unit/main.h"

enum { CONNS = 2, KEEP = 65536, START = 1000000 }; /* KEEP: a byte less than the largest frame */

struct link {
	struct conn c; /* first: a hook gets it and finds its link */
	int other;     /* our end of the pair */
	size_t drained, alarms;
	bool released;
};

struct rig {
	struct hands hands;
	struct limits limits;
	struct conn_pool pool;
	struct event_base *base;
	size_t blocks;
	struct link link[CONNS];
};

static enum step on_readable(struct conn *c)
{
	static uint8_t all[1 << 20];

	if (conn_input(c) > KEEP) /* else it waits for more, like a reader of a large frame */
		conn_take(c, all, conn_input(c));
	return STEP_WAIT;
}

static void on_drained(struct conn *c)
{
	((struct link *)c)->drained++;
}

static void on_alarm(struct conn *c)
{
	((struct link *)c)->alarms++;
}

static void on_released(struct conn *c)
{
	((struct link *)c)->released = true;
}

static void nothing(struct conn *c)
{
	(void)c;
}

static const struct conn_hooks hooks = {
	.connected = nothing,
	.readable = on_readable,
	.drained = on_drained,
	.alarm = on_alarm,
	.marked = nothing,
	.release = on_released,
};

static void begin(struct rig *r)
{
	*r = (struct rig){.blocks = mem_blocks()};
	hands_init(&r->hands);
	r->hands.mono = START;
	limits_default(&r->limits);
	r->base = event_base_new();
	r->pool = (struct conn_pool){
		.base = r->base, .clock = &r->hands.clock, .limits = &r->limits, .hooks = &hooks};
	assert_true(conn_pool_init(&r->pool));
}

static struct conn *open_link(struct rig *r, int n, bool outbound)
{
	struct link *l = &r->link[n];
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	*l = (struct link){.other = pair[0], .c.outbound = outbound};
	assert_true(conn_accept(&r->pool, &l->c, pair[1]));
	return &l->c;
}

static void end(struct rig *r)
{
	conn_pool_fini(&r->pool);
	for (int n = 0; n < CONNS; n++)
		if (r->link[n].other)
			close(r->link[n].other);
	event_base_free(r->base);
	assert_int_equal(r->limits.send_total_bytes.used, 0);
	assert_int_equal(r->limits.max_connections.used, 0);
	assert_int_equal(mem_blocks(), r->blocks);
}

static void turns(struct rig *r)
{
	for (int i = 0; i < 20; i++)
		event_base_loop(r->base, EVLOOP_NONBLOCK);
}

static void say(struct rig *r, int n, size_t bytes)
{
	static const uint8_t zeros[4096];

	for (size_t part; bytes > 0; bytes -= part) {
		part = bytes < sizeof zeros ? bytes : sizeof zeros;
		assert_int_equal(write(r->link[n].other, zeros, part), (ssize_t)part);
		turns(r);
	}
	turns(r);
}

/* Reads some of what came to the other side; false when there is nothing. */
static bool hear_some(struct rig *r, int n, size_t pieces)
{
	uint8_t bytes[4096];
	ssize_t got = 0;

	turns(r);
	while (pieces-- > 0)
		got = read(r->link[n].other, bytes, sizeof bytes);
	return got > 0;
}

/* Reads all that comes to the other side. */
static size_t hear(struct rig *r, int n)
{
	uint8_t bytes[4096];
	size_t sum = 0;
	ssize_t got;

	turns(r);
	while ((got = read(r->link[n].other, bytes, sizeof bytes)) > 0) {
		sum += (size_t)got;
		turns(r);
	}
	return sum;
}

/* Over exactly `ms` after START, by that row, and the timer is armed for it. */
static void due(struct rig *r, struct conn *c, uint64_t ms, const struct bound *bound)
{
	uint64_t at = START + ms;

	assert_true(c->armed && c->armed <= (at > r->hands.mono ? at : r->hands.mono));
	assert_null(conn_overdue(c, at - 1));
	assert_ptr_equal(conn_overdue(c, at), bound);
}

static void test_phases_have_an_end(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	struct conn *c = open_link(&r, 0, false);
	due(&r, c, 5000, &r.limits.hello_timeout); /* not one byte */
	say(&r, 0, 1);
	due(&r, c, 12000, &r.limits.hello_timeout);
	assert_int_equal(c->frame_since, 0); /* a hello is no frame */
	conn_set_phase(c, PHASE_HANDSHAKE);
	due(&r, c, 15000, &r.limits.handshake_timeout);
	conn_set_phase(c, PHASE_READY);
	assert_null(conn_overdue(c, UINT64_MAX));
	c = open_link(&r, 1, true); /* the one that we dialled may be deaf for a while */
	due(&r, c, 12000, &r.limits.hello_timeout);
	end(&r);
}

static void test_dials_have_an_end(void **state)
{
	struct rig r;
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof sa;
	int listening = socket(AF_INET, SOCK_STREAM, 0);
	(void)state;

	assert_int_equal(bind(listening, (struct sockaddr *)&sa, n), 0);
	assert_int_equal(listen(listening, 1), 0);
	assert_int_equal(getsockname(listening, (struct sockaddr *)&sa, &n), 0);
	begin(&r);
	struct conn *c = &r.link[0].c;
	assert_true(netaddr_from_sockaddr((struct sockaddr *)&sa, &c->addr));
	assert_true(conn_dial(&r.pool, c, NULL));
	due(&r, c, 5000, &r.limits.connect_timeout);
	end(&r);
	close(listening);
}

static void test_frames_have_an_end(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	r.limits.request_timeout.max = 1000000; /* no silence is one of our own line */
	struct conn *c = open_link(&r, 0, false);
	conn_set_phase(c, PHASE_HANDSHAKE);
	conn_set_phase(c, PHASE_READY);
	conn_set_alarm(c, START + 90000);
	assert_int_equal(c->armed, START + 5000); /* of the hello; it is left alone, */
	c->armed = 0;                             /* fires for nothing, */
	conn_schedule(c);
	assert_int_equal(c->armed, START + 90000); /* and is armed anew */
	r.hands.mono += 100;
	say(&r, 0, 1);
	assert_int_equal(c->armed, START + 10101);
	r.hands.mono += 4900;
	for (uint64_t i = 0; i < 4; i++) { /* a few bytes prolong it by what they are worth */
		r.hands.mono += 500;
		say(&r, 0, 1);
		due(&r, c, 10100 + (i + 2) * 1000 / 512, &r.limits.frame_timeout);
	}
	say(&r, 0, 512 * 20 - 5);
	due(&r, c, 30100, &r.limits.frame_timeout);
	say(&r, 0, KEEP + 1 - 512 * 20); /* whole: taken */
	assert_int_equal(conn_input(c), 0);
	assert_null(conn_overdue(c, UINT64_MAX));
	end(&r);
}

static void test_output_has_an_end(void **state)
{
	struct rig r;
	uint8_t bytes[100] = {0};
	(void)state;

	begin(&r);
	struct conn *c = open_link(&r, 0, false);
	conn_set_phase(c, PHASE_HANDSHAKE);
	conn_set_phase(c, PHASE_READY);
	c->armed = 0;
	for (int i = 0; i < 3; i++) { /* further answers are no progress */
		assert_int_equal(conn_write(c, bytes, sizeof bytes), SEND_OK);
		due(&r, c, 60000, &r.limits.write_timeout);
		assert_int_equal(c->armed, START + 60000);
		r.hands.mono += 1000;
	}
	assert_int_equal(hear(&r, 0), 300);
	assert_null(conn_overdue(c, UINT64_MAX));
	assert_int_equal(conn_write(c, bytes, sizeof bytes), SEND_OK);
	conn_finish(c, CLOSE_DUPLICATE);
	assert_int_equal(c->phase, PHASE_FLUSHING);
	due(&r, c, 3000 + 5000, &r.limits.flush_timeout);
	say(&r, 0, 10); /* nobody reads it any more */
	assert_int_equal(conn_input(c), 0);
	end(&r);
}

static void test_output_to_the_byte(void **state)
{
	struct rig r;
	uint8_t bytes[200] = {0};
	(void)state;

	begin(&r);
	r.limits.conn_send_bytes.max = 100;
	struct conn *c = open_link(&r, 0, false);
	assert_int_equal(conn_write(c, bytes, 60), SEND_OK);
	assert_int_equal(conn_write(c, bytes, 41), SEND_FULL);
	assert_int_equal(r.limits.conn_send_bytes.hits, 1);
	assert_int_equal(conn_write(c, bytes, 40), SEND_OK);
	assert_int_equal(r.limits.conn_send_bytes.peak, 100);
	assert_int_equal(r.limits.send_total_bytes.used, 100);
	assert_int_equal(hear(&r, 0), 100);
	assert_int_equal(r.link[0].drained, 1);
	assert_int_equal(r.limits.send_total_bytes.used, 0);
	end(&r);
}

/* Who was refused for the sum of all is fed when another one has read, or has gone. */
static void test_starved_are_fed(void **state)
{
	struct rig r;
	uint8_t bytes[200] = {0};
	(void)state;

	for (int round = 0; round < 2; round++) {
		begin(&r);
		r.limits.send_total_bytes.max = 100;
		struct conn *rich = open_link(&r, 0, false), *poor = open_link(&r, 1, false);
		assert_int_equal(conn_write(rich, bytes, 80), SEND_OK);
		assert_int_equal(conn_write(poor, bytes, 21), SEND_FULL);
		assert_int_equal(r.limits.send_total_bytes.hits, 1);
		assert_int_equal(r.link[1].drained, 0);
		if (round)
			conn_close(rich, CLOSE_OPERATOR);
		else
			assert_int_equal(hear(&r, 0), 80);
		turns(&r);
		assert_int_equal(r.link[0].released, round);
		assert_int_equal(r.link[1].drained, 1);
		assert_int_equal(conn_write(poor, bytes, 100), SEND_OK);
		end(&r);
	}
}

static void test_input_never_outgrows_its_bound(void **state)
{
	struct rig r;
	static uint8_t zeros[150000];
	int large = 400000;
	(void)state;

	begin(&r);
	struct conn *c = open_link(&r, 0, false);
	setsockopt(r.link[0].other, SOL_SOCKET, SO_SNDBUF, &large, sizeof large);
	say(&r, 0, 55000);
	assert_int_equal(conn_input(c), 55000);
	ssize_t sent = write(r.link[0].other, zeros, sizeof zeros);
	assert_true(sent > 100000); /* more than the bound at once */
	turns(&r);
	assert_in_range(r.limits.conn_receive_bytes.peak, KEEP, 65600);
	end(&r);
}

static void test_places(void **state)
{
	struct rig r;
	struct conn one = {.id = 1};
	int pair[2];
	(void)state;

	begin(&r);
	r.limits.max_connections.max = 2;
	open_link(&r, 0, false);
	open_link(&r, 1, false);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	assert_false(conn_accept(&r.pool, &one, pair[1]));
	assert_int_equal(r.limits.max_connections.hits, 1);
	assert_int_equal(r.limits.max_connections.used, 2);
	close(pair[0]);
	conn_close(&r.link[0].c, CLOSE_EVICTED); /* its place is free at the mark */
	assert_int_equal(r.limits.max_connections.used, 1);
	turns(&r);
	assert_int_equal(r.pool.count, 1);
	end(&r);
}

/* What libevent holds for bytes, its blocks of a power of two included, is within what the row says
 * of so many bytes of one connection. Sizes just over a power of two need the largest blocks. */
static void test_output_in_memory(void **state)
{
	static uint8_t frame[65537];
	struct rig r;
	(void)state;

	begin(&r);
	r.limits.max_connections.max = 1;
	struct conn *c = open_link(&r, 0, false);
	size_t idle = mem_bytes(), sum = 0;
	for (size_t n = 1; n <= 65537; n = 2 * n - 1 + (n == 1))
		for (int i = 0; i < 3 && conn_write(c, frame, n) == SEND_OK; i++)
			;
	for (bool more = true; more; more = hear_some(&r, 0, 1)) {
		r.limits.send_total_bytes.max = conn_output(c);
		assert_in_range(mem_bytes() - idle, 0,
			limits_worst_bytes(&r.limits, LIMIT_ROW_send_total_bytes));
		sum++;
	}
	assert_int_equal(conn_output(c), 0);
	assert_true(sum > 20);
	end(&r);
}

static void test_input_in_memory(void **state)
{
	static const size_t sizes[] = {1, 976, 977, 4048, 4096};
	(void)state;

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct rig r;
		begin(&r);
		r.limits.max_connections.max = 1;
		struct conn *c = open_link(&r, 0, false);
		conn_set_phase(c, PHASE_HANDSHAKE);
		say(&r, 0, 1);
		size_t idle = mem_bytes(), most = 0;
		for (size_t n = 1; n + sizes[i] < KEEP / (i ? 1 : 8); n += sizes[i]) {
			say(&r, 0, sizes[i]);
			r.limits.conn_receive_bytes.max = conn_input(c);
			most = limits_worst_bytes(&r.limits, LIMIT_ROW_conn_receive_bytes);
			assert_in_range(mem_bytes() - idle, 0, most);
			r.limits.conn_receive_bytes.max = 65600;
		}
		end(&r);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_phases_have_an_end),
		cmocka_unit_test(test_dials_have_an_end),
		cmocka_unit_test(test_frames_have_an_end),
		cmocka_unit_test(test_output_has_an_end),
		cmocka_unit_test(test_output_to_the_byte),
		cmocka_unit_test(test_starved_are_fed),
		cmocka_unit_test(test_input_never_outgrows_its_bound),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_output_in_memory),
		cmocka_unit_test(test_input_in_memory),
	};
	struct log_settings log = {.level = LOG_ERROR};

	log_setup(&log);
	signal(SIGPIPE, SIG_IGN);
	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
