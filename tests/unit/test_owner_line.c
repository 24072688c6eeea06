/* Owner lines: what is written is read, a changed one is refused, and so are keys that nobody can
 * own. */
#include <stdio.h>
#include <string.h>

#include "chain/ecies.h"
#include "owner/owner_line.h"
#include "tests/unit/main.h"
#include "tests/unit/russian.h"
#include "tests/unit/unhex.h"

#define SIGNING    "AEACC27246685895809E0A7C1C82D250C2E2A141ACB98628B73C23CF048D6240"
#define ENCRYPTION "2D72D092854B8C645AAA68805A9B4F50646FE8FFD73008DE7CF090E0F630F09E"

static const char line[] = "alfis1:" SIGNING ":" ENCRYPTION ":1C5B0ED3";
static char why[KEY_ERROR_MAX];

static struct key_public keys(const char *signing, const char *encryption)
{
	struct key_public k;

	memcpy(k.signing, unhex(signing).p, 32);
	memcpy(k.encryption, unhex(encryption).p, 32);
	return k;
}

static void assert_read(const char *text)
{
	struct key_public k, expected = keys(SIGNING, ENCRYPTION);

	if (!owner_line_read(slice_str(text), &k, why))
		fail_msg("%s: %s", text, why);
	assert_memory_equal(&k, &expected, sizeof k);
}

static void assert_refused(const char *text, const char *word)
{
	struct key_public k;

	if (owner_line_read(slice_str(text), &k, why))
		fail_msg("%s was taken", text);
	if (!strstr(why, word))
		fail_msg("%s: %s", text, why);
	assert_has_russian(why);
}

static void what_is_written_is_read(void **state)
{
	struct key_public k = keys(SIGNING, ENCRYPTION);
	char text[OWNER_LINE_SIZE];
	(void)state;

	owner_line_write(&k, text);
	assert_string_equal(text, line);
	assert_read(line);
}

static void it_may_come_from_a_letter(void **state)
{
	char lower[sizeof line];
	(void)state;

	for (size_t i = 0; i < sizeof line; i++)
		lower[i] = line[i] >= 'A' && line[i] <= 'F' ? (char)(line[i] + 32) : line[i];
	assert_read(lower);
	assert_read("  \talfis1:" SIGNING ":" ENCRYPTION ":1C5B0ED3\r\n");
	assert_read(SIGNING ":" ENCRYPTION);
	assert_read(SIGNING "  " ENCRYPTION "\n");
}

static void what_is_missing_is_said(void **state)
{
	(void)state;
	assert_refused("", "signing key");
	assert_refused("main", "signing key");
	assert_refused("alfis2:" SIGNING ":" ENCRYPTION ":1C5B0ED3", "signing key");
	assert_refused(SIGNING, "encryption key");
	assert_refused(SIGNING "00:" ENCRYPTION, "signing key");
	assert_refused(SIGNING ENCRYPTION, "signing key");
	assert_refused(SIGNING ":" ENCRYPTION "00", "encryption key");
	assert_refused(SIGNING ":" ENCRYPTION ":1C5B0ED3", "behind");
	assert_refused("alfis1:" SIGNING ":" ENCRYPTION, "check");
	assert_refused("alfis1:" SIGNING ":" ENCRYPTION ":", "check");
	assert_refused("alfis1:" SIGNING ":" ENCRYPTION ":1C5B0E", "check");
	assert_refused("alfis1:" SIGNING ":" ENCRYPTION ":1C5B0ED3:", "check");
	assert_refused("alfis1:" SIGNING ":" ENCRYPTION ":1C5B0ED3 x", "check");
}

/* One digit that is another, wherever it is. */
static void a_slip_is_noticed(void **state)
{
	char text[sizeof line];
	struct key_public k;
	(void)state;

	for (size_t i = strlen("alfis1:"); line[i]; i++) {
		if (line[i] == ':')
			continue;
		memcpy(text, line, sizeof line);
		text[i] = line[i] == '7' ? '8' : '7';
		if (owner_line_read(slice_str(text), &k, why))
			fail_msg("digit %zu may be another", i);
	}
}

/* The points of small order, canonical or not. */
static void nobody_owns_a_point_of_small_order(void **state)
{
	static const char *const small[] = {
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0000000000000000000000000000000000000000000000000000000000000080",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	(void)state;

	for (size_t i = 0; i < sizeof small / sizeof small[0]; i++) {
		struct key_public k = keys(small[i], ENCRYPTION);
		if (!ecies_is_small_order(k.signing) || owner_keys_check(&k, why))
			fail_msg("%s is taken for a signing key", small[i]);
		k = keys(SIGNING, small[i]);
		assert_false(owner_keys_check(&k, why));
	}
	assert_false(ecies_is_small_order(unhex(SIGNING).p));
}

static void a_key_is_a_point(void **state)
{
	static const char none[] =
		"0200000000000000000000000000000000000000000000000000000000000000";
	(void)state;

	assert_refused(
		"0200000000000000000000000000000000000000000000000000000000000000:" ENCRYPTION,
		"no point");
	struct key_public k = keys(SIGNING, none);
	assert_false(owner_keys_check(&k, why));
	assert_non_null(strstr(why, "encryption key is no key"));
	assert_false(ecies_is_small_order(unhex(none).p));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(it_may_come_from_a_letter),
		cmocka_unit_test(what_is_missing_is_said),
		cmocka_unit_test(a_slip_is_noticed),
		cmocka_unit_test(nobody_owns_a_point_of_small_order),
		cmocka_unit_test(a_key_is_a_point),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
