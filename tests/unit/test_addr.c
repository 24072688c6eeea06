/* Addresses as values: every written form that is taken or refused, the units that caps count, and
 * what may be dialled. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "net/addr.h"
#include "tests/unit/main.h"

static struct netaddr at(const char *text)
{
	struct netaddr a;

	if (!netaddr_parse(slice_str(text), &a))
		fail_msg("not taken: %s", text);
	return a;
}

static struct netaddr loose(const char *text)
{
	struct netaddr a;

	if (!netaddr_parse_loose(slice_str(text), 4244, &a))
		fail_msg("not taken: %s", text);
	return a;
}

/* ---- text ---- */

static void test_round_trips(void **state)
{
	static const struct {
		const char *in, *out, *ip;
	} rows[] = {
		{"1.2.3.4:4244", "1.2.3.4:4244", "1.2.3.4"},
		{"255.255.255.255:65535", "255.255.255.255:65535", "255.255.255.255"},
		{"0.0.0.0:0", "0.0.0.0:0", "0.0.0.0"},
		{"[2001:db8::1]:4244", "[2001:db8::1]:4244", "2001:db8::1"},
		{"[2001:DB8:0:0:0:0:0:1]:1", "[2001:db8::1]:1", "2001:db8::1"},
		{"[::]:1", "[::]:1", "::"},
		{"[::1]:1", "[::1]:1", "::1"},
		{"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
			"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
			"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
		{"[::ffff:1.2.3.4]:5", "1.2.3.4:5", "1.2.3.4"},
		{"[::ffff:102:304]:5", "1.2.3.4:5", "1.2.3.4"},
		{"[::1.2.3.4]:5", "1.2.3.4:5", "1.2.3.4"},
		{"[::0.0.1.1]:5", "0.0.1.1:5", "0.0.1.1"},
		{"[::ffff:0:1.2.3.4]:5", "[::ffff:0:102:304]:5", "::ffff:0:102:304"},
	};
	char text[NETADDR_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct netaddr a = at(rows[i].in);
		assert_string_equal(netaddr_text(&a, text), rows[i].out);
		assert_string_equal(netaddr_ip_text(&a, text), rows[i].ip);
		struct netaddr again = at(rows[i].out);
		assert_true(netaddr_eq(&a, &again));
	}
}

static void test_bytes(void **state)
{
	static const uint8_t four[16] = {[10] = 0xFF, 0xFF, 1, 2, 3, 4};
	static const uint8_t six[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 7};
	struct netaddr a = at("1.2.3.4:258"), b = at("[2001:db8::7]:1");

	(void)state;
	assert_memory_equal(a.ip, four, 16);
	assert_int_equal(a.port, 258);
	assert_memory_equal(b.ip, six, 16);
	assert_true(netaddr_is_ipv4(&a));
	assert_false(netaddr_is_ipv4(&b));
}

static void test_junk(void **state)
{
	static const char *const junk[] = {"", ":", ":1", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536",
		"1.2.3.4:99999", "1.2.3.4:000001", "1.2.3.4:00", "1.2.3.4:080", "[::1]:01",
		"1.2.3.4:-1", "1.2.3.4:+1", "1.2.3.4: 1", "1.2.3.4:1 ", " 1.2.3.4:1", "1.2.3.4:0x1",
		"1.2.3.4:1:1", "1.2.3:1", "1.2.3.4.5:1", "1.2.3.256:1", "01.2.3.4:1", "1.2.3.04:1",
		"1.2.3.004:1", "0x1.2.3.4:1", "16909060:1", "1..3.4:1", "[1.2.3.4]:5", "[1.2.3.4]",
		"::1", "::1:5", "2001:db8::1:4244", "[::1]", "[::1]:", "[::1]5", "[::1]x5",
		"[::1]5:5", "[::1]::5", "[::1:5", "::1]:5", "[]:5", "[", "[]", "[]:", "]:5",
		"[[::1]]:5", "[::1%lo]:5", "[:::1]:5", "[1:2:3:4:5:6:7]:5", "[1:2:3:4:5:6:7:8:9]:5",
		"[12345::]:5", "[::g]:5", "[::1]:65536",
		"[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555]:1", "localhost:1",
		"example.org:4244", "[00000000000000000000000000000000000000000000000000001::]:1"};
	struct netaddr a;

	(void)state;
	for (size_t i = 0; i < sizeof junk / sizeof *junk; i++)
		if (netaddr_parse(slice_str(junk[i]), &a))
			fail_msg("taken: \"%s\"", junk[i]);
	assert_false(netaddr_parse(slice_of(NULL, 0), &a));
	assert_false(netaddr_parse(slice_of("1.2.3.4\0:55", 11), &a));
	assert_false(netaddr_parse(slice_of("1.2.3.4:5\0", 10), &a));
	assert_false(netaddr_parse(slice_of("\0001.2.3.4:5", 10), &a));
	assert_false(netaddr_parse(slice_of("[::1\0]:5", 8), &a));
}

/* A text is a slice, not a string: the byte behind it is not of it. In memory of its own, so that a
 * sanitizer sees a read beyond. */
static void test_every_length(void **state)
{
	static const char *const whole[] = {"12.34.56.78:4244", "[2001:db8::1234]:4244"};
	static const size_t first[] = {
		13, 18}; /* the shortest that is one: one digit of the port */

	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (size_t n = 0; n <= strlen(whole[i]); n++) {
			struct netaddr a;
			char *own = test_malloc(n + 1);
			char *from = own + 1;
			memcpy(from, whole[i], n);
			bool taken = netaddr_parse(slice_of(from, n), &a);
			assert_int_equal(taken, n >= first[i]);
			netaddr_parse_loose(slice_of(from, n), 1, &a);
			test_free(own);
		}
}

static void test_loose(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {{"1.2.3.4", "1.2.3.4:4244"}, {"1.2.3.4:7", "1.2.3.4:7"}, {"::1", "[::1]:4244"},
		{"2001:db8::1:7", "[2001:db8::1:7]:4244"}, {"[2001:db8::1]", "[2001:db8::1]:4244"},
		{"[2001:db8::1]:7", "[2001:db8::1]:7"}, {"::ffff:1.2.3.4", "1.2.3.4:4244"},
		{"::1.2.3.4", "1.2.3.4:4244"}};
	static const char *const junk[] = {"", ":", ":1", "1.2.3", "1.2.3.4:", "1.2.3.4:65536",
		"1.2.3.4:x", "[1.2.3.4]:5", "[1.2.3.4]", "[::1]:", "[::1]x", "[::1]x5", "[::1",
		"[]", "host", "host:1", "01.2.3.4", "1.2.3.4/24", "::1/64", "fe80::1%lo"};
	char text[NETADDR_TEXT_MAX];
	struct netaddr a;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		a = loose(rows[i].in);
		assert_string_equal(netaddr_text(&a, text), rows[i].out);
	}
	for (size_t i = 0; i < sizeof junk / sizeof *junk; i++)
		if (netaddr_parse_loose(slice_str(junk[i]), 4244, &a))
			fail_msg("taken: \"%s\"", junk[i]);
	assert_false(netaddr_parse_loose(slice_of("1.2.3.4\0", 8), 4244, &a));
}

/* ---- sockets ---- */

static void test_sockaddr(void **state)
{
	static const char *const texts[] = {"1.2.3.4:258", "[2001:db8::7]:65535", "[::1]:1"};
	struct sockaddr_storage ss;
	struct netaddr back;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct netaddr a = at(texts[i]);
		socklen_t n = netaddr_to_sockaddr(&a, &ss);
		assert_int_equal(ss.ss_family, i ? AF_INET6 : AF_INET);
		assert_int_equal(n, i ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
		assert_true(netaddr_from_sockaddr((struct sockaddr *)&ss, &back));
		assert_true(netaddr_eq(&a, &back));
	}
}

static struct netaddr from_ipv6(const char *ip)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(9)};
	struct netaddr a;

	assert_int_equal(inet_pton(AF_INET6, ip, &in6.sin6_addr), 1);
	assert_true(netaddr_from_sockaddr((struct sockaddr *)&in6, &a));
	return a;
}

/* A dual-stack socket tells IPv4 peers as mapped ones (protocol.md 5.4). */
static void test_mapped_is_ipv4(void **state)
{
	struct netaddr four = at("127.0.0.2:9"), mapped = from_ipv6("::ffff:127.0.0.2");
	struct netaddr compatible = from_ipv6("::127.0.0.2"), one = from_ipv6("::1");
	struct netaddr none = from_ipv6("::");
	struct sockaddr other = {.sa_family = AF_UNIX};

	(void)state;
	assert_true(netaddr_eq(&four, &mapped));
	assert_true(netaddr_eq(&four, &compatible));
	assert_false(netaddr_is_ipv4(&one));
	assert_false(netaddr_is_ipv4(&none));
	assert_false(netaddr_from_sockaddr(&other, &four));
}

/* ---- kinds ---- */

static void test_routable(void **state)
{
	static const char *const yes[] = {"1.2.3.4:1", "9.255.255.255:1", "11.0.0.0:1",
		"172.15.255.255:1", "172.32.0.0:1", "192.167.255.255:1", "192.169.0.0:1",
		"100.63.255.255:1", "100.128.0.0:1", "126.255.255.255:1", "128.0.0.0:1",
		"169.253.255.255:1", "169.255.0.0:1", "223.255.255.255:65535", "[2001:db8::1]:1",
		"[200:1::1]:1", "[3ff::1]:1", "[3fff::1]:1", "[2001:1::1]:1", "[2003::1]:1",
		"192.0.1.0:1", "192.88.98.1:1", "198.17.0.1:1", "198.20.0.1:1"};
	static const char *const no[] = {"1.2.3.4:0", "0.0.0.0:1", "0.255.255.255:1", "10.0.0.0:1",
		"10.255.255.255:1", "172.16.0.0:1", "172.31.255.255:1", "192.168.0.0:1",
		"192.168.255.255:1", "100.64.0.0:1", "100.127.255.255:1", "127.0.0.1:1",
		"127.255.255.255:1", "127.0.0.2:1", "169.254.0.0:1", "169.254.255.255:1",
		"224.0.0.1:1", "255.255.255.255:1", "[::]:1", "[::1]:1", "[ff02::1]:1",
		"[fe80::1]:1", "[febf::1]:1", "[2001:db8::1]:0", "[::ffff:10.0.0.1]:1",
		"[::127.0.0.1]:1",
		/* ours, or somebody else's behind a translator */
		"[fc00::1]:1", "[fdff::1]:1", "[fec0::1]:1", "[::2:0:1]:1", "[4000::1]:1",
		"[1fff::1]:1", "[64:ff9b::808:808]:1", "[64:ff9b:1::1]:1", "[::ffff:0:8.8.8.8]:1",
		"[2002:808:808::1]:1", "[2001::1]:1", "[2001:0:ffff::1]:1", "192.0.0.1:1",
		"192.88.99.1:1", "198.18.0.1:1", "198.19.255.255:1"};

	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
		struct netaddr a = at(yes[i]);
		if (!netaddr_is_routable(&a))
			fail_msg("%s is routable", yes[i]);
	}
	for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
		struct netaddr a = at(no[i]);
		if (netaddr_is_routable(&a))
			fail_msg("%s is not routable", no[i]);
	}
}

static void test_yggdrasil_and_loopback(void **state)
{
	struct netaddr a;

	(void)state;
	a = at("[200::1]:1"), assert_true(netaddr_is_yggdrasil(&a));
	a = at("[3ff:ffff::1]:1"), assert_true(netaddr_is_yggdrasil(&a));
	a = at("[1ff::1]:1"), assert_false(netaddr_is_yggdrasil(&a));
	a = at("[400::1]:1"), assert_false(netaddr_is_yggdrasil(&a));
	a = at("2.0.0.1:1"), assert_false(netaddr_is_yggdrasil(&a));
	a = at("127.0.0.1:1"), assert_true(netaddr_is_loopback(&a));
	a = at("127.255.0.2:1"), assert_true(netaddr_is_loopback(&a));
	a = at("[::1]:1"), assert_true(netaddr_is_loopback(&a));
	a = at("[::2:1]:1"), assert_false(netaddr_is_loopback(&a));
	a = at("128.0.0.1:1"), assert_false(netaddr_is_loopback(&a));
}

static void test_equality(void **state)
{
	struct netaddr a = at("1.2.3.4:5"), b = at("1.2.3.4:6"), c = at("1.2.3.5:5");

	(void)state;
	assert_true(netaddr_same_ip(&a, &b));
	assert_false(netaddr_eq(&a, &b));
	assert_false(netaddr_same_ip(&a, &c));
	assert_false(netaddr_eq(&a, &c));
	assert_true(netaddr_eq(&a, &a));
}

/* ---- units ---- */

static bool same_group(const char *x, const char *y)
{
	struct netaddr a = at(x), b = at(y);
	uint8_t group[2][NETGROUP_SIZE];

	memset(group[0], 0xAA, NETGROUP_SIZE);
	memset(group[1], 0x55, NETGROUP_SIZE);
	netaddr_group(&a, group[0]);
	netaddr_group(&b, group[1]);
	return memcmp(group[0], group[1], NETGROUP_SIZE) == 0;
}

static void test_groups(void **state)
{
	(void)state;
	assert_true(same_group("1.2.3.4:5", "1.2.255.255:6"));
	assert_false(same_group("1.2.3.4:5", "1.3.3.4:5"));
	assert_false(same_group("1.2.3.4:5", "2.2.3.4:5"));
	assert_true(same_group("[2001:db8::1]:1", "[2001:db8:ffff:ffff::9]:2"));
	assert_false(same_group("[2001:db8::1]:1", "[2001:db9::1]:1"));
	assert_false(same_group("[2001:db8::1]:1", "[2101:db8::1]:1"));
	/* 0200::/7, then a count, then eight bits of the key, whatever the rest is */
	assert_true(same_group("[200:ab00::1]:1", "[21f:abff:ffff::1]:1"));
	assert_true(same_group("[200:ab00::1]:1", "[300:ab00::1]:1"));
	assert_false(same_group("[200:ab00::1]:1", "[200:ac00::1]:1"));
	assert_false(same_group("[200:2b00::1]:1", "[200:ab00::1]:1"));
	assert_false(same_group("[3ff:ab00::1]:1", "[3ff:aa00::1]:1"));
	/* loopback by the whole address, whatever the port */
	assert_false(same_group("127.0.0.1:1", "127.0.0.2:1"));
	assert_true(same_group("127.0.0.1:1", "127.0.0.1:2"));
	assert_false(same_group("127.0.0.1:1", "[::1]:1"));
	/* kinds never share a group */
	assert_false(same_group("32.1.0.0:1", "[2001::1]:1"));
	assert_false(same_group("[200::1]:1", "2.0.0.0:1"));
}

/* As many keys as there are values of the next sixteen bits: no group has more than its share. */
static void test_yggdrasil_groups_are_even(void **state)
{
	unsigned members[256] = {0};

	(void)state;
	for (unsigned key = 0; key < 0x10000; key += 16) {
		char text[NETADDR_TEXT_MAX];
		uint8_t group[NETGROUP_SIZE];
		snprintf(text, sizeof text, "[%x:%x::1]:1", 0x200 + key % 3, key);
		struct netaddr a = at(text);
		netaddr_group(&a, group);
		members[group[1]]++;
	}
	for (size_t i = 0; i < 256; i++)
		assert_int_equal(members[i], 16);
}

static bool same_host(const char *x, const char *y)
{
	struct netaddr a = at(x), b = at(y);
	uint8_t host[2][16];

	netaddr_host(&a, host[0]);
	netaddr_host(&b, host[1]);
	return memcmp(host[0], host[1], 16) == 0;
}

static void test_hosts(void **state)
{
	(void)state;
	assert_true(same_host("1.2.3.4:5", "1.2.3.4:6"));
	assert_true(same_host("1.2.3.4:5", "[::ffff:1.2.3.4]:6"));
	assert_false(same_host("1.2.3.4:5", "1.2.3.5:5"));
	assert_true(same_host("[2001:db8:1:2::1]:1", "[2001:db8:1:2:ffff:ffff:ffff:ffff]:1"));
	assert_false(same_host("[2001:db8:1:2::1]:1", "[2001:db8:1:3::1]:1"));
	assert_false(same_host("[::1]:1", "[::]:1"));
	assert_false(same_host("[::1]:1", "127.0.0.1:1"));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_junk),
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_loose),
		cmocka_unit_test(test_sockaddr),
		cmocka_unit_test(test_mapped_is_ipv4),
		cmocka_unit_test(test_routable),
		cmocka_unit_test(test_yggdrasil_and_loopback),
		cmocka_unit_test(test_equality),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_yggdrasil_groups_are_even),
		cmocka_unit_test(test_hosts),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
