/* Role: connections of the command line to the key process. Each has one request in work.
 * Before: keys.sock. After: owner/keys_job.c, owner/keys_make.c. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "owner/keys_process_internal.h"

void client_served(struct keys_client *c)
{
	c->asks = false;
	key_wipe(c->in, KEYS_USER_MAX);
	c->n = 0;
	key_wipe(&c->m, sizeof c->m);
}

void client_close(struct keys_process *p, struct keys_client *c)
{
	if (c->fd < 0)
		return;
	close(c->fd);
	key_memory_free(c->in);
	*c = (struct keys_client){.fd = -1};
	if (p->store.client == c)
		p->store.client = NULL;
}

/* A free place, or that of somebody who has nothing in work. */
static struct keys_client *place(struct keys_process *p)
{
	struct keys_client *found = NULL;

	for (size_t i = 0; i < CLIENTS; i++) {
		struct keys_client *c = &p->clients[i];
		if (c->fd < 0)
			return c;
		if (!c->asks && !c->watches && (!found || c->turn < found->turn))
			found = c;
	}
	if (found)
		client_close(p, found);
	return found;
}

void clients_accept(struct keys_process *p)
{
	int fd = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	struct keys_client *c = place(p);
	uint8_t *in = c ? key_memory_new(KEYS_USER_MAX) : NULL;
	if (!in) {
		close(fd);
		return;
	}
	*c = (struct keys_client){.fd = fd, .in = in, .turn = ++p->turns};
}

/* What needs no passphrase is done at once. */
static void take(struct keys_process *p, struct keys_client *c)
{
	c->turn = ++p->turns;
	if (c->m.kind == KEYS_CANCEL) {
		make_cancel(p);
		process_answers(p, c, &(struct keys_message){.said = KEYS_DONE});
	} else if (c->m.kind == KEYS_WAIT && !make_state(p).running) {
		process_answers(p, c,
			&(struct keys_message){.said = KEYS_NO_SUCH_KEY,
				.line = slice_str("no search for a key is running")});
	} else {
		c->watches = c->m.kind == KEYS_WAIT;
		c->asks = true;
	}
}

void client_read(struct keys_process *p, struct keys_client *c)
{
	ssize_t n = recv(c->fd, c->in + c->n, KEYS_USER_MAX - c->n, MSG_DONTWAIT);
	size_t used;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	/* Whoever speaks before the answer came is none of our command line. */
	if (n <= 0 || c->asks) {
		client_close(p, c);
		return;
	}
	c->n += (size_t)n;
	switch (keys_frame_cut(
		slice_of(c->in, c->n), KEYS_FROM_USER, KEYS_USER_MAX, &c->m, &used)) {
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
