/* Servers of the settings: what is read of each form, and what a user is told of a bad one. */
#include "dns/forwarder_text.h"
#include "tests/unit/main.h"

static struct dns_forwarder_text good(const char *text)
{
	struct dns_forwarder_text f;
	const char *why = dns_forwarder_parse(slice_str(text), &f);

	if (why)
		fail_msg("%s %s", text, why);
	return f;
}

static void is_at(const struct dns_forwarder_text *f, const char *want)
{
	char text[NETADDR_TEXT_MAX];

	assert_true(f->has_addr);
	assert_string_equal(netaddr_text(&f->addr, text), want);
}

static void plain_forwarders(void **state)
{
	static const char *const forms[][2] = {
		{"9.9.9.9", "9.9.9.9:53"},
		{"9.9.9.9:5353", "9.9.9.9:5353"},
		{"2620:fe::fe", "[2620:fe::fe]:53"},
		{"[2620:fe::fe]", "[2620:fe::fe]:53"},
		{"[2620:fe::fe]:5353", "[2620:fe::fe]:5353"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct dns_forwarder_text f = good(forms[i][0]);
		struct netaddr a;
		assert_int_equal(f.transport, DNS_OVER_UDP);
		is_at(&f, forms[i][1]);
		assert_int_equal(f.port, f.addr.port);
		assert_null(dns_bootstrap_parse(slice_str(forms[i][0]), &a));
		assert_true(netaddr_eq(&a, &f.addr));
	}
}

static void https_forwarders(void **state)
{
	(void)state;
	struct dns_forwarder_text f = good("https://dns.adguard.com/dns-query");
	assert_int_equal(f.transport, DNS_OVER_HTTPS);
	assert_true(slice_is(f.name, "dns.adguard.com") && slice_is(f.path, "/dns-query"));
	assert_int_equal(f.port, 443);
	assert_false(f.has_addr);
	f = good("https://example.net:8443/a/b?c=d");
	assert_true(slice_is(f.name, "example.net") && slice_is(f.path, "/a/b?c=d"));
	assert_int_equal(f.port, 8443);
	f = good("https://[2620:fe::fe]:444/q");
	assert_true(slice_is(f.name, "2620:fe::fe"));
	is_at(&f, "[2620:fe::fe]:444");
	f = good("https://9.9.9.9/dns-query");
	is_at(&f, "9.9.9.9:443");
}

static void tls_forwarders(void **state)
{
	(void)state;
	struct dns_forwarder_text f = good("tls://9.9.9.9#dns.quad9.net");
	assert_int_equal(f.transport, DNS_OVER_TLS);
	assert_true(slice_is(f.name, "dns.quad9.net") && f.path.n == 0);
	is_at(&f, "9.9.9.9:853");
	f = good("tls://[2620:fe::fe]:8853#dns.quad9.net");
	is_at(&f, "[2620:fe::fe]:8853");
}

/* Each is refused with a word that tells what is wrong. */
static void bad_ones(void **state)
{
	static const char *const forms[][2] = {
		{"", "not an address"},
		{"9.9.9", "is a name"},
		{"dns.example:53", "is a name"},
		{"9.9.9.9:0", "port 0"},
		{"9.9.9.9:65536", "not an address"},
		{"9.9.9.9:053", "not an address"},
		{"9.9.9.9 ", "not an address"},
		{"[9.9.9.9]:53", "not an address"},
		{"udp://9.9.9.9", "is no forwarder"},
		{"http://dns.example/dns-query", "is no forwarder"},
		{"https://", "no host"},
		{"https:///dns-query", "no host"},
		{"https://dns.example", "no path"},
		{"https://dns.example/", "no path"},
		{"https://dns.example:0/q", "port 0"},
		{"https://dns..example/q", "no host"},
		{"https://a@dns.example/q", "character"},
		{"https://dns.example/q#a", "character"},
		{"https://dns.example/a b", "character"},
		{"https://dns.example/\xC3\xA4", "character"},
		{"https://dns.example/a\"", "character"},
		{"tls://9.9.9.9", "no name of its certificate"},
		{"tls://9.9.9.9#", "no name of its certificate"},
		{"tls://9.9.9.9#a b", "host's name"},
		{"tls://9.9.9.9#1.2.3.4", "host's name"},
		{"tls://dns.quad9.net#dns.quad9.net", "is a name"},
		{"tls://9.9.9.9:0#a", "port 0"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct dns_forwarder_text f;
		const char *why = dns_forwarder_parse(slice_str(forms[i][0]), &f);
		if (!why || !strstr(why, forms[i][1]))
			fail_msg("%s: %s", forms[i][0], why ? why : "taken");
	}
}

static void long_paths(void **state)
{
	char text[sizeof "https://a" + DNS_PATH_MAX + 1] = "https://a";
	struct dns_forwarder_text f;
	size_t n = strlen(text);

	(void)state;
	memset(text + n, '/', DNS_PATH_MAX + 1);
	assert_null(dns_forwarder_parse(slice_of(text, n + DNS_PATH_MAX), &f));
	assert_non_null(dns_forwarder_parse(slice_of(text, n + DNS_PATH_MAX + 1), &f));
}

static void bad_bootstraps(void **state)
{
	static const char *const forms[] = {
		"", "dns.example", "https://9.9.9.9/q", "tls://9.9.9.9#a", "9.9.9.9:0"};
	struct netaddr a;

	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		assert_non_null(dns_bootstrap_parse(slice_str(forms[i]), &a));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_forwarders),
		cmocka_unit_test(https_forwarders),
		cmocka_unit_test(tls_forwarders),
		cmocka_unit_test(bad_ones),
		cmocka_unit_test(long_paths),
		cmocka_unit_test(bad_bootstraps),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
