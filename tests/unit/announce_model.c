/* See announce_model.h. */
#include "tests/unit/announce_model.h"

enum {
	QUIET = 10, /* p2p_send_delay_ms() */
	TICK = 500,
	TICK_PEERS = 4,
	PENDING = 5000,
};

static uint64_t now(const struct announce_model *m)
{
	return m->rig->mono;
}

/* ---- the wires ---- */

static void wire_put(struct wire *w, enum message_type type, uint64_t number, uint64_t at)
{
	assert_true(w->count < FRAMES_MAX);
	w->frame[(w->first + w->count++) % FRAMES_MAX] = (struct wire_frame){type, number, at};
}

static struct wire_frame wire_take(struct wire *w)
{
	struct wire_frame f = w->frame[w->first];

	w->first = (w->first + 1) % FRAMES_MAX;
	w->count--;
	w->there--;
	return f;
}

/* True when something came. */
static bool wire_arrives(struct wire *w, uint64_t time)
{
	size_t before = w->there;

	while (w->there < w->count && w->frame[(w->first + w->there) % FRAMES_MAX].at <= time)
		w->there++;
	return w->there > before;
}

/* ---- our nodes ---- */

static enum send_result feeder_send(void *ctx, peer_id id, const struct message *m)
{
	struct feeder *f = ctx;
	bool has_height = m->type == MSG_PING || m->type == MSG_PONG;

	(void)id;
	f->sent[m->type]++;
	f->info.get_peers_sent += m->type == MSG_GET_PEERS;
	if (m->type == MSG_BLOCK)
		f->soft_at = now(f->model);
	wire_put(&f->to, m->type, has_height ? m->height : m->index,
		now(f->model) + f->model->travel_ms);
	return SEND_OK;
}

static uint64_t feeder_send_delay_ms(void *ctx, peer_id id)
{
	struct feeder *f = ctx;
	uint64_t until = f->soft_at + QUIET;

	(void)id;
	return f->soft_at && until > now(f->model) ? until - now(f->model) : 0;
}

static bool feeder_info(void *ctx, peer_id id, struct peer_info *out)
{
	(void)id;
	*out = ((struct feeder *)ctx)->info;
	return true;
}

void feeder_exchanges(struct feeder *f)
{
	feeder_send(f, FEEDER_PEER, &(struct message){.type = MSG_GET_PEERS});
}

static void feeder_begin(struct feeder *f, struct announce_model *m)
{
	struct rig *r = m->rig;
	struct net net = {.send = feeder_send,
		.send_delay_ms = feeder_send_delay_ms,
		.info = feeder_info,
		.ctx = f};

	f->model = m;
	sync_peers_init(&f->peers, &r->limits, 3);
	assert_true(serve_init(&f->serve, r->chain, net));
	announce_init(&f->announce, r->chain, &f->peers, net, &r->clock, &r->rng);
	f->np = sync_peers_add(&f->peers, FEEDER_PEER);
	assert_non_null(f->np);
	announce_peer_ready(&f->announce, f->np);
}

static void feeder_reads(struct feeder *f)
{
	struct wire_frame in = wire_take(&f->from);
	enum serve_result r;

	switch (in.type) {
	case MSG_GET_BLOCK:
		r = serve_get_block(&f->serve, f->np, in.number);
		announce_asked(&f->announce, f->np, in.number, r == SERVE_SENT, r == SERVE_REPEAT);
		break;
	case MSG_PONG:
		f->np->sync.height = in.number;
		announce_height(&f->announce, f->np, in.number, true);
		break;
	case MSG_PEERS:
		f->info.peers_received++;
		announce_kick_answered(&f->announce, f->np);
		break;
	default:
		fail();
	}
}

/* ---- the node of release 0.10 ---- */

static void replies(struct feeder *f, enum message_type type, uint64_t number)
{
	f->reply = (struct wire_frame){type, number, 0};
	f->replies = true;
}

static void requests(struct feeder *f, uint64_t index)
{
	f->model->doubles += f->requested[index];
	f->requested[index] = true;
	replies(f, MSG_GET_BLOCK, index);
}

static void reads_ping(struct announce_model *m, struct feeder *f, uint64_t height)
{
	f->height = height;
	if (height > m->own_height && !m->seen[height])
		requests(f, m->own_height + 1);
	else
		replies(f, MSG_PONG, m->own_height);
}

static void reads_block(struct announce_model *m, struct feeder *f, uint64_t index)
{
	m->unasked += !f->requested[index];
	f->requested[index] = false;
	if (m->seen[index])
		return;
	m->seen[index] = true;
	f->highest_received = index;
	m->checking = index;
	m->busy_until = now(m) + m->checks_ms;
}

static void reads(struct announce_model *m, struct feeder *f)
{
	struct wire_frame in = wire_take(&f->to);

	if (in.type == MSG_PING)
		reads_ping(m, f, in.number);
	else if (in.type == MSG_GET_PEERS)
		replies(f, MSG_PEERS, 0);
	else if (in.type == MSG_BLOCK)
		reads_block(m, f, in.number);
}

static void writes(struct announce_model *m, struct feeder *f)
{
	wire_put(&f->from, f->reply.type, f->reply.number, now(m) + m->travel_ms);
	f->replies = false;
	m->wrote = f;
	m->busy_until = now(m) + m->pauses_ms;
}

static void has_checked(struct announce_model *m, uint64_t index)
{
	if (m->drops[index]) {
		m->drops[index]--;
		m->seen[index] = m->remembers[index];
	} else if (index > m->own_height) {
		m->early[index] = true;
	}
	while (m->own_height < RIG_BLOCKS && m->early[m->own_height + 1])
		m->own_height++;
}

/* What it did when it was deaf is done. */
static void wakes(struct announce_model *m)
{
	if (m->checking)
		has_checked(m, m->checking);
	if (m->wrote && m->wrote->to.there)
		m->wrote->edge = true; /* registering the socket anew reports what lies unread */
	m->checking = 0;
	m->wrote = NULL;
}

static bool may_be_asked(const struct announce_model *m, const struct feeder *f)
{
	return f->height > m->own_height && f->highest_received <= m->own_height && !f->replies;
}

/* protocol.md 5.11 */
static void ticks(struct announce_model *m)
{
	uint64_t index = m->own_height + 1, last = m->own_height + m->feeders;
	size_t from = rng_below(&m->rng, (uint32_t)m->feeders);

	m->tick_at = now(m) + TICK;
	if (!m->ticks || m->feeders < TICK_PEERS || (m->feeders < 10 && rng_below(&m->rng, 2)))
		return;
	for (size_t i = 0; i < m->feeders && index <= last; i++) {
		struct feeder *f = &m->feeder[(from + i) % m->feeders];
		if (!may_be_asked(m, f) || index > f->height)
			continue;
		bool waits = m->pending_ms[index] && now(m) - m->pending_ms[index] < PENDING;
		if (!m->early[index] && !waits) {
			m->pending_ms[index] = now(m);
			requests(f, index);
		}
		index++;
	}
}

/* One event of one connection; false when there is none. */
static bool serves_one(struct announce_model *m)
{
	for (size_t i = 0; i < m->feeders; i++) {
		struct feeder *f = &m->feeder[m->turn++ % m->feeders];
		bool readable = f->edge && f->to.there;
		f->edge = false;
		if (readable && !f->replies)
			reads(m, f);
		if (f->replies && !m->checking)
			writes(m, f);
		else if (!readable)
			continue;
		return true;
	}
	return false;
}

static void works(struct announce_model *m)
{
	while (now(m) >= m->busy_until) {
		wakes(m);
		if (now(m) >= m->forget_at) {
			memset(m->seen, 0, sizeof m->seen);
			m->forget_at = now(m) + m->forgets_ms;
		}
		if (now(m) >= m->tick_at)
			ticks(m);
		if (!serves_one(m))
			return;
	}
}

/* ---- all together ---- */

void announce_model_begin(struct announce_model *m, struct rig *r, size_t feeders, uint64_t height)
{
	*m = (struct announce_model){.rig = r,
		.feeders = feeders,
		.checks_ms = 33,
		.pauses_ms = 2,
		.forgets_ms = 60000,
		.ticks = true,
		.own_height = height};
	m->rng = rng_from_seed(&m->seed, 7);
	m->tick_at = now(m) + TICK;
	m->forget_at = now(m) + m->forgets_ms;
	for (size_t i = 0; i < feeders; i++)
		feeder_begin(&m->feeder[i], m);
}

void announce_model_end(struct announce_model *m)
{
	assert_int_equal(m->unasked, 0);
	for (size_t i = 0; i < m->feeders; i++) {
		serve_free(&m->feeder[i].serve);
		sync_peers_clear(&m->feeder[i].peers);
	}
}

void announce_model_pass(struct announce_model *m, uint64_t ms)
{
	for (; ms; ms--) {
		m->rig->mono++;
		for (size_t i = 0; i < m->feeders; i++) {
			struct feeder *f = &m->feeder[i];
			wire_arrives(&f->from, now(m));
			while (f->from.there)
				feeder_reads(f);
			announce_tick(&f->announce);
			f->edge |= wire_arrives(&f->to, now(m));
		}
		works(m);
	}
}

uint64_t announce_model_reaches(struct announce_model *m, uint64_t height, uint64_t most)
{
	uint64_t begun = now(m);

	while (m->own_height < height && now(m) - begun < most)
		announce_model_pass(m, 1);
	return now(m) - begun;
}
