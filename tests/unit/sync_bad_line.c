/* See tests/unit/sync_bad_line.h. */
#include "tests/unit/sync_bad_line.h"

#include "base/mem.h"

enum {
	STEP_MS = 10,
	TICK_MS = 250,
	PATIENCE_MS = 1500000,
	PIECE = 400,   /* bytes that take their turn on the line */
	QUESTION = 64, /* bytes of the frame of a GetBlock or GetPeers */
	PEERS_FRAME = 300,
	FRAMES = 1024, /* that wait at all peers or on their way up */
	PIECES = 4096, /* on their way down */
};

/* A question on its way up, then its answer at the peer. */
struct frame {
	peer_id peer;
	uint64_t index; /* 0 = Peers */
	uint64_t at_us; /* it is there then */
	size_t size, left;
};

struct piece {
	peer_id peer;
	uint64_t at_us, index;
	size_t bytes, frame, last; /* last: it ends the frame */
};

struct run {
	struct rig *r;
	const struct branch *b;
	const struct bad_line *l;
	uint64_t begun;
	struct frame frames[FRAMES]; /* in the order of their questions */
	size_t frame_count;
	struct piece pieces[PIECES]; /* a ring */
	size_t first, count;
	uint64_t up_us, down_us; /* the line is free then */
	peer_id turn;
	uint64_t frame_since[RIG_PEERS + 1]; /* as struct conn; 0 = no frame has begun */
};

static size_t frame_of_devnet(uint64_t index)
{
	return index % 16 == 7 ? 9000 : index % 3 ? 600 : 1100;
}

static size_t mixed_frame(uint64_t index)
{
	static const size_t sizes[] = {
		600, 1300, 600, 4000, 1300, 900, 9000, 600, 1300, 38000, 600};

	return sizes[index % (sizeof sizes / sizeof sizes[0])];
}

/* ---- the line ---- */

/* When so many bytes that come at `at` have left it. */
static uint64_t leave(const struct run *u, uint64_t *free_us, uint64_t at, size_t bytes)
{
	uint64_t good = u->l->good_ms * 1000ULL, period = good + u->l->silence * 1000ULL;

	at = at > *free_us ? at : *free_us;
	if (u->l->silence && (at + u->l->begins_ms * 1000ULL) % period > good)
		at += period - (at + u->l->begins_ms * 1000ULL) % period;
	*free_us = at + bytes * 1000000ULL / u->l->rate;
	return *free_us;
}

static uint64_t now_us(const struct run *u)
{
	return (u->r->mono - u->begun) * 1000;
}

/* ---- up ---- */

static void ask(struct run *u, const struct sent *s)
{
	uint64_t index = s->type == MSG_GET_BLOCK ? s->index : 0;
	struct frame *f = &u->frames[u->frame_count++];

	assert_true(u->frame_count < FRAMES);
	f->peer = s->to;
	f->index = index;
	f->at_us = leave(u, &u->up_us, now_us(u), QUESTION) + u->l->delay_ms * 1000ULL;
	f->left = f->size =
		index ? (u->l->mixed ? mixed_frame(index) : frame_of_devnet(index)) : PEERS_FRAME;
}

static void send_questions(struct run *u)
{
	for (size_t i = 0; i < u->r->sent_count; i++) {
		const struct sent *s = &u->r->sent[i];
		if (s->type == MSG_GET_BLOCK || s->type == MSG_GET_PEERS)
			ask(u, s);
	}
	u->r->sent_count = 0;
}

/* ---- down ---- */

static struct frame *head_of(struct run *u, peer_id peer)
{
	for (size_t i = 0; i < u->frame_count; i++)
		if (u->frames[i].peer == peer)
			return u->frames[i].at_us <= u->down_us ? &u->frames[i] : NULL;
	return NULL;
}

static struct frame *next_frame(struct run *u)
{
	struct frame *f = NULL;

	if (u->l->first_come)
		return u->frame_count && u->frames[0].at_us <= u->down_us ? &u->frames[0] : NULL;
	for (unsigned i = 0; !f && i < u->l->peers; i++) {
		u->turn = u->turn % u->l->peers + 1;
		f = head_of(u, u->turn);
	}
	return f;
}

static void send_piece(struct run *u, struct frame *f)
{
	size_t bytes = f->left < PIECE ? f->left : PIECE;
	struct piece *p = &u->pieces[(u->first + u->count++) % PIECES];

	assert_true(u->count < PIECES);
	f->left -= bytes;
	*p = (struct piece){.peer = f->peer,
		.index = f->index,
		.bytes = bytes,
		.frame = f->size,
		.last = f->left == 0};
	p->at_us = leave(u, &u->down_us, u->down_us, bytes) + u->l->delay_ms * 1000ULL;
	if (f->left)
		return;
	u->frame_count--;
	memmove(f, f + 1, (size_t)(&u->frames[u->frame_count] - f) * sizeof *f);
}

static void send_answers(struct run *u)
{
	struct frame *f;

	while (u->down_us <= now_us(u)) {
		f = next_frame(u);
		if (f)
			send_piece(u, f);
		else
			u->down_us += 1000;
	}
}

static void deliver(struct run *u, const struct piece *p)
{
	struct peer_info *info = &u->r->model[p->peer].info;

	if (u->r->model[p->peer].closed)
		return;
	rig_hears(u->r);
	if (!u->frame_since[p->peer])
		u->frame_since[p->peer] = u->r->mono;
	info->frame_here += p->bytes;
	info->frame_size = p->frame;
	if (!p->last)
		return;
	u->frame_since[p->peer] = 0;
	info->frame_here = info->frame_size = 0;
	info->frame_last = p->frame;
	if (p->index)
		rig_gives(u->r, p->peer, p->index, u->b->block[p->index]);
	else
		rig_sends_peers(u->r, p->peer);
}

static void receive(struct run *u)
{
	while (u->count && u->pieces[u->first].at_us <= now_us(u)) {
		struct piece p = u->pieces[u->first];
		u->first = (u->first + 1) % PIECES;
		u->count--;
		deliver(u, &p);
	}
}

/* As p2p/conn_time.c does. */
static void close_who_is_late(struct run *u)
{
	const struct limits *l = &u->r->limits;

	for (peer_id id = 1; id <= u->l->peers; id++) {
		uint64_t since = u->frame_since[id], now = u->r->mono;
		uint64_t bytes_ms = u->r->model[id].info.frame_here * 1000 / CONN_LEAST_RATE;
		if (!since || now < since + l->frame_timeout.max + bytes_ms)
			continue;
		if (!line_life_doubted(&u->r->line, since, now, l) ||
			now >= since + line_life_patience(l->frame_timeout.max, l) + bytes_ms)
			u->r->model[id].closed = true;
	}
}

/* ---- the run ---- */

static void connect_peers(struct run *u)
{
	for (peer_id id = 1; id <= u->l->peers; id++) {
		struct peer_info info = {.id = id,
			.own_kind = true,
			.outbound = true,
			.configured = true,
			.height = u->b->height,
			.addr = rig_address((unsigned)id, 1)};
		rig_peer_as(u->r, &info);
	}
}

static struct bad_line_result result(struct run *u)
{
	struct bad_line_result out = {.reached = rig_on(u->r, u->b),
		.ms = u->r->mono - u->begun,
		.received = u->r->sync->blocks_received};

	for (peer_id id = 1; id <= u->l->peers; id++) {
		out.closed += u->r->model[id].closed;
		out.banned += u->r->model[id].banned;
	}
	return out;
}

struct bad_line_result bad_line_run(struct rig *r, const struct branch *b, const struct bad_line *l)
{
	struct run *u = mem_alloc(sizeof *u);
	uint64_t tick = 0;

	*u = (struct run){.r = r, .b = b, .l = l, .begun = r->mono};
	connect_peers(u);
	while (rig_height(r) < b->height && r->mono - u->begun < PATIENCE_MS) {
		send_questions(u);
		r->mono += STEP_MS;
		send_answers(u);
		receive(u);
		close_who_is_late(u);
		if (r->mono < tick)
			continue;
		sync_tick(r->sync);
		rig_settle(r);
		tick = r->mono + TICK_MS;
	}
	struct bad_line_result out = result(u);
	mem_free(u);
	return out;
}
