/* Why the node advances or not: each reason is brought about, and its line has the facts. */
#include "api/reason.h"
#include "api/status.h"
#include "tests/unit/api_rig.h"
#include "tests/unit/russian.h"

static struct told t; /* large */
static char said[256];

static void expect_reason(enum reason wanted, bool is_syncing, const char *text)
{
	bool syncing = !is_syncing;

	t.config.limits = t.r.limits;
	enum reason r = status_reason(&t.api, said, sizeof said, &syncing);
	if (r != wanted || strncmp(said, text, strlen(text)) != 0)
		fail_msg("%d: %s; wanted %d: %s", (int)r, said, (int)wanted, text);
	if (wanted != REASON_STORE) /* the system's own words */
		assert_has_russian(said);
	assert_int_equal(syncing, is_syncing);
}

static void test_stopping_and_store(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	t.state.stopping = true;
	expect_reason(REASON_STOPPING, false, "stopping");
	t.state.store_error = "no space left on device";
	expect_reason(REASON_STORE, false, "store is read-only: no space left on device");
	told_end(&t);
}

static void test_origin_and_peers(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	t.r.params.has_origin = false;
	expect_reason(REASON_NO_ORIGIN, false, "no origin is configured");
	t.r.params.has_origin = true;
	expect_reason(REASON_ALONE, false, "no peers are configured");
	assert_int_equal(p2p_peer_add(t.api.p2p, "192.0.2.9:4244"), ERR_OK);
	expect_reason(REASON_NO_PEERS, false, "no peers (0 of 1 configured answered; last error: ");
	told_end(&t);
}

/* Behind, as long as blocks can be expected; then with none; then at the tip. */
static void test_a_sync(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	rig_peer(&t.r, 1, true, 0);
	expect_reason(REASON_NOT_AHEAD, false, "peers are not ahead");
	rig_tells(&t.r, 1, &t.b, API_BLOCKS);
	expect_reason(REASON_DOWNLOADING, true, "downloading blocks 1 to 30 from 1 peer");
	t.r.mono += 31000;
	expect_reason(REASON_STALLED, true,
		"block 1 does not come: nothing for 31 s from 1 peer, of which the best claims "
		"height 30");
	rig_fill(&t.r, &t.b, API_BLOCKS);
	expect_reason(REASON_SIGNATURES, false,
		"at tip, waiting for signatures of full block 27: 3 there; missing of the drawn: ");
	t.r.params.block_signers_start = API_BLOCKS + 1;
	expect_reason(REASON_AT_TIP, false, "at tip");
	assert_string_equal(said, "at tip");
	told_end(&t);
}

/* A clock that is behind the tip is told of before anything about peers. */
static void test_clock(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	rig_fill(&t.r, &t.b, API_BLOCKS);
	t.r.wall = 1;
	expect_reason(REASON_CLOCK, false, "clock is off by ");
	assert_non_null(strstr(said, ": this machine's clock says "));
	told_end(&t);
}

/* What is too long is cut, and ends in a zero byte. */
static void test_cut(void **state)
{
	char small[8];
	bool syncing;
	(void)state;

	told_begin(&t, NULL);
	t.r.params.has_origin = false;
	assert_int_equal(status_reason(&t.api, small, sizeof small, &syncing), REASON_NO_ORIGIN);
	assert_true(memchr(small, 0, sizeof small));
	told_end(&t);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stopping_and_store),
		cmocka_unit_test(test_origin_and_peers),
		cmocka_unit_test(test_a_sync),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_cut),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
