/* Role: connections of the command line to the key process. Each has one request in work.
 * Before: keys.sock. After: owner/keys_job.c, owner/keys_make.c. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "owner/keys_process_internal.h"

void client_served(struct keys_client *c)
{
	c->asks = false;
	key_wipe(c->in, KEYS_USER_MAX);
	mem_free(c->block);
	c->block = NULL;
	c->n = 0;
	key_wipe(&c->m, sizeof c->m);
}

void client_close(struct keys_process *p, struct keys_client *c)
{
	if (c->fd < 0)
		return;
	close(c->fd);
	key_memory_free(c->in);
	mem_free(c->block);
	*c = (struct keys_client){.fd = -1};
	if (p->store.client == c)
		p->store.client = NULL;
	if (p->attempt.client == c)
		p->attempt.client = NULL;
}

static bool is_idle(const struct keys_client *c)
{
	return !c->asks && !c->watches && !c->searches && !c->has_end;
}

/* A free place, or that of somebody who has nothing in work. */
static struct keys_client *place(struct keys_process *p)
{
	struct keys_client *found = NULL;

	for (size_t i = 0; i < CLIENTS; i++) {
		struct keys_client *c = &p->clients[i];
		if (c->fd < 0)
			return c;
		if (is_idle(c) && (!found || c->turn < found->turn))
			found = c;
	}
	if (found)
		client_close(p, found);
	return found;
}

/* In a line, without waiting. */
static void turn_away(struct keys_process *p, int fd, enum keys_said said, const char *line)
{
	struct keys_client c = {.fd = fd};

	process_tell_client(p, &c,
		&(struct keys_message){.kind = KEYS_ANSWER, .said = said, .line = slice_str(line)});
	client_close(p, &c);
}

void clients_accept(struct keys_process *p)
{
	int fd = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	struct keys_client *c = place(p);
	uint8_t *in = c ? key_memory_new(KEYS_USER_MAX) : NULL;
	if (!c) {
		turn_away(p, fd, KEYS_BUSY,
			"the key process has as many requests as it takes at a time: try again in "
			"a moment");
		return;
	}
	if (!in) {
		turn_away(p, fd, KEYS_NO_MEMORY, "the key process has no memory for it");
		return;
	}
	*c = (struct keys_client){.fd = fd, .in = in, .turn = ++p->turns};
}

static void show(struct keys_process *p, struct keys_client *c)
{
	const struct ring_key *k = ring_by_name(p->ring, c->m.name);

	if (k)
		process_answers_key(p, c, k, slice_of(NULL, 0));
	else
		process_answers_line(p, c, KEYS_NO_SUCH_KEY, "there is no such key");
}

/* What the node may ask, too. */
static void decrypt_or_sign(struct keys_process *p, struct keys_client *c)
{
	struct keys_outcome *o = &p->space->outcome;

	o->line[0] = '\0';
	if (c->m.kind == KEYS_DECRYPT) {
		process_decrypts(p, &c->m, o);
	} else {
		c->m.number = KEYS_NO_CHAIN;
		o->said = process_signs(p, &c->m, o->line, o->bytes);
		o->n = o->said == KEYS_DONE ? SIGNATURE_SIZE : 0;
	}
	process_answers(p, c,
		&(struct keys_message){.said = o->said,
			.line = slice_str(o->line),
			.bytes = slice_of(o->bytes, o->n)});
}

/* What needs no passphrase is done at once. */
static void take(struct keys_process *p, struct keys_client *c)
{
	c->turn = ++p->turns;
	if (c->m.kind == KEYS_SHOW) {
		show(p, c);
		return;
	}
	if (c->m.kind == KEYS_DECRYPT || c->m.kind == KEYS_SIGN) {
		decrypt_or_sign(p, c);
		return;
	}
	if (c->m.kind == KEYS_CANCEL) {
		make_cancel(p);
		process_answers(p, c, &(struct keys_message){.said = KEYS_DONE});
	} else if (c->m.kind == KEYS_WAIT) {
		watch_search(p, c);
	} else {
		c->asks = true;
	}
}

/* A block is longer than what has a passphrase in it, and nothing secret. */
static bool take_room(struct keys_client *c)
{
	if (c->block || c->n < KEYS_HEAD || c->in[4] != KEYS_SIGN)
		return true;
	c->block = mem_alloc(KEYS_FRAME_MAX);
	if (c->block)
		memcpy(c->block, c->in, c->n);
	return c->block != NULL;
}

void client_read(struct keys_process *p, struct keys_client *c)
{
	size_t room = c->block ? KEYS_FRAME_MAX : KEYS_USER_MAX, used;
	uint8_t *in = c->block ? c->block : c->in;
	ssize_t n = recv(c->fd, in + c->n, room - c->n, MSG_DONTWAIT);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	/* Whoever speaks before the answer came is none of our command line. */
	if (n <= 0 || c->asks) {
		client_close(p, c);
		return;
	}
	c->n += (size_t)n;
	if (!take_room(c)) {
		client_close(p, c);
		return;
	}
	in = c->block ? c->block : c->in;
	room = c->block ? KEYS_FRAME_MAX : KEYS_USER_MAX;
	switch (keys_frame_cut(slice_of(in, c->n), KEYS_FROM_USER, room, &c->m, &used)) {
	case KEYS_CUT:
		take(p, c);
		break;
	case KEYS_CUT_BAD:
		client_close(p, c);
		break;
	case KEYS_CUT_MORE:
		break;
	}
}
