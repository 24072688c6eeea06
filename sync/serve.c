/* Answers GetBlock from the store, each block once. Before: node/dispatch.c has a GetBlock. After:
 * sync/peer_link.h sends the Block. */
#include "base/mem.h"
#include "sync/serve.h"

/* A message encodes a byte of the block in two bytes at most, so for a block up to this size it
 * need not be computed whether it fits. */
enum { SURELY_FITS = MESSAGE_MAX / 2 - 64 };

bool serve_init(struct serve *s, struct chain *chain, struct net net)
{
	*s = (struct serve){.chain = chain, .net = net, .block = mem_alloc(BLOCK_MAX_ENCODED)};
	return s->block != NULL;
}

void serve_free(struct serve *s)
{
	mem_free(s->block);
	s->block = NULL;
}

/* The position of the index in the list of blocks served to the peer; the length of that list when
 * it is not there. */
static size_t place_of(const struct node_peer *np, uint64_t index)
{
	struct served *e;
	size_t i = 0;

	while ((e = fifo_at(&np->serve.blocks, i)) && e->index != index)
		i++;
	return i;
}

static bool waits(const struct node_peer *np, uint64_t index)
{
	for (size_t i = 0; i < np->serve.waiting.count; i++)
		if (*(uint64_t *)fifo_at(&np->serve.waiting, i) == index)
			return true;
	return false;
}

/* True when the block waits to be sent, or was sent and we have no proof yet that the peer read it.
 * The entry stays in the list after the proof: release 0.10 may still answer the block with its own
 * one of that index, which must not count as unrequested (sync/sync_check.c). */
static bool unproven(struct serve *s, const struct node_peer *np, uint64_t index)
{
	const struct served *e = fifo_at(&np->serve.blocks, place_of(np, index));
	struct peer_info info;

	if (waits(np, index))
		return true;
	return e && s->net.info(s->net.ctx, np->id, &info) && info.peers_received <= e->asked;
}

/* Notes that the block is about to be sent. False when memory ran out: then it must not be sent,
 * because we could not tell a second request for it from the first. */
static bool remember(struct serve *s, struct node_peer *np, uint64_t index)
{
	struct served e = {.index = index};
	struct peer_info info;

	if (s->net.info(s->net.ctx, np->id, &info))
		e.asked = info.get_peers_sent;
	fifo_remove(&np->serve.blocks, place_of(np, index));
	fifo_push_evict(&np->serve.blocks, &e, NULL);
	return place_of(np, index) < np->serve.blocks.count;
}

static void forget(struct node_peer *np, uint64_t index)
{
	fifo_remove(&np->serve.blocks, place_of(np, index));
}

static enum serve_result send_block(struct serve *s, struct node_peer *np, uint64_t index)
{
	struct message m = {.type = MSG_BLOCK, .index = index};
	size_t n;

	if (chain_read(s->chain, index, s->block, BLOCK_MAX_ENCODED, &n) != ERR_OK)
		return SERVE_NONE;
	m.block = slice_of(s->block, n);
	if (n > SURELY_FITS && message_block_size(index, m.block) > MESSAGE_MAX)
		return SERVE_NONE;
	if (!np->own_kind && !remember(s, np, index))
		return SERVE_NONE;
	enum send_result sent = s->net.send(s->net.ctx, np->id, &m);
	if (sent == SEND_OK) {
		s->blocks_served++;
		return SERVE_SENT;
	}
	forget(np, index);
	return sent == SEND_FULL ? SERVE_WAITS : SERVE_NONE;
}

enum serve_result serve_get_block(struct serve *s, struct node_peer *np, uint64_t index)
{
	enum serve_result result = SERVE_WAITS;

	if (!np->own_kind && unproven(s, np, index)) {
		s->repeats_ignored++;
		return SERVE_REPEAT;
	}
	if (!np->serve.waiting.count)
		result = send_block(s, np, index);
	if (result == SERVE_WAITS && fifo_push(&np->serve.waiting, &index) != ERR_OK) {
		s->net.close(s->net.ctx, np->id, CLOSE_OUTPUT);
		return SERVE_NONE;
	}
	return result;
}

void serve_drained(struct serve *s, struct node_peer *np)
{
	uint64_t *index;

	while ((index = fifo_at(&np->serve.waiting, 0))) {
		if (send_block(s, np, *index) == SERVE_WAITS)
			return;
		fifo_pop(&np->serve.waiting, NULL);
	}
}
