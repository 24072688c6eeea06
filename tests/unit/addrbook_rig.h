/* An address book of its own for each test, with a clock that is set by hand. */
#ifndef TESTS_UNIT_ADDRBOOK_RIG_H
#define TESTS_UNIT_ADDRBOOK_RIG_H

#include "p2p/addrbook.h"
#include "tests/unit/book_rig.h"

struct rig {
	struct hands h;
	struct limits l;
	struct addrbook b;
};

static inline int rig_begin(void **state)
{
	struct rig *r = calloc(1, sizeof *r);

	hands_init(&r->h);
	limits_default(&r->l);
	addrbook_init(&r->b, &r->l, &r->h.clock, &r->h.rng, 5);
	*state = r;
	return 0;
}

static inline int rig_end(void **state)
{
	struct rig *r = *state;

	addrbook_clear(&r->b);
	assert_int_equal(r->l.max_address_book.used, 0);
	assert_int_equal(mem_blocks(), 0);
	free(r);
	return 0;
}

static inline void heard(struct rig *r, struct netaddr a, struct netaddr source)
{
	addrbook_heard(&r->b, &a, &source);
}

static inline void tried(struct rig *r, struct netaddr a)
{
	addrbook_connected(&r->b, &a);
}

static inline bool nobody(void *ctx, const struct netaddr *a)
{
	(void)ctx;
	(void)a;
	return false;
}

static inline bool pick(struct rig *r, struct netaddr *a)
{
	return addrbook_pick(&r->b, nobody, NULL, a);
}

/* The counters of shares, made anew from the entries. */
static inline void counters_are_true(struct rig *r)
{
	uint32_t groups = 0, sources = 0;

	for (size_t i = 0; i < ADDRBOOK_SLOTS; i++) {
		groups += r->b.groups[i];
		sources += r->b.sources[i];
	}
	assert_int_equal(groups, addrbook_count(&r->b));
	assert_int_equal(sources, addrbook_count(&r->b) - addrbook_tried(&r->b));
	assert_int_equal(r->l.max_address_book.used, addrbook_count(&r->b));
}

#endif
