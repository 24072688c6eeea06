/* What the public pages say of a block, a key, a name and a search: words instead of digits,
 * moments with their hour, commands that can be pasted. */
#include <unistd.h>

#include "base/hex.h"
#include "tests/unit/page_rig.h"
#include "web/token.h"

enum { NAMES = 14 /* of the chain that fill() makes */ };

/* The node with its blocks, made once: the pages only read. */
static int begin(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	rig_fill(&t.r, &t.b, API_BLOCKS);
	rig_peer(&t.r, 1, true, API_BLOCKS);
	t.r.mono += 61000;
	return 0;
}

static int end(void **state)
{
	(void)state;
	told_end(&t);
	return 0;
}

/* ---- a block ---- */

/* The newest block with a name waits for signatures: from when on others may sign, with its hour
 * and how far away that is. */
static void test_healing(void **state)
{
	static const char target[] = "/explorer/block/27"; /* the newest with a name */
	const int64_t wall = t.r.wall;
	(void)state;

	t.r.wall = 1600006200; /* 2020-09-13 14:10 */
	assert_int_equal(page(target), 200);
	has("Standby signers may sign from <time datetime=\"2020-09-18T13:53:20Z\"");
	has("18 Sep 2020, 13:53 UTC <small>in 4 days</small></time> on.");
	has("href=\"/glossary#healing\"");
	assert_int_equal(page_with(target, "Accept-Language: ru\r\n"), 200);
	has("Запасные смогут подписать с <time");
	has("18.09.2020, 13:53 UTC <small>через 4 дня</small>");
	t.r.wall = 1600448000; /* 2020-09-18 16:53 */
	assert_int_equal(page(target), 200);
	has("Standby signers may sign now, since <time");
	has("18 Sep 2020, 13:53 UTC <small>3 h ago</small></time>.");
	t.r.wall = wall;
}

/* ---- what has digits for a name ---- */

static void test_keys_and_identities(void **state)
{
	char target[128], wanted[160], hex[65];
	struct block_owned *b;
	(void)state;

	assert_int_equal(chain_block(t.api.chain, 2, &b), ERR_OK);
	hex_upper(b->b.pub_key, hex);
	snprintf(target, sizeof target, "/explorer/key/%s", hex);
	assert_int_equal(page(target), 200);
	snprintf(wanted, sizeof wanted, "<h1><bdi>Key %.8s…</bdi></h1>", hex);
	has(wanted);
	snprintf(wanted, sizeof wanted, "<title>Key %.8s… · ", hex);
	has(wanted);
	snprintf(wanted, sizeof wanted, "data-copied=\"Copied\">%s</span>", hex);
	has(wanted);
	snprintf(wanted, sizeof wanted, "href=\"/key/%s\"", hex);
	has(wanted);
	has("Looked for in the newest 24 blocks with a name");
	hex_upper(slice_of(b->b.hash.p, 32), hex);
	assert_int_equal(page("/explorer/block/2"), 200);
	has("a name: registered");
	snprintf(wanted, sizeof wanted, "data-copied=\"Copied\">%s</span>", hex);
	has(wanted);
	mem_free(b);
}

/* ---- names ---- */

/* The page of the name of block 27, which stands there by its identity, so many days after it. */
static void look_after(int days)
{
	struct block_owned *b;
	char target[96] = "/explorer/name/";

	assert_int_equal(chain_block(t.api.chain, 27, &b), ERR_OK);
	hex_upper(b->b.tx.identity, target + strlen(target));
	t.r.wall = b->b.timestamp + 86400LL * days + 3600;
	mem_free(b);
	assert_int_equal(page(target), 200);
}

/* The lists of names as JSON, each full block's name once and in the order of the dates. */
static void expect_lists(int expiring, int falling_free)
{
	assert_int_equal(ask(&t, "GET", "/names"), 200);
	assert_int_equal(length_of(&t, "latest"), NAMES);
	assert_int_equal(length_of(&t, "expiring"), expiring);
	assert_int_equal(length_of(&t, "falling_free"), falling_free);
}

static void test_a_year(void **state)
{
	const int64_t wall = t.r.wall;
	(void)state;

	look_after(10);
	has("<span class=\"state good\">registered</span>");
	has("<progress max=\"365\" value=\"354\"");
	has("<h1><bdi>Unknown name ");
	look_after(340);
	has("<span class=\"state busy\">expires soon</span>");
	assert_int_equal(page("/explorer/names"), 200);
	has("<th scope=\"col\"><a class=\"term\" href=\"/glossary#expiry\">Expires</a></th>");
	has("No name falls free within the next 30 days.");
	has("registered</td>"); /* what its newest block did */
	has("<a href=\"/names\"");
	expect_lists(NAMES, 0);
	look_after(370);
	has("<span class=\"state bad\">expired: only its owner may renew it</span> "
	    "Free to others from <time");
	has("A resolver says that there is no such name.");
	has_not("<progress");
	assert_int_equal(page("/explorer/names"), 200);
	has("No name expires within the next 30 days.");
	has("<th scope=\"col\"><a class=\"term\" href=\"/glossary#expiry\">Free to others from</a></th>");
	expect_lists(0, NAMES);
	look_after(400);
	has("<span class=\"state warn\">free again: anybody may take it</span> "
	    "Free to others since <time");
	assert_int_equal(page("/explorer/names?lang=ru"), 200);
	has("В ближайшие 30 дней не освободится ни одно имя.");
	t.r.wall = wall;
}

/* What it costs, in hashes, and in time when this machine has a pace. */
static void test_a_price(void **state)
{
	(void)state;
	assert_int_equal(page("/explorer/name/free-name.ygg"), 200);
	has("To take it, a key mines one block: ");
	has("href=\"/glossary#difficulty\"");
	has("On this machine it takes ");
	has(" on average, nine of ten within ");
}

/* ---- words ---- */

/* The first use of a word that a newcomer does not know is a link, in both languages. */
static void test_words_are_explained(void **state)
{
	static const struct {
		const char *page, *anchors[6];
	} rows[] = {
		{"/", {"peer", "height", "tip", "full-block", "drawn", "bound"}},
		{"/explorer", {"full-block", "drawn", "key", "signature", "block"}},
		{"/explorer/block/27",
			{"hash", "difficulty", "identity", "drawn", "healing", "record"}},
		{"/explorer/names", {"hash", "identity", "zone", "key", "expiry"}},
		{"/explorer/name/free-name.ygg", {"difficulty"}},
		{"/node/peers", {"reach", "ban"}},
		{"/node/bounds", {"bound", "row"}},
	};
	(void)state;

	for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
		page_with(rows[i / 2].page, i % 2 ? "Accept-Language: ru\r\n" : "");
		has_not("](");
		for (size_t k = 0; k < 6 && rows[i / 2].anchors[k]; k++) {
			char wanted[64];
			snprintf(wanted, sizeof wanted, "\"/glossary#%s\"", rows[i / 2].anchors[k]);
			has(wanted);
		}
	}
}

/* ---- commands ---- */

static void expect_command(const char *file, const char *wanted)
{
	page_file = file;
	assert_int_equal(page("/explorer/name/free-name.ygg"), 200);
	has(wanted);
	page_file = CONFIG_SYSTEM_FILE;
}

static void test_commands(void **state)
{
	char here[4096], wanted[8192];
	(void)state;

	expect_command(CONFIG_SYSTEM_FILE, ">alfisd domain new free-name.ygg\n</pre>");
	expect_command("", ">alfisd domain new free-name.ygg\n</pre>");
	expect_command(
		"/srv/a.toml", ">alfisd --config /srv/a.toml domain new free-name.ygg\n</pre>");
	expect_command("/srv/my $(node)/it's <one>.toml",
		">alfisd --config &#39;/srv/my $(node)/it&#39;\\&#39;&#39;s "
		"&lt;one&gt;.toml&#39; domain new free-name.ygg\n</pre>");
	assert_non_null(getcwd(here, sizeof here));
	snprintf(wanted, sizeof wanted, "%s/node.toml", here);
	expect_command("node.toml", wanted);
}

/* ---- searching ---- */

/* Where the text stands, NULL when it stands there twice. */
static const char *once(const char *text)
{
	const char *at = strstr(body(&t), text);

	return at && !strstr(at + 1, text) ? at : NULL;
}

static void test_search(void **state)
{
	static const char *const same[] = {"example.ygg", "EXAMPLE.ygg", "www.example.ygg",
		"http%3A%2F%2Fwww.example.ygg%2Fpath%3Fq", "+example.ygg.+"};
	(void)state;

	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
		char target[128];
		snprintf(target, sizeof target, "/search?q=%s", same[i]);
		assert_int_equal(page(target), 303);
		assert_string_equal(t.call.more, "Location: /explorer/name/example.ygg\r\n");
	}
	assert_int_equal(page("/search?q=7"), 303);
	assert_string_equal(t.call.more, "Location: /explorer/block/7\r\n");
	assert_int_equal(page("/search?q=7000000"), 404);
	assert_int_equal(page("/search"), 200);
	assert_non_null(once("Search for a name such as example.ygg"));
	has("<h1><bdi>Search</bdi></h1>");
	assert_int_equal(page("/search?q="), 200);
	assert_int_equal(page("/search?q=my+demo.ygg"), 404);
	has("value=\"my demo.ygg\"");
	assert_int_equal(page("/search?q=%22%3E%3Cscript%3Ealert(1).."), 404);
	has("value=\"&quot;&gt;&lt;script&gt;alert(1)..\"");
	has_not("<script>");
	assert_int_equal(page("/search?q=a%0D%0AX:%20y.ygg"), 400);
}

/* What is typed stays, whatever its length, as far as a request may be long. */
static void test_long_search(void **state)
{
	char typed[HTTP_QUERY_MAX], target[HTTP_QUERY_MAX + 16], wanted[HTTP_QUERY_MAX + 16];
	(void)state;

	memset(typed, 'a', sizeof typed);
	typed[1] = typed[2] = '.';
	for (int n = 255; n <= 900; n += 645) {
		snprintf(target, sizeof target, "/search?q=%.*s", n, typed);
		snprintf(wanted, sizeof wanted, "value=\"%.*s\"", n, typed);
		assert_int_equal(page(target), n < 256 ? 404 : 414);
		has(wanted);
	}
	has("<h1><bdi>The search is too long</bdi></h1>");
	assert_int_equal(page_with(target, "Accept-Language: ru\r\n"), 414);
	has("Слишком длинный запрос");
}

/* ---- errors ---- */

static void error(const char *target, int status, const char *why, const char *more)
{
	t.answer = wr_of(t.body, sizeof t.body - 1);
	page(target);
	t.answer = wr_of(t.body, sizeof t.body - 1);
	t.call.more = more;
	web_refused(&t.api, &t.call, status, why);
	assert_false(t.answer.bad);
	t.body[t.answer.n] = 0;
}

/* Every status has a title and what to do, and the sentence for programs, in both languages. */
static void test_errors(void **state)
{
	static const int status[] = {
		400, 401, 403, 404, 405, 406, 413, 414, 415, 429, 431, 503, 504};
	(void)state;

	for (size_t i = 0; i < sizeof status / sizeof status[0]; i++) {
		error("/no/such", status[i], "this path takes a <POST>", "Allow: POST\r\n");
		has("<h1>");
		has("this path takes a &lt;POST&gt;");
		has("<a href=\"/\">To the first page</a>");
		assert_non_null(strstr(t.call.more, "Allow: POST\r\n"));
		assert_non_null(strstr(t.call.type, "text/html"));
	}
	error("/no/such", 405, "this path takes a POST", "");
	has("<h1><bdi>This address cannot be opened so</bdi></h1>");
	error("/no/such?lang=ru", 405, "this path takes a POST", "");
	has("<h1><bdi>Этот адрес так не открыть</bdi></h1>");
	error("/search", 414, "the query is too long", "");
	has("<h1><bdi>The search is too long</bdi></h1>");
	error("/explorer", 414, "the query is too long", "");
	has("<h1><bdi>The address is too long</bdi></h1>");
	page_right = RIGHT_NONE; /* of who may not ask */
	error("/search", 403, "this is not for pages of other sites", "");
	page_right = RIGHT_READ;
	has("This is not allowed from here");
	error("/search", 403, token_wrong, "");
	has("This page is from before your log-in");
	has_not("X-Token");
	page_right = RIGHT_NONE;
	error("/search", 403, "this is not for pages of other sites", "");
	page_right = RIGHT_READ;
	has_not("id=\"state\"");
	has_not("devnet");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_healing),
		cmocka_unit_test(test_keys_and_identities),
		cmocka_unit_test(test_a_year),
		cmocka_unit_test(test_a_price),
		cmocka_unit_test(test_words_are_explained),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_long_search),
		cmocka_unit_test(test_errors),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, begin, end);
}
