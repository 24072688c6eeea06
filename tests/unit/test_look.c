/* What the chain says of a name: however it is written, in every state, with its history, and
 * within the bound of an answer. */
#include "tests/unit/chain_rig.h"
#include "tests/unit/main.h"

#include "chain/crypto.h"
#include "api/query.h"
#include "base/hex.h"

enum { LIFETIME = 1000, GRACE = 500, ANSWER = 16384 };

/* ---- domains ---- */

struct looked {
	struct test t;
	uint8_t identity[32], confirmation[32], owner[KEY_SIZE], answer[ANSWER];
	struct slice json;
	const char *why;
};

static void begin(struct looked *l)
{
	memset(l, 0, sizeof *l);
	assert_true(crypto_init());
	start(&l->t);
	l->t.params.domain_lifetime = l->t.chain->params.domain_lifetime = LIFETIME;
	l->t.params.domain_renew_time = l->t.chain->params.domain_renew_time = GRACE;
	grow(&l->t, 1);
}

static int64_t add(struct looked *l, const char *name, unsigned author, unsigned owner,
	int64_t time, const char *data)
{
	struct chain_tip tip;

	chain_get_tip(l->t.chain, &tip);
	candidate(&l->t, tip.height + 1, true, 0, 8);
	made_key(author, l->t.m.key);
	made_key(owner, l->owner);
	crypto_identity(
		slice_str(name), slice_of(l->owner, KEY_SIZE), l->identity, l->confirmation);
	struct transaction *tx = &l->t.m.b.tx;
	tx->identity = slice_of(l->identity, 32);
	tx->confirmation = slice_of(l->confirmation, 32);
	tx->signing = slice_of(l->owner, KEY_SIZE);
	tx->data = slice_str(data);
	l->t.m.b.timestamp = time;
	expect_action(&l->t, 0, VERDICT_GOOD, CHAIN_APPENDED);
	return time;
}

static bool look(struct looked *l, const char *what, int64_t now, size_t room)
{
	struct wr w = wr_of(l->answer, room);
	struct query s = {.chain = l->t.chain, .params = &l->t.params, .j = {.w = &w}, .now = now};
	bool found = query_domain(&s, what);

	assert_false(w.bad);
	l->why = s.why;
	l->json = wr_done(&w);
	return found;
}

static void expect_member(const struct looked *l, const char *key, const char *expected)
{
	struct slice value;

	if (!json_find(l->json, key, &value))
		fail_msg("no %s in %.*s", key, (int)l->json.n, (const char *)l->json.p);
	if (!slice_is(value, expected))
		fail_msg("%s is %.*s", key, (int)value.n, (const char *)value.p);
}

/* "registered 2, changed 3" */
static void expect_history(const struct looked *l, const char *expected)
{
	struct slice history, h, event, block;
	char text[512];
	struct wr w = wr_of(text, sizeof text - 1);

	assert_true(json_find(l->json, "history", &history));
	for (size_t at = 0; json_element(history, &at, &h);) {
		assert_true(json_find(h, "event", &event) && json_find(h, "block", &block));
		wr_format(&w, "%s%.*s %.*s", w.n ? ", " : "", (int)event.n - 2,
			(const char *)event.p + 1, (int)block.n, (const char *)block.p);
	}
	text[w.n] = 0;
	assert_string_equal(text, expected);
}

#define PLAIN "{\"encrypted\":\"AB\",\"zone\":\"mob\"}"

static void states_by_the_day(void **state)
{
	struct looked *l = test_malloc(sizeof *l);
	(void)state;

	begin(l);
	int64_t t = add(l, "one.mob", 5, 5, 5000, PLAIN);
	assert_true(look(l, "one.mob", t, ANSWER));
	expect_member(l, "state", "\"alive\"");
	expect_member(l, "resolves", "false"); /* of the last block */
	add(l, "other.mob", 6, 6, 5001, PLAIN);
	assert_true(look(l, "WWW.One.mob.", t + LIFETIME, ANSWER));
	expect_member(l, "state", "\"alive\"");
	expect_member(l, "resolves", "true");
	expect_member(l, "name", "\"one.mob\"");
	expect_member(l, "subdomain", "\"www\"");
	expect_member(l, "zone", "\"mob\"");
	expect_member(l, "expires_timestamp", "6000");
	expect_member(l, "free_from_timestamp", "6500");
	expect_member(l, "renewable_from_timestamp", "5000");
	expect_member(l, "as_of_height", "3");
	expect_member(l, "as_of_timestamp", "5001");
	assert_true(look(l, "one.mob", t + LIFETIME + 1, ANSWER));
	expect_member(l, "state", "\"expired\"");
	expect_member(l, "resolves", "false");
	assert_true(look(l, "one.mob", t + LIFETIME + GRACE, ANSWER));
	expect_member(l, "state", "\"expired\"");
	assert_true(look(l, "one.mob", t + LIFETIME + GRACE + 1, ANSWER));
	expect_member(l, "state", "\"free\"");
	expect_member(l, "registered", "true");
	end(&l->t);
	test_free(l);
}

static bool check_name(struct looked *l, const char *what, const uint8_t *key, int64_t now)
{
	struct wr w = wr_of(l->answer, ANSWER);
	struct query s = {.chain = l->t.chain,
		.params = &l->t.params,
		.j = {.w = &w},
		.now = now,
		.key = key};

	assert_true(query_check(&s, what));
	assert_false(w.bad);
	l->json = wr_done(&w);
	return s.refused;
}

static void may_it_be_mined(void **state)
{
	struct looked *l = test_malloc(sizeof *l);
	uint8_t five[KEY_SIZE], six[KEY_SIZE];
	(void)state;

	made_key(5, five);
	made_key(6, six);
	begin(l);
	int64_t t = add(l, "one.mob", 5, 5, 5000, PLAIN);
	add(l, "other.mob", 6, 6, 5001, PLAIN);
	l->t.params.new_domains_interval = l->t.chain->params.new_domains_interval = 100;
	l->t.chain->params.domain_difficulty = 9;
	assert_true(check_name(l, "one.mob", NULL, t + 10));
	expect_member(l, "refusals",
		"[{\"reason\":\"taken\",\"text\":\"one.mob: taken by 00057700…, free after "
		"1970-01-01 01:48 UTC\",\"until\":\"1970-01-01T01:48:21Z\","
		"\"until_timestamp\":6501}]");
	expect_member(l, "state", "\"alive\"");
	expect_member(l, "block", "2");
	assert_false(check_name(l, "one.mob", five, t + 10));
	expect_member(l, "refusals", "[]");
	expect_member(l, "may_mine", "true");
	expect_member(l, "difficulty", "8");
	expect_member(l, "difficulty_reason", "\"low\"");
	assert_true(check_name(l, "one.mob", six, t + 10));
	assert_true(check_name(l, "new.mob", five, t + 99));
	expect_member(l, "refusals",
		"[{\"reason\":\"cooldown\",\"text\":\"new.mob: key 00057700… may mine a new name "
		"in 1 s (at 1970-01-01 01:25 UTC)\",\"until\":\"1970-01-01T01:25:00Z\","
		"\"until_timestamp\":5100}]");
	assert_false(check_name(l, "new.mob", five, t + 100));
	expect_member(l, "difficulty", "9");
	assert_false(check_name(l, "new.mob", NULL, t));
	assert_true(check_name(l, "a b.mob", NULL, t));
	assert_true(check_name(l, "\xFF.mob", NULL, t));
	expect_member(l, "name", "\"\"");
	end(&l->t);
	test_free(l);
}

static void list_names(struct looked *l, const uint8_t *key, int64_t now, size_t room)
{
	struct wr w = wr_of(l->answer, room);
	struct query s = {.chain = l->t.chain,
		.params = &l->t.params,
		.j = {.w = &w},
		.now = now,
		.key = key};

	assert_true(query_owned(&s, NULL));
	assert_false(w.bad);
	l->json = wr_done(&w);
}

static void names_of_a_key(void **state)
{
	struct looked *l = test_malloc(sizeof *l);
	uint8_t five[KEY_SIZE], nobody[KEY_SIZE];
	(void)state;

	made_key(5, five);
	made_key(99, nobody);
	begin(l);
	add(l, "one.mob", 6, 5, 5000,
		"{\"encrypted\":\"AB\",\"zone\":\"mob\",\"records\":[[\"A\",\"@\",\"1.2.3.4\",60]]}");
	add(l, "other.mob", 5, 6, 5001, PLAIN);
	list_names(l, five, 6001, ANSWER);
	expect_member(l, "domains_total", "1");
	expect_member(l, "cut", "false");
	expect_member(l, "domains",
		"[{\"identity\":\"7F1A7D0AA65533E5B5F318368A3D3127D148E96AEA38CBAF24234964AB17DDBA\","
		"\"zone\":\"mob\",\"records\":1,\"state\":\"expired\",\"block\":2,"
		"\"resolves_from_next_block\":false,\"changed\":\"1970-01-01T01:23:20Z\","
		"\"changed_timestamp\":5000,\"expires\":\"1970-01-01T01:40:00Z\","
		"\"expires_timestamp\":6000,\"free_from\":\"1970-01-01T01:48:21Z\","
		"\"free_from_timestamp\":6501,\"shown_by_0_10\":\"1970-01-01T01:40:00Z\","
		"\"shown_by_0_10_timestamp\":6000}]");
	list_names(l, nobody, 5001, ANSWER);
	expect_member(l, "domains_total", "0");
	expect_member(l, "domains", "[]");
	list_names(l, five, 5001, 4096); /* no room for one */
	expect_member(l, "domains_total", "1");
	expect_member(l, "cut", "true");
	expect_member(l, "domains", "[]");
	end(&l->t);
	test_free(l);
}

static void never_registered(void **state)
{
	struct looked *l = test_malloc(sizeof *l);
	char identity[65];
	(void)state;

	begin(l);
	assert_true(look(l, "nobody.ygg", 5000, ANSWER));
	expect_member(l, "state", "\"free\"");
	expect_member(l, "registered", "false");
	expect_member(l, "zone", "\"ygg\"");
	assert_false(look(l, "nobody.here", 5000, ANSWER));
	assert_non_null(strstr(l->why, "zones are"));
	assert_false(look(l, "a b.ygg.", 5000, ANSWER)); /* up to the space: no zone */
	memset(identity, '7', 64);
	identity[64] = 0;
	assert_false(look(l, identity, 5000, ANSWER)); /* of whatever name, it is not there */
	assert_null(l->why);
	end(&l->t);
	test_free(l);
}

/* What each of the blocks from 2 on did, one by one. */
static void expect_events(struct looked *l, const char *const *events, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct wr w = wr_of(l->answer, ANSWER);
		struct query s = {
			.chain = l->t.chain, .params = &l->t.params, .j = {.w = &w}, .now = 7000};
		char index[8];

		snprintf(index, sizeof index, "%d", (int)i + 2);
		assert_true(query_block(&s, index));
		l->json = wr_done(&w);
		expect_member(l, "event", events[i]);
	}
}

static void history_of_a_name(void **state)
{
	static const char *const events[] = {"\"registered\"", "\"renewed\"", "\"changed\"",
		"\"transferred\"", "\"registered again\""};
	struct looked *l = test_malloc(sizeof *l);
	(void)state;

	begin(l);
	add(l, "one.mob", 5, 5, 5000, PLAIN);
	add(l, "one.mob", 5, 5, 5100, "{\"encrypted\":\"CD\",\"zone\":\"mob\"}");
	add(l, "one.mob", 5, 5, 5200, "{\"encrypted\":\"CD\",\"zone\":\"mob\",\"info\":\"new\"}");
	add(l, "one.mob", 5, 9, 5300, "{\"encrypted\":\"EE\",\"zone\":\"mob\",\"info\":\"new\"}");
	add(l, "one.mob", 7, 7, 5300 + LIFETIME + GRACE + 1, PLAIN);
	assert_true(look(l, "one.mob", 7000, ANSWER));
	expect_history(l, "registered again 6, transferred 5, changed 4, renewed 3, registered 2");
	expect_member(l, "history_total", "5");
	expect_member(l, "registered_block", "2");
	expect_member(l, "block", "6");
	expect_member(l, "confirmed", "true");
	expect_events(l, events, 5);
	end(&l->t);
	test_free(l);
}

static bool look_at_key(struct looked *l, unsigned author, int64_t now)
{
	struct wr w = wr_of(l->answer, ANSWER);
	struct query s = {.chain = l->t.chain, .params = &l->t.params, .j = {.w = &w}, .now = now};
	uint8_t key[KEY_SIZE];
	char hex[2 * KEY_SIZE + 1];

	made_key(author, key);
	hex_upper(slice_of(key, KEY_SIZE), hex);
	bool found = query_key(&s, hex);
	l->json = wr_done(&w);
	return found;
}

/* "3 2" */
static void expect_owned(const struct looked *l, const char *expected)
{
	struct slice names, name, block;
	char text[64];
	struct wr w = wr_of(text, sizeof text - 1);

	assert_true(json_find(l->json, "names", &names));
	for (size_t at = 0; json_element(names, &at, &name);) {
		assert_true(json_find(name, "block", &block));
		wr_format(&w, "%s%.*s", w.n ? " " : "", (int)block.n, (const char *)block.p);
	}
	text[w.n] = 0;
	assert_string_equal(text, expected);
}

/* Also those that another key's block gave to it, and no longer those that it gave away. */
static void names_given_to_a_key(void **state)
{
	struct looked *l = test_malloc(sizeof *l);
	(void)state;

	begin(l);
	add(l, "one.mob", 5, 5, 5000, PLAIN);
	assert_false(look_at_key(l, 9, 5000));
	add(l, "two.mob", 5, 9, 5100, PLAIN);
	assert_true(look_at_key(l, 9, 5200));
	expect_member(l, "blocks", "0");
	expect_owned(l, "3");
	assert_true(look_at_key(l, 5, 5200));
	expect_owned(l, "2");
	for (int i = 0; i < 70; i++) /* more than are looked at for names that others gave */
		add(l, "other.mob", 6, 6, 5200, PLAIN);
	assert_true(look_at_key(l, 5, 5200));
	expect_owned(l, "2");
	add(l, "one.mob", 5, 9, 5300, PLAIN);
	assert_true(look_at_key(l, 5, 5300));
	expect_owned(l, "");
	assert_true(look_at_key(l, 9, 5300));
	expect_owned(l, "74");
	assert_false(look_at_key(l, 9, 5300 + LIFETIME + GRACE + 1)); /* free again */
	end(&l->t);
	test_free(l);
}

static void history_is_bounded(void **state)
{
	struct looked *l = test_malloc(sizeof *l);
	struct slice history, h;
	size_t at = 0, shown = 0;
	(void)state;

	begin(l);
	for (int i = 0; i < 40; i++)
		add(l, "one.mob", 5, 5, 5000 + i, PLAIN);
	assert_true(look(l, "one.mob", 5100, ANSWER));
	assert_true(json_find(l->json, "history", &history));
	while (json_element(history, &at, &h))
		shown++;
	assert_int_equal(shown, 16);
	expect_member(l, "history_total", "40");
	expect_member(l, "registered_block", "2");
	end(&l->t);
	test_free(l);
}

/* Registered by somebody who need not know the name. */
static void wrong_confirmation(void **state)
{
	struct looked *l = test_malloc(sizeof *l);
	(void)state;

	begin(l);
	add(l, "one.mob", 5, 5, 5000, PLAIN);
	candidate(&l->t, 3, true, 0, 8);
	made_key(5, l->t.m.key);
	l->t.m.b.tx.identity = slice_of(l->identity, 32);
	l->t.m.b.tx.confirmation = slice_of(l->identity, 32);
	l->t.m.b.tx.signing = slice_of(l->owner, KEY_SIZE);
	l->t.m.b.timestamp = 5001;
	expect_action(&l->t, 0, VERDICT_GOOD, CHAIN_APPENDED);
	add(l, "other.mob", 6, 6, 5002, PLAIN);
	assert_true(look(l, "one.mob", 5003, ANSWER));
	expect_member(l, "state", "\"alive\"");
	expect_member(l, "confirmed", "false");
	expect_member(l, "resolves", "false");
	end(&l->t);
	test_free(l);
}

#define RECORDS                                                                                    \
	"[{\"type\":\"A\",\"domain\":\"@\",\"addr\":\"1.2.3.4\",\"ttl\":60},"                      \
	"{\"type\":\"TXT\",\"domain\":\"x\",\"data\":\"a\\u0022\\\\b\",\"ttl\":1},"                \
	"{\"type\":\"TLSA\",\"domain\":\"_443\",\"certificate_usage\":3,\"selector\":1,"           \
	"\"matching_type\":1,\"data\":[1,255],\"ttl\":5}]"
#define CONTACTS "[{\"name\":\"mail\",\"value\":\"a@b\"}]"

static void data_is_json(void **state)
{
	struct looked *l = test_malloc(sizeof *l);
	struct slice raw;
	uint8_t text[1024];
	size_t n;
	static const char data[] = "{\"contacts\":[[\"mail\",\"a@b\"]],\"records\":" RECORDS
				   ",\"info\":\"x\",\"zone\":\"mob\",\"encrypted\":\"\"}";
	(void)state;

	begin(l);
	add(l, "one.mob", 5, 5, 5000, data);
	assert_true(look(l, "one.mob", 5000, ANSWER));
	expect_member(l, "records", RECORDS);
	expect_member(l, "contacts", CONTACTS);
	expect_member(l, "info", "\"x\"");
	expect_member(l, "cut", "false");
	assert_true(json_find(l->json, "data_raw", &raw));
	assert_true(json_get_text(raw, text, sizeof text, &n));
	assert_true(slice_is(slice_of(text, n), data));
	end(&l->t);
	test_free(l);
}

/* Whatever the answer may be, it is whole JSON. */
static void answers_stay_within_their_bound(void **state)
{
	struct looked *l = test_malloc(sizeof *l);
	static char data[9000];
	struct slice value;
	size_t n = (size_t)snprintf(
		data, sizeof data, "{\"encrypted\":\"\",\"zone\":\"mob\",\"info\":\"");
	unsigned cut = 0;
	(void)state;

	begin(l);
	memset(data + n, 'i', 6000);
	snprintf(data + n + 6000, 100,
		"\",\"records\":"
		"[[\"A\",\"@\",\"1.2.3.4\",60]]}");
	add(l, "one.mob", 5, 5, 5000, data);
	for (size_t room = 2000; room < ANSWER; room += 100) {
		assert_true(look(l, "one.mob", 5000, room));
		assert_int_equal(l->json.p[l->json.n - 1], '}');
		assert_true(json_find(l->json, "cut", &value));
		cut += slice_is(value, "true");
		assert_true(json_find(l->json, "records", &value));
	}
	assert_true(cut > 50 && cut < 140);
	expect_member(l, "cut", "false");
	end(&l->t);
	test_free(l);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_by_the_day),
		cmocka_unit_test(may_it_be_mined),
		cmocka_unit_test(names_of_a_key),
		cmocka_unit_test(never_registered),
		cmocka_unit_test(history_of_a_name),
		cmocka_unit_test(names_given_to_a_key),
		cmocka_unit_test(history_is_bounded),
		cmocka_unit_test(wrong_confirmation),
		cmocka_unit_test(data_is_json),
		cmocka_unit_test(answers_stay_within_their_bound),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
