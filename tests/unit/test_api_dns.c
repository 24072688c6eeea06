/* What is told of the DNS server over HTTP: its figures driven to known values, without a server.
 */
#include "api/dns_pace.h"
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
	dns.drop[DNS_DROP_RATE] = 9;
	dns.latency[1] = 4;
	assert_int_equal(ask(&t, "GET", "/dns"), 200);
	expect_text(&t, "state", "on");
	expect_bool(&t, "current", true);
	expect_number(&t, "dns_forwarders_up", 1);
	assert_non_null(strstr(body(&t), "{\"source\":\"chain\",\"total\":3}"));
	assert_non_null(strstr(body(&t), "{\"source\":\"cache\",\"total\":0}"));
	assert_non_null(strstr(body(&t), "{\"rcode\":\"NXDOMAIN\",\"total\":2}"));
	assert_non_null(strstr(body(&t), "{\"reason\":\"rate\",\"total\":9}"));
	assert_int_equal(length_of(&t, "latency"), DNS_LATENCY_STEPS);
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
	for (; now <= 61000; now += 500, count += 50)
		dns_pace_note(&p, count, now);
	assert_true(is(dns_pace_rate(&p, count, now), 100));
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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_why_not),
		cmocka_unit_test(test_on),
		cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_pace),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
