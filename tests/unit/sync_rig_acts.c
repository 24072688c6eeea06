/* What a model peer does to the sync engine, and what came of it. */
#include "tests/unit/sync_rig.h"

#include "base/mem.h"
#include "domain/domain.h"

/* ---- acting ---- */

void rig_settle(struct rig *r)
{
	do
		sync_collect(r->sync);
	while (!sync_idle(r->sync));
}

void rig_hears(struct rig *r)
{
	line_life_heard(&r->line, r->mono, &r->limits);
}

void rig_pass(struct rig *r, uint64_t ms)
{
	for (uint64_t at = 0; at < ms; at += 50) {
		r->mono += 50;
		sync_tick(r->sync);
		announce_tick(&r->announce);
		rig_settle(r);
	}
}

struct netaddr rig_address(unsigned network, unsigned host)
{
	struct netaddr a = {.ip = {[10] = 255,
				    [11] = 255,
				    [12] = 10,
				    [13] = (uint8_t)network,
				    [15] = (uint8_t)host},
		.port = 4244};

	return a;
}

struct node_peer *rig_peer_as(struct rig *r, const struct peer_info *info)
{
	struct node_peer *np = sync_peers_add(&r->peers, info->id);

	assert_true(np || r->failing);
	if (!np)
		return NULL;
	r->model[info->id] = (struct model_peer){.there = true, .info = *info};
	r->model[info->id].info.ready = true;
	sync_peer_ready(r->sync, np);
	return np;
}

struct node_peer *rig_peer(struct rig *r, peer_id id, bool own_kind, uint64_t height)
{
	struct peer_info info = {.id = id,
		.own_kind = own_kind,
		.height = height,
		.addr = rig_address((unsigned)id, 1)};
	struct host *h = hosts_enter(&r->sync->hosts, &info, r->mono);

	h->rtt_ms = h->rtt_ms ? h->rtt_ms : 1;
	hosts_leave(h, r->mono);

	return rig_peer_as(r, &info);
}

void rig_leave(struct rig *r, peer_id id)
{
	r->model[id].there = false;
	sync_peer_gone(r->sync, sync_peers_get(&r->peers, id));
	sync_peers_remove(&r->peers, id);
}

void rig_tells(struct rig *r, peer_id id, const struct branch *b, uint64_t height)
{
	struct block_owned *block;

	assert_int_equal(block_decode_owned(b->block[height], &block), ERR_OK);
	sync_height(r->sync, sync_peers_get(&r->peers, id), height, block->b.hash);
	mem_free(block);
}

void rig_gives(struct rig *r, peer_id id, uint64_t index, struct slice block)
{
	struct message m = {.type = MSG_BLOCK, .index = index, .block = block};

	sync_block(r->sync, sync_peers_get(&r->peers, id), &m);
	rig_settle(r);
}

void rig_sends_peers(struct rig *r, peer_id id)
{
	struct peer_info *info = &r->model[id].info;
	struct node_peer *np = sync_peers_get(&r->peers, id);

	assert_true(info->peers_received < info->get_peers_sent);
	info->peers_received++;
	sync_kick_answered(r->sync, np);
	announce_kick_answered(&r->announce, np);
}

unsigned rig_serves(struct rig *r, peer_id id, const struct branch *b)
{
	unsigned answered = 0;

	for (size_t i = 0; i < r->sent_count; i++) {
		struct sent *s = &r->sent[i];
		if (s->to != id || s->type != MSG_GET_BLOCK)
			continue;
		s->type = MSG_COUNT; /* dealt with; rig_count() does not see it any more */
		if (s->index > b->height || r->model[id].banned)
			continue;
		rig_gives(r, id, s->index, b->block[s->index]);
		answered++;
	}
	return answered;
}

void rig_fill(struct rig *r, const struct branch *b, uint64_t height)
{
	struct block_facts facts = {true, true, 64, DOMAIN_UNREAD};
	struct block_owned *block;

	for (uint64_t i = 1; i <= height; i++) {
		assert_int_equal(block_decode_owned(b->block[i], &block), ERR_OK);
		facts_read_domain(&facts, &block->b);
		struct outcome o = chain_submit(r->chain, block, &facts, r->wall, 0);
		assert_int_equal(o.action, CHAIN_APPENDED);
		mem_free(block);
	}
	assert_int_equal(chain_commit(r->chain), ERR_OK);
	announce_new_tip(&r->announce, false);
}

/* ---- asking ---- */

uint64_t rig_height(struct rig *r)
{
	struct chain_tip t;

	chain_get_tip(r->chain, &t);
	return t.height;
}

bool rig_on(struct rig *r, const struct branch *b)
{
	struct block_owned *block;
	bool same;

	assert_int_equal(block_decode_owned(b->block[b->height], &block), ERR_OK);
	same = rig_height(r) == b->height && chain_has(r->chain, b->height, block->b.hash);
	mem_free(block);
	return same;
}

unsigned rig_count(const struct rig *r, peer_id id, enum message_type type)
{
	unsigned n = 0;

	for (size_t i = 0; i < r->sent_count; i++)
		n += r->sent[i].to == id && r->sent[i].type == type;
	return n;
}
