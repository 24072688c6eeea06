/* Frames that are not whole when the line falls silent: while nobody at all delivers it may be our
 * own, and the deadline of a frame is put off. The clock is set by hand. */
#include <event2/event.h>
#include <sys/socket.h>
#include <unistd.h>

#include "p2p/conn_internal.h"
#include "tests/unit/book_rig.h"
#include "tests/unit/main.h"

enum { CONNS = 2, START = 1000000 };

struct link {
	struct conn c; /* first: a hook gets it and finds its link */
	int other;     /* our end of the pair */
};

struct rig {
	struct hands hands;
	struct limits limits;
	struct conn_pool pool;
	struct event_base *base;
	size_t blocks;
	struct link link[CONNS];
};

/* It waits for more, like a reader of a large frame. */
static enum step on_readable(struct conn *c)
{
	(void)c;
	return STEP_WAIT;
}

static void nothing(struct conn *c)
{
	(void)c;
}

static const struct conn_hooks hooks = {
	.connected = nothing,
	.readable = on_readable,
	.drained = nothing,
	.alarm = nothing,
	.marked = nothing,
	.release = nothing,
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

static void end(struct rig *r)
{
	conn_pool_fini(&r->pool);
	for (int n = 0; n < CONNS; n++)
		if (r->link[n].other)
			close(r->link[n].other);
	event_base_free(r->base);
	assert_int_equal(mem_blocks(), r->blocks);
}

static void say(struct rig *r, int n, size_t bytes)
{
	static const uint8_t zeros[16];

	assert_int_equal(write(r->link[n].other, zeros, bytes), (ssize_t)bytes);
	for (int i = 0; i < 20; i++)
		event_base_loop(r->base, EVLOOP_NONBLOCK);
}

static struct conn *ready_link(struct rig *r, int n)
{
	struct link *l = &r->link[n];
	struct conn *c = &l->c;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	l->other = pair[0];
	assert_true(conn_accept(&r->pool, c, pair[1]));
	conn_set_phase(c, PHASE_HANDSHAKE);
	conn_set_phase(c, PHASE_READY);
	return c;
}

static bool is_overdue_at(struct rig *r, struct conn *c, uint64_t ms)
{
	r->hands.mono = START + ms;
	return conn_overdue(c, r->hands.mono) != NULL;
}

/* While nobody at all delivers, the rest of a frame is waited for: it may be our own line. */
static void test_a_frame_outlasts_a_silence_of_the_line(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	struct conn *c = ready_link(&r, 0);
	say(&r, 0, 1); /* deadline: 10001 */
	ready_link(&r, 1);
	say(&r, 1, 1);
	assert_false(is_overdue_at(&r, c, 9000));
	assert_false(is_overdue_at(&r, c, 12000));
	c->armed = 0;
	conn_schedule(c);
	assert_int_equal(c->armed, START + 12250);          /* it is looked at again, */
	for (uint64_t ms = 12000; ms < 24000; ms += 1000) { /* and has as long again */
		assert_false(is_overdue_at(&r, c, ms));
		say(&r, ms % 2000 ? 0 : 1, 1); /* it goes on, too, less than it should */
	}
	assert_true(is_overdue_at(&r, c, 24000));
	end(&r);
}

/* Three times pong_timeout, and what its bytes are worth. */
static void test_a_frame_does_not_outlast_every_silence(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	struct conn *c = ready_link(&r, 0);
	say(&r, 0, 1);
	assert_false(is_overdue_at(&r, c, 30000));
	assert_true(is_overdue_at(&r, c, 30001));
	end(&r);
}

/* One is silent while another delivers: its frame has no more time than it ever had. */
static void test_a_frame_of_one_who_stops(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	struct conn *c = ready_link(&r, 0);
	ready_link(&r, 1);
	say(&r, 0, 1);
	for (uint64_t ms = 0; ms <= 10000; ms += 2000) {
		assert_false(is_overdue_at(&r, c, ms));
		say(&r, 1, 1);
	}
	assert_true(is_overdue_at(&r, c, 10001));
	end(&r);
}

/* A silence that was over before the frame began excuses nobody. */
static void test_an_older_silence_is_no_excuse(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	struct conn *c = ready_link(&r, 0);
	ready_link(&r, 1);
	say(&r, 1, 1);
	r.hands.mono += 60000;
	say(&r, 1, 1);
	say(&r, 0, 1);
	for (uint64_t ms = 60000; ms <= 70000; ms += 2000) {
		assert_false(is_overdue_at(&r, c, ms));
		say(&r, 1, 1);
	}
	assert_true(is_overdue_at(&r, c, 70001));
	end(&r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_frame_outlasts_a_silence_of_the_line),
		cmocka_unit_test(test_a_frame_does_not_outlast_every_silence),
		cmocka_unit_test(test_a_frame_of_one_who_stops),
		cmocka_unit_test(test_an_older_silence_is_no_excuse),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
