/* The keys of /api, and its JSON bodies: what a script of the network's own program finds, what a
 * passphrase is handed to, and that nothing is done for a body that is not understood. */
#include "tests/unit/web_api_rig.h"

static void test_list_and_select(void **unused)
{
	(void)unused;
	begin();
	get("/api/keys");
	assert_int_equal(length_of(&t, "keys"), 0);
	expect_number(&t, "active", 0);
	add_key("bad", false, true, "no key");
	add_key("main", false, true, "");
	add_key("secret-place/old.toml", true, false, "");
	get("/api/keys");
	assert_int_equal(t.status, 200);
	expect_number(&t, "active", 0);
	expect_bool(&t, "unlock", false);
	expect_bool(&t, "search.running", false);
	assert_int_equal(length_of(&t, "keys"), 2);
	assert_int_equal(length_of(&t, "left_out"), 1);
	look_into(&t, "keys", 1);
	expect_text(&t, "file_name", "old.toml");
	expect_text(&t, "state", "open");
	get("/api/keys");
	look_into(&t, "keys", 0);
	expect_text(&t, "file_name", "main.key");
	expect_text(&t, "name", "main");
	expect_text(&t, "state", "locked");
	expect_text(
		&t, "public", "A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2A2");
	expect_text(&t, "hash", "0202020202020202020202020202020202020202020202020202020202020202");
	assert_int_equal(post("/api/keys/select", "{\"index\":1}"), 200);
	assert_string_equal(body(&t), "{}\n");
	get("/api/keys");
	expect_number(&t, "active", 1);
	assert_int_equal(post("/api/keys/select", "{\"index\":2}"), 400);
	assert_int_equal(post("/api/keys/select", "{}"), 400);
	assert_int_equal(post("/api/keys/select", "{\"name\":\"main\"}"), 200);
	get("/api/keys");
	expect_number(&t, "active", 0);
	end();
}

static void test_only_with_a_session(void **unused)
{
	int n = snprintf(request, sizeof request, "GET /api/keys HTTP/1.0\r\n\r\n");
	(void)unused;

	begin();
	assert_int_equal(send_request((size_t)n, RIGHT_NONE), 401);
	assert_int_equal(send_request((size_t)n, RIGHT_READ), 403);
	end();
}

/* Without webui.unlock the answer has the command, and no passphrase is taken. */
static void test_no_passphrase_without_the_option(void **unused)
{
	static const char *const asks[][2] = {
		{"/api/keys/create", "{\"filename\":\"mine\",\"passphrase\":\"x\"}"},
		{"/api/keys/import", "{\"file\":\"x\",\"passphrase\":\"x\"}"},
		{"/api/keys/unlock", "{\"passphrase\":\"x\"}"},
		{"/api/keys/passphrase",
			"{\"name\":\"main\",\"passphrase\":\"x\",\"old_passphrase\":\"y\"}"},
	};
	(void)unused;

	begin();
	for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
		assert_int_equal(post(asks[i][0], asks[i][1]), 403);
		assert_null(t.called);
	}
	assert_int_equal(post("/api/keys/create", "{\"filename\":\"mine.toml\"}"), 403);
	assert_non_null(strstr(body(&t), "`alfisd key new mine`"));
	end();
}

static void expect_wiped(const char *secret)
{
	assert_null(memmem(request, sizeof request, secret, strlen(secret)));
}

static void test_create(void **unused)
{
	static const char *const bad[] = {"", "a/b", "a\\\\b", "a:b", "a..b", ".a", "con",
		"LPT1.toml", "main", "main.toml", "\\u0000", "f\\u00fcr"};
	char json[200];
	(void)unused;

	begin();
	add_key("main", false, true, "");
	t.config.webui_unlock = true;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		snprintf(json, sizeof json, "{\"filename\":\"%s\",\"passphrase\":\"x\"}", bad[i]);
		if (post("/api/keys/create", json) != 400 || t.called)
			fail_msg("%s: %d", json, t.status);
	}
	assert_int_equal(post("/api/keys/create", "{\"filename\":\"a\"}"), 400);
	assert_int_equal(post("/api/keys/create", "{\"filename\":\"a\",\"passphrase\":\"\"}"), 400);
	assert_null(t.called);
	post("/api/keys/create",
		"{\"filename\":\"a.toml\",\"passphrase\":\"gr\\u00fcn \\\"x\\\"\"}");
	assert_string_equal(t.called, "make");
	assert_string_equal(t.address, "a");
	assert_string_equal(t.passphrase, "gr\u00fcn \"x\"");
	assert_int_equal(t.call_number, 7);
	assert_int_equal(t.call.waits_ms, API_SECRET_WAIT_MS);
	expect_wiped("gr\\u00fcn");
	t.said = (struct api_said){.status = 503, .text = "busy"};
	post("/api/keys/create", "{\"filename\":\"a\",\"passphrase\":\"x\"}");
	expect_error(&t, 503, "busy");
	end();
}

static void test_import_unlock_change(void **unused)
{
	(void)unused;
	begin();
	add_key("main", false, true, "");
	t.config.webui_unlock = true;
	post("/api/keys/import", "{\"file\":\"line\\none\",\"passphrase\":\"pass-one\"}");
	assert_string_equal(t.called, "import");
	assert_string_equal(t.file, "line\none");
	assert_string_equal(t.old, "pass-one");
	expect_wiped("pass-one");
	expect_wiped("line\\none");
	post("/api/keys/import",
		"{\"filename\":\"k\",\"file\":\"f\",\"passphrase\":\"b\",\"old_passphrase\":\"a\"}");
	assert_string_equal(t.address, "k");
	assert_string_equal(t.old, "a");
	post("/api/keys/unlock", "{\"passphrase\":\"pass-two\",\"seconds\":60}");
	assert_string_equal(t.called, "unlock");
	assert_string_equal(t.address, "");
	assert_int_equal(t.seconds, 60);
	expect_wiped("pass-two");
	assert_int_equal(post("/api/keys/unlock", "{\"passphrase\":\"p\",\"seconds\":0}"), 400);
	assert_int_equal(post("/api/keys/unlock", "{\"passphrase\":\"p\",\"name\":\"no\"}"), 400);
	expect_wiped("\"p\"");
	post("/api/keys/passphrase",
		"{\"name\":\"main\",\"passphrase\":\"new-one\",\"old_passphrase\":\"old-one\"}");
	assert_string_equal(t.called, "change");
	assert_string_equal(t.passphrase, "new-one");
	assert_string_equal(t.old, "old-one");
	expect_wiped("new-one");
	expect_wiped("old-one");
	end();
}

static void test_lock_and_export(void **unused)
{
	(void)unused;
	begin();
	add_key("main", false, true, "");
	post("/api/keys/lock", "{\"name\":\"main\"}");
	assert_string_equal(t.called, "lock");
	assert_string_equal(t.address, "main");
	assert_int_equal(post("/api/keys/lock", "{\"name\":\"../x\"}"), 400);
	post("/api/keys/lock", "");
	assert_string_equal(t.address, "");
	assert_int_equal(get("/api/keys/export?name=main"), 200);
	assert_string_equal(t.call.type, "text/plain; charset=utf-8");
	assert_string_equal(
		t.call.more, "Content-Disposition: attachment; filename=\"main.key\"\r\n");
	assert_int_equal(strncmp(body(&t), "alfisd key 1\n", 13), 0);
	assert_int_equal(get("/api/keys/export?name=..%2Fx"), 400);
	assert_int_equal(get("/api/keys/export"), 400);
	t.err = ERR_NOT_FOUND;
	get("/api/keys/export?name=nobody");
	expect_error(&t, 404, "there is no key of this name");
	end();
}

/* ---- bodies ---- */

static void test_bodies_that_are_refused(void **unused)
{
	static const char *const bad[] = {"[]", "null", "1", "\"x\"", "{", "{}x", "{\"index\"}",
		"{\"index\":}", "{\"index\":0,}", "{index:0}", "{'index':0}", "{\"index\":0}}",
		"{\"index\":0,\"index\":0}", "{\"index\":0,\"\\u0069ndex\":0}", "{\"other\":1}",
		"{\"index\":\"0\"}", "{\"index\":-1}", "{\"index\":0.0}", "{\"index\":1e0}",
		"{\"index\":99999999999999999999}", "{\"index\":[0]}", "{\"index\":{}}",
		"{\"index\":true}", "{\"name\":1}", "{\"name\":[\"main\"]}",
		"{\"name\":\"\\ud800\"}", "{\"name\":\"a\\u0000b\"}", "{\"name\":\"\xff\"}",
		"{\"name\":\"a", "{\"index\":0 \"name\":\"x\"}", "\xef\xbb\xbf{\"index\":0}"};
	static char deep[70000];
	(void)unused;

	begin();
	add_key("main", false, true, "");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		post("/api/keys/select", bad[i]);
		if (t.status != 400 || t.chosen[0])
			fail_msg("%s: %d %s", bad[i], t.status, body(&t));
		assert_non_null(strstr(body(&t), "{\"error\":\""));
	}
	memset(deep, '[', sizeof deep);
	assert_int_equal(post_bytes("/api/keys/select", deep, sizeof deep), 400);
	memcpy(deep, "{\"name\":", 8);
	assert_int_equal(post_bytes("/api/keys/select", deep, sizeof deep), 400);
	memset(deep, 'x', sizeof deep);
	memcpy(deep, "{\"name\":\"", 9);
	memcpy(deep + sizeof deep - 2, "\"}", 2);
	assert_int_equal(post_bytes("/api/keys/select", deep, sizeof deep), 400);
	assert_int_equal(post("/api/keys/select", "{\"index\":null,\"name\":null}"), 400);
	assert_int_equal(post("/api/keys/select", " {\t\"\\u0069ndex\" : 0 }\r\n"), 200);
	end();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list_and_select),
		cmocka_unit_test(test_only_with_a_session),
		cmocka_unit_test(test_no_passphrase_without_the_option),
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_import_unlock_change),
		cmocka_unit_test(test_lock_and_export),
		cmocka_unit_test(test_bodies_that_are_refused),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
