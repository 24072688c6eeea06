/* Requests for names: every refusal and its words, the difficulty, the transaction (protocol.md
 * 10.2). */
#include "tests/unit/draft_rig.h"
#include "tests/unit/main.h"

static void test_names(void **state)
{
	static const char *const rows[][2] = {
		{"ünï.ygg",
			"ünï.ygg: names are ASCII: letters a to z, digits and hyphens (names that "
			"begin with xn-- cannot be had, either)"},
		{"a_b.ygg", "a_b.ygg: names have letters, digits and hyphens alone"},
		{"a..ygg", "a..ygg: has two dots in a row, or a hyphen alone between them"},
		{"a--b.ygg", "a--b.ygg: has two hyphens in a row, or a dot alone between them"},
		{"-ab.ygg", "-ab.ygg: begins or ends with a dot or a hyphen"},
		{"77.ygg", "77.ygg: names of digits alone have three of them at least"},
		{"\xFF.ygg", "is longer than 255 bytes, or is no text"},
	};
	char long_name[DRAFT_NAME_MAX + 2];
	struct fixture f;
	(void)state;

	owner_start(&f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_refused(&f, rows[i][0], YGG, DRAFT_NAME, rows[i][1]);
	memset(long_name, 'a', sizeof long_name);
	memcpy(long_name + DRAFT_NAME_MAX - 3, ".ygg", 5);
	assert_refused(&f, long_name, YGG, DRAFT_NAME, "is longer than 255 bytes, or is no text");
	assert_refused(&f, "a.com", YGG, DRAFT_ZONE,
		"a.com: there is no zone com; there are anon, btn, conf, index, merch, mirror, mob, "
		"screen, srv, ygg");
	assert_refused(&f, "ygg", YGG, DRAFT_LABELS,
		"ygg: a name is a word and a zone, such as example.ygg");
	assert_refused(&f, "w.x.a.ygg", YGG, DRAFT_LABELS,
		"w.x.a.ygg: names of 4 parts are never resolved; mine a.ygg, and give it records for "
		"w.x");
	long_name[64] = 0;
	strcpy(long_name + 64, ".ygg");
	struct draft_request r = ask(long_name, YGG);
	struct draft *d = open_at(&f, &r, NOW);
	struct draft_refusal refusal;
	assert_int_equal(draft_first(d, false, &refusal), DRAFT_LONG_LABEL);
	draft_free(d);
	strcpy(long_name + 63, ".ygg");
	assert_refused(&f, long_name, YGG, DRAFT_FINE,
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaa.ygg: may be mined");
	assert_refused(&f, "ABC.Ygg", YGG, DRAFT_FINE, "abc.ygg: may be mined");
	assert_refused(&f, "abc.mob", YGG, DRAFT_OTHER_ZONE,
		"abc.mob: the data is for another zone than the name's");
	fixture_end(&f);
}

/* `count` TXT records. */
static void many(char *to, size_t size, unsigned count)
{
	int n = snprintf(to, size, "{\"encrypted\":\"\",\"zone\":\"ygg\",\"records\":[");

	for (unsigned i = 0; i < count; i++)
		n += snprintf(to + n, size - (size_t)n,
			"%s{\"type\":\"TXT\",\"domain\":\"@\",\"data\":\"x\",\"ttl\":60}",
			i ? "," : "");
	snprintf(to + n, size - (size_t)n, "]}");
}

/* One TXT record of so many bytes. */
static void wide(char *to, size_t size, unsigned bytes)
{
	int n = snprintf(to, size, "%s",
		"{\"encrypted\":\"\",\"zone\":\"ygg\",\"records\":[[\"TXT\",\"@\",\"");

	memset(to + n, 'x', bytes);
	snprintf(to + n + bytes, size - (size_t)n - bytes, "\",60]]}");
}

static void test_data(void **state)
{
	static char text[1 << 16];
	struct fixture f;
	(void)state;

	owner_start(&f);
	assert_refused(&f, "abc.ygg", "{}", DRAFT_MALFORMED,
		"abc.ygg: the records are no domain data that the network can read");
	many(text, sizeof text, 31);
	assert_refused(
		&f, "abc.ygg", text, DRAFT_MANY_RECORDS, "abc.ygg: 31 records: 30 are allowed");
	many(text, sizeof text, 30);
	assert_refused(&f, "abc.ygg", text, DRAFT_FINE, "abc.ygg: may be mined");
	assert_refused(&f, "abc.ygg",
		YGG_WITH("[\"AAAA\",\"@\",\"200::1\",60],[\"A\",\"@\",\"1.2.3.4\",60]"),
		DRAFT_CLEARNET, "abc.ygg: A records are not allowed in this zone (record 2)");
	assert_refused(&f, "abc.ygg", YGG_WITH("[\"AAAA\",\"@\",\"2001:db8::1\",60]"),
		DRAFT_CLEARNET,
		"abc.ygg: record 1: AAAA records of this zone have addresses of 200::/7 alone");
	assert_refused(&f, "abc.mob",
		"{\"encrypted\":\"\",\"zone\":\"mob\",\"records\":[[\"A\",\"@\",\"1.2.3.4\",60]]}",
		DRAFT_FINE, "abc.mob: may be mined");
	wide(text, sizeof text, 256);
	assert_refused(&f, "abc.ygg", text, DRAFT_LONG,
		"abc.ygg: record 1 (TXT) has 256 bytes: 255 are allowed in this zone");
	wide(text, sizeof text, 255);
	assert_refused(&f, "abc.ygg", text, DRAFT_FINE, "abc.ygg: may be mined");
	fixture_end(&f);
}

/* The largest data whose block a message carries, and one byte more. */
static void test_size(void **state)
{
	static char text[1 << 16];
	struct fixture f;
	struct draft_refusal refusal;
	size_t fits = 0;
	(void)state;

	owner_start(&f);
	for (unsigned bytes = 31000; bytes < 33000; bytes++) {
		wide(text, sizeof text, bytes);
		memcpy(strstr(text, "ygg"), "mob", 3);
		struct draft_request r = ask("abc.mob", text);
		struct draft *d = open_at(&f, &r, NOW);
		bool big = draft_test(d, DRAFT_BIG, &refusal);
		if (!big)
			fits = d->block_bytes;
		else
			assert_int_equal(fits, DRAFT_BLOCK_MAX);
		draft_free(d);
		if (big)
			break;
	}
	struct draft_request r = ask("abc.mob", text);
	assert_refused_as(&f, &r, NOW, DRAFT_BIG,
		"abc.mob: its block has more than 32699 bytes, which no message carries");
	fixture_end(&f);
}

static void test_owner(void **state)
{
	static const char *const bad[][2] = {{"zz", "zz"}, {"A", "A"}, {"\\u0041", "\\u0041"},
		{"AB", "AB"},
		{"\\u0041\\u0041",
			"0100000000000000000000000000000000000000000000000000000000000000"},
		{"AB", "0200000000000000000000000000000000000000000000000000000000000000"}};
	struct fixture f;
	char signing[65], point[65];
	uint8_t key[32];
	(void)state;

	owner_start(&f);
	struct draft_request r = ask("abc.ygg", YGG);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		r.to_signing = slice_str(bad[i][0]);
		r.to_encryption = slice_str(bad[i][1]);
		assert_refused_as(&f, &r, NOW, DRAFT_OWNER_KEYS,
			"abc.ygg: the new owner's keys are two public keys of 64 hex digits each; "
			"these are none");
	}
	crypto_public(secret, key);
	hex_upper(slice_of(key, 32), signing);
	hex_upper(slice_of(encryption, 32), point);
	r.to_signing = slice_str(signing);
	r.to_encryption = slice_str(point);
	assert_refused_as(&f, &r, NOW, DRAFT_FINE, "abc.ygg: may be mined");
	static const char lost[] =
		"abc.ygg: nobody can have the new owner's key, so that the name would be lost";
	static const char neutral[] =
		"0100000000000000000000000000000000000000000000000000000000000000";
	static const char zeros[] =
		"0000000000000000000000000000000000000000000000000000000000000000";
	r.to_signing = slice_of(signing, 62);
	assert_refused_as(&f, &r, NOW, DRAFT_LOST_OWNER, lost);
	r.to_signing = slice_str(neutral);
	assert_refused_as(&f, &r, NOW, DRAFT_LOST_OWNER, lost);
	r.to_signing = slice_str(zeros);
	assert_refused_as(&f, &r, NOW, DRAFT_LOST_OWNER, lost);
	r.to_signing = slice_str(signing);
	r.to_encryption = slice_str(neutral);
	assert_refused_as(&f, &r, NOW, DRAFT_LOST_OWNER, lost);
	r.author = NULL;
	assert_refused_as(
		&f, &r, NOW, DRAFT_NO_KEY, "abc.ygg: no key is held that could be the author");
	fixture_end(&f);
}

/* By 12b: the row below the tip counts, confirmed or not; free is free for all. */
static void test_taken(void **state)
{
	struct owner_row row = {
		.name = "abc.ygg", .author = HER, .owner = HER, .when = OWNER_START};
	struct fixture f;
	(void)state;

	owner_start(&f);
	f.params.new_domains_interval = 0;
	owner_mine(&f, &row);
	assert_refused(&f, "abc.ygg", YGG, DRAFT_OVERTAKEN,
		"abc.ygg: taken by 00097700…, free after 2021-10-13 12:26 UTC");
	owner_cover(&f, OWNER_START);
	assert_refused(&f, "abc.ygg", YGG, DRAFT_TAKEN,
		"abc.ygg: taken by 00097700…, free after 2021-10-13 12:26 UTC");
	struct draft_request r = ask("abc.ygg", YGG);
	struct draft_refusal refusal;
	struct draft *d = open_at(&f, &r, NOW);
	assert_false(draft_test(d, DRAFT_OVERTAKEN, &refusal)); /* it is said once */
	draft_free(d);
	int64_t end = OWNER_START + OWNER_YEAR;
	assert_refused_as(&f, &r, end + 1, DRAFT_TAKEN,
		"abc.ygg: taken by 00097700…, free after 2021-10-13 12:26 UTC; it has expired, and "
		"until then its owner alone may renew it");
	assert_refused_as(&f, &r, end + 31 * OWNER_DAY, DRAFT_FINE, "abc.ygg: may be mined");
	row = (struct owner_row){
		.name = "lie.ygg", .author = HER, .owner = HER, .when = OWNER_START, .lies = true};
	owner_mine(&f, &row);
	owner_cover(&f, OWNER_START);
	assert_refused(&f, "lie.ygg", YGG, DRAFT_TAKEN,
		"lie.ygg: taken by 00097700…, free after 2021-10-13 12:26 UTC");
	row = (struct owner_row){
		.name = "mine.ygg", .author = HER, .owner = ME, .when = OWNER_START};
	owner_mine(&f, &row);
	owner_cover(&f, OWNER_START);
	assert_refused(&f, "mine.ygg", YGG, DRAFT_FINE, "mine.ygg: may be mined");
	fixture_end(&f);
}

/* 12b does not see the row of the tip: whoever was given the name there owns it one block later,
 * and nobody takes it from him meanwhile. */
static void test_last_block(void **state)
{
	struct owner_row row = {
		.name = "abc.ygg", .author = HER, .owner = HER, .when = OWNER_START};
	struct fixture f;
	(void)state;

	owner_start(&f);
	f.params.new_domains_interval = 0;
	owner_mine(&f, &row); /* block 2 */
	owner_cover(&f, OWNER_START);
	row.owner = ME;
	owner_mine(&f, &row); /* a transfer, block 4 */
	assert_refused(&f, "abc.ygg", YGG, DRAFT_NEXT,
		"abc.ygg: it is this key's since block 4, the last one, and may be changed as soon "
		"as there is another block");
	struct draft_refusal refusal;
	struct draft_request r = ask("abc.ygg", YGG);
	struct draft *d = open_at(&f, &r, NOW);
	assert_false(draft_test(d, DRAFT_TAKEN, &refusal));
	draft_free(d);
	owner_cover(&f, OWNER_START);
	assert_refused(&f, "abc.ygg", YGG, DRAFT_FINE, "abc.ygg: may be mined");

	/* Once it is ours a second change, directly on the first, is fine. */
	row.author = ME;
	owner_mine(&f, &row);
	assert_refused(&f, "abc.ygg", YGG, DRAFT_FINE, "abc.ygg: may be mined");
	/* Who gave it away has nothing to change any more, although 12b would let it pass. */
	row.owner = HER;
	owner_mine(&f, &row);
	assert_refused(&f, "abc.ygg", YGG, DRAFT_OVERTAKEN,
		"abc.ygg: taken by 00097700…, free after 2021-10-13 12:26 UTC");
	fixture_end(&f);
}

static void test_cooldown(void **state)
{
	struct owner_row row = {.name = "old.ygg", .author = ME, .owner = ME, .when = NOW - 1000};
	struct fixture f;
	struct draft_refusal refusal;
	(void)state;

	owner_start(&f);
	owner_mine(&f, &row); /* the tip counts, too */
	assert_refused(&f, "new.ygg", YGG, DRAFT_COOLDOWN,
		"new.ygg: key 00077700… may mine a new name in 23 h (at 2020-09-24 12:10 UTC)");
	assert_refused(&f, "old.ygg", YGG, DRAFT_FINE, "old.ygg: may be mined");
	struct draft_request r = ask("new.ygg", YGG);
	struct draft *d = open_at(&f, &r, NOW);
	assert_true(draft_test(d, DRAFT_COOLDOWN, &refusal));
	assert_int_equal(refusal.until, NOW - 1000 + OWNER_DAY);
	draft_free(d);
	r.author_name = "main";
	assert_refused_as(&f, &r, NOW, DRAFT_COOLDOWN,
		"new.ygg: key main may mine a new name in 23 h (at 2020-09-24 12:10 UTC)");
	assert_refused_as(&f, &r, NOW - 1000 + OWNER_DAY, DRAFT_FINE, "new.ygg: may be mined");
	fixture_end(&f);
}

static void note_why(void *ctx, const struct draft *d, const struct draft_refusal *f)
{
	(void)d;
	*(uint64_t *)ctx |= UINT64_C(1) << f->why;
}

/* Every test that fails is told, but none that fails only because another one does. */
static void test_each(void **state)
{
	static const struct {
		const char *name, *data;
		uint64_t fails;
	} rows[] = {
		{"fine.ygg", YGG, 0},
		{"a--b.c.ygg", YGG_WITH("[\"A\",\"@\",\"1.2.3.4\",60]"),
			1 << DRAFT_NAME | 1 << DRAFT_LABELS | 1 << DRAFT_CLEARNET},
		{"a.com", YGG, 1 << DRAFT_ZONE},
		{"\xFF.ygg", "{}", 1 << DRAFT_NAME | 1 << DRAFT_MALFORMED},
	};
	struct fixture f;
	(void)state;

	owner_start(&f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct draft_request r = ask(rows[i].name, rows[i].data);
		struct draft *d = open_at(&f, &r, NOW);
		uint64_t fails = 0;
		assert_int_equal(draft_each(d, note_why, &fails), rows[i].fails != 0);
		assert_int_equal(fails, rows[i].fails);
		assert_int_equal(draft_each(d, NULL, NULL), rows[i].fails != 0);
		draft_free(d);
	}
	fixture_end(&f);
}

static void test_waiting(void **state)
{
	struct fixture f;
	(void)state;

	fixture_start(&f);
	for (unsigned i = 1; i <= 5; i++)
		fixture_add(&f, i, i == 1 || i == 5);
	assert_refused(&f, "abc.ygg", YGG, DRAFT_WAITING,
		"abc.ygg: block 5, the last one with a name, has not its signatures yet");
	fixture_add(&f, 6, false);
	fixture_add(&f, 7, false);
	assert_refused(&f, "abc.ygg", YGG, DRAFT_WAITING,
		"abc.ygg: block 5, the last one with a name, has not its signatures yet");
	fixture_add(&f, 10, false);
	fixture_add(&f, 11, false);
	assert_refused(&f, "abc.ygg", YGG, DRAFT_FINE, "abc.ygg: may be mined");
	fixture_end(&f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_owner),
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_last_block),
		cmocka_unit_test(test_cooldown),
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_waiting),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
