/* Domains that the DNS server finds in the chain: which row counts, whose it is, how long it lives
 * (8.8), when an answer is no longer true, and failures of the store. */
#include "chain/store_internal.h"
#include "dns/chain_names.h"
#include "tests/unit/chain_fixture.h"
#include "tests/unit/main.h"

enum { LIFE = 31536000 };

struct rig {
	struct fixture f;
	struct dns_chain *chain;
	struct dns_zone zone;
	int64_t until;
};

static void open_chain(struct rig *r)
{
	fixture_start(&r->f);
	r->chain = dns_chain_open(r->f.store, &r->f.params, r->f.text, sizeof r->f.text);
	assert_non_null(r->chain);
}

static void close_chain(struct rig *r)
{
	dns_chain_close(r->chain);
	assert_int_equal(r->f.readers.used, 0);
	fixture_end(&r->f);
}

/* The next block: a domain of that name, whose owner it names unless `owner` is NULL. */
static void add_domain_of(struct rig *r, const char *name, const char *confirmed,
	struct slice owner, int64_t timestamp, const char *data)
{
	struct made m;
	uint8_t identity[32], other[32], confirmation[32];

	made_block(&m, store_height(r->f.store) + 1, 7, true, 1);
	m.b.timestamp = timestamp;
	m.b.tx.class_name = slice_str("domain");
	crypto_identity(slice_str(name), owner, identity, NULL);
	crypto_identity(slice_str(confirmed), owner.n ? owner : m.b.pub_key, other, confirmation);
	m.b.tx.identity = slice_of(identity, 32);
	m.b.tx.confirmation = slice_of(confirmation, 32);
	m.b.tx.signing = owner;
	m.b.tx.data = slice_str(data);
	assert_int_equal(fixture_append(&r->f, &m.b), ERR_OK);
}

static void add_domain(struct rig *r, const char *name, int64_t timestamp, const char *data)
{
	add_domain_of(r, name, name, slice_str("an owner's key of any length"), timestamp, data);
}

/* A block on top, and all that is open is committed. */
static void cover(struct rig *r)
{
	fixture_add_at(&r->f, 1, false, 1, 5000);
	assert_int_equal(store_commit(r->f.store), ERR_OK);
}

/* The data of the domain in a turn of its own; "" = not found. */
static const char *find(struct rig *r, const char *name, int64_t now)
{
	static char text[256];

	assert_int_equal(
		dns_chain_find(r->chain, slice_str(name), now, &r->zone, &r->until), ERR_OK);
	snprintf(text, sizeof text, "%.*s", (int)r->zone.data.n, (const char *)r->zone.data.p);
	assert_int_equal(r->zone.found, text[0] != 0);
	dns_chain_end_turn(r->chain);
	return text;
}

static void the_latest_row_below_the_tip(void **state)
{
	struct rig r;
	(void)state;

	open_chain(&r);
	assert_string_equal(find(&r, "a.ygg", 5000), "");
	assert_int_equal(r.until, INT64_MAX);
	assert_int_equal(r.zone.last_full_time, 0);
	fixture_add_at(&r.f, 1, true, 1, 900);
	add_domain(&r, "a.ygg", 1000, "one");
	assert_int_equal(store_commit(r.f.store), ERR_OK);
	assert_string_equal(find(&r, "a.ygg", 5000), ""); /* it is the tip itself */
	assert_int_equal(r.zone.last_full_time, 1000);
	cover(&r);
	assert_string_equal(find(&r, "a.ygg", 5000), "one");
	assert_string_equal(find(&r, "A.ygg", 5000), "");
	assert_string_equal(find(&r, "b.ygg", 5000), "");
	add_domain(&r, "a.ygg", 2000, "two");
	assert_string_equal(find(&r, "a.ygg", 5000), "one"); /* it is not committed */
	cover(&r);
	assert_string_equal(find(&r, "a.ygg", 5000), "two");
	assert_int_equal(r.zone.last_full_time, 2000);
	close_chain(&r);
}

static void the_row_must_confirm_the_name(void **state)
{
	struct rig r;
	(void)state;

	open_chain(&r);
	add_domain(&r, "origin", 1, "none");
	add_domain(&r, "a.ygg", 1000, "good");
	add_domain_of(&r, "a.ygg", "b.ygg", slice_str("k"), 1000, "bad");
	add_domain_of(&r, "c.ygg", "c.ygg", slice_of(NULL, 0), 1000, "the author's");
	cover(&r);
	assert_string_equal(find(&r, "a.ygg", 5000), ""); /* older rows do not count */
	assert_string_equal(find(&r, "b.ygg", 5000), "");
	assert_string_equal(find(&r, "c.ygg", 5000), "the author's");
	close_chain(&r);
}

static void it_lives_for_a_year(void **state)
{
	struct rig r;
	(void)state;

	open_chain(&r);
	add_domain(&r, "origin", 1, "none");
	add_domain(&r, "a.ygg", 1000, "data");
	add_domain(&r, "b.ygg", INT64_MAX - LIFE, "for ever");
	add_domain(&r, "c.ygg", INT64_MAX - LIFE + 1, "the sum wraps around");
	cover(&r);
	assert_string_equal(find(&r, "a.ygg", 0), "data");
	assert_string_equal(find(&r, "a.ygg", 1000 + LIFE), "data");
	assert_int_equal(r.until, 1000 + LIFE + 1);
	assert_string_equal(find(&r, "a.ygg", r.until), "");
	assert_int_equal(r.until, INT64_MAX);
	assert_string_equal(find(&r, "b.ygg", INT64_MAX), "for ever");
	assert_int_equal(r.until, INT64_MAX);
	assert_string_equal(find(&r, "c.ygg", 5000), "");
	close_chain(&r);
}

/* A branch that goes back shows in the next turn, and not within one. */
/* The tip says that it is later: the domain is over, whatever the clock says. */
static void a_clock_behind_the_tip_is_wrong(void **state)
{
	struct rig r;
	(void)state;

	open_chain(&r);
	add_domain(&r, "origin", 1, "none");
	add_domain(&r, "a.ygg", 1000, "data");
	add_domain(&r, "b.ygg", 1000 + LIFE, "later");
	fixture_add_at(&r.f, 1, true, 1, 1002 + LIFE);
	assert_int_equal(store_commit(r.f.store), ERR_OK);
	assert_string_equal(find(&r, "a.ygg", 0), "");
	assert_string_equal(find(&r, "b.ygg", 0), "later");
	close_chain(&r);
}

static void a_turn_is_one_moment(void **state)
{
	struct rig r;
	(void)state;

	open_chain(&r);
	add_domain(&r, "origin", 1, "none");
	add_domain(&r, "a.ygg", 1000, "data");
	cover(&r);
	uint64_t before = dns_chain_generation(r.chain);
	assert_true(before > 0);
	struct slice name = slice_str("a.ygg");
	assert_int_equal(dns_chain_find(r.chain, name, 5000, &r.zone, &r.until), ERR_OK);
	assert_int_equal(dns_chain_generation(r.chain), before);
	assert_int_equal(store_truncate(r.f.store, 2), ERR_OK);
	assert_int_equal(dns_chain_generation(r.chain), before);
	assert_int_equal(store_commit(r.f.store), ERR_OK);
	/* An answer of this turn must not be kept as one of the next. */
	assert_int_equal(dns_chain_generation(r.chain), before);
	assert_int_equal(dns_chain_find(r.chain, name, 5000, &r.zone, &r.until), ERR_OK);
	assert_true(r.zone.found && slice_is(r.zone.data, "data"));
	assert_int_equal(r.zone.last_full_time, 1000);
	dns_chain_end_turn(r.chain);
	assert_int_not_equal(dns_chain_generation(r.chain), before);
	assert_string_equal(find(&r, "a.ygg", 5000), "");
	assert_int_equal(r.zone.last_full_time, 1);
	close_chain(&r);
}

/* ---- failures ---- */

static void damage(struct rig *r, enum store_table table, uint64_t index, const char *value)
{
	struct store_key key = key_number(index);

	row_put(r->f.store, table, key_slice(&key), slice_str(value));
	assert_int_equal(store_commit(r->f.store), ERR_OK);
}

static void a_failed_reader_is_replaced(void **state)
{
	struct rig r;
	struct slice name = slice_str("a.ygg");
	(void)state;

	open_chain(&r);
	add_domain(&r, "origin", 1, "none");
	add_domain(&r, "a.ygg", 1000, "data");
	add_domain(&r, "b.ygg", 1000, "other");
	cover(&r);
	damage(&r, TABLE_BLOCKS, 2, "no block");
	assert_int_equal(dns_chain_find(r.chain, name, 5000, &r.zone, &r.until), ERR_CORRUPT);
	assert_false(r.zone.found);
	assert_int_equal(r.f.readers.used, 0);
	/* Not again within the same second, whatever is asked. */
	assert_int_equal(
		dns_chain_find(r.chain, slice_str("b.ygg"), 5000, &r.zone, &r.until), ERR_CORRUPT);
	assert_int_equal(r.f.readers.used, 0);
	dns_chain_end_turn(r.chain);
	assert_string_equal(find(&r, "b.ygg", 5001), "other");
	assert_int_equal(r.f.readers.used, 1);
	close_chain(&r);
}

static void no_other_reader_to_be_had(void **state)
{
	struct rig r;
	struct slice name = slice_str("a.ygg");
	(void)state;

	open_chain(&r);
	add_domain(&r, "origin", 1, "none");
	add_domain(&r, "a.ygg", 1000, "data");
	cover(&r);
	damage(&r, TABLE_HEADS, 3, "no form");
	assert_int_equal(dns_chain_find(r.chain, name, 1, &r.zone, &r.until), ERR_CORRUPT);
	r.f.readers.max = 0;
	assert_int_equal(dns_chain_find(r.chain, name, 2, &r.zone, &r.until), ERR_FULL);
	assert_int_equal(dns_chain_find(r.chain, name, 2, &r.zone, &r.until), ERR_FULL);
	assert_int_equal(r.f.readers.hits, 1);
	assert_true(dns_chain_generation(r.chain) > 0);
	dns_chain_end_turn(r.chain);
	close_chain(&r);
}

static void it_cannot_be_opened(void **state)
{
	struct fixture f;
	(void)state;

	fixture_start(&f);
	for (int i = 1; i <= 2; i++) {
		mem_fail_nth((uint64_t)i);
		assert_null(dns_chain_open(f.store, &f.params, f.text, sizeof f.text));
		assert_int_equal(mem_fail_nth(0), 0);
		assert_non_null(strstr(f.text, "out of memory"));
	}
	f.readers.max = 0;
	assert_null(dns_chain_open(f.store, &f.params, f.text, sizeof f.text));
	assert_non_null(strstr(f.text, "limits.max_store_readers"));
	dns_chain_close(NULL);
	fixture_end(&f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_latest_row_below_the_tip),
		cmocka_unit_test(the_row_must_confirm_the_name),
		cmocka_unit_test(it_lives_for_a_year),
		cmocka_unit_test(a_clock_behind_the_tip_is_wrong),
		cmocka_unit_test(a_turn_is_one_moment),
		cmocka_unit_test(a_failed_reader_is_replaced),
		cmocka_unit_test(no_other_reader_to_be_had),
		cmocka_unit_test(it_cannot_be_opened),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
