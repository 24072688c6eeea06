/* Records in presentation form: all types that are known, any other, and data that is of no form.
 */
#include "dns/text.h"
#include "tests/unit/dns_rig.h"

static char text[1 << 16];

/* The data as text; the message is the header, a question for "a.b" and the data. */
static const char *shown_in(uint16_t type, const char *data, size_t n, size_t room)
{
	static uint8_t message[4096];
	static const char question[] = "\1a\1b\0\0\1\0\1";
	const size_t at = 12 + sizeof question - 1;
	struct slice all = slice_of(message, at + n + 8); /* there is more behind it */
	struct wr w = wr_of(text, room);
	struct rd r = rd_of(all);

	memset(message, 0, sizeof message);
	message[5] = 1;
	memcpy(message + 12, question, sizeof question - 1);
	memcpy(message + at, data, n);
	assert_true(dns_text_skip_questions(&r, all));
	const struct dns_text_record rec = {.type = type, .data = r, .size = n};
	dns_text_data(&rec, all, &w);
	text[w.n] = 0;
	return w.bad ? NULL : text;
}

#define SHOWN(type, data) shown_in(type, data, sizeof(data) - 1, sizeof text - 1)

static void known_types(void **state)
{
	(void)state;
	assert_string_equal(SHOWN(DNS_TYPE_A, "\xC0\0\2\1"), "192.0.2.1");
	assert_string_equal(SHOWN(DNS_TYPE_AAAA, "\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"), "200::1");
	assert_string_equal(SHOWN(DNS_TYPE_NS, "\2ns\xC0\x0C"), "ns.a.b.");
	assert_string_equal(SHOWN(DNS_TYPE_CNAME, "\0"), ".");
	assert_string_equal(SHOWN(DNS_TYPE_MX, "\0\12\xC0\x0C"), "10 a.b.");
	assert_string_equal(SHOWN(DNS_TYPE_SRV, "\0\1\0\2\x1F\x90\xC0\x0E"), "1 2 8080 b.");
	assert_string_equal(SHOWN(DNS_TYPE_SOA, "\xC0\x0C\xC0\x0E\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4"
						"\xFF\xFF\xFF\xFF"),
		"a.b. b. 1 2 3 4 4294967295");
	assert_string_equal(SHOWN(DNS_TYPE_TLSA, "\3\1\1\xAB\xCD"), "3 1 1 ABCD");
	assert_string_equal(SHOWN(DNS_TYPE_DS, "\0\1\10\2\xAB"), "1 8 2 AB");
	assert_string_equal(SHOWN(257, "\0\5issueca.example"), "0 issue \"ca.example\"");
	assert_string_equal(SHOWN(DNS_TYPE_HINFO, "\3CPU\0"), "\"CPU\" \"\"");
}

static void strings(void **state)
{
	(void)state;
	assert_string_equal(SHOWN(DNS_TYPE_TXT, "\5hello\0"), "\"hello\" \"\"");
	assert_string_equal(
		SHOWN(DNS_TYPE_TXT, "\7a\"\\\0\x7F\xFF;"), "\"a\\\"\\\\\\000\\127\\255;\"");
}

static void other_types(void **state)
{
	(void)state;
	assert_string_equal(SHOWN(65280, "\xAB\1"), "\\# 2 AB01");
	assert_string_equal(SHOWN(65280, ""), "\\# 0");
	assert_string_equal(SHOWN(10, "x"), "\\# 1 78");
}

/* Too short, too long, a name that is none or ends behind the data. */
static void of_no_form(void **state)
{
	(void)state;
	assert_string_equal(SHOWN(DNS_TYPE_A, "\1\2\3"), "\\# 3 010203");
	assert_string_equal(SHOWN(DNS_TYPE_A, "\1\2\3\4\5"), "\\# 5 0102030405");
	assert_string_equal(SHOWN(DNS_TYPE_TXT, ""), "\\# 0");
	assert_string_equal(SHOWN(DNS_TYPE_TXT, "\3ab"), "\\# 3 036162");
	assert_string_equal(SHOWN(DNS_TYPE_MX, "\0\12"), "\\# 2 000A");
	assert_string_equal(SHOWN(DNS_TYPE_MX, "\0\12\1a"), "\\# 4 000A0161");
	assert_string_equal(SHOWN(DNS_TYPE_NS, "\xFF\xFF"), "\\# 2 FFFF");
	assert_string_equal(SHOWN(DNS_TYPE_NS, "\xC0\x0C\0"), "\\# 3 C00C00");
	assert_string_equal(SHOWN(DNS_TYPE_SOA, "\0\0\0\0\0\1"), "\\# 6 000000000001");
	assert_string_equal(SHOWN(257, "\0\11issue"), "\\# 7 00096973737565");
}

static void no_room(void **state)
{
	(void)state;
	for (size_t room = 0; room < 9; room++)
		assert_null(shown_in(DNS_TYPE_A, "\xC0\0\2\1", 4, room));
	assert_non_null(shown_in(DNS_TYPE_A, "\xC0\0\2\1", 4, 10));
	assert_null(shown_in(65280, "\xC0\0\2\1", 4, 10));
}

static void records_one_by_one(void **state)
{
	static const char message[] = "\0\0\0\0\0\1\0\2\0\0\0\0\1a\0\0\1\0\1"
				      "\xC0\x0C\0\1\0\1\0\0\0\5\0\4\1\2\3\4"
				      "\1b\0\0\x10\0\1\x80\0\0\0\0\0";
	struct slice all = slice_of(message, sizeof message - 1);
	struct dns_text_record rec;
	struct rd r = rd_of(all);
	(void)state;

	assert_true(dns_text_skip_questions(&r, all));
	assert_true(dns_text_next(&r, all, &rec));
	assert_int_equal(rec.type, DNS_TYPE_A);
	assert_int_equal(rec.ttl, 5);
	assert_int_equal(rec.size, 4);
	assert_true(dns_text_next(&r, all, &rec));
	assert_int_equal(rec.type, DNS_TYPE_TXT);
	assert_int_equal(rec.ttl, 0x80000000);
	assert_false(dns_text_next(&r, all, &rec));
	for (size_t n = 0; n < all.n; n++) { /* cut anywhere: one of the three fails */
		struct slice cut = slice_of(message, n);
		r = rd_of(cut);
		assert_false(dns_text_skip_questions(&r, cut) && dns_text_next(&r, cut, &rec) &&
			     dns_text_next(&r, cut, &rec));
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_types),
		cmocka_unit_test(strings),
		cmocka_unit_test(other_types),
		cmocka_unit_test(of_no_form),
		cmocka_unit_test(no_room),
		cmocka_unit_test(records_one_by_one),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
