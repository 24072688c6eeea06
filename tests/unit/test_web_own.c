/* The owner's pages (web/own*.c) without a node: what their forms bring, what stands beside which
 * field, what waits for the key process, and that nothing that others chose becomes markup. */
#include "tests/unit/api_rig.h"
#include "web/html.h"
#include "web/routes.h"

static struct told t; /* large */
static struct key_table table;
static struct keys_state state;
static struct keys_row rows[3];
static struct bound max_keys = {.name = "max_keys", .max = 4};

static void add_key(const char *name, int fill, bool locked)
{
	struct key_entry *e = key_table_add(&table, name);
	struct keys_row *row = &rows[state.count++];

	assert_non_null(e);
	memset(&e->pub, fill, sizeof e->pub);
	*row = (struct keys_row){.locked = locked, .pub = e->pub};
	snprintf(row->name, sizeof row->name, "%s", name);
}

static void begin(void)
{
	told_begin(&t, NULL);
	state = (struct keys_state){.running = true, .pid = 77, .rows = rows};
	assert_true(key_table_init(&table, &max_keys));
	t.keys = (struct api_keys){.why = "", .state = &state, .table = &table};
	add_key("me", 0x11, false);
}

static void end(void)
{
	key_table_free(&table);
	told_end(&t);
}

/* ---- asking ---- */

static int route(const char *text, enum http_right right, int came_status, const char *came)
{
	static struct http_request q;

	assert_int_equal(http_parse(slice_str(text), &q), HTTP_DONE);
	assert_true(http_take_body(&q, slice_of(text + q.head, (size_t)q.length)));
	t.config.limits = t.r.limits;
	t.config.file[0] = 0;
	t.called = NULL;
	t.answer = wr_of(t.body, sizeof t.body - 1);
	t.call = (struct http_call){.request = &q,
		.right = right,
		.token = "",
		.number = 7,
		.came_status = came_status,
		.came = slice_str(came),
		.answer = &t.answer,
		.type = HTTP_JSON,
		.policy = "",
		.cache = HTTP_NO_STORE,
		.more = ""};
	t.status = web_route(&t.api, &t.call);
	assert_false(t.answer.bad);
	t.body[t.answer.n] = 0;
	return t.status;
}

static int page(const char *target, int came_status, const char *came)
{
	char text[1400];

	snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", target);
	return route(text, RIGHT_OWN, came_status, came);
}

static int form(const char *path, const char *fields, int came_status, const char *came)
{
	static char text[1 << 17];

	snprintf(text, sizeof text,
		"POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
		"Content-Length: %zu\r\n\r\n%s",
		path, strlen(fields), fields);
	return route(text, RIGHT_OWN, came_status, came);
}

static int edit(const char *fields)
{
	return form("/own/edit", fields, 0, "");
}

static void has(const char *text)
{
	if (!strstr(body(&t), text))
		fail_msg("\"%s\" is not in %s", text, body(&t));
}

static void has_not(const char *text)
{
	if (strstr(body(&t), text))
		fail_msg("\"%s\" is in %s", text, body(&t));
}

/* One stands before the other. */
static void in_order(const char *first, const char *second)
{
	has(first);
	has(second);
	if (strstr(body(&t), first) > strstr(body(&t), second))
		fail_msg("\"%s\" is behind \"%s\" in %s", first, second, body(&t));
}

/* ---- who may ---- */

static void test_only_the_owner(void **unused)
{
	static const char *const paths[] = {"/own", "/own/new", "/own/name/x.ygg",
		"/own/renew?days=3", "/own/transfer/x.ygg", "/own/jobs", "/own/jobs/1", "/own/keys",
		"/own/signing"};
	char text[256];
	(void)unused;

	begin();
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", paths[i]);
		assert_int_equal(route(text, RIGHT_READ, 0, ""), 403);
		assert_null(t.called);
	}
	end();
}

/* ---- the list, which comes later ---- */

static void test_the_list_waits(void **unused)
{
	(void)unused;

	begin();
	page("/own", 0, "");
	assert_string_equal(t.called, "names");
	assert_true(t.call.waits_ms > 0 && t.call.again);
	t.err = ERR_NOT_FOUND;
	assert_int_equal(page("/own", 0, ""), 200);
	has("There is no key here yet");
	assert_false(t.call.again);
	t.err = ERR_FULL;
	assert_int_equal(page("/own", 0, ""), 503);
	t.err = ERR_OK;
	assert_int_equal(page("/own", 504, "{\"error\":\"the answer did not come in time\"}"), 503);
	has("the answer did not come in time");
	end();
}

#define NAME(name, reason, key, expires)                                                           \
	"{\"name\":\"" name "\",\"name_reason\":\"" reason "\",\"key\":\"" key                     \
	"\",\"identity\":\"ABCD\",\"state\":\"alive\",\"records\":2,\"block\":3,"                  \
	"\"changed_timestamp\":5,\"expires_timestamp\":" expires "}"

static void test_the_list(void **unused)
{
	(void)unused;

	begin();
	add_key("her", 0x22, true);
	assert_int_equal(
		page("/own", 200,
			"{\"domains\":[" NAME("late.ygg", "", "me", "9000000000") "," NAME(
				"soon<b>.ygg", "", "me", "1") "," NAME("", "its key is locked",
				"her", "8000000000") "],"
						     "\"domains_total\":9}"),
		200);
	in_order("soon&lt;b&gt;.ygg", "late.ygg");
	has_not("<b>");
	has("its key is locked");
	has("alfisd key unlock her");
	has_not("alfisd key unlock me");
	has("longer than can be shown"); /* 9 in all */
	assert_int_equal(page("/own", 200, "{\"domains\":[[],7,{}],\"domains_total\":3}"), 200);
	assert_int_equal(page("/own", 200, "{\"domains\":"), 503);
	assert_int_equal(page("/own", 200, "x"), 503);
	end();
}

static void test_renewing_needs_days(void **unused)
{
	static const char *const bad[] = {"", "?days=0", "?days=367", "?days=x", "?days=-1"};
	char path[64];
	(void)unused;

	begin();
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		snprintf(path, sizeof path, "/own/renew%s", bad[i]);
		assert_int_equal(page(path, 0, ""), 400);
		assert_null(t.called);
	}
	page("/own/renew?days=366", 0, "");
	assert_string_equal(t.called, "names");
	form("/own/renew", "days=366", 0, "");
	assert_true(t.call.again);
	end();
}

/* ---- the editor ---- */

/* A name that cannot be had has its field alone; of the keys an open one is chosen. */
static void test_looked_at_first(void **unused)
{
	static const char *const bad[] = {"a--b.ygg", "x.nozone", "one", "a.b.ygg", "%FF.ygg"};
	char path[64];
	(void)unused;

	begin();
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		snprintf(path, sizeof path, "/own/new?name=%s", bad[i]);
		assert_int_equal(page(path, 0, ""), 400);
		has("aria-invalid=\"true\" aria-describedby=\"why1-0\"");
		has_not("action=\"/own/edit\"");
	}
	assert_int_equal(page("/own/new?name=x.ygg", 0, ""), 200);
	has("Key: me");
	rows[0].locked = true;
	page("/own/new?name=x.ygg", 0, "");
	has("This key is locked");
	add_key("her", 0x22, false);
	page("/own/new?name=x.ygg", 0, "");
	has("<option value=\"me\">me – locked</option><option value=\"her\" selected>her</option>");
	has_not("This key is locked");
	page("/own/keys", 0, "");
	has("key new main<");
	add_key("main", 0x33, false);
	page("/own/keys", 0, "");
	has("key new main-2<");
	end();
}

static void test_reasons_beside_fields(void **unused)
{
	(void)unused;

	begin();
	assert_int_equal(
		edit("name=x.ygg&r0=@+AAAA+200::1&r1=www+AAAA+no&r2=%7B%22type%22:1%7D"), 400);
	has("name=\"r1\" value=\"www AAAA no\" autocomplete=\"off\" spellcheck=\"false\" "
	    "aria-label=\"record 2\" aria-invalid=\"true\" aria-describedby=\"why2-1\"");
	has("id=\"why2-1\"");
	has("id=\"why2-2\"");
	has_not("id=\"why2-0\"");
	has_not("value=\"start\"");
	assert_int_equal(edit("name=x.ygg&r0=@+AAAA+200::1&r1=@+1+AAAA+200::1"), 400);
	has("this record is there already");
	assert_int_equal(edit("name=x.ygg&r0=@+A+1.2.3.4"), 400);
	has("id=\"why2-0\"");
	has("no A records");
	assert_int_equal(edit("name=x.nozone"), 400);
	has("id=\"why1-0\"");
	assert_int_equal(edit("name=x.ygg&cv0=7"), 400);
	has("a contact needs a name");
	assert_int_equal(edit("name=x.ygg&zone=a+AAAA+200::1%0D%0Ab+MX%0D%0A"), 400);
	has("line 2, column");
	assert_int_equal(edit("name=x.ygg&key=nobody"), 400);
	has("choose a key");
	assert_null(t.called);
	end();
}

static void test_the_order(void **unused)
{
	static const char *const rows_sent = "name=x.ygg&r0=a+TXT+1&r1=b+TXT+1&r2=c+TXT+1";
	static const struct {
		const char *more, *order;
	} cases[] = {{"&do=up2", "acb"}, {"&do=down0", "bac"}, {"&do=up0", "abc"},
		{"&do=down2", "abc"}, {"&p2=1&do=up9", "cab"}, {"&p0=3&do=up9", "bca"},
		{"&p0=9999&p1=0&do=up9", "bca"}, {"&do=remove1", "ac"}, {"&do=remove77", "abc"},
		{"&do=up", "abc"}};
	char fields[256], wanted[64];
	(void)unused;

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf(fields, sizeof fields, "%s%s", rows_sent, cases[i].more);
		assert_int_equal(edit(fields), 200);
		for (unsigned n = 0; cases[i].order[n]; n++) {
			snprintf(wanted, sizeof wanted, "name=\"r%u\" value=\"%c TXT 1\"", n,
				cases[i].order[n]);
			has(wanted);
		}
	}
	end();
}

/* What is started is what was shown, else it is shown again. */
static void test_start(void **unused)
{
	char fields[512], mark[65];
	const char *at;
	(void)unused;

	begin();
	assert_int_equal(edit("name=x.ygg&r0=@+AAAA+200::1&do=start"), 200);
	assert_null(t.called);
	has("x.ygg. 3600 IN AAAA 200::1");
	has("<ins>+ @ 3600 AAAA 200::1</ins>");
	at = strstr(body(&t), "name=\"seen\" value=\"");
	assert_non_null(at);
	snprintf(mark, sizeof mark, "%s", at + strlen("name=\"seen\" value=\""));
	snprintf(fields, sizeof fields, "name=x.ygg&r0=@+AAAA+200::2&do=start&seen=%s", mark);
	assert_int_equal(edit(fields), 200);
	assert_null(t.called);
	snprintf(fields, sizeof fields, "name=x.ygg&r0=@+AAAA+200::1&do=start&seen=%s", mark);
	assert_int_equal(edit(fields), 400); /* the hook of the rig refuses all jobs */
	assert_string_equal(t.called, "job_add");
	assert_string_equal(t.address, "x.ygg");
	has("there are too many jobs");
	end();
}

static void test_hostile_fields(void **unused)
{
	static char fields[70000];
	struct wr w = wr_of(fields, sizeof fields - 1);
	(void)unused;

	begin();
	edit("name=x.ygg&r0=@+TXT+%3Cscript%3E&info=%3C/textarea%3E%3Cscript%3E%E2%80%AEx&cn0=%22%3E&cv0=1");
	has_not("<script>");
	has_not("\xE2\x80\xAE");
	has("&lt;/textarea&gt;&lt;script&gt;");
	has("name=\"cn0\" value=\"&quot;&gt;\"");
	edit("name=%3Cscript%3E.ygg&r0=@+TXT+1");
	has_not("<script>");
	/* 40 records of 1,500 bytes, which no block can have */
	wr_format(&w, "name=x.ygg");
	for (unsigned i = 0; i < 40; i++) {
		wr_format(&w, "&r%u=h%u+TXT+", i, i);
		for (unsigned n = 0; n < 1500; n++)
			wr_u8(&w, 'x');
	}
	fields[w.n] = 0;
	assert_false(w.bad);
	assert_int_equal(edit(fields), 400);
	has("30 at most");
	assert_int_equal(edit("name=x.ygg&nothing=1"), 400);
	has("There is no such page.");
	end();
}

/* Every allocation of a page fails once: it is told, and nothing stays. */
static void test_memory(void **unused)
{
	bool failed = true;
	(void)unused;

	begin();
	for (size_t n = 1; failed; n++) {
		size_t before = mem_blocks();
		mem_fail_nth(n);
		edit("name=x.ygg&r0=@+AAAA+200::1&cn0=a&cv0=b&info=i");
		failed = mem_fail_nth(0) == 0;
		assert_true(t.status == 503 || t.status == 400 || t.status == 200);
		assert_int_equal(mem_blocks(), before);
	}
	failed = true;
	for (size_t n = 1; failed; n++) {
		size_t before = mem_blocks();
		mem_fail_nth(n);
		page("/own/new?name=x.ygg", 0, "");
		failed = mem_fail_nth(0) == 0;
		assert_true(t.status == 200 || (failed && t.status == 503));
		assert_int_equal(mem_blocks(), before);
	}
	end();
}

/* ---- jobs, keys, signing ---- */

static void test_no_jobs(void **unused)
{
	(void)unused;

	begin();
	assert_int_equal(page("/own/jobs", 0, ""), 200);
	has("There was no job yet.");
	assert_int_equal(page("/own/jobs/1", 0, ""), 404);
	assert_int_equal(form("/own/job", "id=1&do=cancel", 0, ""), 404);
	assert_int_equal(form("/own/job", "", 0, ""), 404);
	assert_null(t.called);
	end();
}

static void test_keys(void **unused)
{
	(void)unused;

	begin();
	add_key("her", 0x22, true);
	assert_int_equal(page("/own/keys", 0, ""), 200);
	has("alfis1:1111");
	has("Make a copy of this key");
	has("alfisd key unlock her");
	has_not("alfisd key unlock me");
	assert_int_equal(form("/own/keys/saved", "name=me", 0, ""), 303);
	assert_true(t.saved);
	page("/own/keys", 0, "");
	has_not("Make a copy of this key");
	/* Locking is answered later. */
	t.said = (struct api_said){0};
	form("/own/keys/lock", "name=me", 0, "");
	assert_string_equal(t.called, "lock");
	assert_int_equal(t.seconds, 7);
	assert_true(t.call.again);
	assert_int_equal(form("/own/keys/lock", "name=me", 200, "{\"done\":\"locked\"}"), 303);
	assert_int_equal(
		form("/own/keys/lock", "name=me", 504, "{\"error\":\"no <answer>\"}"), 504);
	has("no &lt;answer&gt;");
	assert_int_equal(form("/own/keys/lock", "name=you", 0, ""), 404);
	t.said = (struct api_said){503, "busy"};
	assert_int_equal(form("/own/keys/lock", "name=me", 0, ""), 503);
	assert_int_equal(form("/own/keys/export", "name=you", 0, ""), 404);
	end();
}

/* A passphrase that was typed is handed over, wiped, and not asked for again when the answer
 * comes. */
static void test_passphrases(void **unused)
{
	static const char fields[] = "name=me&passphrase=very+secret+words";
	(void)unused;

	begin();
	assert_int_equal(form("/own/keys/unlock", fields, 0, ""), 403);
	assert_null(t.called);
	has("webui.unlock");
	t.config.webui_unlock = true;
	t.said = (struct api_said){0};
	assert_int_equal(form("/own/keys/unlock", "name=you&passphrase=x", 0, ""), 404);
	assert_int_equal(form("/own/keys/unlock", "name=me", 0, ""), 400);
	assert_int_equal(form("/own/keys/new", "name=me&passphrase=x&again=x", 0, ""), 400);
	assert_int_equal(form("/own/keys/new", "name=it&passphrase=x&again=y", 0, ""), 400);
	assert_int_equal(form("/own/keys/new", "name=..&passphrase=x&again=x", 0, ""), 400);
	assert_int_equal(form("/own/keys/import", "name=it&passphrase=x", 0, ""), 400);
	assert_null(t.called);
	form("/own/keys/unlock", fields, 0, "");
	assert_non_null(t.called);
	assert_true(t.call.again);
	for (size_t i = 0; i < t.call.request->body.n; i++)
		assert_int_equal(t.call.request->body.p[i], 0);
	assert_int_equal(form("/own/keys/unlock", "z=1", 200, "{\"name\":\"me\"}"), 303);
	assert_int_equal(form("/own/keys/unlock", "x", 403, "{\"error\":\"it is <wrong>\"}"), 403);
	has("it is &lt;wrong&gt;");
	assert_int_equal(form("/own/keys/cancel", "", 0, ""), 303);
	end();
}

static void test_signing(void **unused)
{
	(void)unused;

	begin();
	assert_int_equal(page("/own/signing", 0, ""), 200);
	has("Your keys have missed nothing lately.");
	assert_int_equal(form("/own/signing", "do=off", 0, ""), 303);
	assert_string_equal(t.called, "job_change");
	assert_int_equal(form("/own/signing", "do=maybe", 0, ""), 400);
	assert_null(t.called);
	end();
}

/* ---- what a form shows and brings back ---- */

static void expect_seen(const char *text, const char *wanted, bool all)
{
	char to[64];
	struct wr w = wr_of(to, sizeof to - 1);

	html_seen(&w, slice_str(text));
	to[w.n] = 0;
	assert_string_equal(to, wanted);
	assert_int_equal(html_shows_all(slice_str(text)), all);
}

static void test_what_is_seen(void **unused)
{
	(void)unused;

	expect_seen("a<b>&\xD0\x9F", "a<b>&\xD0\x9F", true);
	expect_seen("a\nb", "a\nb", false);
	expect_seen("a\tb", "a b", false);
	expect_seen("\xE2\x80\xAE", "\xEF\xBF\xBD", false);
	expect_seen("\xFF", "\xEF\xBF\xBD", false);
	expect_seen("", "", true);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_the_owner),
		cmocka_unit_test(test_the_list_waits),
		cmocka_unit_test(test_the_list),
		cmocka_unit_test(test_renewing_needs_days),
		cmocka_unit_test(test_looked_at_first),
		cmocka_unit_test(test_reasons_beside_fields),
		cmocka_unit_test(test_the_order),
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_hostile_fields),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_no_jobs),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_passphrases),
		cmocka_unit_test(test_signing),
		cmocka_unit_test(test_what_is_seen),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
