/* Addresses as values: what is one, how it is written, and which ones belong together. */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "tests/unit/book_rig.h"

static void what_is_read_is_written_the_same(void **state)
{
	static const char *const good[] = {"1.2.3.4:4244", "255.255.255.255:65535", "0.0.0.0:0",
		"[::]:1", "[::1]:4244", "[2001:db8::5]:80", "[200:1:2:3:4:5:6:7]:4244",
		"[fe80::1]:9"};
	char text[NETADDR_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct netaddr a = addr(good[i]);
		assert_string_equal(netaddr_text(&a, text), good[i]);
	}
}

static void only_literals_with_a_port(void **state)
{
	static const char *const bad[] = {"", ":", "1.2.3.4", "1.2.3.4:", "1.2.3:80",
		"1.2.3.4:65536", "1.2.3.4:-1", "1.2.3.4:+1", "1.2.3.4: 1", " 1.2.3.4:1",
		"1.2.3.4:1 ", "1.2.3.256:1", "01.2.3.4:1", "0x1.2.3.4:1", "[1.2.3.4]:1", "::1:80",
		"::1", "[::1]", "[::1]:", "[::1]80", "[::1:80", "::1]:80", "[]:80", "[::1%lo]:80",
		"localhost:80", "peer-v4.alfis.name:4244", "1.2.3.4:99999999999", "[:80",
		"[0:0:0:0:0:0:0:0:0]:1", "[::1]x:1", "1.2.3.4:1:2"};
	struct netaddr a;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (netaddr_parse(slice_str(bad[i]), &a))
			fail_msg("taken: %s", bad[i]);
	assert_false(netaddr_parse(slice_of("1.2.3.4\0:1", 10), &a));
	assert_false(netaddr_parse(slice_of(NULL, 0), &a));
}

/* Each beginning of a text in memory of its own, so that a read beyond it is noticed. */
static void nothing_is_read_beyond_the_end(void **state)
{
	static const char whole[] =
		"[1111:2222:3333:4444:5555:6666:255.255.255.255]:65535 and more";
	struct netaddr a;

	(void)state;
	for (size_t n = 1; n < sizeof whole; n++) {
		char *part = mem_alloc(n);
		memcpy(part, whole, n);
		netaddr_parse(slice_of(part, n), &a);
		netaddr_parse_loose(slice_of(part, n), 1, &a);
		mem_free(part);
	}
	assert_int_equal(mem_blocks(), 0);
}

static void people_may_leave_the_port_out(void **state)
{
	static const struct {
		const char *written, *meant;
	} rows[] = {{"1.2.3.4", "1.2.3.4:4244"}, {"1.2.3.4:5", "1.2.3.4:5"}, {"::1", "[::1]:4244"},
		{"2001:db8::5", "[2001:db8::5]:4244"}, {"[2001:db8::5]", "[2001:db8::5]:4244"},
		{"[2001:db8::5]:7", "[2001:db8::5]:7"}, {"::ffff:1.2.3.4", "1.2.3.4:4244"}};
	char text[NETADDR_TEXT_MAX];
	struct netaddr a;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_true(netaddr_parse_loose(slice_str(rows[i].written), 4244, &a));
		assert_string_equal(netaddr_text(&a, text), rows[i].meant);
	}
	assert_false(netaddr_parse_loose(slice_str("localhost"), 4244, &a));
	assert_false(netaddr_parse_loose(slice_str("1.2.3.4:x"), 4244, &a));
}

/* protocol.md 5.4 */
static void mapped_and_compatible_ipv6_is_ipv4(void **state)
{
	struct netaddr a = addr("[::ffff:1.2.3.4]:5"), b = addr("[::1.2.3.4]:5");
	struct netaddr c = addr("1.2.3.4:5"), one = addr("[::1]:5");

	(void)state;
	assert_true(netaddr_eq(&a, &c) && netaddr_eq(&b, &c) && netaddr_is_ipv4(&a));
	assert_false(netaddr_is_ipv4(&one));
}

static void sockets_and_back(void **state)
{
	static const char *const all[] = {"1.2.3.4:4244", "[2001:db8::5]:80", "[::1]:65535"};
	struct sockaddr_storage ss;
	struct netaddr back;

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct netaddr a = addr(all[i]);
		socklen_t n = netaddr_to_sockaddr(&a, &ss);
		assert_int_equal(n, netaddr_is_ipv4(&a) ? sizeof(struct sockaddr_in)
							: sizeof(struct sockaddr_in6));
		assert_true(netaddr_from_sockaddr((struct sockaddr *)&ss, &back));
		assert_true(netaddr_eq(&a, &back));
	}
	ss.ss_family = AF_UNIX;
	assert_false(netaddr_from_sockaddr((struct sockaddr *)&ss, &back));
}

static void which_may_be_dialled(void **state)
{
	static const char *const no[] = {"127.0.0.1:1", "127.255.0.9:1", "10.0.0.1:1",
		"172.16.0.1:1", "172.31.255.255:1", "192.168.9.9:1", "169.254.1.1:1", "0.0.0.0:1",
		"0.1.2.3:1", "224.0.0.1:1", "255.255.255.255:1", "100.64.0.1:1", "[::]:1",
		"[::1]:1", "[fe80::1]:1", "[febf::1]:1", "[ff02::1]:1", "[::ffff:10.0.0.1]:1",
		"8.8.8.8:0", "[2001:db8::1]:0"};
	/* 5.8: unique-local IPv6 is not filtered */
	static const char *const yes[] = {"8.8.8.8:1", "172.15.0.1:1", "172.32.0.1:1",
		"192.167.1.1:1", "11.0.0.1:65535", "100.63.0.1:1", "100.128.0.1:1", "223.1.1.1:1",
		"[2001:db8::1]:4244", "[200::1]:1", "[3ff::1]:1", "[fd00::1]:1"};

	(void)state;
	for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
		struct netaddr a = addr(no[i]);
		if (netaddr_is_routable(&a))
			fail_msg("routable: %s", no[i]);
	}
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
		struct netaddr a = addr(yes[i]);
		if (!netaddr_is_routable(&a))
			fail_msg("not routable: %s", yes[i]);
	}
}

static void yggdrasil_is_0200_7(void **state)
{
	struct netaddr first = addr("[200::]:1"), last = addr("[3ff:ffff::1]:1");
	struct netaddr below = addr("[1ff::1]:1"), above = addr("[400::1]:1");
	struct netaddr four = addr("2.3.4.5:1");

	(void)state;
	assert_true(netaddr_is_yggdrasil(&first) && netaddr_is_yggdrasil(&last));
	assert_false(netaddr_is_yggdrasil(&below) || netaddr_is_yggdrasil(&above) ||
		     netaddr_is_yggdrasil(&four));
}

static bool same_group(const char *x, const char *y)
{
	struct netaddr a = addr(x), b = addr(y);
	uint8_t g[NETGROUP_SIZE], h[NETGROUP_SIZE];

	netaddr_group(&a, g);
	netaddr_group(&b, h);
	return memcmp(g, h, sizeof g) == 0;
}

static bool same_host(const char *x, const char *y)
{
	struct netaddr a = addr(x), b = addr(y);
	uint8_t g[16], h[16];

	netaddr_host(&a, g);
	netaddr_host(&b, h);
	return memcmp(g, h, sizeof g) == 0;
}

static void who_belongs_together(void **state)
{
	(void)state;
	assert_true(same_group("1.2.3.4:1", "1.2.200.9:5"));
	assert_false(same_group("1.2.3.4:1", "1.3.3.4:1"));
	assert_true(same_group("[2001:db8:1::1]:1", "[2001:db8:2::1]:1"));
	assert_false(same_group("[2001:db8::1]:1", "[2001:db9::1]:1"));
	assert_true(same_group("[200:1::1]:1", "[21f:ffff::1]:1"));
	assert_false(same_group("[200::1]:1", "[220::1]:1"));
	assert_false(same_group("[200::1]:1", "[300::1]:1"));
	assert_false(same_group("127.0.0.1:1", "127.0.0.2:1"));
	assert_true(same_group("127.0.0.1:1", "127.0.0.1:2"));
	assert_false(same_group("[::1]:1", "127.0.0.1:1"));

	assert_true(same_host("1.2.3.4:1", "1.2.3.4:2"));
	assert_false(same_host("1.2.3.4:1", "1.2.3.5:1"));
	assert_true(same_host("[2001:db8::1]:1", "[2001:db8::ffff:1]:2"));
	assert_false(same_host("[2001:db8::1]:1", "[2001:db8:0:1::1]:1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_is_written_the_same),
		cmocka_unit_test(only_literals_with_a_port),
		cmocka_unit_test(nothing_is_read_beyond_the_end),
		cmocka_unit_test(people_may_leave_the_port_out),
		cmocka_unit_test(mapped_and_compatible_ipv6_is_ipv4),
		cmocka_unit_test(sockets_and_back),
		cmocka_unit_test(which_may_be_dialled),
		cmocka_unit_test(yggdrasil_is_0200_7),
		cmocka_unit_test(who_belongs_together),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
