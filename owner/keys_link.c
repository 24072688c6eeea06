/* Role: the node's end of the key process: requests out, answers in, its end noticed.
 * Before: node/. After: owner/keys_start.c starts it; owner/keys_frame.c makes the bytes. */
#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fifo.h"
#include "base/mem.h"
#include "owner/keys_frame.h"
#include "owner/keys_link_internal.h"
#include "owner/keys_start.h"

enum { PATIENCE = 2000 /* ms that a process gets to end by itself */ };

/* A frame that waits to be sent. */
struct frame {
	struct frame *next;
	size_t size, sent;
	int fd; /* that goes with it; −1: none */
	uint8_t bytes[];
};

/* A request that waits for its answer. They are answered in their order. */
struct waiting {
	uint32_t id;
	keys_answer *answer; /* or NULL */
	void *ctx;
};

/* Memory of fixed sizes. */
struct space {
	uint8_t in[KEYS_FRAME_MAX];
	struct keys_row rows[2][KEYS_MAX];
	struct keys_state fresh;
};

struct keys_link {
	struct event_base *base;
	struct keys_hooks hooks;
	pid_t pid; /* 0: none */
	int fd;    /* −1 without a process */
	struct event *reads, *writes;
	struct frame *first, *last;
	struct fifo waiting;
	uint32_t last_id;
	size_t n; /* bytes of space->in */
	struct keys_state state;
	struct keys_row *rows, *fresh_rows; /* of `state`, and for the next one; of `space` */
	struct space *space;
};

/* ---- sending ---- */

static void drop_frame(struct frame *f)
{
	if (f->fd >= 0)
		close(f->fd);
	mem_free(f);
}

static ssize_t send_some(int fd, struct frame *f)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec v = {f->bytes + f->sent, f->size - f->sent};
	struct msghdr h = {.msg_iov = &v, .msg_iovlen = 1};

	if (f->fd >= 0 && !f->sent) {
		memset(&control, 0, sizeof control);
		h.msg_control = &control;
		h.msg_controllen = sizeof control;
		struct cmsghdr *c = CMSG_FIRSTHDR(&h);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof f->fd);
		memcpy(CMSG_DATA(c), &f->fd, sizeof f->fd);
	}
	return sendmsg(fd, &h, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void on_writable(evutil_socket_t fd, short what, void *ctx)
{
	struct keys_link *l = ctx;

	(void)what;
	while (l->first) {
		struct frame *f = l->first;
		ssize_t n = send_some(fd, f);
		if (n < 0 && errno == EAGAIN)
			event_add(l->writes, NULL);
		if (n < 0 && errno != EINTR)
			return; /* that it is gone is read */
		f->sent += n > 0 ? (size_t)n : 0;
		if (f->sent < f->size)
			continue;
		l->first = f->next;
		drop_frame(f);
	}
	l->last = NULL;
}

/* Queues a message with a descriptor, −1: none. False when memory runs out, or it is too long. */
static bool queue(struct keys_link *l, const struct keys_message *m, int fd)
{
	size_t room = m->bytes.n + KEYS_HEAD + 1024;
	struct frame *f = room <= KEYS_FRAME_MAX ? mem_alloc(sizeof *f + room) : NULL;

	if (!f)
		return false;
	struct wr w = wr_of(f->bytes, room);
	keys_frame_put(&w, m);
	f->size = wr_done(&w).n;
	f->fd = fd < 0 ? -1 : dup(fd);
	if (!f->size || (fd >= 0 && f->fd < 0) || event_add(l->writes, NULL) != 0) {
		drop_frame(f);
		return false;
	}
	if (l->last)
		l->last->next = f;
	else
		l->first = f;
	l->last = f;
	return true;
}

bool keys_link_ask(
	struct keys_link *l, struct keys_message m, int fd, keys_answer *answer, void *ctx)
{
	struct waiting w = {l->last_id + 1, answer, ctx};

	m.id = w.id;
	if (l->fd < 0 || fifo_push(&l->waiting, &w) != ERR_OK)
		return false;
	if (!queue(l, &m, fd)) {
		fifo_remove(&l->waiting, l->waiting.count - 1);
		return false;
	}
	l->last_id++;
	return true;
}

/* ---- the end of the process ---- */

static void tell_gone(struct keys_link *l)
{
	struct waiting w;

	while (fifo_pop(&l->waiting, &w))
		if (w.answer)
			w.answer(w.ctx, KEYS_GONE, "the key process ended", slice_of(NULL, 0));
}

/* Forgets the process; everything that waits is answered. */
static void forget(struct keys_link *l)
{
	if (l->reads)
		event_free(l->reads);
	if (l->writes)
		event_free(l->writes);
	l->reads = l->writes = NULL;
	while (l->first) {
		struct frame *f = l->first;
		l->first = f->next;
		drop_frame(f);
	}
	l->last = NULL;
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	l->pid = 0;
	l->n = 0;
	l->state = (struct keys_state){.rows = l->rows};
	tell_gone(l);
}

static void broken(struct keys_link *l)
{
	char why[KEYS_TEXT_MAX] = "";

	keys_end(l->pid, why);
	forget(l);
	l->hooks.ended(l->hooks.ctx, why);
}

/* ---- receiving ---- */

static bool take_answer(struct keys_link *l, const struct keys_message *m)
{
	char line[KEYS_TEXT_MAX];
	struct waiting w;

	if (!fifo_pop(&l->waiting, &w) || w.id != m->id)
		return false;
	snprintf(line, sizeof line, "%.*s", (int)m->line.n, (const char *)m->line.p);
	if (w.answer)
		w.answer(w.ctx, m->said, line, m->bytes);
	return true;
}

static bool take_state(struct keys_link *l, const struct keys_message *m)
{
	struct keys_row *old = l->rows;

	if (!keys_state_get(m->bytes, &l->space->fresh, l->fresh_rows, KEYS_MAX))
		return false;
	l->state = l->space->fresh;
	l->rows = l->fresh_rows;
	l->fresh_rows = old;
	l->state.running = true;
	l->state.pid = l->pid;
	l->hooks.changed(l->hooks.ctx);
	return true;
}

static bool take_store(struct keys_link *l, const struct keys_message *m)
{
	char name[KEY_NAME_MAX + 1] = "";

	if (m->name.n && !key_name_is_valid(m->name))
		return false;
	if (m->name.n)
		memcpy(name, m->name.p, m->name.n);
	l->hooks.store(l->hooks.ctx, m->id, name, m->bytes, m->flag);
	return true;
}

static bool take(struct keys_link *l, const struct keys_message *m)
{
	char line[KEYS_TEXT_MAX];

	switch (m->kind) {
	case KEYS_ANSWER:
		return take_answer(l, m);
	case KEYS_STATE:
		return take_state(l, m);
	case KEYS_STORE:
		return take_store(l, m);
	case KEYS_SAID:
		snprintf(line, sizeof line, "%.*s", (int)m->line.n, (const char *)m->line.p);
		l->hooks.said(l->hooks.ctx, m->flag, line);
		return true;
	default:
		return false;
	}
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct keys_link *l = ctx;
	ssize_t n = recv(fd, l->space->in + l->n, KEYS_FRAME_MAX - l->n, MSG_DONTWAIT);
	enum keys_cut cut = KEYS_CUT;
	size_t used = 0, done = 0;
	struct keys_message m;

	(void)what;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	l->n += n > 0 ? (size_t)n : 0;
	while (n > 0 && cut == KEYS_CUT) {
		cut = keys_frame_cut(slice_of(l->space->in + done, l->n - done), KEYS_FROM_PROCESS,
			KEYS_FRAME_MAX, &m, &used);
		if (cut == KEYS_CUT && take(l, &m))
			done += used;
		else if (cut == KEYS_CUT)
			cut = KEYS_CUT_BAD;
	}
	l->n -= done;
	memmove(l->space->in, l->space->in + done, l->n);
	if (n <= 0 || cut == KEYS_CUT_BAD)
		broken(l);
}

/* ---- start and stop ---- */

struct keys_link *keys_link_new(
	struct event_base *base, const struct keys_hooks *hooks, struct bound *requests)
{
	struct keys_link *l = mem_alloc(sizeof *l);

	if (!l)
		return NULL;
	l->base = base;
	l->hooks = *hooks;
	l->fd = -1;
	fifo_init(&l->waiting, requests, sizeof(struct waiting));
	l->space = mem_alloc_unset(sizeof *l->space);
	if (!l->space) {
		mem_free(l);
		return NULL;
	}
	l->rows = l->state.rows = l->space->rows[0];
	l->fresh_rows = l->space->rows[1];
	return l;
}

void keys_link_free(struct keys_link *l)
{
	if (!l)
		return;
	keys_link_stop(l);
	fifo_clear(&l->waiting);
	mem_free(l->space);
	mem_free(l);
}

/* The first message of all. */
static bool send_settings(struct keys_link *l, const struct keys_settings *settings)
{
	uint8_t bytes[64];
	struct wr w = wr_of(bytes, sizeof bytes);

	keys_settings_put(&w, settings);
	return keys_link_ask(l, (struct keys_message){.kind = KEYS_SETTINGS, .bytes = wr_done(&w)},
		-1, NULL, NULL);
}

static bool watch(struct keys_link *l)
{
	l->reads = event_new(l->base, l->fd, EV_READ | EV_PERSIST, on_readable, l);
	l->writes = event_new(l->base, l->fd, EV_WRITE, on_writable, l);
	return l->reads && l->writes && event_add(l->reads, NULL) == 0;
}

bool keys_link_start(struct keys_link *l, const struct keys_settings *settings, int listener,
	int journal, char why[KEYS_TEXT_MAX])
{
	int pair[2];

	if (l->pid) {
		snprintf(why, KEYS_TEXT_MAX, "the key process runs already");
		return false;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		snprintf(why, KEYS_TEXT_MAX, "cannot start the key process: %s", strerror(errno));
		return false;
	}
	pid_t pid = keys_start(pair[1], listener, journal, why);
	close(pair[1]);
	l->pid = pid > 0 ? pid : 0;
	l->fd = pair[0];
	if (pid > 0 && watch(l) && send_settings(l, settings))
		return true;
	if (pid > 0) {
		keys_end(pid, why);
		snprintf(why, KEYS_TEXT_MAX, "cannot start the key process: out of memory");
	}
	forget(l);
	return false;
}

/* The other side of the socket is closed when the process has ended. */
static void await_end(int fd)
{
	struct pollfd p = {fd, POLLIN, 0};
	uint8_t bytes[1024];

	shutdown(fd, SHUT_WR);
	while (poll(&p, 1, PATIENCE) > 0 && recv(fd, bytes, sizeof bytes, 0) > 0)
		;
}

void keys_link_stop(struct keys_link *l)
{
	char why[KEYS_TEXT_MAX];

	if (!l->pid)
		return;
	await_end(l->fd);
	keys_end(l->pid, why);
	forget(l);
}

const struct keys_state *keys_link_state(const struct keys_link *l)
{
	return &l->state;
}

void keys_link_stored(struct keys_link *l, uint32_t id, enum err err, const char *name_or_why)
{
	size_t n = strlen(name_or_why);

	if (l->fd < 0)
		return;
	queue(l,
		&(struct keys_message){.kind = KEYS_STORED,
			.id = id,
			.said = err == ERR_OK ? KEYS_DONE : KEYS_NOT_STORED,
			.line = slice_of(name_or_why, n < KEYS_TEXT_MAX ? n : KEYS_TEXT_MAX - 1)},
		-1);
}
