/* The box "resolve this": what it asks, when it does not, and what it shows of an answer. */
#include "dns/name.h"
#include "tests/unit/page_rig.h"

static struct dns_figures figures;

static int begin(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	t.dns = (struct api_dns){.why = "", .figures = &figures, .current = true};
	page_right = RIGHT_READ;
	return 0;
}

static int end(void **state)
{
	(void)state;
	told_end(&t);
	return 0;
}

/* The page of the answer to a question. */
static int answered(const char *target, const char *came)
{
	char text[1400];

	snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", target);
	return page_ask(text, came);
}

static void test_a_question_waits_for_its_answer(void **state)
{
	(void)state;
	assert_int_equal(page("/node/resolver"), 200);
	assert_null(t.called);
	has("<select name=\"type\">");
	assert_int_equal(page("/node/resolver?name=Home.mob&type=aaaa"), 200);
	assert_string_equal(t.called, "trace");
	assert_string_equal(t.address, "Home.mob");
	assert_int_equal(t.type, DNS_TYPE_AAAA);
	assert_true(t.call.again);
	assert_int_equal(t.call.waits_ms, t.config.limits.dns_query_time.max);
	page("/node/resolver?name=home.mob");
	assert_int_equal(t.type, DNS_TYPE_A);
}

static void test_what_cannot_be_asked(void **state)
{
	(void)state;
	assert_int_equal(page("/node/resolver?name=a..%3Cb%3E&type=TXT"), 400);
	assert_null(t.called);
	has("aria-describedby=\"wrong-name\"");
	has("value=\"a..&lt;b&gt;\"");
	has("<option selected>TXT</option>");
	assert_int_equal(page("/node/resolver?name=a.mob&type=%3Ci%3E"), 400);
	assert_null(t.called);
	has("There is no such type.");
	has_not("<i>");
	t.err = ERR_FULL;
	assert_int_equal(page("/node/resolver?name=a.mob"), 400);
	assert_false(t.call.again);
	has("has too much to do");
	t.err = ERR_NOT_FOUND;
	t.dns.figures = NULL;
	assert_int_equal(page("/node/resolver?name=a.mob"), 400);
	has("set dns.listen to switch it on");
}

#define ASKED "/node/resolver?name=home.mob&type=TXT"

static void test_answers(void **state)
{
	(void)state;
	assert_int_equal(
		answered(ASKED,
			"{\"name\":\"home.mob\",\"type\":\"TXT\",\"rcode\":\"NOERROR\","
			"\"authoritative\":true,\"found\":true,\"reason\":\"\",\"answers\":["
			"{\"name\":\"home.mob.\",\"ttl\":60,\"type\":\"TXT\",\"data\":"
			"\"\\\"<script>\\u202e\\\"\"}],"
			"\"trace\":[\"home.mob TXT: chain: <i>\"]}\n"),
		200);
	assert_null(t.called); /* it is asked once */
	assert_false(t.call.again);
	has("<span class=\"state good\"><bdi>NOERROR</bdi></span>");
	has("<bdi>home.mob.</bdi></td><td data-label=\"TTL\">60</td><td data-label=\"Type\"><bdi>TXT</bdi></td>"
	    "<td class=\"long\" data-label=\"Value\"><bdi>&quot;&lt;script&gt;\xEF\xBF\xBD&quot;</bdi></td>");
	has("<li><bdi>home.mob TXT: </bdi><bdi>chain: &lt;i&gt;</bdi></li>");
	has_not("<script>");
	assert_int_equal(
		answered(ASKED "&lang=ru",
			"{\"rcode\":\"NXDOMAIN\",\"found\":false,\"answers\":[],\"trace\":[]}"),
		200);
	has("Такого имени нет.");
	answered(ASKED, "{\"rcode\":\"NOERROR\",\"found\":false,\"answers\":[]}");
	has("no records of this type");
	answered(ASKED, "{\"rcode\":\"SERVFAIL\",\"found\":false}");
	has("<span class=\"state bad\"><bdi>SERVFAIL</bdi>");
	answered(ASKED, "{\"rcode\":\"REFUSED\",\"found\":false}");
	has("The question is refused.");
	answered(ASKED, "{\"error\":\"something\"}");
	has("try again");
}

/* Names are shown only while they are kept; they are text. */
static void test_names(void **state)
{
	(void)state;
	t.names = 1;
	for (int i = 0; i < 2; i++) {
		t.name[i][0] = (struct dns_asked_told){.questions = 1234, .slowest_ms = 56};
		assert_true(dns_name_from_text(
			slice_str(i ? "slow.<b>" : "busy.<b>"), &t.name[i][0].name));
	}
	page("/node/resolver");
	has_not("busy.");
	t.dns.keeps_names = true;
	page("/node/resolver");
	has("<bdi>busy.&lt;b&gt;</bdi></td><td class=\"n\" data-label=\"Questions\">1,234</td>"
	    "<td class=\"n\" data-label=\"Slowest answer\">56 ms</td>");
	has("><bdi>slow.&lt;b&gt;</bdi></td>");
	assert_int_equal(page("/dns/names"), 200);
	expect_bool(&t, "kept", true);
	look_into(&t, "slowest", 0);
	expect_text(&t, "name", "slow.<b>");
	expect_number(&t, "questions", 1234);
	expect_number(&t, "slowest_ms", 56);
	t.names = 0;
}

/* Data of a record is cut, and a long list ends with a line that says so: the page fits. */
static void test_long_answers(void **state)
{
	static char came[API_BODY];
	struct wr w = wr_of(came, sizeof came - 1);
	(void)state;

	wr_format(&w, "{\"rcode\":\"NOERROR\",\"found\":true,\"answers\":[");
	for (int i = 0; i < 1200; i++)
		wr_format(&w, "%s{\"name\":\"a.\",\"ttl\":1,\"type\":\"TXT\",\"data\":\"%0*d\"}",
			i ? "," : "", 600, i);
	wr_format(&w, "]}");
	assert_false(w.bad);
	came[w.n] = 0;
	assert_int_equal(answered(ASKED, came), 200);
	has("…</td>");
	assert_true(t.answer.n < API_BODY);
	has("</html>");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_question_waits_for_its_answer),
		TEST(test_what_cannot_be_asked),
		TEST(test_answers),
		TEST(test_names),
		TEST(test_long_answers),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
