/* The page of peers for who may change something: its forms, and what comes of them. */
#include "tests/unit/page_rig.h"

static int begin(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	page_right = RIGHT_OWN;
	return 0;
}

static int end(void **state)
{
	(void)state;
	told_end(&t);
	return 0;
}

static void expect_done(const char *hook, const char *address)
{
	assert_int_equal(t.status, 303);
	assert_string_equal(t.call.more, "Location: /node/peers\r\n");
	assert_string_equal(t.called, hook);
	assert_string_equal(t.address, address);
}

static void test_forms_are_for_the_owner(void **state)
{
	static const char *const paths[] = {"add", "remove", "ban", "unban"};
	char path[64];
	(void)state;

	assert_int_equal(page("/node/peers"), 200);
	has("action=\"/node/peers/add\"");
	has("action=\"/node/peers/ban\"");
	page_right = RIGHT_READ;
	assert_int_equal(page("/node/peers"), 200);
	has_not("<form method=\"post\"");
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "/node/peers/%s", paths[i]);
		assert_int_equal(page_post(path, "address=192.0.2.1"), 403);
		assert_null(t.called);
		page_right = RIGHT_OWN;
		assert_int_equal(page_post(path, "address=192.0.2.1&zzz=1"), 400);
		assert_null(t.called);
		page_right = RIGHT_READ;
	}
}

static void test_what_is_done(void **state)
{
	(void)state;
	page_post("/node/peers/add", "address=example.org:4244");
	expect_done("peer_add", "example.org:4244");
	assert_false(t.once);
	page_post("/node/peers/add", "address=example.org:4244&once=1");
	expect_done("peer_add", "example.org:4244");
	assert_true(t.once);
	page_post("/node/peers/remove", "address=example.org:4244");
	expect_done("peer_remove", "example.org:4244");
	page_post("/node/peers/ban", "address=192.0.2.1&seconds=");
	expect_done("ban", "192.0.2.1");
	assert_int_equal(t.seconds, 0);
	page_post("/node/peers/ban", "address=192.0.2.1&seconds=2+h");
	expect_done("ban", "192.0.2.1");
	assert_int_equal(t.seconds, 7200);
	page_post("/node/peers/unban", "address=2001:db8::/64");
	expect_done("unban", "2001:db8::/64");
}

/* The page comes again with what was given, and the reason is the description of the field. */
static void test_reasons_beside_the_field(void **state)
{
	static const struct {
		enum err err;
		const char *why;
	} rows[] = {{ERR_MALFORMED, "This is no address."}, {ERR_EXISTS, "It is there already."},
		{ERR_FULL, "limits.max_configured_peers"}, {ERR_NOMEM, "emory"}};
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		t.err = rows[i].err;
		assert_int_equal(page_post("/node/peers/add", "address=%22%3E%3Cb%3Ex"), 400);
		has("aria-invalid=\"true\" aria-describedby=\"wrong-address\"");
		has("value=\"&quot;&gt;&lt;b&gt;x\"");
		has(rows[i].why);
		has_not("<b>x");
	}
	t.err = ERR_NOT_FOUND;
	assert_int_equal(page_post("/node/peers/unban", "address=192.0.2.9"), 400);
	has("<bdi>192.0.2.9</bdi>: There is no such entry any more.");
	t.err = ERR_OK;
	assert_int_equal(page_post("/node/peers/ban", "address=192.0.2.9&seconds=2+years"), 400);
	assert_null(t.called);
	has("aria-describedby=\"wrong-seconds\"");
	has("value=\"2 years\"");
	has("value=\"192.0.2.9\"");
	assert_int_equal(page_post("/node/peers/ban", "address=192.0.2.9&seconds=2000+d"), 400);
	assert_int_equal(page_post("/node/peers/ban", "seconds=1"), 303); /* the hook judges "" */
	assert_string_equal(t.address, "");
}

static void test_rows_have_buttons(void **state)
{
	(void)state;
	assert_int_equal(p2p_ban(t.api.p2p, "2001:db8:1:2::5", 0), ERR_OK);
	assert_int_equal(p2p_peer_add(t.api.p2p, "127.0.0.1:1"), ERR_OK);
	assert_int_equal(page("/node/peers?lang=ru"), 200);
	has("aria-label=\"Снять 2001:db8:1:2::");
	has("name=\"address\" value=\"127.0.0.1:1\"><button class=\"small\" aria-label=\"Удалить");
	page_right = RIGHT_READ;
	assert_int_equal(page("/node/peers"), 200);
	has_not("aria-label=\"Lift");
	assert_int_equal(p2p_peer_remove(t.api.p2p, "127.0.0.1:1"), ERR_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(test_forms_are_for_the_owner),
		TEST(test_what_is_done),
		TEST(test_reasons_beside_the_field),
		TEST(test_rows_have_buttons),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
