/* A node over real sockets: who gets a place, who loses it, and the end in every phase. */
#include "tests/unit/main.h"
#include "tests/unit/p2p_rig.h"

static struct raw w, x; /* large */

/* ---- who may come in ---- */

static void test_caps(void **state)
{
	struct rig r;
	struct raw *second = calloc(1, sizeof *second);
	(void)state;

	rig_begin(&r);
	r.a.limits.max_per_address.max = 1;
	r.a.limits.max_half_open.max = 2;
	side_start(&r, &r.a);
	raw_from(&w, &r.a.at, "127.0.0.11");
	raw_greet(&r, &w, "one");
	raw_from(&x, &r.a.at, "127.0.0.11");
	UNTIL(&r, raw_is_closed(&x));
	assert_int_equal(r.a.limits.max_per_address.hits, 1);
	raw_close(&x);

	raw_from(&x, &r.a.at, "127.0.0.12");
	raw_from(second, &r.a.at, "127.0.0.13");
	UNTIL(&r, stats_of(&r.a).half_open == 2);
	struct raw *third = calloc(1, sizeof *third);
	raw_from(third, &r.a.at, "127.0.0.14");
	UNTIL(&r, raw_is_closed(third));
	assert_int_equal(r.a.limits.max_half_open.hits, 1);
	raw_close(third);
	/* those who do not get on make room after a second */
	turns(&r, 1050);
	raw_from(third, &r.a.at, "127.0.0.14");
	raw_greet(&r, third, "quick");
	assert_int_equal(closed_for(&r.a, CLOSE_EVICTED), 1);
	raw_close(third);
	raw_close(second);
	raw_close(&x);
	raw_close(&w);
	rig_end(&r);
	free(third);
	free(second);
}

/* Ten of one network hold all places; a stranger gets one of theirs, credited ones stay. */
static void test_eviction(void **state)
{
	enum { PLACES = 10 };
	struct rig r;
	struct raw *many = calloc(PLACES, sizeof *many);
	struct peer_info i;
	char id[16];
	(void)state;

	rig_begin(&r);
	r.a.limits.max_inbound.max = PLACES;
	r.a.limits.max_per_address.max = 20;
	side_start(&r, &r.a);
	for (int k = 0; k < PLACES; k++) {
		snprintf(id, sizeof id, "n%d", k);
		raw_from(&many[k], &r.a.at, "127.0.0.21");
		raw_greet(&r, &many[k], id);
		turns(&r, 3);
	}
	assert_int_equal(r.a.ready, PLACES);
	p2p_credit(r.a.p, r.a.ids[PLACES - 1]);
	/* of the same network: no place */
	raw_from(&x, &r.a.at, "127.0.0.21");
	UNTIL(&r, raw_is_closed(&x));
	raw_close(&x);
	raw_from(&w, &r.a.at, "127.0.0.22");
	raw_greet(&r, &w, "stranger");
	assert_int_equal(closed_for(&r.a, CLOSE_EVICTED), 1);
	UNTIL(&r, r.a.gone == 1);
	assert_true(p2p_info(r.a.p, r.a.ids[PLACES - 1], &i));
	assert_true(p2p_info(r.a.p, r.a.ids[0], &i));
	assert_false(p2p_info(r.a.p, r.a.ids[PLACES - 2], &i));
	for (int k = 0; k < PLACES; k++)
		raw_close(&many[k]);
	raw_close(&w);
	rig_end(&r);
	free(many);
}

/* ---- beginnings and ends ---- */

static void test_port_taken(void **state)
{
	struct rig r;
	char text[NETADDR_TEXT_MAX];
	struct log_settings quiet = {.level = LOG_ERROR, .file = "/dev/null"};
	struct log_settings loud = {.level = LOG_ERROR};
	(void)state;

	rig_begin(&r);
	side_start(&r, &r.a);
	log_setup(&quiet);
	turn(&r);
	size_t before = mem_blocks();
	assert_false(side_start_at(&r, &r.b, netaddr_text(&r.a.at, text)));
	assert_null(r.b.p);
	assert_false(side_start_at(&r, &r.b, "no address"));
	log_setup(&loud);
	turn(&r);
	assert_int_equal(mem_blocks(), before);
	rig_end(&r);
}

/* The engines stand between the two halves of the start: what they may call then finds nobody. */
static void test_made_and_not_open(void **state)
{
	struct rig r;
	struct message ping = {.type = MSG_PING};
	struct peer_info info;
	struct netaddr at;
	peer_id id;
	(void)state;

	rig_begin(&r);
	struct p2p_settings set = side_settings(&r, &r.a);
	r.a.p = p2p_create(&set);
	assert_non_null(r.a.p);
	assert_int_equal(p2p_send(r.a.p, 1, &ping), SEND_GONE);
	assert_false(p2p_info(r.a.p, 1, &info));
	assert_int_equal(p2p_list(r.a.p, false, &id, 1), 0);
	assert_int_equal(p2p_listening(r.a.p, &at, 1), 0);
	assert_int_equal(p2p_ban(r.a.p, "9.9.9.9", 60), ERR_OK); /* as when they are loaded */
	turn(&r);
	rig_end(&r);
}

/* Who hears of the peers hears of all ends before he goes himself. */
static void test_all_ends_are_told_before_it_is_freed(void **state)
{
	struct rig r;
	(void)state;

	rig_begin(&r);
	side_start(&r, &r.a);
	side_start(&r, &r.b);
	side_dial(&r.a, &r.b.at);
	UNTIL(&r, r.a.ready && r.b.ready);
	p2p_disconnect(r.a.p);
	assert_int_equal(r.a.gone, 1);
	assert_int_equal(p2p_connections(r.a.p), 0);
	p2p_disconnect(r.a.p); /* nothing is left to do */
	assert_int_equal(
		p2p_send(r.a.p, r.a.ids[0], &(struct message){.type = MSG_PING}), SEND_GONE);
	assert_int_equal(p2p_free(r.a.p), 1);
	r.a.p = NULL;
	assert_int_equal(r.a.gone, 1);
	UNTIL(&r, r.b.gone == 1);
	rig_end(&r);
}

/* The end is clean whatever the connections are doing. */
static void test_end_in_every_phase(void **state)
{
	struct rig r;
	struct message m = hand("phase");
	(void)state;

	for (int phase = 0; phase < 6; phase++) {
		for (int how = 0; how < 3; how++) {
			rig_begin(&r);
			side_start(&r, &r.a);
			if (phase == 5)
				side_start(&r, &r.b);
			if (phase == 5)
				side_dial(&r.a, &r.b.at);
			else
				raw_connect(&w, &r.a.at);
			if (phase == 1)
				UNTIL(&r, p2p_connections(r.a.p) == 1);
			if (phase == 2)
				raw_hello(&r, &w);
			if (phase == 3)
				raw_greet(&r, &w, "phase");
			if (phase == 4) {
				raw_hello(&r, &w);
				raw_frame(&w, &m);
				raw_send(&w, w.frame, 20);
				turns(&r, 10);
			}
			if (how > 0)
				p2p_quiesce(r.a.p);
			if (how == 1)
				UNTIL(&r, p2p_connections(r.a.p) == 0);
			if (how == 2)
				p2p_abort(r.a.p);
			rig_end(&r);
			if (phase != 5)
				raw_close(&w);
		}
	}
}

/* What was sent before the stop arrives. */
static void test_quiesce_delivers(void **state)
{
	struct rig r;
	uint8_t *block = calloc(1, 30000);
	struct message m;
	(void)state;

	rig_begin(&r);
	side_start(&r, &r.a);
	raw_connect(&w, &r.a.at);
	raw_greet(&r, &w, "reader");
	for (uint64_t i = 0; i < 4; i++) {
		m = (struct message){
			.type = MSG_BLOCK, .index = i, .block = slice_of(block, 30000)};
		assert_int_equal(p2p_send(r.a.p, r.a.ids[0], &m), SEND_OK);
	}
	p2p_quiesce(r.a.p);
	assert_int_equal(p2p_send(r.a.p, r.a.ids[0], &m), SEND_GONE);
	for (uint64_t i = 0; i < 4; i++) {
		raw_expect(&r, &w, MSG_BLOCK, &m);
		assert_int_equal(m.index, i);
	}
	UNTIL(&r, p2p_connections(r.a.p) == 0);
	assert_int_equal(r.a.why, CLOSE_SHUTDOWN);
	raw_close(&w);
	rig_end(&r);
	free(block);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_caps),
		cmocka_unit_test(test_eviction),
		cmocka_unit_test(test_port_taken),
		cmocka_unit_test(test_made_and_not_open),
		cmocka_unit_test(test_all_ends_are_told_before_it_is_freed),
		cmocka_unit_test(test_end_in_every_phase),
		cmocka_unit_test(test_quiesce_delivers),
	};

	if (rig_setup())
		return 1;

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
