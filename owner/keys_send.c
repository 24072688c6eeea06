/* Role: what the key process says, to the node and to the command line.
 * Before: the rest of the process. After: its sockets. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>

#include "owner/keys_process_internal.h"

/* The frame, in p->space->out until the next one. */
static struct slice frame(struct keys_process *p, const struct keys_message *m)
{
	struct wr w = wr_of(p->space->out, KEYS_FRAME_MAX);

	keys_frame_put(&w, m);
	return wr_done(&w);
}

/* Sends all of it. False when the other side is gone; or, without waiting, does not read. */
static bool send_all(int fd, struct slice s, int flags)
{
	while (s.n) {
		ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL | flags);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		s = slice_of(s.p + n, s.n - (size_t)n);
	}
	return true;
}

void process_tell_node(struct keys_process *p, const struct keys_message *m)
{
	struct slice s = frame(p, m);

	if (!p->ends && (!s.n || !send_all(p->node, s, 0)))
		p->ends = true;
}

void process_says(struct keys_process *p, bool warn, const char *fmt, ...)
{
	char line[KEYS_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	process_tell_node(p,
		&(struct keys_message){.kind = KEYS_SAID, .flag = warn, .line = slice_str(line)});
}

static void fill_row(struct keys_process *p, const struct ring_key *k, struct keys_row *row)
{
	uint64_t now = clock_mono(p->clock);

	*row = (struct keys_row){.pub = k->file.pub,
		.cost = k->file.cost,
		.strength = k->strength,
		.plain = k->plain,
		.locked = !k->secrets};
	memcpy(row->name, k->name, sizeof row->name);
	memcpy(row->hash, k->hash, sizeof row->hash);
	if (k->until > now)
		row->seconds_left = (uint32_t)((k->until - now + 999) / 1000);
	row->empty = journal_last(p->journal, k->file.pub.signing, false);
	row->full = journal_last(p->journal, k->file.pub.signing, true);
}

void process_tell_state(struct keys_process *p)
{
	struct keys_state s = {.rows = p->space->rows, .count = p->ring->count};
	struct wr w = wr_of(p->space->state, KEYS_FRAME_MAX);

	s.guard = p->guard;
	s.search = make_state(p);
	for (size_t i = 0; i < s.count; i++)
		fill_row(p, &p->ring->keys[i], &p->space->rows[i]);
	keys_state_put(&w, &s);
	process_tell_node(p, &(struct keys_message){.kind = KEYS_STATE, .bytes = wr_done(&w)});
	p->told = clock_mono(p->clock);
	p->changed = false;
}

void process_tell_client(
	struct keys_process *p, struct keys_client *c, const struct keys_message *m)
{
	struct slice s = frame(p, m);
	bool sent = send_all(c->fd, s, MSG_DONTWAIT);

	key_wipe(p->space->out, s.n);
	if (!sent)
		client_close(p, c);
}

void process_answers(struct keys_process *p, struct keys_client *c, const struct keys_message *m)
{
	struct keys_message answer = *m;

	if (!c)
		return;
	answer.kind = KEYS_ANSWER;
	answer.id = c->m.id;
	client_served(c);
	process_tell_client(p, c, &answer);
}

void process_answers_line(
	struct keys_process *p, struct keys_client *c, enum keys_said said, const char *line)
{
	process_answers(p, c, &(struct keys_message){.said = said, .line = slice_str(line)});
}

void process_answers_key(
	struct keys_process *p, struct keys_client *c, const struct ring_key *k, struct slice bytes)
{
	process_answers(p, c,
		&(struct keys_message){.said = KEYS_DONE,
			.name = slice_str(k->name),
			.key = slice_of(&k->file.pub, sizeof k->file.pub),
			.bytes = bytes});
}
