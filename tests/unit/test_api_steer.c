/* What steers the node over HTTP: each POST calls its hook with the arguments, and tells what
 * became of it. */
#include "base/hex.h"
#include "tests/unit/api_rig.h"

static struct told t; /* large */

static void expect_called(const char *hook, const char *address)
{
	assert_int_equal(t.calls, 1);
	assert_string_equal(t.called, hook);
	assert_string_equal(t.address, address);
}

static void expect_done(const char *what)
{
	assert_int_equal(t.status, 200);
	expect_text(&t, "done", what);
}

static void test_stop_and_reload(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	ask(&t, "POST", "/stop");
	expect_called("stop", "");
	expect_done("stopping");
	t.reloads = true;
	ask(&t, "POST", "/reload");
	expect_called("reload", "");
	expect_done("3 settings changed");
	t.reloads = false;
	ask(&t, "POST", "/reload");
	expect_called("reload", "");
	expect_error(&t, 400, "node.toml:1:1: what is this");
	told_end(&t);
}

/* A block is decoded here; whether a rule refuses it, the hook finds out. */
static void test_block(void **state)
{
	static char form[1 << 16];
	char hex[1 << 15];

	(void)state;
	told_begin(&t, NULL);
	hex_upper(t.b.block[3], hex);
	snprintf(form, sizeof form,
		"POST /blocks/submit HTTP/1.0\r\nContent-Length: %zu\r\n\r\nblock=%s",
		strlen(hex) + 6, hex);
	ask_text(&t, RIGHT_STEER, form);
	expect_called("submit", "3");
	assert_int_equal(t.status, 200);
	t.err = ERR_FULL;
	ask_text(&t, RIGHT_STEER, form);
	expect_error(&t, 503, "the node has too many blocks to check: try again");
	t.err = ERR_STOPPING;
	ask_text(&t, RIGHT_STEER, form);
	expect_error(&t, 503, "the node stops");
	t.err = ERR_OK;
	ask_text(&t, RIGHT_READ, form);
	assert_int_equal(t.status, 403);
	ask(&t, "POST", "/blocks/submit?block=A1");
	expect_error(&t, 400, "the argument block is no block in hex");
	ask(&t, "POST", "/blocks/submit");
	expect_error(&t, 400, "the argument block is no block in hex");
	told_end(&t);
}

/* What is done to a job, or to signing, when there is none. */
static void test_jobs(void **state)
{
	static const char *const rows[][3] = {
		{"/jobs/cancel?id=7", "7 0", "cancelled"},
		{"/jobs/pause?id=8", "8 1", "paused"},
		{"/jobs/resume?id=9", "9 2", "it goes on"},
		{"/sign/on", "0 3", "full blocks are signed"},
	};

	(void)state;
	told_begin(&t, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		ask(&t, "POST", rows[i][0]);
		expect_called("job_change", rows[i][1]);
		expect_done(rows[i][2]);
	}
	t.err = ERR_NOT_FOUND;
	ask(&t, "POST", "/jobs/cancel?id=7");
	expect_error(&t, 404, "there is no job of this number: `alfisd job list`");
	ask(&t, "POST", "/sign/off");
	expect_error(&t, 400, "there is no key here, and so nothing to sign with");
	t.err = ERR_EXISTS;
	ask(&t, "POST", "/jobs/pause?id=7");
	expect_error(&t, 400, "this job has ended, or its block is being checked");
	t.err = ERR_OK;
	ask(&t, "POST", "/jobs/cancel?id=0");
	assert_int_equal(t.status, 400);
	ask(&t, "POST", "/jobs/cancel");
	assert_int_equal(t.status, 400);
	ask(&t, "GET", "/jobs");
	assert_int_equal(t.status, 200);
	ask(&t, "GET", "/jobs/7");
	assert_int_equal(t.status, 404);
	told_end(&t);
}

static void test_bans(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	ask(&t, "POST", "/bans/add?address=192.0.2.7");
	expect_called("ban", "192.0.2.7");
	assert_int_equal(t.seconds, 0); /* as long as limits.ban_time */
	expect_done("banned");
	ask(&t, "POST", "/bans/add?address=2001%3Adb8%3A%3A1&seconds=90");
	expect_called("ban", "2001:db8::1");
	assert_int_equal(t.seconds, 90);
	ask(&t, "POST", "/bans/add?address=192.0.2.7&seconds=2%20h");
	assert_int_equal(t.seconds, 7200);
	ask(&t, "POST", "/bans/add?address=192.0.2.7&seconds=soon");
	assert_int_equal(t.status, 400);
	assert_null(t.called);
	ask(&t, "POST", "/bans/add?address=192.0.2.7&seconds=0");
	assert_int_equal(t.status, 400);
	assert_null(t.called);
	ask(&t, "POST", "/bans/remove?address=192.0.2.7");
	expect_called("unban", "192.0.2.7");
	expect_done("unbanned");
	told_end(&t);
}

static void test_peers(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	ask(&t, "POST", "/peers/add?address=node.example%3A4244");
	expect_called("peer_add", "node.example:4244");
	assert_false(t.once);
	expect_done("added");
	ask(&t, "POST", "/peers/add?address=192.0.2.7&once");
	expect_called("peer_add", "192.0.2.7");
	assert_true(t.once);
	expect_done("added for once");
	ask(&t, "POST", "/peers/remove?address=192.0.2.7");
	expect_called("peer_remove", "192.0.2.7");
	expect_done("removed");
	told_end(&t);
}

/* Arguments may stand in a form, too. */
static void test_form(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	ask_text(&t, RIGHT_STEER,
		"POST /bans/add HTTP/1.0\r\n"
		"Content-Type: application/x-www-form-urlencoded\r\n"
		"Content-Length: 28\r\n\r\naddress=192.0.2.7&seconds=60");
	expect_called("ban", "192.0.2.7");
	assert_int_equal(t.seconds, 60);
	told_end(&t);
}

/* Of each that takes an address: none, and every way in which the hook can refuse it. */
static void test_errors(void **state)
{
	static const char *const paths[] = {
		"/bans/add", "/bans/remove", "/peers/add", "/peers/remove"};
	static const struct {
		enum err err;
		int status;
		const char *text;
	} rows[] = {
		{ERR_NOT_FOUND, 404, "there is no such entry"},
		{ERR_EXISTS, 400, "it is there already"},
		{ERR_FULL, 400, "the list is at its bound, see alfisd limits"},
		{ERR_MALFORMED, 400, "this is no address"},
		{ERR_USAGE, 400, "this is no address"},
	};
	char target[128];
	(void)state;

	told_begin(&t, NULL);
	for (size_t p = 0; p < sizeof paths / sizeof paths[0]; p++) {
		ask(&t, "POST", paths[p]);
		expect_error(&t, 400, "an address is needed");
		assert_null(t.called);
		snprintf(target, sizeof target, "%s?address=192.0.2.7", paths[p]);
		for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
			t.err = rows[i].err;
			ask(&t, "POST", target);
			expect_error(&t, rows[i].status, rows[i].text);
			assert_int_equal(t.calls, 1);
		}
		snprintf(target, sizeof target, "%s?address=192.0.2.7&other", paths[p]);
		ask(&t, "POST", target);
		assert_int_equal(t.status, 400);
		assert_null(t.called);
		t.err = ERR_OK;
	}
	told_end(&t);
}

/* Who may only read steers nothing, whatever the arguments are. */
static void test_readers(void **state)
{
	static const char *const targets[] = {"/stop", "/reload", "/bans/add?address=192.0.2.7",
		"/bans/remove?address=192.0.2.7", "/peers/add?address=192.0.2.7",
		"/peers/remove?address=192.0.2.7"};
	char text[256];
	(void)state;

	told_begin(&t, NULL);
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
		for (enum http_right r = RIGHT_OPEN; r < (i < 2 ? RIGHT_STEER : RIGHT_OWN); r++) {
			snprintf(text, sizeof text, "POST %s HTTP/1.0\r\n\r\n", targets[i]);
			assert_int_equal(ask_text(&t, r, text), 403);
			assert_null(t.called);
		}
	told_end(&t);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stop_and_reload),
		cmocka_unit_test(test_block),
		cmocka_unit_test(test_jobs),
		cmocka_unit_test(test_bans),
		cmocka_unit_test(test_peers),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_readers),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
