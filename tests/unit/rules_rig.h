/* A chain of ten blocks and a candidate for the eleventh, for the tests of rules. */
#ifndef TESTS_UNIT_RULES_RIG_H
#define TESTS_UNIT_RULES_RIG_H

#include "chain/domain_rules.h"
#include "chain/rules.h"
#include "tests/unit/chain_fixture.h"

#define DATA "{\"encrypted\":\"\",\"zone\":\"mirror\"}"
/* A chain of ten blocks by authors 1 … 10 (1 is the genesis block), and a candidate for the
 * eleventh; difficulties are 0, everybody's key is strong. */
struct rules {
	struct fixture f;
	struct made m;
	struct block_facts facts;
	struct block_summary tip, last_full;
	bool has_tip, has_full;
	int64_t now;
};

static inline void candidate(struct rules *r, uint64_t index, unsigned author, bool full)
{
	struct block_summary below;

	made_block(&r->m, index, author, full, 1);
	if (full)
		r->m.b.tx.data = slice_str(DATA);
	if (view_summary(&r->f.view, index - 1, &below))
		memcpy(r->m.prev, below.hash, HASH_SIZE);
	r->m.hash[9] = 0xCC; /* another block than a stored one of this index */
	r->facts = (struct block_facts){true, true, 5, DOMAIN_UNREAD};
}

static inline void reload(struct rules *r)
{
	uint64_t height = store_height(r->f.store);

	r->has_tip = view_summary(&r->f.view, height, &r->tip);
	r->has_full = view_last_full(&r->f.view, height + 1, &r->last_full);
}

static inline void start_empty(struct rules *r)
{
	fixture_start(&r->f);
	struct chain_params *p = &r->f.params;
	p->origin_difficulty = p->domain_difficulty = p->signer_difficulty = 0;
	p->block_signers_start = 1000;
	p->new_domains_interval = 100;
	p->domain_lifetime = 1000;
	p->domain_renew_time = 100;
	r->now = 5000;
	r->has_tip = r->has_full = false;
}

static inline void start(struct rules *r)
{
	start_empty(r);
	for (unsigned i = 1; i <= 10; i++)
		fixture_add(&r->f, i, i == 1);
	reload(r);
	candidate(r, 11, 11, false);
}

static inline void end(struct rules *r)
{
	fixture_end(&r->f);
}

static inline void expect(struct rules *r, enum verdict verdict, const char *rule)
{
	const char *why = "";
	facts_read_domain(&r->facts, &r->m.b);
	struct check c = {
		.view = &r->f.view,
		.block = &r->m.b,
		.facts = &r->facts,
		.tip = r->has_tip ? &r->tip : NULL,
		.last_full = r->has_full ? &r->last_full : NULL,
		.now = r->now,
	};

	assert_string_equal(verdict_name(rules_check(&c, &why)), verdict_name(verdict));
	size_t n = strlen(rule);
	if (strncmp(why, rule, n) != 0 || why[n] != ' ')
		fail_msg("%s decided, not %s", why, rule);
}

#endif
