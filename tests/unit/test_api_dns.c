/* What is told of the DNS server over HTTP: its figures driven to known values, without a server.
 */
#define API_BLOCKS 1
#include "api/dns_pace.h"
#include "api/resolve.h"
#include "tests/unit/api_rig.h"
#include "tests/unit/figures_rig.h"

static struct told t; /* large */
static struct dns_figures dns;

static void listens(void)
{
	memset(&dns, 0, sizeof dns);
	t.dns.figures = &dns;
	t.dns.current = true;
	t.dns.addresses = 1;
	assert_true(netaddr_parse(slice_str("127.0.0.1:5353"), &t.dns.at[0]));
}

/* A forwarder that is up, and one that is down. */
static void forwards(void)
{
	struct dns_forwarder_told *f = t.forwarder;

	memset(f, 0, sizeof t.forwarder);
	snprintf(f[0].text, sizeof f[0].text, "9.9.9.9");
	f[0].facts = (struct dns_forwarder_facts){
		.up = true, .asked = 7, .answered = 5, .timed_out = 1, .bad = 1, .rtt_ms = 12};
	snprintf(f[1].text, sizeof f[1].text, "tls://1.1.1.1#a\"b\\");
	snprintf(f[1].facts.last_error, sizeof f[1].facts.last_error, "no answer in time");
	t.forwarders = t.dns.forwarders = 2;
	t.dns.forwarders_up = 1;
}

static void test_off(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	assert_int_equal(ask(&t, "GET", "/dns"), 200);
	expect_text(&t, "state", "off");
	expect_number(&t, "dns_on", 0);
	assert_int_equal(length_of(&t, "listen"), 0);
	assert_int_equal(length_of(&t, "forwarders"), 0);
	assert_null(strstr(body(&t), "\"answers\""));
	ask(&t, "GET", "/health");
	expect_text(&t, "dns", "off");
	ask(&t, "GET", "/metrics");
	assert_non_null(strstr(body(&t), "# TYPE alfisd_dns_latency_seconds histogram\n"));
	assert_null(strstr(body(&t), "\nalfisd_dns_rcodes_total"));
	told_end(&t);
}

/* It is wanted, and its port is taken. */
static void test_why_not(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	t.dns.why = "dns.listen: the port is in use";
	ask(&t, "GET", "/dns");
	expect_text(&t, "state", t.dns.why);
	ask(&t, "GET", "/status");
	expect_text(&t, "dns.state", t.dns.why);
	ask(&t, "GET", "/health");
	expect_text(&t, "dns", t.dns.why);
	told_end(&t);
}

static void test_on(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	listens();
	forwards();
	dns.source[DNS_FROM_CHAIN] = 3;
	dns.rcode[DNS_RCODE_NXDOMAIN] = 2;
	dns.rcode[DNS_RCODE_BADVERS] = 1;
	dns.drop[DNS_DROP_RATE] = 9;
	dns.latency[1] = 4;
	assert_int_equal(ask(&t, "GET", "/dns"), 200);
	expect_text(&t, "state", "on");
	expect_bool(&t, "current", true);
	expect_number(&t, "dns_forwarders_up", 1);
	assert_non_null(strstr(body(&t), "{\"source\":\"chain\",\"total\":3}"));
	assert_non_null(strstr(body(&t), "{\"source\":\"cache\",\"total\":0}"));
	assert_non_null(strstr(body(&t), "{\"rcode\":\"NXDOMAIN\",\"total\":2}"));
	assert_non_null(strstr(body(&t), "{\"rcode\":\"BADVERS\",\"total\":1}"));
	assert_null(strstr(body(&t), "YXDOMAIN"));
	assert_non_null(strstr(body(&t), "{\"reason\":\"rate\",\"total\":9}"));
	assert_int_equal(length_of(&t, "latency"), DNS_LATENCY_STEPS);
	assert_non_null(strstr(
		body(&t), "{\"below_ms\":5000,\"answers\":0},{\"below_ms\":null,\"answers\":0}]"));
	assert_non_null(strstr(body(&t), "\"listen\":[\"127.0.0.1:5353\"]"));
	look_into(&t, "forwarders", 1);
	expect_bool(&t, "up", false);
	expect_text(&t, "last_error", "no answer in time");
	ask(&t, "GET", "/dns");
	look_into(&t, "forwarders", 0);
	expect_text(&t, "forwarder", "9.9.9.9");
	expect_number(&t, "round_trip_ms", 12);
	expect_number(&t, "timed_out_total", 1);
	told_end(&t);
}

static void metrics_have(const char *line)
{
	if (!strstr(body(&t), line))
		fail_msg("there is no %s", line);
}

static void test_metrics(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	listens();
	forwards();
	dns.source[DNS_FROM_HOSTS] = 3;
	dns.rcode[DNS_RCODE_BADVERS] = 2;
	dns.drop[DNS_DROP_SEND] = 9;
	dns.latency[0] = 4;
	dns.latency[2] = 2;
	dns.latency[DNS_LATENCY_STEPS - 1] = 1;
	dns.latency_sum_ms = 6500;
	ask(&t, "GET", "/metrics");
	metrics_have("\nalfisd_dns_answers_total{source=\"hosts\"} 3\n");
	metrics_have("\nalfisd_dns_rcodes_total{rcode=\"NOERROR\"} 0\n");
	metrics_have("\nalfisd_dns_rcodes_total{rcode=\"BADVERS\"} 2\n");
	metrics_have("\nalfisd_dns_drops_total{reason=\"send\"} 9\n");
	metrics_have("\nalfisd_dns_latency_seconds_bucket{le=\"0.001\"} 4\n");
	metrics_have("\nalfisd_dns_latency_seconds_bucket{le=\"0.005\"} 4\n");
	metrics_have("\nalfisd_dns_latency_seconds_bucket{le=\"5\"} 6\n");
	metrics_have("\nalfisd_dns_latency_seconds_bucket{le=\"+Inf\"} 7\n"
		     "alfisd_dns_latency_seconds_sum 6.5\nalfisd_dns_latency_seconds_count 7\n");
	metrics_have("\nalfisd_dns_forwarder_up{forwarder=\"9.9.9.9\"} 1\n"
		     "alfisd_dns_forwarder_up{forwarder=\"tls://1.1.1.1#a\\\"b\\\\\"} 0\n");
	metrics_have("\nalfisd_dns_forwarder_round_trip_seconds{forwarder=\"9.9.9.9\"} 0.012\n");
	metrics_have("\nalfisd_dns_forwarder_asked_total{forwarder=\"9.9.9.9\"} 7\n");
	metrics_have("\nalfisd_dns_forwarder_answered_total{forwarder=\"9.9.9.9\"} 5\n");
	told_end(&t);
}

static void test_figures(void **state)
{
	struct figures f;
	(void)state;

	told_begin(&t, NULL);
	listens();
	forwards();
	dns.udp = 11;
	dns.tcp = 12;
	dns.unsure = 13;
	dns.unwritten = 14;
	dns.cache_entries = 15;
	dns.cache_hits = 30;
	dns.cache_misses = 10;
	dns.hosts_names = 16;
	t.dns.pace = 1.5;
	figures_begin(&f, &t.api);
	EXPECT(&f, dns_on, 1);
	EXPECT(&f, dns_udp_questions_total, 11);
	EXPECT(&f, dns_tcp_questions_total, 12);
	EXPECT(&f, dns_questions_per_second, 1.5);
	EXPECT(&f, dns_unsure_total, 13);
	EXPECT(&f, dns_unwritten_total, 14);
	EXPECT(&f, dns_cache_entries, 15);
	EXPECT(&f, dns_cache_hits_total, 30);
	EXPECT(&f, dns_cache_misses_total, 10);
	EXPECT(&f, dns_cache_hit_ratio, 0.75);
	EXPECT(&f, dns_hosts_names, 16);
	EXPECT(&f, dns_forwarders, 2);
	EXPECT(&f, dns_forwarders_up, 1);
	all_figures_are_checked("dns");
	t.dns = (struct api_dns){.why = ""};
	figures_begin(&f, &t.api);
	EXPECT(&f, dns_on, 0);
	EXPECT(&f, dns_udp_questions_total, 0);
	EXPECT(&f, dns_cache_hit_ratio, 0);
	told_end(&t);
}

/* ---- questions a second ---- */

static bool is(double a, double b)
{
	return a > b - 1e-9 && a < b + 1e-9;
}

static void test_pace(void **state)
{
	struct dns_pace p = {{0, 0}, {0, 0}};
	uint64_t now = 1000, count = 0;
	(void)state;

	assert_true(is(dns_pace_rate(&p, 5, now), 0));
	/* 200 at once every two seconds: what is told is about their mean at any moment. */
	for (; now <= 61000; now += 500, count += now % 2000 ? 0 : 200) {
		dns_pace_note(&p, count, now);
		double rate = dns_pace_rate(&p, count, now);
		assert_true(now < 21000 || (rate > 85 && rate < 115));
	}
	/* No more come: 20 seconds later none is within the time. */
	for (uint64_t end = now + 21000; now <= end; now += 500)
		dns_pace_note(&p, count, now);
	assert_true(is(dns_pace_rate(&p, count, now), 0));
	/* Nobody looked for an hour; then 30 a second come. */
	now += 3600 * 1000;
	dns_pace_note(&p, count, now);
	assert_true(is(dns_pace_rate(&p, count, now), 0));
	assert_true(is(dns_pace_rate(&p, count + 60, now + 2000), 30));
}

/* ---- questions of our own ---- */

static void test_resolve_asks(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	assert_int_equal(ask(&t, "GET", "/dns/resolve?name=Www.home.ygg"), 200);
	assert_string_equal(t.called, "resolve");
	assert_string_equal(t.address, "Www.home.ygg");
	assert_int_equal(t.type, DNS_TYPE_A);
	assert_int_equal(t.call.waits_ms, t.config.limits.dns_query_time.max);
	ask(&t, "GET", "/dns/resolve?name=a&type=txt&trace");
	assert_string_equal(t.called, "trace");
	assert_int_equal(t.type, DNS_TYPE_TXT);
	for (int i = 0; i < 2; i++) {
		ask(&t, "GET", i ? "/dns/resolve?name=a..b" : "/dns/resolve");
		expect_error(&t, 400,
			"this is no name: labels of 1 to 63 bytes with dots between, 255 in all at "
			"most");
		assert_null(t.called);
	}
	ask(&t, "GET", "/dns/resolve?name=a&type=no");
	expect_error(&t, 400, "there is no such type: A, AAAA, TXT and so on, or a number");
	t.err = ERR_FULL;
	ask(&t, "GET", "/dns/resolve?name=a");
	expect_error(&t, 503, "the DNS server has too much to do, or memory ran out");
	assert_int_equal(t.call.waits_ms, 0);
	t.err = ERR_NOT_FOUND;
	ask(&t, "GET", "/dns/resolve?name=a");
	expect_error(&t, 503, "the DNS server does not run: dns.listen is not set");
	t.dns.why = "dns.listen: no right";
	ask(&t, "GET", "/dns/resolve?name=a");
	expect_error(&t, 503, "the DNS server does not run: dns.listen: no right");
	told_end(&t);
}

static void test_flush(void **state)
{
	(void)state;
	told_begin(&t, NULL);
	assert_int_equal(ask(&t, "POST", "/dns/flush"), 200);
	assert_string_equal(t.address, "everything");
	expect_text(&t, "done", "flushed");
	assert_int_equal(ask(&t, "POST", "/dns/flush?name=a.example"), 200);
	assert_string_equal(t.address, "a.example");
	assert_int_equal(ask(&t, "POST", "/dns/flush?name=a..b"), 400);
	assert_null(t.called);
	t.err = ERR_NOT_FOUND;
	assert_int_equal(ask(&t, "POST", "/dns/flush"), 503);
	told_end(&t);
}

/* ---- their answers ---- */

/* The question "a.b" for an A, and `answers` behind it. */
static int reply(unsigned rcode, unsigned count, const char *answers, size_t n)
{
	static const char question[] = "\1a\1b\0\0\1\0\1";
	static uint8_t message[512];
	struct dns_trace trace = {.text = "a.b A: chain: none\na.b A: asked\n"};
	struct dns_reply r = {.message = message, .trace = &trace};

	memset(message, 0, sizeof message);
	message[2] = 0x84;
	message[3] = (uint8_t)rcode;
	message[5] = 1;
	message[7] = (uint8_t)count;
	memcpy(message + 12, question, sizeof question - 1);
	memcpy(message + 12 + sizeof question - 1, answers, n);
	r.size = 12 + sizeof question - 1 + n;
	t.answer = wr_of(t.body, sizeof t.body - 1);
	int status = resolve_answer(&r, &t.answer);
	t.body[t.answer.n] = 0;
	return status;
}

#define REPLY(rcode, count, answers) reply(rcode, count, answers, sizeof(answers) - 1)

static void test_answers(void **state)
{
	(void)state;
	assert_int_equal(REPLY(0, 2,
				 "\xC0\x0C\0\5\0\1\0\0\0\x3C\0\4\1c\xC0\x0E"
				 "\1c\xC0\x0E\0\1\0\1\0\0\1\0\0\4\xC0\0\2\1"),
		200);
	assert_string_equal(body(&t),
		"{\"name\":\"a.b\",\"type\":\"A\",\"rcode\":\"NOERROR\",\"authoritative\":true,"
		"\"found\":true,\"reason\":\"\",\"answers\":["
		"{\"name\":\"a.b.\",\"ttl\":60,\"type\":\"CNAME\",\"data\":\"c.b.\"},"
		"{\"name\":\"c.b.\",\"ttl\":256,\"type\":\"A\",\"data\":\"192.0.2.1\"}],"
		"\"trace\":[\"a.b A: chain: none\",\"a.b A: asked\"]}\n");
	REPLY(3, 0, "");
	expect_text(&t, "rcode", "NXDOMAIN");
	expect_text(&t, "reason", "there is no such name");
	expect_bool(&t, "found", false);
	REPLY(0, 0, "");
	expect_text(&t, "reason", "the name has no records of this type");
	expect_bool(&t, "found", false);
	REPLY(2, 0, "");
	expect_text(&t, "reason", "no answer could be had; with trace it is told why");
	REPLY(5, 0, "");
	expect_text(&t, "reason", "the question is refused");
	REPLY(0, 9, "\xC0\x0C\0\1\0\1\0\0\1\0\0\4\xC0"); /* cut */
	assert_int_equal(length_of(&t, "answers"), 0);
}

static void test_no_answer(void **state)
{
	struct dns_reply r = {.size = 0};
	(void)state;

	t.answer = wr_of(t.body, sizeof t.body - 1);
	assert_int_equal(resolve_answer(&r, &t.answer), 503);
	expect_text(&t, "error", "the DNS server has no place for this question, or ended");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_why_not),
		cmocka_unit_test(test_on),
		cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_pace),
		cmocka_unit_test(test_resolve_asks),
		cmocka_unit_test(test_flush),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_no_answer),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
