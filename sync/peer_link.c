/* Passes what the engines ask of the network on to p2p. Before: node/engines.c gives this to the
 * engines. After: p2p/p2p.h. */
#include "sync/peer_link.h"

static enum send_result net_send(void *ctx, peer_id id, const struct message *m)
{
	return p2p_send(ctx, id, m);
}

static uint64_t net_send_delay_ms(void *ctx, peer_id id)
{
	return p2p_send_delay_ms(ctx, id);
}

static bool net_info(void *ctx, peer_id id, struct peer_info *out)
{
	return p2p_info(ctx, id, out);
}

static void net_close(void *ctx, peer_id id, enum close_reason why)
{
	p2p_close(ctx, id, why);
}

static void net_ban(void *ctx, peer_id id, const char *what)
{
	p2p_ban_peer(ctx, id, 0, what);
}

static void net_set_height(void *ctx, peer_id id, uint64_t height)
{
	p2p_set_height(ctx, id, height);
}

static void net_note_rtt(void *ctx, peer_id id, uint64_t ms)
{
	p2p_note_rtt(ctx, id, ms);
}

static void net_credit(void *ctx, peer_id id)
{
	p2p_credit(ctx, id);
}

struct net peer_link_of_p2p(struct p2p *p)
{
	return (struct net){net_send, net_send_delay_ms, net_info, net_close, net_ban,
		net_set_height, net_note_rtt, net_credit, p};
}
