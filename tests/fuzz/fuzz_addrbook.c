/* One byte of bound, four of clock, and any bytes as a stored address book and as stored bans:
 * refused whole, or within the bounds, with true counters, and what is saved then loads as the
 * same. */
#include <assert.h>

#include "p2p/addrbook.h"
#include "p2p/bans.h"
#include "tests/fuzz/fuzz.h"

enum { ENTRIES = 64, SPACE = ADDRBOOK_HEAD_BYTES + ENTRIES * ADDRBOOK_ENTRY_BYTES };

static_assert(SPACE >= BANS_HEAD_BYTES + ENTRIES * BANS_ENTRY_BYTES, "either fits");

static int64_t wall(void *ctx)
{
	return *(const int64_t *)ctx;
}

static void check_book(const struct addrbook *b)
{
	uint32_t groups = 0, sources = 0;

	for (size_t i = 0; i < ADDRBOOK_SLOTS; i++) {
		must(b->groups[i] <= 16);
		groups += b->groups[i];
		sources += b->sources[i];
	}
	must(addrbook_count(b) <= b->limits->max_address_book.max && groups == addrbook_count(b));
	must(sources + addrbook_tried(b) == addrbook_count(b));
}

static bool nobody(void *ctx, const struct netaddr *a)
{
	(void)ctx;
	return a->port == 0;
}

static void play_book(
	struct slice bytes, uint64_t max, const struct clock *clock, const struct rng *rng)
{
	static uint8_t space[SPACE];
	struct limits l, m;
	struct addrbook b, copy;
	struct netaddr a;
	struct wr w = wr_of(space, sizeof space);

	limits_default(&l);
	l.max_address_book.max = max;
	m = l;
	addrbook_init(&b, &l, clock, rng, 1);
	addrbook_init(&copy, &m, clock, rng, 1);
	bool loaded = addrbook_load(&b, bytes);
	must(loaded || addrbook_count(&b) == 0);
	check_book(&b);
	addrbook_save(&b, &w);
	must(!w.bad && addrbook_load(&copy, wr_done(&w)));
	must(addrbook_count(&copy) == addrbook_count(&b) &&
		addrbook_tried(&copy) == addrbook_tried(&b));
	if (addrbook_pick(&b, nobody, NULL, &a)) {
		addrbook_failed(&b, &a, true);
		addrbook_connected(&b, &a);
		check_book(&b);
	}
	addrbook_clear(&b);
	addrbook_clear(&copy);
}

static void play_bans(struct slice bytes, uint64_t max, const struct clock *clock)
{
	static uint8_t space[SPACE];
	struct bound row = {.name = "bans", .max = max}, other = row;
	struct bans b, copy;
	struct wr w = wr_of(space, sizeof space);

	bans_init(&b, &row, clock, 1);
	bans_init(&copy, &other, clock, 1);
	bool loaded = bans_load(&b, bytes);
	must(loaded || bans_count(&b) == 0);
	must(bans_count(&b) <= max);
	bans_expire(&b);
	bans_save(&b, &w);
	must(!w.bad && bans_load(&copy, wr_done(&w)));
	must(bans_count(&copy) == bans_count(&b));
	bans_clear(&b);
	bans_clear(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_of(slice_of(data, size));
	uint64_t max = 1 + rd_u8(&r) % ENTRIES;
	int64_t now = rd_be32(&r);
	struct clock clock = {wall, NULL, &now};
	struct rng_seeded seed;
	struct rng rng = rng_from_seed(&seed, 1);
	uint8_t *bytes = own_copy(r.p, r.left);

	play_book(slice_of(bytes, r.left), max, &clock, &rng);
	play_bans(slice_of(bytes, r.left), max, &clock);
	mem_free(bytes);
	must(mem_blocks() == 0);
	return 0;
}
