/* The text of a sealed key file: both ways, and every fault of it. */
#include "base/hex.h"
#include "owner/key_file.h"
#include "tests/unit/main.h"

#define HEX32  "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF"
#define SALT   "0102030405060708090A0B0C0D0E0F10"
#define NONCE  SALT "1112131415161718"
#define SEALED HEX32 HEX32 "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF"

static const char good[] =
	"alfisd key 1\nsigning " HEX32 "\nencryption " HEX32 "\nargon2id 16384 40\nsalt " SALT
	"\nnonce " NONCE "\nsealed " SEALED "\n";

static void check_good(const char *text)
{
	struct key_file f;
	char why[KEY_ERROR_MAX], again[KEY_FILE_MAX + 1];
	struct wr w = wr_of(again, KEY_FILE_MAX);

	assert_int_equal(key_file_decode(slice_str(text), &f, why), ERR_OK);
	assert_string_equal(why, "");
	assert_int_equal(f.cost.memory, 16384);
	assert_int_equal(f.cost.passes, 40);
	assert_int_equal(f.pub.encryption[1], 0x11);
	assert_int_equal(f.salt[0], 1);
	assert_int_equal(f.nonce[23], 0x18);
	assert_int_equal(f.sealed[79], 0xAF);
	key_file_encode(&f, &w);
	again[wr_done(&w).n] = '\0';
	assert_string_equal(again, good);
}

static void test_both_ways(void **state)
{
	(void)state;
	check_good(good);
}

/* A text editor or mail may have changed these; what is sealed stays the same. */
static void test_lower_case_and_cr_lf(void **state)
{
	char text[2 * KEY_FILE_MAX];
	size_t n = 0;

	(void)state;
	for (const char *p = good; *p; p++) {
		if (*p == '\n')
			text[n++] = '\r';
		text[n++] = *p >= 'A' && *p <= 'F' ? (char)(*p + 32) : *p;
	}
	text[n] = '\0';
	check_good(text);
}

static void check_bad(const char *text, const char *says)
{
	struct key_file f;
	char why[KEY_ERROR_MAX];

	assert_int_equal(key_file_decode(slice_str(text), &f, why), ERR_MALFORMED);
	assert_string_equal(why, says);
}

/* The good text with one part of it replaced. */
static void check_changed(const char *from, const char *to, const char *says)
{
	char text[2 * KEY_FILE_MAX];
	const char *at = strstr(good, from);

	assert_non_null(at);
	snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
	check_bad(text, says);
}

/* Every length but the whole is refused, and says that it is cut. */
static void test_truncated(void **state)
{
	char why[KEY_ERROR_MAX];
	struct key_file f;

	(void)state;
	for (size_t n = 0; n < strlen(good); n++) {
		assert_int_equal(key_file_decode(slice_of(good, n), &f, why), ERR_MALFORMED);
		assert_non_null(strstr(why, "the file is cut"));
	}
}

static void test_every_line_is_judged(void **state)
{
	(void)state;
	check_changed("key 1", "key 2",
		"line 1: a sealed key of another version: this program reads version 1");
	check_changed("alfisd key 1", "encrypted = false",
		"line 1: not a sealed key: it should be \"alfisd key 1\"");
	check_changed("signing", "signer", "line 2: should begin with \"signing \"");
	check_changed("signing 00", "signing ", "line 2: signing should have 64 hex digits");
	check_changed("signing 00", "signing 0G", "line 2: signing should have 64 hex digits");
	check_changed(
		"encryption 00", "encryption 0000", "line 3: encryption should have 64 hex digits");
	check_changed("salt 01", "salt 0", "line 5: salt should have 32 hex digits");
	check_changed("nonce 01", "nonce  01", "line 6: nonce should have 48 hex digits");
	check_changed("sealed 00", "sealed 00 ", "line 7: sealed should have 160 hex digits");
	check_changed("AEAF\n", "AEAF\n\n", "line 8: nothing may stand behind the sealed line");
}

static void test_numbers_of_the_cost(void **state)
{
	static const char *const bad[] = {"", "16384", "16384 ", "16384  40", "016384 40",
		"16384 04", "16384 -4", "16384 40 ", "16384 0", "0 40", "1638400000 40",
		"16384 40x", " 16384 40"};
	char line[64];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(line, sizeof line, "argon2id %s\n", bad[i]);
		check_changed("argon2id 16384 40\n", line,
			"line 4: argon2id should have two numbers, KiB of memory and passes");
	}
	check_changed("16384 40", "16384 1001",
		"line 4: argon2id with 16384 KiB and 1001 passes is more than 1048576 KiB and 1000 "
		"passes");
	check_changed("16384 40", "16384 2",
		"line 4: argon2id with 16384 KiB and 2 passes is too weak: at least 7168 KiB and 5 "
		"passes, 12288 and 3, or 19456 and 2");
}

static bool allowed(uint32_t memory, uint32_t passes)
{
	char why[KEY_ERROR_MAX];

	return key_cost_is_allowed((struct key_cost){memory, passes}, why);
}

static void test_costs(void **state)
{
	(void)state;
	assert_true(allowed(7168, 5) && allowed(12288, 3) && allowed(19456, 2));
	assert_false(allowed(7167, 5) || allowed(7167, 1000) || allowed(7168, 4));
	assert_false(allowed(12287, 3) || allowed(12288, 2) || allowed(19455, 2));
	assert_false(allowed(19456, 1) || allowed(1048576, 1) || allowed(0, 0));
	assert_true(allowed(1048576, 1000));
	assert_false(allowed(1048577, 2) || allowed(UINT32_MAX, UINT32_MAX));
}

static void test_names(void **state)
{
	static const char *const fine[] = {"main", "a", "0", "key1.old", "A-b_c.d",
		"123456789012345678901234567890123456789012345678"};
	static const char *const bad[] = {"", ".", "..", ".x", "-x", "_x", "a/b", "a b", "a\n", "ä",
		"1234567890123456789012345678901234567890123456789"};

	(void)state;
	for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
		assert_true(key_name_is_valid(slice_str(fine[i])));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(key_name_is_valid(slice_str(bad[i])));
	assert_false(key_name_is_valid(slice_of("a\0b", 3)));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_lower_case_and_cr_lf),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_every_line_is_judged),
		cmocka_unit_test(test_numbers_of_the_cost),
		cmocka_unit_test(test_costs),
		cmocka_unit_test(test_names),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
