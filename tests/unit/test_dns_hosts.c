/* Hosts files and lists of blocked names: what is read, what is answered, and what it costs. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dns/hosts.h"
#include "tests/unit/dns_zone_rig.h"

enum { ENOUGH = 1 << 24 };

struct hosts_rig {
	struct zone_rig *z;
	char dir[200], path[2][220];
	struct dns_hosts *hosts;
	uint64_t bytes;
	char why[512];
};

static int start(void **state)
{
	struct hosts_rig *r = mem_alloc(sizeof *r);

	assert_non_null(r);
	open_rig((void **)&r->z);
	const char *tmp = getenv("TMPDIR");
	snprintf(r->dir, sizeof r->dir, "%s/alfisd-test-XXXXXX", tmp ? tmp : P_tmpdir);
	assert_non_null(mkdtemp(r->dir));
	for (int i = 0; i < 2; i++)
		snprintf(r->path[i], sizeof r->path[i], "%s/%d", r->dir, i);
	*state = r;
	return 0;
}

static int stop(void **state)
{
	struct hosts_rig *r = *state;

	dns_hosts_free(r->hosts);
	for (int i = 0; i < 2; i++)
		unlink(r->path[i]);
	rmdir(r->dir);
	struct zone_rig *z = r->z;
	mem_free(r);
	return close_rig((void **)&z);
}

static void write_file(struct hosts_rig *r, int i, const void *text, size_t n)
{
	FILE *f = fopen(r->path[i], "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static bool load_files(struct hosts_rig *r, size_t count, uint64_t most)
{
	const char *files[] = {r->path[0], r->path[1]};

	dns_hosts_free(r->hosts);
	memset(r->why, 0, sizeof r->why);
	r->hosts = dns_hosts_load(files, count, most, &r->bytes, r->why, sizeof r->why);
	return r->hosts != NULL;
}

static bool load(struct hosts_rig *r, const char *text)
{
	write_file(r, 0, text, strlen(text));
	return load_files(r, 1, ENOUGH);
}

static const char *look_up(struct hosts_rig *r, const char *name, uint16_t type)
{
	assert_true(dns_name_from_text(slice_str(name), &r->z->q.name));
	r->z->q.type = type;
	return write_line(r->z, dns_hosts_answer(r->hosts, &r->z->q, r->z->answer));
}

static void expect_a(struct hosts_rig *r, const char *name, const char *data)
{
	char expected[256];

	snprintf(expected, sizeof expected, "0 aa | a %s 1 2 %s", name, data);
	assert_string_equal(look_up(r, name, DNS_TYPE_A), expected);
}

static void expect_blocked(struct hosts_rig *r, const char *name)
{
	char expected[256];

	expect_a(r, name, "00000000");
	snprintf(expected, sizeof expected, "0 aa | a %s 28 2 %032d", name, 0);
	assert_string_equal(look_up(r, name, DNS_TYPE_AAAA), expected);
}

/* ---- what is read ---- */

static void test_hosts_file(void **state)
{
	struct hosts_rig *r = *state;

	assert_true(load(r, "# 9.9.9.9 comment\n\n \t1.2.3.4\t\vA.test  b.Test.\r\n"
			    "1.2.3.5 c.test#9.9.9.9 d.test\n"
			    "fe80::1%lo0 zone.test\n300.1.1.1 bad.test\n1.2.3.6\nalone.test\n"
			    "1.2.3.7 a..b .c 0123456789012345678901234567890123456789012345678901"
			    "2345678901234567 .\n"
			    "::ffff:1.2.3.4 mapped.test\n1.2.3.8 last.test"));
	expect_a(r, "a.TEST", "01020304");
	expect_a(r, "b.test", "01020304");
	expect_a(r, "c.test", "01020305");
	expect_a(r, "last.test", "01020308");
	assert_string_equal(look_up(r, "a.test", DNS_TYPE_AAAA), "0 aa");
	assert_string_equal(look_up(r, "a.test", DNS_TYPE_MX), "0 aa");
	assert_string_equal(look_up(r, "mapped.test", DNS_TYPE_AAAA),
		"0 aa | a mapped.test 28 2 00000000000000000000FFFF01020304");
	assert_string_equal(look_up(r, "d.test", DNS_TYPE_A), "pass");
	assert_string_equal(look_up(r, "zone.test", DNS_TYPE_A), "pass");
	assert_string_equal(look_up(r, "bad.test", DNS_TYPE_A), "pass");
	assert_string_equal(look_up(r, "alone.test", DNS_TYPE_A), "pass");
	assert_string_equal(look_up(r, "x.a.test", DNS_TYPE_A), "pass");
	assert_string_equal(look_up(r, "test", DNS_TYPE_A), "pass");
	assert_string_equal(look_up(r, "", DNS_TYPE_A), "pass");
	assert_int_equal(dns_hosts_names(r->hosts), 5);
	assert_true(dns_hosts_bytes(r->hosts) <= r->bytes);
}

static void test_all_addresses_of_a_name(void **state)
{
	struct hosts_rig *r = *state;

	assert_true(load(r, "1.1.1.1 a.test\n2::2 a.test\n1.1.1.2 A.test\n1.1.1.1 a.test\n"));
	assert_string_equal(look_up(r, "a.test", DNS_TYPE_A),
		"0 aa | a a.test 1 2 01010101 | a a.test 1 2 01010102");
	assert_string_equal(look_up(r, "a.test", DNS_TYPE_AAAA),
		"0 aa | a a.test 28 2 00020000000000000000000000000002");
	assert_int_equal(dns_hosts_names(r->hosts), 1);
}

static void test_most_addresses_of_a_name(void **state)
{
	struct hosts_rig *r = *state;
	char text[4096];
	struct wr w = wr_of(text, sizeof text - 1);

	for (int i = 0; i < 40; i++)
		wr_format(&w, "1.1.1.%d a.test\n", i);
	text[w.n] = 0;
	assert_true(load(r, text));
	look_up(r, "a.test", DNS_TYPE_A);
	assert_int_equal(r->z->answer->count, 32);
}

static void test_blocked(void **state)
{
	struct hosts_rig *r = *state;

	assert_true(load(r, "0.0.0.0 a.test\n:: b.test\n1.1.1.1 a.test c.test\n0.0.0.0 c.test\n"));
	expect_blocked(r, "a.test"); /* what a name has first decides */
	expect_blocked(r, "b.test");
	expect_a(r, "c.test", "01010101");
	assert_string_equal(look_up(r, "a.test", DNS_TYPE_HTTPS), "0 aa");
	assert_string_equal(look_up(r, "0.0.0.0.in-addr.arpa", DNS_TYPE_PTR), "pass");
}

static void test_list_of_names(void **state)
{
	struct hosts_rig *r = *state;

	assert_true(load(r, "# names\nA.test\n\n b.test # comment\n*.c.test\ntwo words\n-\n"));
	expect_blocked(r, "a.test");
	expect_blocked(r, "b.test");
	assert_string_equal(look_up(r, "x.c.test", DNS_TYPE_A), "pass"); /* names are exact */
	assert_string_equal(look_up(r, "two", DNS_TYPE_A), "pass");
	assert_int_equal(dns_hosts_names(r->hosts), 4);
}

static void test_reverse(void **state)
{
	struct hosts_rig *r = *state;

	assert_true(load(r, "127.0.0.1 a.test b.test\n127.0.0.1 c.test\n102::FE a.test\n"
			    "250.9.10.255 long.TEST\n127.0.0.1 z.test\n"));
	assert_string_equal(look_up(r, "1.0.0.127.in-addr.ARPA", DNS_TYPE_PTR),
		"0 aa | a 1.0.0.127.in-addr.ARPA 12 2 0161047465737400");
	assert_string_equal(look_up(r, "1.0.0.127.in-addr.arpa", DNS_TYPE_A), "0 aa");
	assert_string_equal(look_up(r, "255.10.9.250.in-addr.arpa", DNS_TYPE_PTR),
		"0 aa | a 255.10.9.250.in-addr.arpa 12 2 046C6F6E67047465737400");
	assert_non_null(strstr(look_up(r,
				       "e.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
				       "2.0.1.0.ip6.arpa",
				       DNS_TYPE_PTR),
		" 12 2 0161047465737400"));
	assert_string_equal(look_up(r, "a.test", DNS_TYPE_PTR), "0 aa");
	assert_int_equal(dns_hosts_names(r->hosts), 5);
}

static void test_several_files(void **state)
{
	struct hosts_rig *r = *state;
	const char *first = "1.1.1.1 a.test", *second = "a.test\nb.test";

	write_file(r, 0, first, strlen(first));
	write_file(r, 1, second, strlen(second));
	assert_true(load_files(r, 2, ENOUGH));
	expect_a(r, "a.test", "01010101");
	expect_blocked(r, "b.test");
	assert_true(load_files(r, 0, ENOUGH));
	assert_string_equal(look_up(r, "a.test", DNS_TYPE_A), "pass");
}

static void test_system(void **state)
{
	struct hosts_rig *r = *state;
	const char *files[] = {"system"};

	if (access("/etc/hosts", R_OK) != 0)
		skip();
	r->hosts = dns_hosts_load(files, 1, ENOUGH, &r->bytes, r->why, sizeof r->why);
	assert_non_null(r->hosts);
}

/* ---- what is refused ---- */

static void expect_refused(struct hosts_rig *r, const char *where, const char *why)
{
	char text[256];

	snprintf(text, sizeof text, "%s%s", r->path[0], where);
	assert_false(load_files(r, 1, ENOUGH));
	assert_int_equal(r->bytes, 0);
	if (!strstr(r->why, text) || !strstr(r->why, why))
		fail_msg("%s", r->why);
}

static void refuse_text(
	struct hosts_rig *r, const void *text, size_t n, const char *where, const char *why)
{
	write_file(r, 0, text, n);
	expect_refused(r, where, why);
}

static void test_bad_files(void **state)
{
	static char line[10 << 20];
	struct hosts_rig *r = *state;

	refuse_text(r, "a.test\n\0", 8, ":2: ", "no text");
	refuse_text(r,
		"\x7f"
		"ELF\2\1",
		6, ":1: ", "no text");
	refuse_text(r, "#\n\n||ads.test^\n", 15, ":3: ", "ad blockers");
	refuse_text(r, "@@||ads.test^", 13, ":1: ", "ad blockers");
	memset(line, 'a', sizeof line);
	memcpy(line, "1.1.1.1 a.test\n", 15);
	refuse_text(r, line, sizeof line, ":2: ", "over 1,024 bytes");
	refuse_text(r, line, 15 + 1025, ":2: ", "over 1,024 bytes");
	memset(line + 15, ' ', 1024);
	memcpy(line + 15, "1.1.1.2 ", 8);
	memcpy(line + 15 + 1018, "b.test", 6);
	write_file(r, 0, line, 15 + 1024);
	assert_true(load_files(r, 1, ENOUGH));
	expect_a(r, "b.test", "01010102");
}

static void test_no_file(void **state)
{
	struct hosts_rig *r = *state;

	expect_refused(r, ": ", strerror(ENOENT));
	assert_int_equal(mkdir(r->path[0], 0700), 0);
	expect_refused(r, ": ", "is not a file");
	assert_int_equal(rmdir(r->path[0]), 0);
	assert_int_equal(mkfifo(r->path[0], 0600), 0); /* nobody writes into it */
	expect_refused(r, ": ", "is not a file");
	if (geteuid() == 0)
		return; /* may read all */
	assert_int_equal(unlink(r->path[0]), 0);
	write_file(r, 0, "", 0);
	assert_int_equal(chmod(r->path[0], 0), 0);
	expect_refused(r, ": ", strerror(EACCES));
}

/* ---- many names ---- */

enum { MANY = 40000 };

static size_t many_names(struct hosts_rig *r, const char *before, unsigned seed)
{
	FILE *f = fopen(r->path[0], "w");
	long n;

	assert_non_null(f);
	for (unsigned i = 0; i < MANY; i++)
		fprintf(f, "%sn%u.example.org\n", before, i * 2 + seed);
	n = ftell(f);
	assert_int_equal(fclose(f), 0);
	return (size_t)n;
}

static void test_many_names(void **state)
{
	struct hosts_rig *r = *state;
	char name[64];

	for (int form = 0; form < 2; form++) {
		size_t size = many_names(r, form ? "127.0.0.1 " : "", 0);
		size_t before = mem_bytes();
		assert_true(load_files(r, 1, ENOUGH));
		assert_int_equal(dns_hosts_names(r->hosts), MANY);
		assert_true(dns_hosts_bytes(r->hosts) <= 2 * size);
		if (form == 0) /* the set before it was freed */
			assert_int_equal(mem_bytes() - before, dns_hosts_bytes(r->hosts));
		for (unsigned i = 0; i < 2 * MANY; i++) {
			snprintf(name, sizeof name, "n%u.Example.org", i);
			bool listed = strcmp(look_up(r, name, DNS_TYPE_A), "pass") != 0;
			assert_int_equal(listed, i % 2 == 0);
		}
	}
}

/* What does not fit is never held, and the figure that is told suffices. */
static void test_too_many(void **state)
{
	struct hosts_rig *r = *state;

	for (int form = 0; form < 2; form++) {
		many_names(r, form ? "127.0.0.1 " : "", 0);
		assert_true(load_files(r, 1, ENOUGH));
		uint64_t held = dns_hosts_bytes(r->hosts), told = r->bytes;
		dns_hosts_free(r->hosts);
		r->hosts = NULL;
		for (uint64_t most = 1; most < held * 15 / 16; most = most * 3 + 1000) {
			size_t before = mem_bytes();
			assert_false(load_files(r, 1, most));
			assert_int_equal(mem_bytes(), before);
			assert_true(r->bytes >= told && r->bytes < 2 * held);
			assert_non_null(strstr(r->why, "raise limits.dns_hosts_bytes"));
		}
		assert_true(load_files(r, 1, r->bytes));
	}
}

static void test_one_byte_too_few(void **state)
{
	struct hosts_rig *r = *state;

	assert_true(load(r, "0.0.0.0 a.test\n"));
	uint64_t held = dns_hosts_bytes(r->hosts);
	assert_true(load_files(r, 1, held));
	assert_false(load_files(r, 1, held - 1));
}

/* However the names fall among the tables, which each load decides anew. */
static void test_the_told_figure_suffices(void **state)
{
	struct hosts_rig *r = *state;
	struct wr w = wr_of(r->z->line, LINE_MAX_SIZE);

	for (int count = 0; count < 1500; count += count / 8 + 1) {
		w.n = 0;
		for (int i = 0; i < count; i++)
			wr_format(&w, i % 3 ? "name%d.test\n" : "1.1.1.1 name%d.example\n", i);
		write_file(r, 0, w.p, w.n);
		assert_true(load_files(r, 1, ENOUGH));
		uint64_t told = r->bytes;
		for (int i = 0; i < 10; i++) {
			assert_true(load_files(r, 1, told));
			assert_int_equal(r->bytes, told);
		}
	}
}

static void test_out_of_memory(void **state)
{
	struct hosts_rig *r = *state;
	uint64_t n = 0;
	bool good;

	assert_true(load(r, "1.1.1.1 a.test b.test\n::1 c.test\n0.0.0.0 d.test\n"));
	dns_hosts_free(r->hosts);
	r->hosts = NULL;
	size_t before = mem_blocks();
	do {
		mem_fail_nth(++n);
		good = load_files(r, 1, ENOUGH);
		bool failed = mem_fail_nth(0) == 0;
		assert_int_equal(good, !failed);
		if (!good) {
			assert_non_null(strstr(r->why, "out of memory"));
			assert_int_equal(mem_blocks(), before);
		}
	} while (!good);
	assert_true(n > 5);
	expect_a(r, "b.test", "01010101");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(test_hosts_file),
		TEST(test_all_addresses_of_a_name),
		TEST(test_most_addresses_of_a_name),
		TEST(test_blocked),
		TEST(test_list_of_names),
		TEST(test_reverse),
		TEST(test_several_files),
		TEST(test_system),
		TEST(test_bad_files),
		TEST(test_no_file),
		TEST(test_many_names),
		TEST(test_too_many),
		TEST(test_one_byte_too_few),
		TEST(test_the_told_figure_suffices),
		TEST(test_out_of_memory),
	};
	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
