/* Changes of a name's data: what is not named stays exactly as it is. */
#include "owner/zone_edit.h"
#include "base/mem.h"
#include "tests/unit/main.h"

#define BEFORE                                                                                     \
	"{\"encrypted\":\"AB\",\"zone\":\"ygg\",\"info\":\"a\\u00e4\\n\",\"records\":["            \
	"{\"type\":\"OPT\",\"packet_len\":1,\"flags\":0,\"data\":\"x\"},"                          \
	"{\"type\":\"AAAA\",\"domain\":\"www\",\"addr\":\"200::1\",\"ttl\":60},"                   \
	"{\"type\":\"AAAA\",\"domain\":\"www\",\"addr\":\"200::2\",\"ttl\":60},"                   \
	"{\"type\":\"TXT\",\"domain\":\"@\",\"data\":\"t\",\"ttl\":60}],"                          \
	"\"contacts\":[{\"name\":\"E-mail\",\"value\":\"a%40b\"},{\"name\":\"\",\"value\":\"x\"}]}"

static struct zone_text *z;

static int setup(void **state)
{
	(void)state;
	return zone_text_new(slice_str("example.ygg"), &z) != ERR_OK;
}

static int teardown(void **state)
{
	(void)state;
	zone_text_free(z);
	return mem_blocks() != 0;
}

static struct zone_edit *begin(const char *data)
{
	struct zone_edit *e;

	assert_int_equal(zone_edit_new(slice_str(data), slice_str("ygg"), &e), ERR_OK);
	return e;
}

static void add(void *ctx, struct slice json)
{
	assert_true(zone_edit_add(ctx, json));
}

static void add_line(struct zone_edit *e, const char *line)
{
	struct zone_error error;

	assert_true(zone_text_read(z, slice_str(line), ZONE_LINE, add, e, &error));
}

static unsigned remove_line(struct zone_edit *e, const char *line)
{
	struct zone_error error;
	struct zone_pattern p;

	assert_true(zone_text_pattern(z, slice_str(line), &p, &error));
	return zone_edit_remove(e, &p);
}

/* Ends the change, and compares the data as lines. */
static void assert_lines(struct zone_edit *e, const char *lines)
{
	static char data[ZONE_EDIT_BYTES], text[ZONE_EDIT_BYTES];
	struct wr w = wr_of(data, sizeof data), dump = wr_of(text, sizeof text - 1);

	zone_edit_write(e, &w);
	assert_false(w.bad);
	assert_true(zone_dump(z, wr_done(&w), &dump));
	text[dump.n] = 0;
	assert_string_equal(text, lines);
	zone_edit_free(e);
}

#define OPT  "; {\"type\":\"OPT\",\"packet_len\":1,\"flags\":0,\"data\":\"x\"}\n"
#define REST "; contact E-mail: a%40b\n; contact : x\n; info a\\u00e4\\n\n"

static void test_nothing(void **state)
{
	static char data[ZONE_EDIT_BYTES];
	struct wr w = wr_of(data, sizeof data);
	struct zone_edit *e = begin(BEFORE);
	(void)state;

	/* Byte for byte but for the name, which is encrypted anew. */
	zone_edit_write(e, &w);
	assert_int_equal(w.n, strlen(BEFORE) - 2);
	assert_memory_equal(data + 14, &BEFORE[16], w.n - 14);
	zone_edit_free(e);
	assert_lines(begin(""), "");
}

static void test_records(void **state)
{
	struct zone_edit *e = begin(BEFORE);
	(void)state;

	add_line(e, "www AAAA 200::1 300"); /* another TTL: in its place */
	add_line(e, "@ TXT \"t\" 60");      /* there already */
	add_line(e, "mail MX 10 mail");
	assert_int_equal(remove_line(e, "www AAAA 200::2 7"), 1);
	assert_int_equal(remove_line(e, "www A"), 0);
	assert_lines(e, OPT "www 300 AAAA 200::1\n@ 60 TXT \"t\"\n"
			    "mail 3600 MX 10 mail.example.ygg.\n" REST);
	e = begin(BEFORE);
	assert_int_equal(remove_line(e, "WWW AAAA"), 2);
	assert_lines(e, OPT "@ 60 TXT \"t\"\n" REST);
	e = begin(BEFORE);
	zone_edit_clear(e, z);
	add_line(e, "@ A 1.2.3.4");
	assert_lines(e, OPT "@ 3600 A 1.2.3.4\n" REST);
	e = begin("");
	add_line(e, "w AAAA 200::1");
	add_line(e, "ww AAAA 200::1");
	assert_int_equal(remove_line(e, "w AAAA"), 1);
	assert_lines(e, "ww 3600 AAAA 200::1\n");
}

static void test_texts(void **state)
{
	struct zone_edit *e = begin(BEFORE);
	(void)state;

	assert_true(zone_edit_info(e, slice_str("two\nlines")));
	assert_true(zone_edit_contact(e, slice_str(" E-mail "), slice_str("me@example.ygg")));
	assert_true(zone_edit_contact(e, slice_str("XMPP ä"), slice_str("x (y)")));
	assert_false(zone_edit_contact(e, slice_str(" "), slice_str("x")));
	assert_false(zone_edit_info(e, slice_str("\xFF")));
	zone_edit_clear(e, z);
	assert_lines(e, OPT "; contact E-mail: me%40example.ygg\n; contact : x\n"
			    "; contact XMPP%20%C3%A4: x%20(y)\n; info two\\nlines\n");
	e = begin(BEFORE);
	zone_edit_clear(e, z);
	assert_true(zone_edit_info(e, slice_str("")));
	assert_true(zone_edit_contact(e, slice_str("E-mail"), slice_str("")));
	assert_true(zone_edit_contact(e, slice_str("none"), slice_str("")));
	assert_lines(e, OPT "; contact : x\n");
}

static void test_bounds(void **state)
{
	static char text[ZONE_EDIT_BYTES + 100];
	struct zone_edit *e;
	(void)state;

	assert_int_equal(zone_edit_new(slice_str("{"), slice_str("ygg"), &e), ERR_MALFORMED);
	assert_null(e);
	memset(text, 'z', sizeof text);
	assert_int_equal(zone_edit_new(slice_str(""), slice_of(text, 64), &e), ERR_TOO_BIG);
	int n = snprintf(text, sizeof text, "{\"encrypted\":\"\",\"zone\":\"x\",\"info\":\"");
	memset(text + n, 'a', ZONE_EDIT_BYTES - 1);
	strcpy(text + n + ZONE_EDIT_BYTES - 1, "\"}");
	assert_int_equal(zone_edit_new(slice_str(text), slice_str("x"), &e), ERR_OK);
	assert_true(zone_edit_info(e, slice_of(text + n, ZONE_EDIT_BYTES - 1)));
	assert_false(zone_edit_info(e, slice_of(text + n, ZONE_EDIT_BYTES)));
	zone_edit_free(e);
	memset(text + n, 'a', ZONE_EDIT_BYTES);
	strcpy(text + n + ZONE_EDIT_BYTES, "\"}");
	assert_int_equal(zone_edit_new(slice_str(text), slice_str("x"), &e), ERR_TOO_BIG);
	assert_null(e);
	mem_fail_nth(1);
	assert_int_equal(zone_edit_new(slice_str(""), slice_str("x"), &e), ERR_NOMEM);
	assert_null(e);
}

static void assert_diff(const char *before, const char *after, const char *diff)
{
	char text[256];
	struct wr w = wr_of(text, sizeof text - 1);

	zone_diff(slice_str(before), slice_str(after), &w);
	text[w.n] = 0;
	assert_string_equal(text, diff);
}

static void test_diff(void **state)
{
	(void)state;

	assert_diff("", "", "");
	assert_diff("a\nb\nc\n", "a\nd\nc\n", "  a\n- b\n  c\n+ d\n");
	assert_diff("a\na\n", "a\n", "  a\n- a\n");
	assert_diff("a\n", "a\na\n", "  a\n+ a\n");
	assert_diff("", "a\n", "+ a\n");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_diff),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, setup, teardown);
}
