/* Answers that come late, other name servers than at the start, and names as people write them. */
#include "tests/unit/resolver_rig.h"
#include "tests/unit/main.h"

/* Of 15 s the answer takes 8: the question has been asked again twice by then. Where the machine
 * lets it come too late all takes twice as long. */
static void a_late_answer_is_heard(void **state)
{
	struct rig *r = *state;
	bool heard = false;

	for (uint64_t time = TIMEOUT_MS; !heard && time < PATIENCE_MS; time *= 2) {
		open_server(r, true);
		r->late_ms = time * 8 / 15;
		start_for(r, time, r->at);
		assert_true(lookup(r, "peer.example.com", 1));
		until_told(r, 1);
		heard = r->found[1] == RESOLVED_MAX && r->queries >= 3 && r->queries <= 100;
		close_server(r);
	}
	assert_true(heard);
}

/* It comes when the look-up has failed: it is told by itself, and ends what asks again. */
static void a_later_answer_counts_for_the_next(void **state)
{
	struct rig *r = *state;

	for (int again = 0; again < 2; again++) {
		open_server(r, true);
		r->late_ms = PATIENCE_MS;
		start(r, r->at);
		assert_true(lookup(r, "peer.example.com", 1));
		until_told(r, 1);
		assert_string_equal(r->why[1], "no answer in time");
		assert_int_equal(r->timeout.hits, 1);
		assert_true(!again || lookup(r, "peer.example.com", 1));
		assert_int_equal(r->row.used, 1); /* no second one beside it */
		on_late(-1, 0, r);
		until_told(r, 2);
		assert_int_equal(r->found[1], RESOLVED_MAX);
		assert_int_equal(r->row.used, 0);
		close_server(r);
	}
}

/* Who asks again while the late answer is still accepted is told again when none comes: by our own
 * time-out or by that of the library, which ends at the same time. */
static void a_second_time_out_is_told(void **state)
{
	struct rig *r = *state;

	open_server(r, false);
	start_for(r, 300, r->at);
	assert_true(lookup(r, "peer.example.com", 1));
	until_told(r, 1);
	assert_true(lookup(r, "peer.example.com", 1));
	assert_int_equal(r->row.used, 1);
	until_told(r, 2);
	assert_string_equal(r->why[1], "no answer in time");
	assert_in_range(r->timeout.hits, 1, 2);
}

/* The machine is in another network, where the old server is not heard. */
static void what_is_in_progress_is_asked_anew(void **state)
{
	struct rig *r = *state;
	char servers[sizeof r->at];

	open_server(r, false);
	int silent = r->server;
	memcpy(servers, r->at, sizeof servers);
	start(r, servers);
	assert_true(lookup(r, "peer.example.com", 1) && lookup(r, "host.example.com", 2));
	event_base_loop(r->base, EVLOOP_NONBLOCK);
	open_server(r, true);
	memcpy(servers, r->at, sizeof servers);
	resolver_ask_anew(r->r);
	assert_int_equal(r->told, 0);
	until_told(r, 2);
	assert_int_equal(r->found[1], RESOLVED_MAX);
	assert_int_equal(r->found[2], RESOLVED_MAX);
	close(silent);
	resolver_free(r->r); /* before the text of its servers goes */
	r->r = NULL;
}

/* In the hosts file it stands without. */
static void a_final_dot_is_no_part_of_a_name(void **state)
{
	struct rig *r = *state;

	start(r, "127.0.0.1:1");
	assert_true(lookup(r, "localhost.", 1));
	assert_true(lookup(r, ".", 2));
	until_told(r, 2);
	assert_true(r->found[1] > 0 && netaddr_is_loopback(&r->first[1]));
	assert_int_equal(r->first[1].port, 4244);
	assert_int_equal(r->found[2], 0);
}

int main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(a_late_answer_is_heard),
		T(a_later_answer_counts_for_the_next),
		T(a_second_time_out_is_told),
		T(what_is_in_progress_is_asked_anew),
		T(a_final_dot_is_no_part_of_a_name),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
