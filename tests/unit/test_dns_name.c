/* Names of DNS: what is read from hostile packets, compared, and turned into text and back. */
#include "tests/unit/dns_rig.h"

/* Reads the name at `at` of a message of n bytes; *used = how far the reader went. */
static bool read_at(const uint8_t *m, size_t n, size_t at, struct dns_name *out, size_t *used)
{
	struct rd r = rd_of(slice_of(m + at, n - at));
	bool good = dns_name_read(&r, slice_of(m, n), out);

	assert_true(good == !r.bad);
	*used = good ? (size_t)(r.p - m) - at : 0;
	return good;
}

/* A message of a header and these bytes; where the name of interest begins is counted from 12. */
static bool reads(const char *bytes, size_t n, size_t at, struct dns_name *out, size_t *used)
{
	uint8_t m[512] = {0};

	assert_true(n + DNS_HEADER_SIZE <= sizeof m);
	memcpy(m + DNS_HEADER_SIZE, bytes, n);
	return read_at(m, n + DNS_HEADER_SIZE, at + DNS_HEADER_SIZE, out, used);
}

static void assert_text(const struct dns_name *n, const char *expected)
{
	char text[DNS_NAME_TEXT_MAX];

	assert_int_equal(dns_name_text(n, text), strlen(expected));
	assert_string_equal(text, expected);
}

static void plain_and_compressed(void **state)
{
	static const char m[] = "\1a\3ygg\0\3www\300\014\300\023\1b\300\016";
	struct dns_name n;
	size_t used;

	(void)state;
	assert_true(reads(m, sizeof m - 1, 0, &n, &used));
	assert_int_equal(used, 7);
	assert_text(&n, "a.ygg");
	assert_true(reads(m, sizeof m - 1, 7, &n, &used));
	assert_int_equal(used, 6);
	assert_text(&n, "www.a.ygg");
	assert_true(reads(m, sizeof m - 1, 13, &n, &used)); /* a pointer to a pointer */
	assert_int_equal(used, 2);
	assert_text(&n, "www.a.ygg");
	assert_true(reads(m, sizeof m - 1, 15, &n, &used));
	assert_text(&n, "b.ygg");
}

static void pointers_that_lead_nowhere(void **state)
{
	static const struct {
		const char *bytes;
		size_t n, at;
	} bad[] = {
		{"\300\014", 2, 0},               /* to itself */
		{"\1a\300\014", 4, 0},            /* a label, then to itself: it would grow */
		{"\1a\300\016", 4, 0},            /* to itself, behind a label */
		{"\300\016\0", 3, 0},             /* forward */
		{"\0\300\017", 3, 1},             /* forward, to the end */
		{"\0\377\377", 3, 1},             /* beyond the packet */
		{"\0\300\013", 3, 1},             /* into the header */
		{"\300\016\0\300\014", 5, 3},     /* back, then forward again */
		{"\300\016\300\014", 4, 2},       /* two that lead to each other */
		{"\1a\300\020\1b\300\014", 8, 4}, /* the same with labels */
		{"\1a\1b\300\014\300\016", 8, 6}, /* back, and again over the first pointer */
		{"\0\300", 2, 1},                 /* half a pointer */
		{"\0\1", 2, 1},                   /* a label that is not there */
		{"\0\1a", 3, 1},                  /* no end */
		{"\0\100a\0", 4, 1},              /* reserved forms of a label */
		{"\0\200a\0", 4, 1},
		{"", 0, 0},
	};
	struct dns_name n;
	size_t used;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(reads(bad[i].bytes, bad[i].n, bad[i].at, &n, &used));
}

/* Pointers to pointers, `jumps` of them, then a root. */
static bool chain_reads(unsigned jumps)
{
	uint8_t m[512] = {0};
	size_t n = DNS_HEADER_SIZE + 1, at = DNS_HEADER_SIZE;
	struct dns_name name;
	size_t used;

	for (unsigned i = 0; i < jumps; i++) {
		m[n] = (uint8_t)(0xC0 | at >> 8);
		m[n + 1] = (uint8_t)at;
		at = n;
		n += 2;
	}
	return read_at(m, n, at, &name, &used);
}

static void jumps_are_counted(void **state)
{
	(void)state;
	assert_true(chain_reads(1));
	assert_true(chain_reads(126));
	assert_false(chain_reads(127));
	assert_false(chain_reads(200));
}

/* A name of 127 labels, each a pointer to the rest: the most that a name can have. */
static void a_label_a_jump(void **state)
{
	uint8_t m[600] = {0};
	size_t n = DNS_HEADER_SIZE, at = 0, used;
	struct dns_name name;

	(void)state;
	for (unsigned i = 0; i < 127; i++) {
		size_t begin = n;
		m[n++] = 1;
		m[n++] = 'x';
		if (i > 0) {
			m[n++] = (uint8_t)(0xC0 | at >> 8);
			m[n++] = (uint8_t)at;
		} else
			m[n++] = 0;
		at = begin;
	}
	assert_true(read_at(m, n, at, &name, &used));
	assert_int_equal(dns_name_labels(&name), 127);
	assert_int_equal(name.size, DNS_NAME_MAX);
	m[n] = 1;
	m[n + 1] = 'y';
	m[n + 2] = (uint8_t)(0xC0 | at >> 8);
	m[n + 3] = (uint8_t)at;
	assert_false(read_at(m, n + 4, n, &name, &used)); /* 128 labels, 257 bytes */
}

/* Writes labels of these sizes and the root at `to`. */
static size_t labels(uint8_t *to, const size_t *sizes)
{
	size_t n = 0;

	for (; *sizes; sizes++) {
		to[n] = (uint8_t)*sizes;
		memset(to + n + 1, 'x', *sizes);
		n += *sizes + 1;
	}
	to[n] = 0;
	return n + 1;
}

static void sizes_at_their_bounds(void **state)
{
	static const struct {
		size_t sizes[8];
		bool good;
	} tries[] = {
		{{63}, true},
		{{64}, false},
		{{63, 63, 63, 61}, true},  /* 255 bytes */
		{{63, 63, 63, 62}, false}, /* 256 */
		{{63, 63, 63, 63}, false},
	};
	uint8_t m[512] = {0};
	struct dns_name name;
	size_t used;

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		size_t n = labels(m + DNS_HEADER_SIZE, tries[i].sizes);
		assert_true(read_at(m, DNS_HEADER_SIZE + n, DNS_HEADER_SIZE, &name, &used) ==
			    tries[i].good);
		assert_true(dns_name_valid(slice_of(m + DNS_HEADER_SIZE, n)) == tries[i].good);
	}
}

static void valid_is_one_whole_name(void **state)
{
	(void)state;
	assert_true(dns_name_valid(slice_of("\0", 1)));
	assert_true(dns_name_valid(slice_of("\1a\0", 3)));
	assert_false(dns_name_valid(slice_of("", 0)));
	assert_false(dns_name_valid(slice_of("\1a", 2)));
	assert_false(dns_name_valid(slice_of("\1a\0\0", 4)));
	assert_false(dns_name_valid(slice_of("\2a\0", 3)));
	assert_false(dns_name_valid(slice_of("\300\014", 2)));
	assert_false(dns_name_valid(slice_of("\1a\300", 3)));
}

static void compared_without_case(void **state)
{
	struct dns_name a = name_of("WWW.Example.ygg"), b = name_of("www.eXample.YGG");
	struct dns_name top = name_of("example.YGG"), other = name_of("ample.ygg");
	struct dns_name root = name_of("."), dot = name_of("www.example@ygg");

	(void)state;
	assert_true(dns_name_equal(&a, &b));
	assert_false(dns_name_equal(&a, &top));
	assert_false(dns_name_equal(&a, &dot));
	assert_true(dns_name_is_below(&a, &top) && dns_name_is_below(&top, &top));
	assert_false(dns_name_is_below(&top, &a));
	assert_false(dns_name_is_below(&a, &other)); /* the same end, but not at a label */
	assert_true(dns_name_is_below(&a, &root) && dns_name_is_below(&root, &root));
	dns_name_lower(&a);
	assert_text(&a, "www.example.ygg");
	assert_int_equal(dns_byte_lower('@'), '@');
	assert_int_equal(dns_byte_lower('['), '[');
	assert_int_equal(dns_byte_lower(0xC1), 0xC1);
}

static void parents(void **state)
{
	struct dns_name n = name_of("www.example.ygg");

	(void)state;
	assert_int_equal(dns_name_labels(&n), 3);
	assert_true(dns_name_parent(&n, &n));
	assert_text(&n, "example.ygg");
	assert_true(dns_name_parent(&n, &n) && dns_name_parent(&n, &n));
	assert_text(&n, ".");
	assert_false(dns_name_parent(&n, &n));
	assert_int_equal(dns_name_labels(&n), 0);
}

static void text_to_names(void **state)
{
	static const char *const bad[] = {"..", ".a", "a..b", "a..", "..a"};
	char long_label[66], long_name[300];
	struct dns_name n;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(dns_name_from_text(slice_str(bad[i]), &n));
	n = name_of("a.b.");
	assert_text(&n, "a.b");
	n = name_of("");
	assert_text(&n, ".");
	memset(long_label, 'x', sizeof long_label);
	assert_true(dns_name_from_text(slice_of(long_label, 63), &n));
	assert_false(dns_name_from_text(slice_of(long_label, 64), &n));
	for (size_t i = 0; i < sizeof long_name; i++)
		long_name[i] = i % 2 ? '.' : 'x';
	assert_true(dns_name_from_text(slice_of(long_name, 253), &n));
	assert_int_equal(n.size, 255);
	assert_false(dns_name_from_text(slice_of(long_name, 255), &n));
	long_name[252] = 'x'; /* 254 characters: 255 bytes without the root */
	long_name[253] = 'x';
	assert_false(dns_name_from_text(slice_of(long_name, 254), &n));
}

static void odd_bytes_are_shown(void **state)
{
	struct dns_name n = {.size = 9, .wire = "\7a.\\ \0\377\n"};
	struct dns_name longest = {.size = 0};

	(void)state;
	assert_text(&n, "a\\046\\092\\032\\000\\255\\010");
	for (size_t i = 0; i < 254; i += 2) {
		longest.wire[i] = 1;
		longest.wire[i + 1] = 0xFF;
	}
	longest.wire[254] = 0;
	longest.size = 255;
	char text[DNS_NAME_TEXT_MAX];
	assert_int_equal(dns_name_text(&longest, text), 127 * 5 - 1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_and_compressed),
		cmocka_unit_test(pointers_that_lead_nowhere),
		cmocka_unit_test(jumps_are_counted),
		cmocka_unit_test(a_label_a_jump),
		cmocka_unit_test(sizes_at_their_bounds),
		cmocka_unit_test(valid_is_one_whole_name),
		cmocka_unit_test(compared_without_case),
		cmocka_unit_test(parents),
		cmocka_unit_test(text_to_names),
		cmocka_unit_test(odd_bytes_are_shown),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
