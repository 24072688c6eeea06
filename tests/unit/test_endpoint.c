/* One text, every reader: what the wire, an address typed by hand, net.listen, net.peers and
 * `peer add` make of it. They share net/addr_text.c, so they differ only where they mean to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "config/validate.h"
#include "net/addr.h"
#include "p2p/configured_peer.h"
#include "tests/unit/main.h"

/* One letter for each reader that takes the text. */
static const char *takers(const char *text, char to[8])
{
	char listen[CONFIG_TEXT_MAX], peer[CONFIG_TEXT_MAX];
	struct configured_peer cp = {.next = NULL};
	struct netaddr a;
	size_t n = 0;

	snprintf(listen, sizeof listen, "%s", text);
	snprintf(peer, sizeof peer, "%s", text);
	if (netaddr_parse(slice_str(text), &a))
		to[n++] = 'W'; /* the wire */
	if (netaddr_parse_loose(slice_str(text), ALFIS_PORT, &a))
		to[n++] = 'A'; /* an address, as in `ban` */
	if (!validate_listen(listen))
		to[n++] = 'L'; /* net.listen */
	if (!validate_peer(peer))
		to[n++] = 'P'; /* net.peers */
	if (configured_peer_parse(&cp, text))
		to[n++] = 'D'; /* the dialer */
	if (configured_peer_plausible(text))
		to[n++] = 'H'; /* by hand, `peer add` */
	to[n] = 0;
	return to;
}

static void test_every_reader(void **state)
{
	static const struct {
		const char *text, *takers;
	} rows[] = {
		{"1.2.3.4:5", "WALPDH"},
		{"[2001:db8::1]:5", "WALPDH"},
		{"[::ffff:1.2.3.4]:5", "WALPDH"},
		{"1.2.3.4", "APDH"},
		{"2001:db8::1", "APDH"},
		{"[2001:db8::1]", "APDH"},
		{"2001:db8::1:4244", "APDH"}, /* an address without a port */
		{"1.2.3.4:0", "WAL"},         /* nobody is dialled there */
		{"0.0.0.0:5", "WALPD"},
		{"[::]:5", "WALPD"},
		{"224.0.0.1:5", "WAPD"},
		{"[::ffff:224.0.0.1]:5", "WAPD"}, /* multicast in another dress */
		{"255.255.255.255:5", "WAPD"},
		{"[ff02::1]:5", "WAPD"},
		{"host.example:5", "PDH"},
		{"host.example", "PDH"},
		{"host.example.", "PDH"},
		{"host", "PD"}, /* by hand it may be any word */
		{"host:5", "PDH"},
		{"a_b-c.example:5", "PDH"},
		{"host.12", "PD"}, /* by hand it may be a mistyped address */
		{"10.1.2:5", "D"},
		{"10.1.2.300:5", "D"},
		{"a..example:5", "D"},
		{".example:5", "D"},
		{"a/b:5", "D"},
		/* Ports are written in one way. */
		{"1.2.3.4:05", ""},
		{"host:05", ""},
		{"host:04244", ""},
		{"host:65536", ""},
		{"host:", ""},
		{"host:+5", ""},
		{"host: 5", ""},
		{"host:5 ", ""},
		{"[::1]:05", ""},
		/* Brackets are for IPv6 alone, and colons too. */
		{"[1.2.3.4]:5", ""},
		{"[host]:5", ""},
		{"[host]", ""},
		{"a:b:c", ""},
		{"a:b:5", ""},
		{"1.2.3.4:5:6", ""},
		{"[]:5", ""},
		{"[::1", ""},
		{"[::1]x:5", ""},
		{"::1]:5", ""},
		{"fe80::1%eth0", ""},
		{"[fe80::1%eth0]:5", ""},
		{"http://host.example:5", ""},
		{"a b:5", ""},
		{":5", ""},
		{":", ""},
		{"", ""},
	};
	char found[8];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(takers(rows[i].text, found), rows[i].takers) != 0)
			fail_msg("\"%s\": taken by \"%s\", not \"%s\"", rows[i].text, found,
				rows[i].takers);
}

/* What is left out is the network's port, wherever it may be. */
static void test_default_port(void **state)
{
	static const char *const rows[][2] = {{"1.2.3.4", "1.2.3.4:4244"},
		{"2001:db8::1", "[2001:db8::1]:4244"}, {"[2001:db8::1]", "[2001:db8::1]:4244"},
		{"::ffff:1.2.3.4", "[::ffff:1.2.3.4]:4244"}, {"host.example", "host.example:4244"},
		{"host:5", "host:5"}};
	char text[CONFIG_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct configured_peer a = {.next = NULL}, b = {.next = NULL};
		snprintf(text, sizeof text, "%s", rows[i][0]);
		assert_null(validate_peer(text));
		assert_string_equal(text, rows[i][1]);
		assert_true(configured_peer_parse(&a, rows[i][0]));
		assert_true(configured_peer_parse(&b, rows[i][1]));
		assert_true(configured_peer_same(&a, &b));
	}
}

static void test_parts(void **state)
{
	struct endpoint e = {.port = 77};

	(void)state;
	assert_true(endpoint_parse(slice_str("host:5"), 9, &e));
	assert_true(slice_is(e.host, "host") && e.has_port && e.port == 5 && !e.is_address);
	assert_true(endpoint_parse(slice_str("host"), 9, &e));
	assert_true(slice_is(e.host, "host") && !e.has_port && e.port == 9);
	assert_true(endpoint_parse(slice_str("[::1]:5"), 9, &e));
	assert_true(slice_is(e.host, "::1") && e.is_address && e.addr.port == 5);
	assert_true(endpoint_parse(slice_str("1.2.3.4"), 9, &e));
	assert_true(!e.has_port && e.is_address && e.addr.port == 9);
	assert_false(endpoint_parse(slice_of("ho\0st:5", 7), 9, &e));
	assert_false(endpoint_parse(slice_of(NULL, 0), 9, &e));
	assert_int_equal(e.port, 9); /* as it was */
}

static void test_names(void **state)
{
	char label[66], whole[256];

	(void)state;
	memset(label, 'a', 64);
	label[64] = 0;
	assert_false(endpoint_is_name(slice_str(label)));
	assert_true(endpoint_is_name(slice_of(label, 63)));
	for (size_t i = 0; i < 254; i++)
		whole[i] = i % 50 == 49 ? '.' : 'b';
	assert_true(endpoint_is_name(slice_of(whole, 253)));
	assert_false(endpoint_is_name(slice_of(whole, 254)));
	assert_false(endpoint_is_name(slice_of(NULL, 0)));
	assert_false(endpoint_is_name(slice_str("123")));
	assert_true(endpoint_is_name(slice_str("123-")));
	assert_false(endpoint_is_name(slice_str("a\xc3\xa4")));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_reader),
		cmocka_unit_test(test_default_port),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_names),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
