/* What `show` prints, at several widths. */
#include "tests/unit/main.h"
#include "tests/unit/print_rig.h"

#define DOMAIN                                                                                     \
	"{\"name\":\"alfis.ygg\",\"subdomain\":\"www\",\"identity\":\"370114213C433CB9\","         \
	"\"zone\":\"ygg\",\"state\":\"alive\",\"registered\":true,\"confirmed\":true,"             \
	"\"resolves\":true,\"as_of_height\":60,\"as_of_timestamp\":1799990000,"                    \
	"\"owner\":\"D7C493554F092399\",\"block\":52,\"registered_block\":45,"                     \
	"\"expires_timestamp\":1814256000,\"free_from_timestamp\":1816848000,"                     \
	"\"history_total\":3,\"history\":[{\"block\":52,\"timestamp\":1782720000,"                 \
	"\"event\":\"renewed\",\"owner\":\"D7C493554F092399\"},{\"block\":47,"                     \
	"\"timestamp\":1782710000,\"event\":\"transferred\",\"owner\":\"D7C493554F092399\"}],"     \
	"\"records\":[{\"type\":\"AAAA\",\"domain\":\"@\",\"addr\":\"22a::b4\",\"ttl\":3600},"     \
	"{\"type\":\"TXT\",\"domain\":\"пример\",\"data\":\"a\\u001b[2J\",\"ttl\":60},"      \
	"{\"type\":\"SRV\",\"domain\":\"_x._tcp\",\"priority\":1,\"weight\":2,\"port\":443,"       \
	"\"host\":\"h.ygg\",\"ttl\":5},{\"type\":\"TLSA\",\"domain\":\"*\","                       \
	"\"certificate_usage\":3,\"selector\":1,\"matching_type\":1,\"data\":[1,255],\"ttl\":5}]," \
	"\"info\":\"hello\",\"contacts\":[{\"name\":\"mail\",\"value\":\"a@b\"}]}"

static const char wide[] =
	"www is a name inside of alfis.ygg\n"
	"alfis.ygg  alive, expires 2027-06-29 08:00 UTC (in 165 d), owner D7C49355…, registered in "
	"block 45\n"
	"renewal   by its owner at any time until 2027-07-29 08:00 UTC, then anybody may take it\n"
	"records\n"
	"  @        AAAA  3600  22a::b4\n"
	"  пример   TXT     60  a?[2J\n"
	"  _x._tcp  SRV      5  1 2 443 h.ygg\n"
	"  *        TLSA     5  3 1 1 01FF\n"
	"info      hello\n"
	"contact   mail: a@b\n"
	"history\n"
	"  block 52  2026-06-29 08:00 UTC  renewed, owner D7C49355…\n"
	"  block 47  2026-06-29 05:13 UTC  transferred, owner D7C49355…\n"
	"  and 1 before\n"
	"owner     D7C493554F092399\n"
	"identity  370114213C433CB9\n"
	"as of     block 60 of 2027-01-15 05:13 UTC, 2 h 46 min ago\n";

static void a_domain(void **state)
{
	(void)state;
	assert_string_equal(print_at(print_domain, 200, DOMAIN), wide);
	print_at(print_domain, 60, DOMAIN);
	assert_non_null(
		strstr(printed, "\nalfis.ygg  alive, expires 2027-06-29 08:00 UTC (in 165 d),\n"
				"    owner D7C49355…, registered in block 45\n"
				"renewal   by its owner at any time until 2027-07-29 08:00\n"
				"          UTC, then anybody may take it\n"));
}

static void other_states(void **state)
{
	(void)state;
	assert_string_equal(print_at(print_domain, 80,
				    "{\"name\":\"a.ygg\",\"state\":\"free\",\"registered\":false,"
				    "\"as_of_height\":1500,\"as_of_timestamp\":1799990000}"),
		"a.ygg  free: nobody has registered it\n"
		"as of     block 1,500 of 2027-01-15 05:13 UTC, 2 h 46 min ago\n");
	assert_string_equal(print_at(print_domain, 80,
				    "{\"name\":\"a.ygg\",\"state\":\"free\",\"registered\":false,"
				    "\"as_of_height\":0,\"as_of_timestamp\":0}"),
		"a.ygg  not known: there is no block here yet\n");
	print_at(print_domain, 200,
		"{\"name\":null,\"identity\":\"0123456789\",\"state\":\"expired\","
		"\"registered\":true,\"expires_timestamp\":1799990000,\"owner\":\"AB\","
		"\"records\":null}");
	assert_non_null(strstr(printed, "01234567…  expired 2027-01-15 05:13 UTC (2 h 46 min "
					"ago), owner AB, "));
	assert_non_null(strstr(printed, "\nrecords   too many to show"));
	print_at(print_domain, 200,
		"{\"name\":\"a.b\",\"state\":\"alive\",\"registered\":true,\"confirmed\":false}");
	assert_non_null(strstr(printed, "\nit does not resolve: its confirmation"));
	print_at(print_domain, 200,
		"{\"name\":\"a.b\",\"state\":\"alive\",\"registered\":true,\"confirmed\":true,"
		"\"resolves\":false}");
	assert_non_null(strstr(printed, "\nit resolves as soon as there is another block\n"));
}

/* Longer than any line: the beginning is shown. */
static void a_long_text(void **state)
{
	static char json[70000];
	size_t n = (size_t)snprintf(json, sizeof json,
		"{\"name\":\"a.b\",\"registered\":true,\"records\":[{\"type\":\"TXT\","
		"\"domain\":\"@\",\"ttl\":1,\"data\":\"");

	(void)state;
	memset(json + n, 'x', 60000);
	snprintf(json + n + 60000, 100, "\"}]}");
	print_at(print_domain, 80, json);
	const char *at = strstr(printed, "\n  @  TXT  1  xxx");
	assert_non_null(at);
	assert_int_equal(strspn(strchr(at, 'x'), "x"), 1024);
	assert_memory_equal(strchr(at, 'x') + 1024, "…\n", 4);
}

static void blocks(void **state)
{
	(void)state;
	assert_string_equal(
		print_at(print_block, 80,
			"{\"index\":46,\"timestamp\":1799990000,\"version\":1,"
			"\"difficulty\":16,\"nonce\":9,\"hash\":\"00AB\","
			"\"prev_block_hash\":\"00AA\",\"pub_key\":\"6E24\",\"bytes\":432}"),
		"block 46 of 2027-01-15 05:13 UTC, 2 h 46 min ago: a signing block\n"
		"hash      00AB\n"
		"before    00AA\n"
		"author    6E24\n"
		"size      432 bytes, version 1, difficulty 16, nonce 9\n");
	print_at(print_block, 80,
		"{\"index\":45,\"transaction\":{\"class\":\"domain\",\"signing\":\"D7\","
		"\"records\":[]},\"drawn\":[\"AA\",\"BB\"],\"locked\":false}");
	assert_non_null(strstr(printed, ": a full block\n"));
	assert_non_null(strstr(printed,
		"\nclass     domain\nowner     D7\nrecords   none\n"
		"locked    no: it waits for signatures\ndrawn     AA\ndrawn     BB\n"));
}

static void keys_and_the_chain(void **state)
{
	(void)state;
	assert_string_equal(
		print_at(print_key, 80,
			"{\"pub_key\":\"AB\",\"blocks\":12345,\"last_full_block\":0,\"banned\":true}"),
		"key       AB\n"
		"blocks    12,345\n"
		"full      none of them has a transaction\n"
		"banned    yes: the chain draws it no more\n");
	assert_string_equal(
		print_at(print_chain, 80,
			"{\"origin\":\"00\",\"height\":22522,\"tip\":\"FF\",\"timestamp\":1799990000,"
			"\"last_full_block\":22520,\"authors\":412,\"banned_signers\":3}"),
		"origin    00\n"
		"height    22,522\n"
		"tip       FF\n"
		"tip of    2027-01-15 05:13 UTC, 2 h 46 min ago\n"
		"full      block 22520 is the last one with a transaction\n"
		"authors   412\n"
		"banned    3 signers\n");
	assert_string_equal(print_at(print_chain, 80,
				    "{\"origin\":\"00\",\"height\":0,\"tip\":\"\",\"timestamp\":0,"
				    "\"last_full_block\":0,\"authors\":0,\"banned_signers\":0}"),
		"origin    00\n"
		"height    0\n"
		"full      none of them has a transaction\n"
		"authors   0\n"
		"banned    0 signers\n");
}

static void names_of_a_key(void **state)
{
	(void)state;
	assert_string_equal(
		print_at(print_owned, 200,
			"{\"domains\":[{\"identity\":\"370114213C433CB9AE6F\",\"zone\":\"ygg\","
			"\"state\":\"alive\",\"records\":1,\"block\":52,"
			"\"resolves_from_next_block\":true,\"changed_timestamp\":1799990000,\"expires_timestamp\":1814256000,"
			"\"shown_by_0_10_timestamp\":1814256000},{\"identity\":\"AB\","
			"\"zone\":\"mob\",\"changed_timestamp\":1799990000,\"state\":\"free\",\"records\":0,\"block\":7,"
			"\"expires_timestamp\":1799990000,\"shown_by_0_10_timestamp\":1799880000}],"
			"\"domains_total\":3,\"cut\":true,\"as_of_height\":60,"
			"\"as_of_timestamp\":1799990000}"),
		"370114213C433CB9…  ygg  alive, expires 2027-06-29 08:00 UTC (in 165 d), 1 record, "
		"changed 2027-01-15 05:13 UTC in block 52, resolves from the next block on\n"
		"AB…  mob  free, expired 2027-01-15 05:13 UTC (2 h 46 min ago), 0.10 shows "
		"2027-01-13 22:40 UTC, 0 records, changed 2027-01-15 05:13 UTC in block 7\n"
		"3 in all; the list is too long to show\n"
		"as of block 60 of 2027-01-15 05:13 UTC\n");
	assert_string_equal(print_at(print_owned, 80, "{\"domains\":[],\"domains_total\":0}"),
		"this key owns no name\n");
}

/* What they are called, or why that is not known; what others wrote cannot control the terminal. */
static void own_names(void **state)
{
#define DATES                                                                                      \
	"\"state\":\"alive\",\"records\":2,\"block\":9,\"changed_timestamp\":1799990000,"          \
	"\"expires_timestamp\":1814256000,\"shown_by_0_10_timestamp\":1814256000"
	(void)state;
	assert_string_equal(
		print_at(print_owned, 200,
			"{\"domains\":[{\"name\":\"\",\"name_reason\":\"unverified: x\",\"claimed_name\":"
			"\"\\u001b[2Jb\\u000a.ygg\",\"key\":\"two\",\"identity\":\"AB\",\"zone\":"
			"\"y\\u001bgg\"," DATES
			"},{\"name\":\"a.ygg\",\"name_reason\":\"\",\"key\":\"main\"," DATES
			"}],\"domains_total\":2,\"keys_total\":2}"),
		"a.ygg  alive, expires 2027-06-29 08:00 UTC (in 165 d), key main, 2 records, "
		"changed 2027-01-15 05:13 UTC in block 9\n"
		"AB…  y?gg  alive, expires 2027-06-29 08:00 UTC (in 165 d), key two, 2 records, "
		"changed 2027-01-15 05:13 UTC in block 9; unverified: x; it says \"?[2Jb?.ygg\"\n");
	assert_string_equal(print_at(print_owned, 80, "{\"domains\":[],\"keys_total\":2}"),
		"these keys own no name\n");
}

static void a_check(void **state)
{
	(void)state;
	assert_string_equal(print_at(print_check, 80,
				    "{\"name\":\"a.ygg\",\"may_mine\":true,\"refusals\":[],"
				    "\"difficulty_text\":\"difficulty 24: a new name\","
				    "\"difficulty\":24,\"hashes_a_second\":620,"
				    "\"mean_hashes\":1290555.0769,\"waits_for_block\":7,"
				    "\"as_of_height\":60,\"as_of_timestamp\":1799990000}"),
		"a.ygg: may be mined\n"
		"difficulty 24: a new name, 1,290,555 hashes on average\n"
		"it takes 34 min on average at 620 hashes/s: half of all searches end within 24\n"
		"    min, nine of ten within 1 h 19 min\n"
		"not before block 7 has its signatures\n"
		"as of block 60 of 2027-01-15 05:13 UTC\n");
	assert_string_equal(print_at(print_check, 80,
				    "{\"name\":\"a.ygg\",\"may_mine\":false,\"refusals\":["
				    "{\"text\":\"a.ygg: taken\"},{\"text\":\"a.ygg: key\"}],"
				    "\"difficulty_text\":\"x\",\"waits_for_block\":7}"),
		"a.ygg: taken\na.ygg: key\n");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_check),
		cmocka_unit_test(names_of_a_key),
		cmocka_unit_test(own_names),
		cmocka_unit_test(a_domain),
		cmocka_unit_test(other_states),
		cmocka_unit_test(a_long_text),
		cmocka_unit_test(blocks),
		cmocka_unit_test(keys_and_the_chain),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
