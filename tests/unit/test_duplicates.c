/* Two connections with one node: which one stays. The peer plays release 0.10, which compares no
 * ids and looks on. */
#include "tests/unit/main.h"
#include "tests/unit/server_rig.h"

static struct raw dialled_us, dialled_it; /* large */

/* Below and above every id of ours. */
static const char *const ids[] = {"      ", "~~~~~~"};

static void begin(struct rig *r, struct server *s)
{
	server_open(s);
	rig_begin(r);
	side_start(r, &r->a);
}

static void end(struct rig *r, struct server *s)
{
	raw_close(&dialled_us);
	raw_close(&dialled_it);
	close(s->listening);
	rig_end(r);
}

static void it_dials(struct rig *r, const char *id)
{
	raw_connect(&dialled_us, &r->a.at);
	raw_greet(r, &dialled_us, id);
}

static void we_dial(struct rig *r, struct server *s, const char *id)
{
	struct message m = shake(id);

	side_dial(&r->a, &s->at);
	server_meet(r, s, &dialled_it);
	raw_message(&dialled_it, &m);
}

static bool is_ready(struct rig *r, bool outbound)
{
	struct peer_info i;
	peer_id id;

	return p2p_list(r->a.p, true, &id, 1) == 1 && p2p_info(r->a.p, id, &i) &&
	       i.outbound == outbound;
}

/* It has answers to wait for on the connection that was first. */
static void assert_serves(struct rig *r, struct raw *w)
{
	raw_message(w, &(struct message){.type = MSG_GET_BLOCK, .index = 7});
	UNTIL(r, r->a.counts[MSG_GET_BLOCK] == 1);
	assert_false(raw_is_closed(w));
	r->a.counts[MSG_GET_BLOCK] = 0;
}

static void test_it_was_first(void **state)
{
	struct rig r;
	struct server s;
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		begin(&r, &s);
		it_dials(&r, ids[i]);
		assert_serves(&r, &dialled_us);
		we_dial(&r, &s, ids[i]);
		UNTIL(&r, raw_is_closed(&dialled_it));
		assert_serves(&r, &dialled_us);
		assert_true(is_ready(&r, false));
		assert_int_equal(closed_for(&r.a, CLOSE_DUPLICATE), 1);
		end(&r, &s);
	}
}

static void test_we_were_first(void **state)
{
	struct rig r;
	struct server s;
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		begin(&r, &s);
		we_dial(&r, &s, ids[i]);
		UNTIL(&r, is_ready(&r, true));
		it_dials(&r, ids[i]);
		UNTIL(&r, raw_is_closed(&dialled_us));
		assert_serves(&r, &dialled_it);
		assert_true(is_ready(&r, true));
		end(&r, &s);
	}
}

/* A connection can be dead without a word: the new one takes its place. */
static void test_the_first_is_silent(void **state)
{
	struct rig r;
	struct server s;
	(void)state;

	for (uint64_t silent = 40000; silent <= 50000; silent += 10000) {
		begin(&r, &s);
		it_dials(&r, "abc");
		UNTIL(&r, is_ready(&r, false));
		rig_ahead = silent;
		we_dial(&r, &s, "abc");
		struct raw *gone = silent < 45000 ? &dialled_it : &dialled_us;
		struct raw *stays = silent < 45000 ? &dialled_us : &dialled_it;
		UNTIL(&r, raw_is_closed(gone));
		assert_serves(&r, stays);
		end(&r, &s);
	}
}

/* Of our own kind: the id decides, whoever was first. */
static void test_greater_id(void **state)
{
	struct rig r;
	struct server s;
	(void)state;

	for (size_t i = 0; i < 4; i++) {
		bool ours_is_greater = i % 2 == 0, it_is_first = i < 2;
		struct message m = hand(ids[i % 2]);
		m.app_version = slice_str("0.10.0+alfisd.0.1");
		begin(&r, &s);
		for (int k = 0; k < 2; k++) {
			if ((k == 0) == it_is_first) {
				raw_connect(&dialled_us, &r.a.at);
				raw_hello(&r, &dialled_us);
				m.type = MSG_HAND;
				raw_message(&dialled_us, &m);
			} else {
				side_dial(&r.a, &s.at);
				server_meet(&r, &s, &dialled_it);
				m.type = MSG_SHAKE;
				raw_message(&dialled_it, &m);
			}
			UNTIL(&r, r.a.ready >= 1);
		}
		UNTIL(&r, raw_is_closed(ours_is_greater ? &dialled_us : &dialled_it));
		UNTIL(&r, is_ready(&r, ours_is_greater));
		end(&r, &s);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_was_first),
		cmocka_unit_test(test_we_were_first),
		cmocka_unit_test(test_the_first_is_silent),
		cmocka_unit_test(test_greater_id),
	};

	choose_tests(argc, argv);
	return rig_setup() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
