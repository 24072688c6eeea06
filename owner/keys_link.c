/* Role: the node's end of the key process: requests out, answers in, its end noticed.
 * Before: node/. After: owner/keys_start.c starts it; owner/keys_frame.c makes the bytes. */
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "owner/owner_line.h"
#include "owner/keys_frame.h"
#include "owner/keys_link_internal.h"
#include "owner/keys_start.h"

enum { SILENCE_S = 60 /* that a signer may take for its first word, and for an answer */ };

/* ---- sending ---- */

static void drop_frame(struct keys_link_frame *f)
{
	if (f->fd >= 0)
		close(f->fd);
	mem_free(f);
}

static ssize_t send_some(int fd, struct keys_link_frame *f)
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
		struct keys_link_frame *f = l->first;
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
	struct keys_link_frame *f = room <= KEYS_FRAME_MAX ? mem_alloc(sizeof *f + room) : NULL;

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

void keys_link_await_word(struct keys_link *l)
{
	struct timeval tv = {SILENCE_S, 0};

	event_add(l->silent, &tv);
}

bool keys_link_ask(
	struct keys_link *l, struct keys_message m, int fd, keys_answer *answer, void *ctx)
{
	struct keys_link_waiting w = {l->last_id + 1, answer, ctx};

	m.id = w.id;
	if (l->fd < 0 || (l->away && !keys_frame_is_of(m.kind, KEYS_FROM_AFAR)) ||
		fifo_push(&l->waiting, &w) != ERR_OK)
		return false;
	if (!queue(l, &m, fd)) {
		fifo_remove(&l->waiting, l->waiting.count - 1);
		return false;
	}
	l->last_id++;
	if (l->away && l->waiting.count == 1)
		keys_link_await_word(l);
	return true;
}

/* ---- the end of the process ---- */

static void tell_gone(struct keys_link *l, const char *why)
{
	struct keys_link_waiting w;

	while (fifo_pop(&l->waiting, &w))
		if (w.answer)
			w.answer(w.ctx, KEYS_GONE, why, slice_of(NULL, 0));
}

void keys_link_forget_all(struct keys_link *l)
{
	if (l->reads)
		event_free(l->reads);
	if (l->writes)
		event_free(l->writes);
	if (l->silent)
		event_free(l->silent);
	l->reads = l->writes = l->silent = NULL;
	while (l->first) {
		struct keys_link_frame *f = l->first;
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
	tell_gone(l, l->away ? "the signer is gone" : "the key process ended");
}

static void broken(struct keys_link *l, const char *what)
{
	char why[KEYS_TEXT_MAX] = "";

	if (l->away)
		snprintf(why, sizeof why, "%s", what);
	else
		keys_end(l->pid, why);
	keys_link_forget_all(l);
	l->hooks.ended(l->hooks.ctx, why);
}

/* ---- receiving ---- */

static void on_silent(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	broken(ctx, "the signer does not answer");
}

static bool take_answer(struct keys_link *l, const struct keys_message *m)
{
	char line[KEYS_TEXT_MAX];
	struct keys_link_waiting w;

	if (!fifo_pop(&l->waiting, &w) || w.id != m->id)
		return false;
	snprintf(line, sizeof line, "%.*s", (int)m->line.n, (const char *)m->line.p);
	if (l->away && l->waiting.count)
		keys_link_await_word(l);
	else if (l->away)
		event_del(l->silent);
	if (w.answer)
		w.answer(w.ctx, m->said, line, m->bytes);
	return true;
}

/* Nobody else says which keys they are. Each is somebody's, and there once. */
static bool rows_are_good(const struct keys_state *s)
{
	struct key_public none = {{0}, {0}};
	char why[KEY_ERROR_MAX];

	for (size_t i = 0; i < s->count; i++) {
		const struct keys_row *row = &s->rows[i];
		if (memcmp(&row->pub, &none, sizeof none) == 0 || !owner_keys_check(&row->pub, why))
			return false;
		for (size_t k = 0; k < i; k++)
			if (strcmp(s->rows[k].name, row->name) == 0 ||
				memcmp(s->rows[k].pub.signing, row->pub.signing, 32) == 0)
				return false;
	}
	return true;
}

static bool take_state(struct keys_link *l, const struct keys_message *m)
{
	struct keys_row *old = l->rows;

	if (!keys_state_get(m->bytes, &l->space->fresh, l->fresh_rows, KEYS_MAX) ||
		(l->away && !rows_are_good(&l->space->fresh)))
		return false;
	if (l->away && !l->waiting.count)
		event_del(l->silent);
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

	if (l->away || (m->name.n && !key_name_is_valid(m->name)))
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
	if (n <= 0)
		broken(l, "the signer closed the connection");
	else if (cut == KEYS_CUT_BAD)
		broken(l, "the signer says what it should not: is it another program?");
}

bool keys_link_watch(struct keys_link *l)
{
	l->reads = event_new(l->base, l->fd, EV_READ | EV_PERSIST, on_readable, l);
	l->writes = event_new(l->base, l->fd, EV_WRITE, on_writable, l);
	if (l->away)
		l->silent = event_new(l->base, -1, 0, on_silent, l);
	return (l->silent || !l->away) && l->reads && l->writes && event_add(l->reads, NULL) == 0;
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
