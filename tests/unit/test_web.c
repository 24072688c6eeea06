/* The pages of web/: what stands in them, in both languages, and that nothing that others chose
 * becomes markup. */
#include "api/name_facts.h"
#include "base/hex.h"
#include "base/utf8.h"
#include "tests/unit/page_rig.h"
#include "web/asset.h"
#include "web/html.h"

/* ---- text as HTML ---- */

static void expect_html(const void *text, size_t n, const char *wanted)
{
	char to[256];
	struct wr w = wr_of(to, sizeof to - 1);

	html_text(&w, slice_of(text, n));
	assert_false(w.bad);
	to[w.n] = 0;
	assert_string_equal(to, wanted);
}

static void test_text_is_no_markup(void **state)
{
	static const struct {
		const char *text, *wanted;
	} rows[] = {
		{"<b onclick='x'>&\"", "&lt;b onclick=&#39;x&#39;&gt;&amp;&quot;"},
		{"a\nb\tc", "a b c"}, {"a\x01\x7F", "a\xEF\xBF\xBD\xEF\xBF\xBD"},
		{"\xC3\xA9\xD0\x9F\xF0\x9F\x98\x80", "\xC3\xA9\xD0\x9F\xF0\x9F\x98\x80"},
		{"\xE2\x80\xAE"
		 "abc",
			"\xEF\xBF\xBD"
			"abc"}, /* U+202E turns the direction */
		{"\xE2\x81\xA6x\xE2\x81\xA9", "\xEF\xBF\xBDx\xEF\xBF\xBD"}, /* U+2066, U+2069 */
		{"\xE2\x80\x8B", "\xEF\xBF\xBD"},                           /* U+200B */
		{"\xF3\xA0\x81\xA1", "\xEF\xBF\xBD"},                       /* U+E0061 */
		{"\xC2\x85", "\xEF\xBF\xBD"},                               /* U+0085 */
		{"\xFF\xC3", "\xEF\xBF\xBD\xEF\xBF\xBD"},
		{"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"}, /* a surrogate */
	};
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		expect_html(rows[i].text, strlen(rows[i].text), rows[i].wanted);
	expect_html("a\0b", 3,
		"a\xEF\xBF\xBD"
		"b");
}

/* Every byte, and every character of two, three and four bytes: no character of markup is left as
 * it was, and the output is always good UTF-8. */
static void test_every_character(void **state)
{
	char to[64];
	(void)state;

	for (int32_t c = 0; c < 0x110000; c += c < 0x3000 ? 1 : 97) {
		uint8_t bytes[4];
		struct wr one = wr_of(bytes, sizeof bytes), w = wr_of(to, sizeof to);
		if (c >= 0xD800 && c < 0xE000)
			continue;
		utf8_put(&one, c);
		html_text(&w, wr_done(&one));
		assert_true(w.n > 0 && utf8_valid(wr_done(&w)));
		for (size_t i = 0; i < w.n; i++)
			assert_null(memchr("<>\"'", to[i], 4));
	}
}

static void test_paths(void **state)
{
	char to[64];
	struct wr w = wr_of(to, sizeof to - 1);
	(void)state;

	html_url(&w, slice_str("a.b-c_d/../?&\r\n\xC3\xA9"));
	to[w.n] = 0;
	assert_string_equal(to, "a.b-c_d%2F..%2F%3F%26%0D%0A%C3%A9");
}

/* ---- languages ---- */

/* What is filled in stands in each language: the same marks. */
static unsigned marks(const char *text)
{
	unsigned found = 0;

	for (; *text; text++)
		if (text[0] == '%' && (text[1] == '1' || text[1] == '2'))
			found |= 1U << (text[1] - '1');
	return found;
}

/* Links to the glossary within a text, and whether each leads to a word of it. */
static int links(const char *text)
{
	static const char *const anchors[] = {
#define TERM(anchor, term, is) anchor,
#include "web/glossary.def"
	};
	int n = 0;

	for (const char *at = text; (at = strstr(at, "](")); n++) {
		bool found = false;
		at += 2;
		for (size_t i = 0; i < sizeof anchors / sizeof anchors[0]; i++)
			found |= strncmp(at, anchors[i], strlen(anchors[i])) == 0 &&
				 at[strlen(anchors[i])] == ')';
		if (!found)
			fail_msg("\"%s\": no such word in the glossary", text);
	}
	return n;
}

static void test_no_text_is_missing(void **state)
{
	(void)state;

	for (int i = 0; i < WEB_TEXTS; i++) {
		const char *en = web_text(WEB_ENGLISH, (enum web_text)i);
		const char *ru = web_text(WEB_RUSSIAN, (enum web_text)i);
		assert_true(en[0] && ru[0]);
		assert_true(utf8_valid(slice_str(en)) && utf8_valid(slice_str(ru)));
		if (marks(en) != marks(ru))
			fail_msg("\"%s\" and \"%s\" are filled in differently", en, ru);
		assert_int_equal(links(en), links(ru));
		/* Each is translated: only the name of a column may be the same. */
		if (strcmp(en, ru) == 0)
			assert_int_equal(i, TEXT_COLUMN_TTL);
	}
}

static void test_languages(void **state)
{
	static const struct {
		const char *header;
		enum web_language wanted;
	} rows[] = {{"", WEB_ENGLISH}, {"ru", WEB_RUSSIAN}, {"RU-ru,ru;q=0.9", WEB_RUSSIAN},
		{"de, ru;q=0.5", WEB_RUSSIAN}, {"en-US,ru", WEB_ENGLISH}, {"r", WEB_ENGLISH},
		{",,;ru", WEB_ENGLISH}, {"rus", WEB_ENGLISH}, {" ru", WEB_RUSSIAN},
		{"de,", WEB_ENGLISH}};
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(web_language_of(rows[i].header), rows[i].wanted);
}

/* ---- pages ---- */

static bool begun;

static void end(void)
{
	if (begun)
		told_end(&t);
	begun = false;
}

/* The node with its blocks, made once: the pages only read. */
static void begin(void)
{
	if (begun)
		return;
	begun = true;
	told_begin(&t, NULL);
	rig_fill(&t.r, &t.b, API_BLOCKS);
	rig_peer(&t.r, 1, true, API_BLOCKS);
	t.r.mono += 61000;
}

static void test_frame(void **state)
{
	(void)state;
	begin();
	assert_int_equal(page("/explorer"), 200);
	assert_string_equal(t.call.type, "text/html; charset=utf-8");
	assert_non_null(strstr(t.call.policy, "default-src 'none'"));
	assert_null(strstr(t.call.policy, "unsafe"));
	has("<html lang=\"en\">");
	has("<title>Blocks · ✓ up to date");
	has("<span id=\"state\" class=\"state good\">up to date");
	has("<script src=\"/script.js?");
	has_not("<script>");
	has_not("style=");
	has("<a href=\"/explorer\" aria-current=\"page\">Blocks</a>");
	assert_int_equal(page_with("/explorer", "Accept-Language: ru\r\n"), 200);
	has("<html lang=\"ru\">");
	has("<title>Блоки · ✓ всё загружено");
	assert_int_equal(page("/explorer?lang=ru"), 200);
	assert_non_null(strstr(t.call.more, "Set-Cookie: lang=ru;"));
	has("<html lang=\"ru\">");
	assert_int_equal(page_with("/explorer", "Cookie: lang=ru\r\n"), 200);
	has("<html lang=\"ru\">");
	assert_int_equal(page_with("/explorer?lang=xx", "Cookie: lang=zz\r\n"), 200);
	assert_null(strstr(t.call.more, "Set-Cookie"));
	has("<html lang=\"en\">");
}

static void test_state_tells_what_is_wrong(void **state)
{
	(void)state;
	begin();
	t.state.store_error = "the disk is full";
	assert_int_equal(page("/explorer"), 200);
	has("<span id=\"state\" class=\"state bad\">the store failed</span>");
	t.state = (struct api_state){.stopping = true};
	assert_int_equal(page("/explorer"), 200);
	has("<span id=\"state\" class=\"state bad\">stopping</span>");
	t.state = (struct api_state){0};
}

static void test_nothing_yet(void **state)
{
	(void)state;
	end();
	told_begin(&t, NULL);
	begun = true;
	assert_int_equal(page("/explorer"), 200);
	has("<span id=\"state\" class=\"state good\">works alone</span>");
	has("No block yet.");
	assert_int_equal(page("/explorer/names"), 200);
	has("No name yet.");
	end();
}

static void test_blocks(void **state)
{
	char link[64];
	(void)state;

	begin();
	assert_int_equal(page("/explorer"), 200);
	snprintf(link, sizeof link, "href=\"/explorer/block/%d\"", API_BLOCKS);
	has(link);
	has("href=\"/explorer/block/6\"");
	has_not("href=\"/explorer/block/5\"");
	has("<a href=\"/explorer?from=5\">Older</a>");
	has_not("Newer");
	assert_int_equal(page("/explorer?from=5"), 200);
	has("href=\"/explorer/block/1\"");
	has_not("href=\"/explorer/block/6\"");
	has("<a href=\"/explorer?from=30\">Newer</a>");
	has_not("Older");
	has("the first block");
	for (size_t i = 0; i < 4; i++) {
		static const char *const odd[] = {"0", "99999999999999999999", "x", "-1"};
		snprintf(link, sizeof link, "/explorer?from=%s", odd[i]);
		assert_int_equal(page(link), 200);
		has("href=\"/explorer/block/30\"");
	}
}

static void test_block(void **state)
{
	struct block_owned *b;
	char target[128], hash[65];
	(void)state;

	begin();
	assert_int_equal(chain_block(t.api.chain, 2, &b), ERR_OK);
	hex_upper(b->b.hash, hash);
	assert_int_equal(page("/explorer/block/2"), 200);
	has("<h1><bdi>Block 2</bdi></h1>");
	has("<a href=\"/block/2\">the same as JSON</a>");
	has(hash);
	snprintf(target, sizeof target, "/explorer/block/%s", hash);
	assert_int_equal(page(target), 200);
	has("<h1><bdi>Block 2</bdi></h1>");
	snprintf(target, sizeof target, "/search?q=%s", hash);
	assert_int_equal(page(target), 303);
	assert_non_null(strstr(t.call.more, "Location: /explorer/block/"));
	hex_upper(b->b.pub_key, hash);
	snprintf(target, sizeof target, "/search?q=%%20%s", hash);
	assert_int_equal(page(target), 303);
	assert_non_null(strstr(t.call.more, "Location: /explorer/key/"));
	snprintf(target, sizeof target, "/explorer/key/%s", hash);
	assert_int_equal(page(target), 200);
	has(hash);
	mem_free(b);
	assert_int_equal(page("/explorer/block/31"), 404);
	has("There is no such block.");
	assert_int_equal(page("/explorer/block/99999999999999999999"), 404);
	assert_int_equal(page("/explorer/key/00"), 404);
}

static void test_names(void **state)
{
	(void)state;
	begin();
	assert_int_equal(page("/explorer/name/free-name.ygg"), 200);
	has("Nobody has registered this name.");
	has(">alfisd domain new free-name.ygg\n</pre>");
	assert_int_equal(page("/explorer/name/%3Cscript%3E.ygg"), 404);
	has_not("<script>");
	assert_int_equal(page("/explorer/names"), 200);
	has("Latest registrations and changes");
}

static void test_peers(void **state)
{
	(void)state;
	begin();
	assert_int_equal(page("/node/peers"), 200);
	has("Nobody has called this node so far");
	has("Nobody is banned.");
	assert_int_equal(p2p_ban(t.api.p2p, "192.0.2.1", 0), ERR_OK);
	assert_int_equal(page("/node/peers?lang=ru"), 200);
	has("<td class=\"long\" data-label=\"Адрес\">192.0.2.1</td>");
	has_not("Запретов нет");
	assert_int_equal(p2p_unban(t.api.p2p, "192.0.2.1"), ERR_OK);
}

static void test_resolver(void **state)
{
	static struct dns_figures figures;
	(void)state;

	begin();
	t.dns = (struct api_dns){.why = ""};
	assert_int_equal(page("/node/resolver"), 200);
	has("set dns.listen to switch it on");
	t.dns.why = "the port is <taken>";
	assert_int_equal(page("/node/resolver"), 200);
	has("The DNS server does not run: <bdi>the port is &lt;taken&gt;</bdi>");
	atomic_store(&figures.source[DNS_FROM_CHAIN], 1234);
	t.dns = (struct api_dns){.why = "", .figures = &figures, .pace = 2.5};
	t.forwarders = 1;
	t.forwarder[0] = (struct dns_forwarder_told){.text = "192.0.2.53"};
	assert_int_equal(page("/node/resolver"), 200);
	has("The chain is not up to date yet");
	has("data-label=\"Source\"><bdi>chain</bdi></td><td class=\"n\" data-label=\"How many\">1,234</td>");
	has("<bdi>192.0.2.53</bdi></td><td data-label=\"State\"><span class=\"state bad\">does not answer</span>");
	t.dns = (struct api_dns){.why = ""};
	t.forwarders = 0;
}

/* ---- data that others chose ---- */

/* The data part of a page alone, with `size` bytes of room. */
static const char *shown(const char *data, size_t size)
{
	struct page p = {.api = &t.api, .w = &t.answer, .language = WEB_ENGLISH};

	t.answer = wr_of(t.body, size);
	page_put_data(&p, slice_str(data));
	assert_false(t.answer.bad);
	t.body[t.answer.n] = 0;
	return body(&t);
}

static void test_hostile_data(void **state)
{
	static char large[250000];
	struct wr w = wr_of(large, sizeof large);
	(void)state;

	shown("{\"encrypted\":\"\",\"zone\":\"ygg\",\"info\":\"<img src=x onerror=y>\\u202e\",\"records\":["
	      "{\"type\":\"TXT\",\"domain\":\"<b>\",\"data\":\"</td><script>\",\"ttl\":1}],"
	      "\"contacts\":[{\"name\":\"%3Cscript%3E\",\"value\":\"javascript:%22x\"}]}",
		API_BODY - 1);
	has_not("<script");
	has_not("<img");
	has_not("<b>");
	has_not("\xE2\x80\xAE");
	has("&lt;img src=x onerror=y&gt;\xEF\xBF\xBD");
	has("<dt><bdi>&lt;script&gt;</bdi></dt><dd><bdi>javascript:&quot;x</bdi>");
	has("data-label=\"Type\">TXT</td><td data-label=\"TTL\">1</td>"
	    "<td class=\"long\" data-label=\"Value\"><bdi>&lt;/td&gt;&lt;script&gt;</bdi> </td>");
	shown("{\"encrypted\":\"\",\"zone\":\"ygg\",\"contacts\":[{\"name\":\"%00\",\"value\":\"%ZZ\"}]}",
		API_BODY - 1);
	has("%ZZ");
	shown("{\"zone\":", API_BODY - 1);
	has("Its data cannot be read as the network reads it.");
	html_raw(&w, "{\"encrypted\":\"\",\"zone\":\"ygg\",\"info\":\"");
	while (w.n < sizeof large - 4)
		wr_u8(&w, '<');
	html_raw(&w, "\"}");
	large[w.n] = 0;
	shown(large, 16384);
	has("&lt;&lt;&lt;…</bdi>");
	shown(large, 6000);
	has("Too long to be shown here.");
}

/* ---- what is not a page ---- */

static void test_style(void **state)
{
	char known[128];
	(void)state;

	begin();
	assert_int_equal(page("/style.css"), 200);
	assert_int_equal(t.answer.n, asset_style.raw.n);
	assert_null(strstr(t.call.more, "Content-Encoding"));
	assert_int_equal(page_with("/style.css", "Accept-Encoding: br, gzip;q=1.0\r\n"), 200);
	assert_int_equal(t.answer.n, asset_style.gzip.n);
	assert_non_null(strstr(t.call.more, "Content-Encoding: gzip\r\n"));
	assert_int_equal(page_with("/style.css", "Accept-Encoding: gzip;q=0\r\n"), 200);
	assert_int_equal(t.answer.n, asset_style.raw.n);
	snprintf(known, sizeof known, "If-None-Match: \"%s\"\r\n", asset_style.tag);
	assert_int_equal(page_with("/style.css", known), 304);
	assert_int_equal(t.answer.n, 0);
	assert_int_equal(page_with("/style.css", "If-None-Match: \"0\"\r\n"), 200);
}

/* Whoever may not read gets no page; every other path is the API's. */
static void test_others(void **state)
{
	static struct http_request q;
	(void)state;

	begin();
	assert_int_equal(page("/status"), 200);
	assert_string_equal(t.call.type, HTTP_JSON);
	assert_int_equal(page("/explorer?zzz=1"), 400);
	assert_int_equal(page("/explorer/nothing"), 404);
	assert_string_equal(t.call.type, HTTP_JSON);
	assert_int_equal(http_parse(slice_str("GET /explorer HTTP/1.0\r\n\r\n"), &q), HTTP_DONE);
	t.answer = wr_of(t.body, sizeof t.body - 1);
	t.call = (struct http_call){.request = &q,
		.right = RIGHT_OPEN,
		.token = "",
		.answer = &t.answer,
		.type = HTTP_JSON};
	assert_int_not_equal(web_route(&t.api, &t.call), 200);
}

static int end_all(void **state)
{
	(void)state;
	end();
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_is_no_markup),
		cmocka_unit_test(test_every_character),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_no_text_is_missing),
		cmocka_unit_test(test_languages),
		cmocka_unit_test(test_frame),
		cmocka_unit_test(test_state_tells_what_is_wrong),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_block),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_peers),
		cmocka_unit_test(test_resolver),
		cmocka_unit_test(test_hostile_data),
		cmocka_unit_test(test_style),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_nothing_yet),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, end_all);
}
