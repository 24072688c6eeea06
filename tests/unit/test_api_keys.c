/* The owner's keys over HTTP: who may ask, what is told of a key, and which hook a request calls.
 * What everybody may read names none. */
#include "owner/owner_line.h"
#include "tests/unit/api_rig.h"
#include "tests/unit/figures_rig.h"

static struct told t; /* large */
static struct key_table table;
static struct keys_state state;
static struct keys_row rows[3];
static struct bound max_keys = {.name = "max_keys", .max = 4};

static void add(const char *name, bool plain, bool locked, const char *wrong)
{
	struct key_entry *e =
		plain ? key_table_add_plain(&table, name, 0) : key_table_add(&table, name);
	struct keys_row *row = &rows[state.count];

	assert_non_null(e);
	snprintf(e->wrong, sizeof e->wrong, "%s", wrong);
	memset(e->pub.signing, 0xA0 + (int)table.count, 32);
	if (wrong[0])
		return;
	*row = (struct keys_row){.plain = plain, .locked = locked, .strength = 24};
	snprintf(row->name, sizeof row->name, "%s", e->name);
	row->pub = e->pub;
	row->cost = (struct key_cost){16384, 40};
	state.count++;
}

static void begin(void)
{
	static const char *const sets[] = {"key_files=secret-place/old.toml", NULL};

	told_begin(&t, sets);
	state = (struct keys_state){.running = true, .pid = 77, .rows = rows};
	assert_true(key_table_init(&table, &max_keys));
	t.keys =
		(struct api_keys){.why = "", .state = &state, .table = &table, .folder = "/d/keys"};
}

static void end(void)
{
	key_table_free(&table);
	told_end(&t);
}

static void test_figures(void **unused)
{
	struct figures f;
	(void)unused;

	begin();
	add("main", false, true, "");
	add("other", false, false, "");
	add("old.toml", true, false, "");
	add("bad", false, true, "no key");
	state.search = (struct keys_search_state){.running = true, .rate = 321};
	t.keys.names = 12;
	t.keys.names_expired = 2;
	t.keys.next_expiry = 1800000000;
	t.keys.foreign = 3;
	figures_begin(&f, &t.api);
	EXPECT(&f, key_process_on, 1);
	EXPECT(&f, owner_keys, 4);
	EXPECT(&f, owner_keys_locked, 1);
	EXPECT(&f, owner_keys_plain, 1);
	EXPECT(&f, owner_keys_left_out, 1);
	EXPECT(&f, key_search_on, 1);
	EXPECT(&f, key_search_rate, 321);
	EXPECT(&f, owner_names, 12);
	EXPECT(&f, owner_names_expired, 2);
	EXPECT(&f, owner_next_expiry_timestamp, 1800000000);
	EXPECT(&f, owner_foreign_blocks, 3);
	all_figures_are_checked("keys");
	end();
}

static void test_list_and_show(void **unused)
{
	char line[OWNER_LINE_SIZE];
	(void)unused;

	begin();
	add("main", false, true, "");
	add("secret-place/old.toml", true, false, "");
	add("bad", false, true, "/d/keys/bad.key: line 1: no key");
	ask(&t, "GET", "/keys");
	assert_int_equal(t.status, 200);
	expect_text(&t, "state", "on");
	expect_number(&t, "pid", 77);
	expect_bool(&t, "search.running", false);
	ask(&t, "GET", "/keys/main");
	expect_text(&t, "state", "locked");
	expect_text(&t, "kind", "sealed");
	expect_text(&t, "file", "/d/keys/main.key");
	expect_number(&t, "strength", 24);
	owner_line_write(&rows[0].pub, line);
	expect_text(&t, "owner", line);
	ask(&t, "GET", "/keys/ol%64");
	expect_text(&t, "state", "open");
	expect_text(&t, "kind", "plain");
	expect_text(&t, "file", "secret-place/old.toml");
	ask(&t, "GET", "/keys/bad");
	expect_text(&t, "state", "left out");
	expect_text(&t, "error", "/d/keys/bad.key: line 1: no key");
	ask(&t, "GET", "/keys/nobody");
	expect_error(&t, 404, "there is no key of this name: `alfisd key list`");
	end();
}

static void test_only_who_steers(void **unused)
{
	static const char *const gets[] = {"/keys", "/keys/main"};
	(void)unused;

	begin();
	add("main", false, true, "");
	for (size_t i = 0; i < 2; i++) {
		ask_with(&t, RIGHT_READ, "GET", gets[i]);
		assert_int_equal(t.status, 403);
	}
	ask_with(&t, RIGHT_READ, "POST", "/keys/lock");
	assert_int_equal(t.status, 403);
	assert_null(t.called);
	end();
}

/* Names and paths of keys are not for everybody who may read. */
static void test_status_names_no_key(void **unused)
{
	(void)unused;
	begin();
	add("main", false, true, "");
	add("secret-place/old.toml", true, false, "");
	add("bad", false, true, "/d/keys/bad.key: line 1: no key");
	snprintf(state.guard.memory, sizeof state.guard.memory, "memory is not locked");
	ask_with(&t, RIGHT_READ, "GET", "/status");
	expect_number(&t, "keys.owner_keys", 3);
	expect_number(&t, "keys.owner_keys_locked", 1);
	expect_number(&t, "keys.owner_keys_plain", 1);
	expect_number(&t, "keys.owner_keys_left_out", 1);
	expect_number(&t, "keys.key_process_on", 1);
	expect_text(&t, "keys.state", "on");
	assert_non_null(memmem(t.body, t.answer.n, "memory is not locked", 20));
	assert_non_null(memmem(t.body, t.answer.n, "1 key is locked", 15));
	assert_null(memmem(t.body, t.answer.n, "main\"", 5));
	assert_null(memmem(t.body, t.answer.n, "secret-place", 12));
	assert_null(memmem(t.body, t.answer.n, "bad.key", 7));
	end();
}

/* Nobody can say then that a key is open. */
static void test_without_the_process_all_are_locked(void **unused)
{
	(void)unused;
	begin();
	add("main", false, false, "");
	state.running = false;
	t.keys.why = "the key process was killed";
	ask(&t, "GET", "/keys/main");
	expect_text(&t, "state", "locked");
	ask(&t, "GET", "/status");
	expect_text(&t, "keys.state", "the key process was killed");
	expect_number(&t, "keys.owner_keys_locked", 1);
	assert_non_null(memmem(t.body, t.answer.n, "the key process does not run: ", 30));
	end();
}

static void test_start(void **unused)
{
	(void)unused;
	begin();
	ask(&t, "POST", "/keys/start");
	expect_error(&t, 404, "there is no key yet: `alfisd key new`, or `key import`");
	assert_null(t.called);
	t.keys.why = "others may look into it"; /* there may be keys that were not looked at */
	ask(&t, "POST", "/keys/start");
	assert_string_equal(t.called, "keys_need");
	t.keys.why = "";
	ask(&t, "POST", "/keys/start?new&name=main");
	assert_string_equal(t.called, "keys_need");
	assert_int_equal(t.status, 200);
	ask(&t, "POST", "/keys/start?new&name=.main");
	assert_int_equal(t.status, 400);
	t.refuses = true;
	ask(&t, "POST", "/keys/start?new");
	expect_error(&t, 503, "no room");
	t.refuses = false;
	add("main", false, true, "");
	ask(&t, "POST", "/keys/start?new&name=main");
	expect_error(&t, 400, "there is a key of this name already: choose another");
	t.r.limits.max_keys.max = 1;
	ask(&t, "POST", "/keys/start?new&name=more");
	assert_int_equal(t.status, 400);
	ask(&t, "POST", "/keys/start");
	assert_int_equal(t.status, 200);
	end();
}

static void test_changes(void **unused)
{
	(void)unused;
	begin();
	add("main", false, true, "");
	t.said = (struct api_said){.status = 200, .text = "done it"};
	ask(&t, "POST", "/keys/rename?name=main&to=other");
	assert_string_equal(t.called, "rename");
	assert_string_equal(t.address, "main other");
	expect_text(&t, "done", "done it");
	t.said = (struct api_said){.status = 0};
	ask(&t, "POST", "/keys/remove?name=main");
	assert_string_equal(t.called, "remove");
	assert_true(t.call.waits_ms > 0);
	ask(&t, "POST", "/keys/lock");
	assert_string_equal(t.address, "");
	t.said = (struct api_said){.status = 404, .text = "none"};
	ask(&t, "POST", "/keys/lock?name=x");
	expect_error(&t, 404, "none");
	ask(&t, "POST", "/keys/rename?name=main");
	assert_int_equal(t.status, 400);
	assert_null(t.called);
	ask(&t, "POST", "/keys/remove?name=..%2Fmain");
	assert_int_equal(t.status, 400);
	assert_null(t.called);
	end();
}

/* A look at what would be mined, with each request for memory failing in turn. */
static void test_dry_run_without_memory(void **unused)
{
	static const char form[] = "name=example.ygg&key=main&dry-run&data="
				   "%7B%22encrypted%22%3A%22%22%2C%22zone%22%3A%22ygg%22%7D";
	char text[512];
	uint64_t n = 1;
	bool failed = true;
	(void)unused;

	begin();
	add("main", false, false, "");
	snprintf(text, sizeof text, "POST /domains/new HTTP/1.0\r\nContent-Length: %zu\r\n\r\n%s",
		sizeof form - 1, form);
	for (; failed; n++) {
		size_t blocks = mem_blocks();
		mem_fail_nth(n);
		ask_text(&t, RIGHT_STEER, text);
		failed = mem_fail_nth(0) == 0;
		assert_int_equal(mem_blocks(), blocks);
		if (failed)
			expect_error(&t, 503, "out of memory");
	}
	assert_int_equal(t.status, 200);
	assert_null(t.called);
	assert_in_range(n, 4, 20);
	end();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_list_and_show),
		cmocka_unit_test(test_only_who_steers),
		cmocka_unit_test(test_status_names_no_key),
		cmocka_unit_test(test_without_the_process_all_are_locked),
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_dry_run_without_memory),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
