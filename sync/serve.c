/* Answers GetBlock from the store, each block once. Before: node/dispatch.c has a GetBlock. After:
 * sync/peer_link.h sends the Block. */
#include "base/mem.h"
#include "sync/serve.h"

/* A byte takes two at most in a message, so a block of this size needs no counting. */
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

/* Its place in the list of what was served, or the length of that list. */
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

/* Would the peer get it twice before it is proven that the first copy was read? An entry stays when
 * it is proven: release 0.10 may still answer with its own block of that index. */
static bool unproven(struct serve *s, const struct node_peer *np, uint64_t index)
{
	const struct served *e = fifo_at(&np->serve.blocks, place_of(np, index));
	struct peer_info info;

	if (waits(np, index))
		return true;
	return e && s->net.info(s->net.ctx, np->id, &info) && info.peers_received <= e->asked;
}

/* False when memory ran out: then it must not be sent. */
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
