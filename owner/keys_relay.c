/* Role: what a node on another machine asks, passed on to the key process.
 * Before: signer.sock. After: owner/keys_link.c. */
#include "owner/keys_relay.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "owner/keys_link_internal.h"

/* Room for the answers to all requests that may wait, and some states. */
enum { OUT_MAX = 8 * KEYS_FRAME_MAX };

struct keys_relay {
	struct event_base *base;
	struct keys_link *link;
	int listener, fd; /* fd: of the node; −1: there is none */
	struct event *accepts, *reads, *writes;
	uint32_t node;         /* the number of the connection */
	size_t n, first, last; /* bytes of `in`; those of `out` that are to be sent */
	bool told;             /* the node has the state, or it is in `out` */
	uint8_t in[KEYS_FRAME_MAX], out[OUT_MAX], state[KEYS_FRAME_MAX];
};

/* A request that was passed on. */
struct asked {
	struct keys_relay *relay;
	uint32_t node, id;
};

/* ---- the connection ---- */

static void hang_up(struct keys_relay *r, const char *why)
{
	if (r->fd < 0)
		return;
	log_info("signer: the node is gone: %s", why);
	event_free(r->reads);
	event_free(r->writes);
	r->reads = r->writes = NULL;
	close(r->fd);
	r->fd = -1;
	r->n = r->first = r->last = 0;
}

static void on_writable(evutil_socket_t fd, short what, void *ctx)
{
	struct keys_relay *r = ctx;
	ssize_t n = send(fd, r->out + r->first, r->last - r->first, MSG_NOSIGNAL | MSG_DONTWAIT);

	(void)what;
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return; /* that it is gone is read */
	r->first += n > 0 ? (size_t)n : 0;
	if (r->first < r->last) {
		event_add(r->writes, NULL);
		return;
	}
	r->first = r->last = 0;
	if (!r->told)
		keys_relay_changed(r);
}

static void tell(struct keys_relay *r, const struct keys_message *m)
{
	if (r->fd < 0)
		return;
	memmove(r->out, r->out + r->first, r->last - r->first);
	r->last -= r->first;
	r->first = 0;
	struct wr w = wr_of(r->out + r->last, OUT_MAX - r->last);
	keys_frame_put(&w, m);
	struct slice s = wr_done(&w);
	r->last += s.n;
	if (!s.n)
		hang_up(r, "it does not read its answers");
	else if (event_add(r->writes, NULL) != 0)
		hang_up(r, "out of memory");
}

/* While something waits to be sent, a later state counts alone. */
void keys_relay_changed(struct keys_relay *r)
{
	const struct keys_state *s = keys_link_state(r->link);
	struct wr w = wr_of(r->state, sizeof r->state);

	r->told = r->fd >= 0 && s->running && r->last == 0;
	if (!r->told)
		return;
	keys_state_put(&w, s);
	tell(r, &(struct keys_message){.kind = KEYS_STATE, .bytes = wr_done(&w)});
}

void keys_relay_ended(struct keys_relay *r)
{
	hang_up(r, "the key process ended");
}

void keys_relay_says(struct keys_relay *r, bool warn, const char *line)
{
	tell(r, &(struct keys_message){.kind = KEYS_SAID, .flag = warn, .line = slice_str(line)});
}

/* ---- requests ---- */

static void answer(struct keys_relay *r, uint32_t id, enum keys_said said, const char *line,
	struct slice bytes)
{
	tell(r, &(struct keys_message){.kind = KEYS_ANSWER,
			.id = id,
			.said = said,
			.line = slice_str(line),
			.bytes = bytes});
}

/* Of a connection that is no more, it is nobody's. */
static void on_answer(void *ctx, enum keys_said said, const char *line, struct slice bytes)
{
	struct asked *a = ctx;

	if (a->node == a->relay->node)
		answer(a->relay, a->id, said, line, bytes);
	mem_free(a);
}

static void pass_on(struct keys_relay *r, const struct keys_message *m)
{
	struct asked *a = mem_alloc(sizeof *a);
	const char *why = "the signer has no memory for it";

	if (a) {
		*a = (struct asked){r, r->node, m->id};
		if (keys_link_ask(r->link, *m, -1, on_answer, a))
			return;
		why = "the signer has too much to do, or its key process is starting";
	}
	mem_free(a);
	answer(r, m->id, KEYS_BUSY, why, slice_of(NULL, 0));
}

/* Passes on what has come. False when it is none of a node. */
static bool take(struct keys_relay *r)
{
	enum keys_cut cut = KEYS_CUT;
	size_t used = 0, done = 0;
	struct keys_message m;

	while (r->fd >= 0 && cut == KEYS_CUT) {
		cut = keys_frame_cut(slice_of(r->in + done, r->n - done), KEYS_FROM_AFAR,
			KEYS_FRAME_MAX, &m, &used);
		if (cut != KEYS_CUT)
			break;
		pass_on(r, &m);
		done += used;
	}
	if (r->fd < 0)
		return true;
	r->n -= done;
	memmove(r->in, r->in + done, r->n);
	return cut != KEYS_CUT_BAD;
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct keys_relay *r = ctx;
	ssize_t n = recv(fd, r->in + r->n, sizeof r->in - r->n, MSG_DONTWAIT);

	(void)what;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		hang_up(r, "it closed the connection");
		return;
	}
	r->n += (size_t)n;
	if (!take(r))
		hang_up(r, "it asks what it must not: is it another program?");
}

static void on_node(evutil_socket_t fd, short what, void *ctx)
{
	struct keys_relay *r = ctx;
	int node = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)what;
	if (node < 0)
		return;
	hang_up(r, "another connection takes its place");
	r->node++;
	r->fd = node;
	r->reads = event_new(r->base, node, EV_READ | EV_PERSIST, on_readable, r);
	r->writes = event_new(r->base, node, EV_WRITE, on_writable, r);
	if (r->reads && r->writes && event_add(r->reads, NULL) == 0) {
		log_info("signer: a node is connected");
		keys_relay_changed(r);
		return;
	}
	if (r->reads)
		event_free(r->reads);
	if (r->writes)
		event_free(r->writes);
	r->reads = r->writes = NULL;
	close(node);
	r->fd = -1;
}

/* ---- start and end ---- */

struct keys_relay *keys_relay_new(struct event_base *base, struct keys_link *link, int listener)
{
	struct keys_relay *r = mem_alloc_unset(sizeof *r);

	if (!r)
		return NULL;
	r->base = base;
	r->link = link;
	r->listener = listener;
	r->fd = -1;
	r->reads = r->writes = NULL;
	r->node = 0;
	r->n = r->first = r->last = 0;
	r->told = false;
	r->accepts = event_new(base, listener, EV_READ | EV_PERSIST, on_node, r);
	if (r->accepts && event_add(r->accepts, NULL) == 0)
		return r;
	if (r->accepts)
		event_free(r->accepts);
	mem_free(r);
	return NULL;
}

void keys_relay_free(struct keys_relay *r)
{
	if (!r)
		return;
	hang_up(r, "the signer ends");
	event_free(r->accepts);
	close(r->listener);
	mem_free(r);
}
