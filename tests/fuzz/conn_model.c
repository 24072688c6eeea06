#include "tests/fuzz/conn_model.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

#include "p2p/p2p_internal.h"
#include "tests/unit/p2p_start.h"

enum { TURNS = 64, FIRST_MS = 1000000, DRAIN_MS = 200000 };

static struct world *world; /* of the process: sockets and time are asked of the system */

/* ---- what the system is asked ---- */

int clock_gettime(clockid_t id, struct timespec *ts)
{
	if (!world || (id != CLOCK_MONOTONIC && id != CLOCK_MONOTONIC_COARSE))
		return (int)syscall(SYS_clock_gettime, id, ts);
	ts->tv_sec = (time_t)(world->mono / 1000);
	ts->tv_nsec = (long)(world->mono % 1000 * 1000000);
	return 0;
}

static struct link *free_link(void)
{
	for (size_t i = 0; world && i < LINKS; i++)
		if (world->link[i].fd < 0)
			return &world->link[i];
	return NULL;
}

/* The node's sockets are ends of pairs. */
int socket(int domain, int type, int protocol)
{
	struct link *l;
	int pair[2];

	if (!world || !(type & SOCK_STREAM) || (domain != AF_INET && domain != AF_INET6))
		return (int)syscall(SYS_socket, domain, type, protocol);
	l = free_link();
	if (!l || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair)) {
		errno = EMFILE;
		return -1;
	}
	for (size_t i = 0; i < LINKS; i++)
		if (world->link[i].node_fd == pair[0])
			world->link[i].node_fd = -1; /* closed long ago */
	link_begin(world, l, pair[1], true);
	l->node_fd = pair[0];
	return pair[0];
}

/* Not writable until somebody reads. */
static void fill(struct link *l, int fd)
{
	static const uint8_t zeros[4096];
	ssize_t n;

	while ((n = send(fd, zeros, sizeof zeros, MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
		l->skip += (size_t)n;
}

static struct link *link_of(int node_fd)
{
	for (size_t i = 0; i < LINKS; i++)
		if (world->link[i].fd >= 0 && world->link[i].node_fd == node_fd)
			return &world->link[i];
	return NULL;
}

int connect(int fd, const struct sockaddr *to, socklen_t n)
{
	struct link *l = world ? link_of(fd) : NULL;

	if (!world || to->sa_family == AF_UNIX)
		return (int)syscall(SYS_connect, fd, to, n);
	switch (world->dial) {
	case DIAL_GOOD:
		return 0;
	case DIAL_STUCK:
		if (l)
			fill(l, fd);
		break;
	case DIAL_BAD:
		errno = ECONNREFUSED;
		return -1;
	case DIAL_LATE:
	case DIAL_MODES:
		break;
	}
	errno = EINPROGRESS;
	return -1;
}

static int64_t wall(void *ctx)
{
	return ((struct world *)ctx)->wall;
}

static uint64_t mono(void *ctx)
{
	return ((struct world *)ctx)->mono;
}

/* ---- what the node is told ---- */

static void on_ready(void *ctx, peer_id id)
{
	struct world *w = ctx;

	must(id > 0 && id < IDS && w->state[id] == 0);
	w->state[id] = 1;
	w->last = id;
	w->ready++;
}

static void send_block(struct world *w, peer_id id)
{
	static const uint8_t block[30000];
	struct message m = {.type = MSG_BLOCK, .index = 7, .block = {block, sizeof block}};

	p2p_send(w->p, id, &m);
}

static void on_message(void *ctx, peer_id id, const struct message *m)
{
	struct world *w = ctx;
	struct message pong = {.type = MSG_PONG, .height = 9};

	must(id < IDS && w->state[id] == 1);
	must(m->type == MSG_PING || m->type == MSG_PONG || m->type == MSG_GET_BLOCK ||
		m->type == MSG_BLOCK || m->type == MSG_PEERS);
	switch (w->react) {
	case REACT_PONG:
		p2p_send(w->p, id, &pong);
		break;
	case REACT_BLOCK:
		send_block(w, id);
		break;
	case REACT_CLOSE:
		p2p_close(w->p, w->last, CLOSE_MISBEHAVED);
		break;
	case REACT_BAN:
		p2p_ban_peer(w->p, id, 60, "as the script says");
		break;
	case REACT_CREDIT:
		p2p_credit(w->p, id);
		break;
	case REACT_NOT:
	case REACTS:
		break;
	}
}

static void on_gone(void *ctx, peer_id id, enum close_reason why)
{
	struct world *w = ctx;

	must(id < IDS && w->state[id] == 1 && why != CLOSE_NONE);
	w->state[id] = 2;
	w->ready--;
}

static void on_drained(void *ctx, peer_id id)
{
	struct world *w = ctx;

	must(id < IDS && w->state[id] == 1);
	if (w->react == REACT_BLOCK)
		send_block(w, id);
}

static uint64_t tip(void *ctx, uint8_t hash[32])
{
	(void)ctx;
	memset(hash, 7, 32);
	return 7;
}

/* ---- life ---- */

void world_init(struct world *w)
{
	*w = (struct world){.mono = FIRST_MS, .wall = 1700000000};
	w->clock = (struct clock){wall, mono, w};
	w->rng = rng_from_seed(&w->seed, 1);
	for (size_t i = 0; i < LINKS; i++)
		w->link[i].fd = -1;
	limits_default(&w->limits);
	world = w;
}

void world_start(struct world *w, bool yggdrasil_only)
{
	struct p2p_settings s = {.clock = &w->clock,
		.rng = &w->rng,
		.limits = &w->limits,
		.bind = "",
		.advertise = "",
		.is_public = true,
		.yggdrasil_only = yggdrasil_only,
		.origin = "0000001D2A77D63477172678502E51DE7F346061FF7EB188A2445ECA3FC0780E",
		.events = {on_ready, on_message, on_gone, on_drained, tip, NULL, w}};

	s.base = w->base = event_base_new();
	must(w->base);
	w->p = p2p_start(&s);
	must(w->p);
	w->most = (double)mem_bytes() + worst_bytes(&w->limits);
}

void world_turn(struct world *w)
{
	for (int i = 0; i < TURNS; i++)
		event_base_loop(w->base, EVLOOP_NONBLOCK);
}

void world_pass(struct world *w, uint64_t ms)
{
	w->mono += ms;
	w->wall += (int64_t)(ms / 1000);
	world_turn(w);
}

void world_check(struct world *w)
{
	struct p2p_stats st;

	p2p_stats(w->p, &st);
	must(st.ready <= w->ready);       /* some may be on their way out */
	must(st.half_open <= st.inbound); /* handshakes of others, our own dials are none */
	must(st.ready + st.half_open <= st.inbound + st.outbound);
	must(st.inbound <= w->limits.max_inbound.max);
	must_be_within(&w->limits);
	must((double)mem_bytes() <= w->most);
}

void world_stop(struct world *w)
{
	mem_fail_nth(0);
	p2p_quiesce(w->p);
	world_pass(w, 1);
	world_pass(w, DRAIN_MS);
	must(p2p_connections(w->p) == 0 && w->ready == 0);
	p2p_free(w->p);
	event_base_free(w->base);
	must_be_unused(&w->limits);
	for (size_t i = 0; i < LINKS; i++)
		if (w->link[i].fd >= 0)
			close(w->link[i].fd);
	world = NULL;
	must(mem_blocks() == 0);
}
