/* Containers at the highest value that limits.def allows: whatever goes, one walk over the slots of
 * the map finds it. Counted are slots, not seconds: the test is linked with map_next() wrapped. */
#include "config/keys.h"
#include "sync/future_blocks.h"
#include "p2p/addrbook.h"
#include "p2p/bans.h"
#include "tests/unit/book_rig.h"
#include "tests/unit/main.h"

bool __real_map_next(const struct map *m, size_t *at, const void **key, void **value);
bool __wrap_map_next(const struct map *m, size_t *at, const void **key, void **value);

static uint64_t looked_at, allowed; /* slots */

bool __wrap_map_next(const struct map *m, size_t *at, const void **key, void **value)
{
	size_t before = *at;
	bool found = __real_map_next(m, at, key, value);

	looked_at += *at - before;
	assert_true(looked_at <= allowed); /* a square would take minutes */
	return found;
}

/* From here on: every slot once, and those whose entry goes once more. */
static void allow_one_walk(const struct map *m)
{
	looked_at = 0;
	allowed = m->slots + m->count;
}

static void allow_any(void)
{
	looked_at = 0;
	allowed = UINT64_MAX;
}

/* ---- max_future_blocks ---- */

static enum err put(struct future_blocks *f, uint64_t height, uint64_t index)
{
	struct block b = {.index = index};
	struct future_block fb = {.block = block_copy(&b)};

	return future_blocks_put(f, height, &fb);
}

static void fill(struct future_blocks *f, struct limits *l, uint64_t first)
{
	allow_any();
	limits_default(l);
	l->max_future_blocks.max = config_keys[KEY_limit_max_future_blocks].max;
	l->max_future_bytes.max = config_keys[KEY_limit_max_future_bytes].max;
	future_blocks_init(f, l, 1);
	for (uint64_t i = 0; i < l->max_future_blocks.max; i++)
		assert_int_equal(put(f, 0, first + i), ERR_OK);
}

static void test_future_blocks(void **state)
{
	struct limits l;
	struct future_blocks f;
	(void)state;

	fill(&f, &l, 1);
	allow_one_walk(&f.by_index);
	assert_int_equal(put(&f, 0, 100001), ERR_OK); /* those above 2000 go */
	assert_int_equal(future_blocks_count(&f), 2001);
	allow_any();
	future_blocks_clear(&f);

	fill(&f, &l, 1);
	allow_one_walk(&f.by_index);
	future_blocks_keep(&f, 50000, 50009);
	assert_int_equal(future_blocks_count(&f), 10);
	allow_any();
	future_blocks_clear(&f);
	assert_int_equal(mem_blocks(), 0);
}

/* ---- max_bans, max_address_book ---- */

static struct netaddr numbered(uint32_t n)
{
	return ipv4((n & 0xFFF) << 16 | n >> 12, 4244);
}

static void test_bans(void **state)
{
	struct limits l;
	struct hands h;
	struct bans b;
	(void)state;

	allow_any();
	hands_init(&h);
	limits_default(&l);
	l.max_bans.max = config_keys[KEY_limit_max_bans].max;
	bans_init(&b, &l.max_bans, &h.clock, 1);
	for (unsigned i = 0; i < l.max_bans.max; i++) {
		struct netaddr a = numbered(i);
		bans_add(&b, &a, i % 8 ? 10 : 1000, BAN_HOST);
	}
	h.wall += 10;
	allow_one_walk(&b.map);
	bans_expire(&b);
	assert_int_equal(bans_count(&b), l.max_bans.max / 8);
	bans_clear(&b);
	assert_int_equal(mem_blocks(), 0);
}

static void test_addresses(void **state)
{
	struct limits l;
	struct hands h;
	struct addrbook b;
	(void)state;

	allow_any();
	hands_init(&h);
	limits_default(&l);
	l.max_address_book.max = config_keys[KEY_limit_max_address_book].max;
	addrbook_init(&b, &l, &h.clock, &h.rng, 1);
	for (unsigned i = 0; i < l.max_address_book.max; i++) {
		struct netaddr a = numbered(i);
		addrbook_connected(&b, &a);
		if (i == l.max_address_book.max / 8 * 7)
			h.wall += (int64_t)(l.address_ttl.max / 1000);
	}
	h.wall++;
	allow_one_walk(&b.map);
	addrbook_expire(&b);
	assert_int_equal(addrbook_count(&b), l.max_address_book.max / 8 - 1);
	addrbook_clear(&b);
	assert_int_equal(mem_blocks(), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_future_blocks),
		cmocka_unit_test(test_bans),
		cmocka_unit_test(test_addresses),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
