/* The first page of web/, first start, the bounds and the glossary. */
#include "api/reason.h"
#include "tests/unit/page_rig.h"
#include "web/asset.h"
#include "web/prefix.h"

static int begin(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	t.api.events = events_start(&t.api, &t.r.limits, t.base);
	rig_fill(&t.r, &t.b, API_BLOCKS);
	rig_peer(&t.r, 1, true, API_BLOCKS);
	return 0;
}

static int end(void **state)
{
	(void)state;
	events_free(t.api.events);
	told_end(&t);
	page_door = DOOR_READ;
	page_right = RIGHT_READ;
	page_from = "127.0.0.1";
	return 0;
}

/* ---- the page ---- */

static void test_whole_without_scripts(void **state)
{
	(void)state;
	log_warn("a <line> of the log");
	assert_int_equal(page("/"), 200);
	assert_string_equal(t.call.type, "text/html; charset=utf-8");
	has("<title>✓ up to date");
	has("<span id=\"state\" class=\"state good\">up to date");
	has("<span data-live=\"height\">30</span> <small>of <span data-live=\"best_height\">30<");
	has("<span data-live=\"peers\">1</span>");
	has("max=\"30\" value=\"30\"></progress>");
	has("<p class=\"number\"><a href=\"/explorer/block/");
	has("<li class=\"filled\"><a class=\"hex\" href=\"/explorer/block/");
	has("warn a &lt;line&gt; of the log\n");
	has("<h2>Bounds</h2> <span class=\"state good\">none is met");
	has_not("style=");
	has_not("onclick");
	assert_non_null(strstr(t.call.policy, "script-src 'self'; connect-src 'self';"));
	assert_null(strstr(t.call.policy, "unsafe"));
	assert_int_equal(page("/?lang=ru"), 200);
	has("<title>✓ всё загружено");
	has("<small>из <span data-live=\"best_height\">30<");
	assert_int_equal(page("/nothing"), 404);
}

static void test_parts_alone(void **state)
{
	(void)state;
	assert_int_equal(page("/?part"), 200);
	has("<div id=\"part-blocks\" data-part>");
	has("<div id=\"part-names\" data-part>");
	has("<div id=\"part-bounds\" data-part>");
	has_not("<html");
	has_not("id=\"log\"");
}

static void test_nothing_yet(void **state)
{
	(void)state;
	end(NULL);
	told_begin(&t, NULL);
	assert_int_equal(page("/"), 200); /* without a log, too */
	has("<title>✓ works alone – alfisd</title>");
	has("net.peers is empty, so the node calls nobody.");
	has("<p id=\"detail\" data-part></p>");
	has("No block yet.");
	has("data-as=\"time\">–</span>");
	has("max=\"1\" value=\"0\"></progress>");
	has_not("blocks/s</p>");
}

static void test_syncing(void **state)
{
	(void)state;
	rig_peer(&t.r, 2, true, 120);
	assert_int_equal(page("/"), 200);
	has("syncing, 25 %");
	has("<p id=\"pace\">");
	has("blocks/s");
	has("max=\"120\" value=\"30\"></progress>");
}

static void test_resolver_and_keys(void **state)
{
	static struct dns_figures figures;
	static struct keys_state keys;
	(void)state;

	assert_int_equal(page("/"), 200);
	has("<a href=\"/node/resolver\">off</a>");
	t.dns.why = "the port is taken";
	assert_int_equal(page("/"), 200);
	has("<a href=\"/node/resolver\">does not run</a>");
	t.dns = (struct api_dns){.why = "", .figures = &figures, .pace = 2.5};
	t.keys.state = &keys;
	t.keys.why = "";
	assert_int_equal(page("/"), 200);
	has("data-live=\"dns.dns_questions_per_second\" data-as=\"decimal\">2.5</span>");
	has_not("keys.owner_keys");
}

/* Every state that /status can tell has its words on the page, for the script. */
static void test_every_state_has_words(void **state)
{
	char wanted[96];
	(void)state;

	assert_int_equal(page("/"), 200);
	for (int i = 0; i < REASONS; i++) {
		snprintf(wanted, sizeof wanted, "<i data-word=\"%s\" class=\"",
			reason_word((enum reason)i));
		has(wanted);
		snprintf(wanted, sizeof wanted, "<i data-word=\"%s-advice\">",
			reason_word((enum reason)i));
		has(wanted);
	}
	assert_int_equal(page("/glossary"), 200);
	for (int i = 0; i < REASONS; i++) {
		snprintf(wanted, sizeof wanted, "<div id=\"%s\">", reason_word((enum reason)i));
		has(wanted);
	}
}

/* ---- bounds ---- */

static void test_a_bound_that_is_met(void **state)
{
	(void)state;
	t.r.limits.max_seen_blocks.used = t.r.limits.max_seen_blocks.max; /* may be full */
	assert_int_equal(page("/"), 200);
	has("<details><summary><h2>Bounds</h2>");
	t.r.limits.max_admin_clients.used = t.r.limits.max_admin_clients.max;
	assert_int_equal(page("/"), 200);
	has("<details open><summary><h2>Bounds</h2> <span class=\"state warn\">met: 1</span>");
	has("<tr class=\"met\"><td class=\"long\" data-label=\"Bound\"><code>max_admin_clients</code></td>");
	has("further connections are closed;");
	assert_int_equal(page("/node/bounds"), 200);
	for (size_t i = 0; i < LIMIT_ROWS; i++) {
		char wanted[96];
		snprintf(wanted, sizeof wanted, "data-label=\"Bound\"><code>%s</code></td>",
			limit_rows[i].name);
		has(wanted);
	}
	t.r.limits.max_admin_clients.used = 0;
}

/* ---- first start ---- */

static const char first[] = "What is not set up yet</h2>";

static void test_first_start(void **state)
{
	(void)state;
	assert_int_equal(page("/"), 200);
	has(first);
	has("No name resolves through this machine");
	has("[dns]\nlisten = &quot;127.0.0.1:5300&quot;\n");
	has("/etc/systemd/resolved.conf.d/alfis.conf\n");
	has("alfisd key new main\n");
	has("alfisd web-password\n");
	has("Nobody has called this node yet");
	page_from = "192.0.2.7";
	assert_int_equal(page("/"), 200);
	has_not(first);
	page_door = DOOR_LOCAL;
	page_right = RIGHT_STEER;
	assert_int_equal(page("/"), 200);
	has(first);
}

static void test_first_start_is_hidden(void **state)
{
	(void)state;
	assert_int_equal(page("/?hide=first"), 303);
	assert_non_null(strstr(t.call.more, "Location: /\r\nSet-Cookie: first=hide;"));
	assert_int_equal(page_with("/", "Cookie: first=hide\r\n"), 200);
	has_not(first);
	has("<a href=\"/?hide=no\">What is not set up yet: 4</a>");
	assert_int_equal(page_with("/?hide=no", "Cookie: first=hide\r\n"), 303);
	assert_non_null(strstr(t.call.more, "Set-Cookie: first=; Path=/; Max-Age=0;"));
}

static void test_first_start_is_over(void **state)
{
	static const char *const sets[] = {"dns.listen=127.0.0.1:5300", "webui.password=x", NULL};
	(void)state;

	static struct dns_figures asked;

	end(NULL);
	told_begin(&t, sets);
	t.keys.away = true; /* the keys are on another machine */
	assert_int_equal(page("/"), 200);
	has("No name resolves"); /* nobody has asked the server */
	has_not("[dns]\nlisten");
	has("/etc/systemd/resolved.conf.d/alfis.conf\n");
	asked.source[DNS_FROM_CHAIN] = 1;
	t.dns.figures = &asked;
	assert_int_equal(page("/"), 200);
	has(first);
	has_not("No name resolves");
	has_not("There is no key");
	has_not("No password");
	has("Nobody has called this node yet");
}

/* ---- words ---- */

/* Each word that a page explains by a link stands in the glossary. */
static void terms_are_explained(const char *target)
{
	static char links[API_BODY];
	const char *at = links, *link = "href=\"/glossary#";

	assert_int_equal(page(target), 200);
	memcpy(links, t.body, t.answer.n + 1);
	assert_int_equal(page("/glossary"), 200);
	for (unsigned n = 0; (at = strstr(at, link)); n++) {
		char wanted[64];
		at += strlen(link);
		snprintf(wanted, sizeof wanted, "<div id=\"%.*s\">", (int)strcspn(at, "\""), at);
		has(wanted);
	}
}

static void test_terms(void **state)
{
	static const char *const targets[] = {"/", "/explorer", "/explorer/block/1",
		"/explorer/names", "/node/peers", "/node/resolver", "/node/bounds", "/glossary"};
	(void)state;

	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
		terms_are_explained(targets[i]);
}

/* The path stands in links: nothing but a plain one is taken. */
static void test_paths_of_web_servers(void **state)
{
	static const char *const rows[][2] = {{"/alfisd", "/alfisd"}, {"/a/b-c_d.e/", "/a/b-c_d.e"},
		{"/", NULL}, {"//evil.example", NULL}, {"alfisd", NULL}, {"/a\"><script>", NULL},
		{"/a b", NULL}, {"/a\\b", NULL},
		{"/0123456789012345678901234567890123456789012345678901234567890123456789", NULL}};
	static struct http_request q;
	char text[256], prefix[HTTP_PREFIX_MAX];
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		snprintf(text, sizeof text, "GET / HTTP/1.0\r\nX-Forwarded-Prefix: %s\r\n\r\n",
			rows[i][0]);
		assert_int_equal(http_parse(slice_str(text), &q), HTTP_DONE);
		assert_int_equal(prefix_of(&q, prefix), rows[i][1] != NULL);
		if (rows[i][1])
			assert_string_equal(prefix, rows[i][1]);
	}
}

/* Behind a web server that has us under a path of its own, each link leads back there. */
static void test_under_a_path(void **state)
{
	static const char header[] = "X-Forwarded-Prefix: /alfisd\r\n";
	static const char *const targets[] = {"/", "/?part", "/explorer", "/explorer/block/1",
		"/glossary", "/node/peers", "/?zzz=1"};
	(void)state;

	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		unsigned links = 0;
		page_with(targets[i], header);
		for (const char *at = body(&t); (at = strstr(at, "=\"/")); at++, links++)
			if (strncmp(at + 2, "/alfisd/", 8) != 0)
				fail_msg("%.60s in %s", at, targets[i]);
		assert_true(links > 3);
		assert_int_equal(t.body[t.answer.n - 1], '\n');
	}
	has("<a href=\"/alfisd/explorer\">");
	has("action=\"/alfisd/search\"");
	has("</html>\n");
	assert_int_equal(page_with("/search?q=7", header), 303);
	assert_string_equal(t.call.more, "Location: /alfisd/explorer/block/7\r\n");
	assert_int_equal(page_with("/?hide=first", header), 303);
	assert_non_null(strstr(t.call.more, "Location: /alfisd/\r\nSet-Cookie:"));
}

/* What somebody typed stays as it is, also where it looks like a path. */
static void test_texts_under_a_path(void **state)
{
	(void)state;

	assert_int_equal(page_with("/search?q=/etc", "X-Forwarded-Prefix: /alfisd\r\n"), 404);
	has("name=\"q\" maxlength=\"200\" required aria-label=\"name, block, hash or key\" "
	    "placeholder=\"name, block, hash or key\" value=\"&#47;etc\"");
	has("action=\"/alfisd/search\"");
	assert_int_equal(page("/search?q=/etc"), 404);
	has("value=\"&#47;etc\"");
}

/* A path that nothing has leads nowhere, least of all to another site. */
static void test_paths_of_nothing(void **state)
{
	static const char *const targets[] = {
		"//evil.example/x", "/\\evil.example", "///evil.example"};
	(void)state;

	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		assert_int_equal(page_with(targets[i], "Sec-Fetch-Dest: document\r\n"), 404);
		has("There is no such page.");
		has_not("evil");
	}
	page_with("/nothing", "Sec-Fetch-Dest: document\r\n");
	has("href=\"/nothing?lang=ru\"");
}

static void test_script(void **state)
{
	char tag[64];
	(void)state;

	assert_int_equal(page("/"), 200);
	snprintf(tag, sizeof tag, "src=\"/script.js?%s\"", asset_script.tag);
	has(tag);
	assert_int_equal(page_with("/script.js", "Accept-Encoding: gzip\r\n"), 200);
	assert_string_equal(t.call.type, "text/javascript; charset=utf-8");
	assert_int_equal(t.answer.n, asset_script.gzip.n);
	assert_true(asset_script.gzip.n <= 6000);
}

int main(int argc, char **argv)
{
#define WITH_NODE(test) cmocka_unit_test_setup_teardown(test, begin, end)
	const struct CMUnitTest tests[] = {
		WITH_NODE(test_whole_without_scripts),
		WITH_NODE(test_parts_alone),
		WITH_NODE(test_nothing_yet),
		WITH_NODE(test_syncing),
		WITH_NODE(test_resolver_and_keys),
		WITH_NODE(test_every_state_has_words),
		WITH_NODE(test_a_bound_that_is_met),
		WITH_NODE(test_first_start),
		WITH_NODE(test_first_start_is_hidden),
		WITH_NODE(test_first_start_is_over),
		WITH_NODE(test_terms),
		cmocka_unit_test(test_paths_of_web_servers),
		WITH_NODE(test_under_a_path),
		WITH_NODE(test_texts_under_a_path),
		WITH_NODE(test_paths_of_nothing),
		WITH_NODE(test_script),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
