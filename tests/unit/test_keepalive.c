/* Two idle nodes of our own kind: signs of life, and no bound that is met in normal life. The clock
 * is set ahead by hand, and the alarm of a connection called as its timer would. */
#include "p2p/p2p_internal.h"
#include "tests/unit/main.h"
#include "tests/unit/p2p_rig.h"

static struct peer *peer_of_side(struct side *s)
{
	return p2p_find(s->p, s->ids[0]);
}

/* Both have asked for addresses and heard an answer: from now on they are idle. */
static void begin(struct rig *r)
{
	rig_begin(r);
	side_start(r, &r->a);
	side_start(r, &r->b);
	side_dial(&r->a, &r->b.at);
	UNTIL(r, r->a.counts[MSG_PEERS] && r->b.counts[MSG_PEERS]);
	peer_of_side(&r->a)->ask_at = peer_of_side(&r->b)->ask_at = UINT64_MAX;
}

static void sound_alarm(struct rig *r, struct side *s)
{
	peer_alarm(&peer_of_side(s)->conn);
	turns(r, 20);
}

static uint64_t pings(struct side *s)
{
	return stats_of(s).messages_out[MSG_PING];
}

static void answer(struct side *s, peer_id id, const struct message *m)
{
	if (m->type == MSG_PING)
		p2p_send(s->p, id, &(struct message){.type = MSG_PONG});
}

static void test_idle_nodes_show_life(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	r.b.on_message = answer;
	for (uint64_t n = 1; n <= 5; n++) {
		rig_ahead += 28000;
		sound_alarm(&r, &r.a);
		assert_int_equal(pings(&r.a), n - 1);
		rig_ahead += 12100;
		sound_alarm(&r, &r.a);
		assert_int_equal(pings(&r.a), n);
		UNTIL(&r, r.a.counts[MSG_PONG] == n);
		sound_alarm(&r, &r.b); /* it has heard one: its turn is over */
		assert_int_equal(pings(&r.b), 0);
	}
	assert_int_equal(r.a.limits.idle_timeout.hits + r.b.limits.idle_timeout.hits, 0);
	assert_int_equal(r.a.gone, 0);
	rig_end(&r);
}

/* Nothing depends on a sign of life; at idle_timeout it is asked, and given pong_timeout. */
static void test_no_answer(void **state)
{
	struct rig r;
	(void)state;

	begin(&r); /* b answers nothing */
	for (uint64_t n = 1; n <= 2; n++) {
		rig_ahead += 40000;
		sound_alarm(&r, &r.a);
		sound_alarm(&r, &r.a);
		assert_int_equal(pings(&r.a), n);
	}
	rig_ahead += 11000; /* 91 s of silence */
	sound_alarm(&r, &r.a);
	assert_int_equal(pings(&r.a), 3);
	assert_int_equal(r.a.limits.idle_timeout.hits, 0);
	rig_ahead += 10100;
	sound_alarm(&r, &r.a);
	UNTIL(&r, r.a.gone == 1);
	assert_int_equal(r.a.why, CLOSE_TIMEOUT);
	assert_int_equal(r.a.limits.idle_timeout.hits, 1);
	assert_int_equal(r.a.limits.pong_timeout.hits, 1);
	rig_end(&r);
}

/* The machine slept, or its address is another one: who does not answer within ten seconds is gone,
 * whatever pong_timeout says; who does is kept. */
static void test_after_a_sleep(void **state)
{
	struct rig r;
	(void)state;

	begin(&r);
	r.b.on_message = answer;
	r.a.limits.pong_timeout.max = 300000;
	p2p_network_changed(r.a.p, "this machine slept");
	UNTIL(&r, r.a.counts[MSG_PONG] == 1);
	assert_int_equal(r.a.moved, 1); /* others are told, too */
	rig_ahead += 20000;
	sound_alarm(&r, &r.a);
	assert_int_equal(pings(&r.a), 1);
	r.b.on_message = NULL;
	p2p_network_changed(r.a.p, "this machine slept");
	UNTIL(&r, pings(&r.a) == 2);
	rig_ahead += 9000;
	sound_alarm(&r, &r.a);
	assert_int_equal(r.a.gone, 0);
	rig_ahead += 1100;
	sound_alarm(&r, &r.a);
	UNTIL(&r, r.a.gone == 1);
	assert_int_equal(r.a.why, CLOSE_TIMEOUT);
	rig_end(&r);
}

/* Release 0.10 shows itself: it is told nothing before idle_timeout. */
static void test_another_kind(void **state)
{
	static struct raw w;
	struct rig r;
	(void)state;

	rig_begin(&r);
	side_start(&r, &r.a);
	raw_connect(&w, &r.a.at);
	raw_greet(&r, &w, "abc");
	UNTIL(&r, r.a.ready);
	peer_of_side(&r.a)->ask_at = UINT64_MAX;
	rig_ahead += 85000;
	sound_alarm(&r, &r.a);
	assert_int_equal(pings(&r.a), 0);
	raw_close(&w);
	rig_end(&r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_idle_nodes_show_life),
		cmocka_unit_test(test_no_answer),
		cmocka_unit_test(test_after_a_sleep),
		cmocka_unit_test(test_another_kind),
	};

	choose_tests(argc, argv);
	return rig_setup() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
