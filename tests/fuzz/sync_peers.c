/* The model peers: what the node sends them, and what they do. */
#include "tests/fuzz/sync_world.h"

/* ---- the network (sync/peer_link.h) ---- */

static struct model_peer *find(struct world *w, peer_id id)
{
	for (size_t i = 0; i < PEERS; i++)
		if (w->peer[i].id == id && !w->peer[i].ending)
			return &w->peer[i];
	return NULL;
}

/* A release 0.10 node takes the second copy of a block for an unasked one, unless something proved
 * that it has read the first. */
static void note_served(struct model_peer *m, uint64_t index)
{
	if (index > BLOCKS || m->own_kind)
		return;
	must(m->peers_answered >= m->served_at[index]);
	m->served_at[index] = m->peers_asked + 1;
}

static void note_asked(struct model_peer *m, uint64_t index)
{
	if (m->count == ASKED) {
		m->first++;
		m->count--;
	}
	m->asked[(m->first + m->count++) % ASKED] = index;
}

static enum send_result model_send(void *ctx, peer_id id, const struct message *m)
{
	struct world *w = ctx;
	struct model_peer *p = find(w, id);

	if (!p)
		return SEND_GONE;
	if (w->sending != SEND_OK)
		return w->sending;
	if (m->type == MSG_GET_BLOCK)
		note_asked(p, m->index);
	if (m->type == MSG_BLOCK)
		note_served(p, m->index);
	p->peers_asked += m->type == MSG_GET_PEERS;
	return SEND_OK;
}

static uint64_t model_send_delay_ms(void *ctx, peer_id id)
{
	(void)ctx;
	(void)id;
	return 0;
}

static bool model_info(void *ctx, peer_id id, struct peer_info *out)
{
	struct model_peer *p = find(ctx, id);

	*out = (struct peer_info){.id = id};
	if (!p)
		return false;
	out->own_kind = p->own_kind;
	out->ready = true;
	out->get_peers_sent = p->peers_asked;
	out->peers_received = p->peers_answered;
	return true;
}

static void model_close(void *ctx, peer_id id, enum close_reason why)
{
	struct model_peer *p = find(ctx, id);

	(void)why;
	if (p)
		p->ending = true;
}

/* Nobody is banned who kept to the truth, while nobody else could forge a block. */
static void model_ban(void *ctx, peer_id id, const char *what)
{
	struct world *w = ctx;
	struct model_peer *p = find(w, id);

	if (p && !p->lies && !w->forged_good)
		fprintf(stderr, "banned without a lie: %s\n", what);
	must(!p || p->lies || w->forged_good);
	if (p)
		p->ending = true;
}

static void model_number(void *ctx, peer_id id, uint64_t number)
{
	(void)ctx;
	(void)id;
	(void)number;
}

static void model_credit(void *ctx, peer_id id)
{
	(void)ctx;
	(void)id;
}

struct net model_net(struct world *w)
{
	return (struct net){model_send, model_send_delay_ms, model_info, model_close, model_ban,
		model_number, model_number, model_credit, w};
}

/* ---- peers ---- */

void peer_join(struct world *w, struct model_peer *m, unsigned branch, bool own_kind)
{
	if (m->id)
		return;
	*m = (struct model_peer){.id = ++w->last_id, .own_kind = own_kind};
	m->branch = &chains_made()->branch[branch % BRANCHES];
	struct node_peer *np = sync_peers_add(&w->peers, m->id);
	if (!np) {
		must(w->memory_failed);
		m->id = 0;
		return;
	}
	sync_peer_ready(w->sync, np);
	announce_peer_ready(&w->announce, np);
}

void peer_leave(struct world *w, struct model_peer *m)
{
	if (!m->id)
		return;
	peer_id id = m->id;
	m->id = 0;
	m->ending = false;
	sync_peer_gone(w->sync, sync_peers_get(&w->peers, id));
	sync_peers_remove(&w->peers, id);
}

static struct node_peer *node_peer(struct world *w, const struct model_peer *m)
{
	return m->id && !m->ending ? sync_peers_get(&w->peers, m->id) : NULL;
}

void peer_tell(struct world *w, struct model_peer *m, uint64_t height, struct slice hash, bool pong)
{
	struct node_peer *np = node_peer(w, m);

	if (!np)
		return;
	sync_height(w->sync, np, height, hash);
	announce_height(&w->announce, np, height, pong);
}

void peer_give(struct world *w, struct model_peer *m, uint64_t index, struct slice block)
{
	struct message message = {.type = MSG_BLOCK, .index = index, .block = block};
	struct node_peer *np = node_peer(w, m);

	if (np)
		sync_block(w->sync, np, &message);
}

void peer_answer(struct world *w, struct model_peer *m)
{
	if (!m->id || !m->count)
		return;
	uint64_t index = m->asked[m->first++ % ASKED];
	m->count--;
	if (index <= m->branch->height)
		peer_give(w, m, index, m->branch->block[index]);
}

void peer_answer_kick(struct world *w, struct model_peer *m)
{
	struct node_peer *np = node_peer(w, m);

	if (!np || m->peers_answered >= m->peers_asked)
		return;
	m->peers_answered++;
	sync_kick_answered(w->sync, np);
	announce_kick_answered(&w->announce, np);
}

void peer_wants(struct world *w, struct model_peer *m, uint64_t index)
{
	struct node_peer *np = node_peer(w, m);

	if (!np)
		return;
	enum serve_result r = serve_get_block(&w->serve, np, index);
	bool served = r == SERVE_SENT || r == SERVE_WAITS;
	announce_asked(&w->announce, np, index, served, r == SERVE_REPEAT);
}
