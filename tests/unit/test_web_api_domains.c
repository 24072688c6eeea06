/* The names and figures of /api: what is tested, what is asked for, what is told. */
#include "owner/jobs.h"
#include "tests/unit/web_api_rig.h"
#include "web/api_events.h"

static bool record_is_ok(const char *json)
{
	bool ok;

	assert_int_equal(post("/api/records/check", json), 200);
	assert_true(json_get_bool(field(&t, "ok"), &ok));
	assert_int_equal(ok, strstr(body(&t), "\"reason\":\"\"") != NULL);
	return ok;
}

static void test_records(void **unused)
{
	static const char *const good[] = {
		"{\"type\":\"A\",\"domain\":\"@\",\"ttl\":60,\"addr\":\"1.2.3.4\"}",
		"{\"type\":\"AAAA\",\"domain\":\"www\",\"ttl\":60,\"addr\":\"200::1\"}",
		"{\"type\":\"TXT\",\"domain\":\"@\",\"ttl\":1,\"data\":\"some text\"}",
		"{\"type\":\"MX\",\"domain\":\"@\",\"ttl\":1,\"priority\":10,\"host\":\"mail\"}",
	};
	static const char *const bad[] = {"{}", "[]", "1", "null", "\"A\"",
		"{\"type\":\"A\",\"domain\":\"@\",\"ttl\":60,\"addr\":\"1.2.3\"}",
		"{\"type\":\"A\",\"domain\":\"@\",\"ttl\":60}",
		"{\"type\":\"a\",\"domain\":\"@\",\"ttl\":60,\"addr\":\"1.2.3.4\"}",
		"{\"type\":\"A\",\"domain\":\"@\",\"ttl\":-1,\"addr\":\"1.2.3.4\"}",
		"{\"type\":\"NOPE\",\"domain\":\"@\",\"ttl\":60,\"addr\":\"1.2.3.4\"}",
		"{\"type\":\"A\",\"type\":\"A\",\"domain\":\"@\",\"ttl\":60,\"addr\":\"1.2.3.4\"}"};
	static const char *const none[] = {"", "{", "{}{}", "x", "{\"a\":}"};
	char longest[400], text[300];
	(void)unused;

	begin();
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (!record_is_ok(good[i]))
			fail_msg("%s: %s", good[i], body(&t));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (record_is_ok(bad[i]))
			fail_msg("%s: %s", bad[i], body(&t));
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		assert_int_equal(post("/api/records/check", none[i]), 400);
	record_is_ok(good[0]);
	expect_bool(&t, "clearnet", true);
	record_is_ok(good[1]);
	expect_bool(&t, "clearnet", false);
	for (size_t n = 255; n <= 256; n++) {
		memset(text, 'x', n);
		text[n] = 0;
		snprintf(longest, sizeof longest,
			"{\"type\":\"TXT\",\"domain\":\"@\",\"ttl\":1,\"data\":\"%s\"}", text);
		assert_int_equal(record_is_ok(longest), n == 255);
	}
	end();
}

static void test_zones(void **unused)
{
	(void)unused;
	begin();
	assert_int_equal(get("/api/zones"), 200);
	assert_int_equal(length_of(&t, "zones"), 10);
	assert_non_null(strstr(body(&t), "{\"name\":\"ygg\",\"yggdrasil\":true}"));
	assert_non_null(strstr(body(&t), "{\"name\":\"mob\",\"yggdrasil\":false}"));
	end();
}

static void test_check(void **unused)
{
	(void)unused;
	begin();
	add_key("main", false, false, "");
	assert_int_equal(get("/api/domains/check"), 400);
	assert_int_equal(get("/api/domains/check?name=free-one.ygg"), 200);
	expect_bool(&t, "available", true);
	expect_text(&t, "state", "free");
	get("/api/domains/check?name=x.nozone");
	expect_bool(&t, "available", false);
	expect_bool(&t, "may_mine", false);
	get("/api/domains/check?name=a..b.ygg");
	expect_bool(&t, "available", false);
	end();
}

static void test_list(void **unused)
{
	(void)unused;
	begin();
	assert_int_equal(get("/api/domains"), 200);
	assert_int_equal(length_of(&t, "domains"), 0);
	assert_null(t.called);
	add_key("main", false, false, "");
	add_key("other", false, false, "");
	get("/api/domains");
	assert_string_equal(t.called, "web_names");
	assert_string_equal(t.address, "main");
	assert_true(t.call.waits_ms > 0);
	post("/api/keys/select", "{\"index\":1}");
	get("/api/domains");
	assert_string_equal(t.address, "other");
	get("/api/domains?key=main");
	assert_string_equal(t.address, "main");
	t.err = ERR_FULL;
	assert_int_equal(get("/api/domains"), 503);
	t.err = ERR_NOT_FOUND;
	assert_int_equal(get("/api/domains?key=no"), 404);
	end();
}

#define DATA "\"data\":{\"encrypted\":\"\",\"zone\":\"ygg\",\"records\":[]}"

static void test_ask_for_a_name(void **unused)
{
	static const char *const bad[] = {"", "{}", "{" DATA "}", "{\"name\":\"\"," DATA "}",
		"{\"name\":1," DATA "}", "{\"name\":\"a.ygg\"}",
		"{\"name\":\"a.ygg\",\"data\":\"{}\"}", "{\"name\":\"a.ygg\",\"data\":[]}",
		"{\"name\":\"a.ygg\",\"renewal\":1," DATA "}",
		"{\"name\":\"a.ygg\",\"threads\":0," DATA "}",
		"{\"name\":\"a.ygg\",\"key\":\"nobody\"," DATA "}",
		"{\"name\":\"a.ygg\"," DATA "," DATA "}"};
	(void)unused;

	begin();
	assert_int_equal(post("/api/domains", "{\"name\":\"a.ygg\"," DATA "}"), 400);
	assert_non_null(strstr(body(&t), "there is no key here"));
	add_key("main", false, false, "");
	add_key("other", false, false, "");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (post("/api/domains", bad[i]) != 400 || t.called)
			fail_msg("%s: %s", bad[i], body(&t));
	post("/api/domains", "{\"name\":\"a.ygg\"," DATA "}");
	assert_string_equal(t.called, "job_add");
	assert_string_equal(t.address, "a.ygg");
	expect_error(&t, 400, "there are too many jobs");
	/* Members that other programs have are passed over. */
	post("/api/domains", "{\"name\":\"free-one.ygg\",\"dry_run\":true,\"page\":{\"a\":[1]},"
			     "\"page\":2," DATA "}");
	assert_int_equal(t.status, 200);
	assert_null(t.called);
	expect_text(&t, "name", "free-one.ygg");
	end();
}

static void test_stop(void **unused)
{
	(void)unused;
	begin();
	assert_int_equal(post("/api/mining/stop", ""), 200);
	assert_string_equal(t.called, "key_cancel");
	expect_bool(&t, "key_search", true);
	assert_int_equal(length_of(&t, "cancelled"), 0);
	t.refuses = true;
	post("/api/mining/stop", "{}");
	expect_bool(&t, "key_search", false);
	expect_bool(&t, "signature", true);
	t.err = ERR_NOT_FOUND;
	assert_int_equal(post("/api/mining/stop", "{\"x\":1}"), 200);
	expect_bool(&t, "signature", false);
	assert_int_equal(post("/api/mining/stop", "{\"x\":}"), 400);
	end();
}

static void test_status(void **unused)
{
	(void)unused;
	begin();
	rig_fill(&t.r, &t.b, 10);
	assert_int_equal(get("/api/status"), 200);
	expect_text(&t, "version", "1.2.3");
	expect_number(&t, "blocks", 10);
	expect_number(&t, "synced_blocks", 10);
	expect_number(&t, "nodes", 0);
	expect_bool(&t, "mining", false);
	expect_bool(&t, "syncing", false);
	state.search = (struct keys_search_state){.running = true, .rate = 321};
	get("/api/status");
	expect_bool(&t, "mining", true);
	expect_number(&t, "speed", 321);
	end();
}

/* ---- events ---- */

static void test_rows(void **unused)
{
	struct job job = {.state = JOB_DONE};
	char name[32];
	(void)unused;

	begin();
	assert_int_equal(get("/api/events/log"), 200);
	assert_int_equal(length_of(&t, "events"), 0);
	t.r.limits.web = true;
	t.config.limits = t.r.limits;
	t.api.events = events_start(&t.api, &t.r.limits, t.base);
	t.api.web = web_events_start(&t.api, &t.r.limits, t.base);
	assert_non_null(t.api.web);
	for (unsigned i = 0; i < 250; i++) {
		snprintf(name, sizeof name, "n%u.ygg", i);
		job.name = slice_str(name);
		events_job(t.api.events, &job);
	}
	get("/api/events/log");
	assert_int_equal(length_of(&t, "events"), 200);
	look_into(&t, "events", 0);
	expect_text(&t, "text", "n50.ygg: it is mined");
	expect_text(&t, "severity", "luck");
	log_warn("a \"log\" line");
	get("/api/events/log");
	look_into(&t, "events", 199);
	expect_text(&t, "text", "a \"log\" line");
	expect_text(&t, "severity", "warn");
	get("/api/events");
	assert_true(t.call.stays);
	assert_ptr_equal(t.call.stream, web_events_stream(t.api.web));
	web_events_free(t.api.web);
	events_free(t.api.events);
	end();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_ask_for_a_name),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_rows),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
