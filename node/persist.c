/* Writes address book and bans to the store and reads them, at the start, at the end and in
 * between. Before: node/node.c, node/engines.c. After: chain/chain.h stores bytes under a name. */
#include "base/log.h"
#include "base/mem.h"
#include "node/persist.h"

static const struct kept {
	const char *name;
	void (*save)(struct p2p *p, struct wr *w);
	bool (*load)(struct p2p *p, struct slice bytes);
} kept[] = {
	{"address-book", p2p_save_book, p2p_load_book},
	{"bans", p2p_save_bans, p2p_load_bans},
};

enum {
	KEPT = sizeof kept / sizeof kept[0],
	WAIT_FIRST_MS = 5000, /* doubled each time, so as not to wear out a flash card, */
	WAIT_MAX_MS = 300000, /* up to this */
};

static const char TIME[] = "kept-time";

/* Address book and bans hold times. They are read by the clock as it was when they were stored, and
 * p2p_follow_clock() then moves them to the clock of now. */
static void load_time(struct chain *c, struct p2p *p)
{
	uint8_t bytes[64];
	size_t n;

	if (chain_get_value(c, TIME, bytes, sizeof bytes, &n) == ERR_OK)
		p2p_load_time(p, chain_now(c, INT64_MIN), slice_of(bytes, n));
}

static void save_time(struct chain *c, struct p2p *p)
{
	uint8_t bytes[64];
	struct wr w = wr_of(bytes, sizeof bytes);

	p2p_save_time(p, chain_now(c, INT64_MIN), &w);
	chain_put_value(c, TIME, wr_done(&w));
}

void persist_load(struct chain *c, struct p2p *p)
{
	size_t size = p2p_book_bound(p), n;
	uint8_t *space = mem_alloc(size);

	load_time(c, p);

	for (size_t i = 0; space && i < KEPT; i++) {
		if (chain_get_value(c, kept[i].name, space, size, &n) != ERR_OK)
			continue;
		if (!kept[i].load(p, slice_of(space, n)))
			log_warn("the stored %s does not parse and was dropped", kept[i].name);
	}
	mem_free(space);
	p2p_follow_clock(p);
}

void persist_save(struct chain *c, struct p2p *p)
{
	size_t size = p2p_book_bound(p);
	uint8_t *space = mem_alloc(size);

	save_time(c, p);

	for (size_t i = 0; space && i < KEPT; i++) {
		struct wr w = wr_of(space, size);
		kept[i].save(p, &w);
		if (!w.bad && chain_put_value(c, kept[i].name, wr_done(&w)) != ERR_OK)
			log_warn("the %s could not be kept", kept[i].name);
	}
	mem_free(space);
}

bool persist_tick(struct persist *k, struct chain *c, struct p2p *p, uint64_t now_ms)
{
	uint64_t changes = p2p_kept_changes(p);

	if (!k->wait_ms) {
		k->wait_ms = WAIT_FIRST_MS;
		k->next_ms = now_ms + k->wait_ms;
	}
	if (changes == k->changes || now_ms < k->next_ms)
		return false;
	persist_save(c, p);
	k->changes = changes;
	k->wait_ms = k->wait_ms * 2 < WAIT_MAX_MS ? k->wait_ms * 2 : WAIT_MAX_MS;
	k->next_ms = now_ms + k->wait_ms;
	return true;
}
