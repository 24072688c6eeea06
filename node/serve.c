#include "base/mem.h"
#include "node/serve.h"

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

/* Was this block sent and is it open whether it was read? Entries that are proven go. */
static bool unproven(struct node_peer *np, uint64_t index, uint64_t peers_received)
{
	struct served *e;

	for (size_t i = 0; (e = fifo_at(&np->serve.blocks, i));) {
		if (peers_received > e->asked)
			fifo_remove(&np->serve.blocks, i);
		else if (e->index == index)
			return true;
		else
			i++;
	}
	return false;
}

static void remember(struct serve *s, struct node_peer *np, uint64_t index)
{
	struct served e = {.index = index};
	struct peer_info info;

	if (s->net.info(s->net.ctx, np->id, &info))
		e.asked = info.get_peers_sent;
	fifo_push_evict(&np->serve.blocks, &e, NULL);
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
	switch (s->net.send(s->net.ctx, np->id, &m)) {
	case SEND_OK:
		break;
	case SEND_FULL:
		return SERVE_WAITS;
	case SEND_GONE:
		return SERVE_NONE;
	}
	s->blocks_served++;
	if (!np->own_kind)
		remember(s, np, index);
	return SERVE_SENT;
}

enum serve_result serve_get_block(struct serve *s, struct node_peer *np, uint64_t index)
{
	enum serve_result result = SERVE_WAITS;
	struct peer_info info;

	if (!np->own_kind && np->serve.blocks.count && s->net.info(s->net.ctx, np->id, &info) &&
		unproven(np, index, info.peers_received)) {
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
