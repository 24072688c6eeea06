/* Starts, moves and stops the HTTP server, and listens on its Unix socket. The TCP listeners are in
 * server_tcp.c. Before: node/node.c starts it. After: http_conns.c gets each connection. */
#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/socket_activation.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/server.h"
#include "http/server_tcp_internal.h"
#include "http/event_stream.h"
#include "http/socket_file.h"

enum { REST_MS = 1000, BACKLOG = 16 };

struct http_server {
	struct http_conns conns;
	struct http_tcp tcp;
	struct evconnlistener *local; /* of the Unix socket; NULL = none */
	struct event *rest;      /* ends the pause of `local` after descriptors ran out; owned */
	struct socket_file file; /* of `local` */
	int status;              /* exit status of the last failure; 0 = none */
	char why[512];           /* what failed, for the user */
};

static void on_accept(
	struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *ctx)
{
	struct http_server *h = ctx;

	(void)l;
	(void)sa;
	(void)len;
	http_conns_take(&h->conns, fd, DOOR_LOCAL);
}

/* The pause is over: accepts again, or pauses once more. */
static void on_rested(evutil_socket_t fd, short what, void *ctx)
{
	struct http_server *h = ctx;
	struct timeval tv = {REST_MS / 1000, 0};

	(void)fd;
	(void)what;
	if (h->local && evconnlistener_enable(h->local) != 0)
		event_add(h->rest, &tv);
}

/* Descriptors ran out. The client stays in the kernel's queue, so an enabled listener would be
 * called again at once and for ever: it pauses. */
static void on_accept_error(struct evconnlistener *l, void *ctx)
{
	struct http_server *h = ctx;
	struct timeval tv = {REST_MS / 1000, 0};

	log_warn_rarely("admin: cannot accept (%s), resting for a second", strerror(errno));
	if (event_add(h->rest, &tv) == 0)
		evconnlistener_disable(l);
}

/* Listens on an inherited socket, or, when that is −1, on a new one at this address. Takes
 * `inherited` also on failure. */
static struct evconnlistener *listen_on(
	struct http_server *h, int inherited, const struct sockaddr *sa, socklen_t len)
{
	const unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE;
	struct event_base *base = h->conns.s.base;
	struct evconnlistener *l =
		inherited < 0
			? evconnlistener_new_bind(base, on_accept, h, flags, BACKLOG, sa, (int)len)
			: evconnlistener_new(base, on_accept, h, flags, 0, inherited);

	if (l)
		evconnlistener_set_error_cb(l, on_accept_error);
	else if (inherited >= 0)
		close(inherited);
	return l;
}

/* Listens at this path, on the service manager's socket if it has one there. That one's file
 * belongs to the service manager, so we neither clear it before nor remove it later. NULL with *fit
 * and `why` on failure. */
static struct evconnlistener *listen_at(struct http_server *h, const struct sockaddr_un *sa,
	char *why, size_t size, enum socket_fit *fit)
{
	struct evconnlistener *l;
	int inherited =
		socket_activation_find((const struct sockaddr *)sa, sizeof *sa, SOCK_STREAM);

	if (inherited < 0)
		*fit = socket_file_clear(sa, why, size);
	if (*fit != SOCKET_FITS)
		return NULL;
	mode_t old = umask(0117); /* owner and group may ask */
	l = listen_on(h, inherited, (const struct sockaddr *)sa, sizeof *sa);
	umask(old);
	if (l && inherited < 0)
		socket_file_made(&h->file, sa);
	if (l)
		return l;
	snprintf(why, size, "cannot listen on %s: %s", sa->sun_path, strerror(errno));
	*fit = SOCKET_TAKEN;
	return NULL;
}

/* Logs the reason, and keeps it for http_server_why(). Returns false. */
static bool fail(struct http_server *h, int status, const char *setting, const char *what)
{
	snprintf(h->why, sizeof h->why, "%s: %s", setting, what);
	log_error("%s", h->why);
	h->status = status;
	return false;
}

static bool listen_local(struct http_server *h, const struct config *c)
{
	struct sockaddr_un sa;
	char why[400];
	enum socket_fit fit =
		socket_file_address(c->data_dir, c->admin_socket, &sa, why, sizeof why);

	if (fit == SOCKET_FITS)
		h->local = listen_at(h, &sa, why, sizeof why, &fit);
	if (h->local)
		log_info("admin socket %s", sa.sun_path);
	return h->local ||
	       fail(h, fit == SOCKET_WRONG ? EXIT_USAGE : EXIT_TASK_FAILED, "admin.socket", why);
}

/* Listens on the Unix socket unless admin.socket is empty. */
static bool open_local(struct http_server *h, const struct config *c)
{
	return !c->admin_socket[0] || listen_local(h, c);
}

static void close_local(struct http_server *h)
{
	if (!h->local)
		return;
	evconnlistener_free(h->local);
	socket_file_remove(&h->file);
	h->local = NULL;
}

/* Reads who may ask into *to. False when the settings cannot be used; *to is then unchanged. */
static bool load_access(struct http_server *h, const struct config *c, struct http_access *to)
{
	struct http_access fresh;
	char why[ACCESS_WHY_MAX];

	if (!http_access_load(&fresh, c, why)) {
		snprintf(h->why, sizeof h->why, "admin.token_file: %s", why);
		log_error("%s", h->why);
		h->status = EXIT_USAGE;
		return false;
	}
	if (fresh.exposed)
		log_warn("admin.token_file: others may read %s, which is a secret: chmod 600",
			c->admin_token_file);
	*to = fresh;
	return true;
}

struct http_server *http_server_start(
	const struct http_settings *s, const struct config *c, int *status)
{
	struct http_server *h = mem_alloc(sizeof *h);

	if (h) {
		h->conns.s = *s;
		h->rest = evtimer_new(s->base, on_rested, h);
	}
	if (!h || !h->rest || !http_tcp_init(&h->tcp, &h->conns))
		log_error("admin: cannot begin: out of memory");
	else if (load_access(h, c, &h->conns.access) && open_local(h, c)) {
		http_tcp_move(&h->tcp, c);
		return h;
	}
	*status = h && h->status ? h->status : EXIT_TASK_FAILED;
	http_server_free(h);
	return NULL;
}

/* Moves the Unix socket when admin.socket has changed. If the new one cannot be opened the old one
 * is opened again, and the reason of the first failure is reported. */
static bool move_local(struct http_server *h, const struct config *old, const struct config *fresh)
{
	char why[sizeof h->why];

	if (strcmp(old->admin_socket, fresh->admin_socket) == 0)
		return true;
	close_local(h);
	if (open_local(h, fresh))
		return true;
	snprintf(why, sizeof why, "%s", h->why);
	open_local(h, old);
	snprintf(h->why, sizeof h->why, "%s", why);
	return false;
}

/* First what can fail, the token and the Unix socket; then what cannot, so that a failure leaves
 * everything as it was. Subscribers by TCP are closed when access has changed, because their
 * connection never ends by itself. */
bool http_server_reload(struct http_server *h, const struct config *old, const struct config *fresh,
	bool *new_token)
{
	struct http_access access;

	if (!load_access(h, fresh, &access) || !move_local(h, old, fresh))
		return false;
	*new_token = strcmp(h->conns.access.token, access.token) != 0;
	if (!http_access_same(&h->conns.access, &access)) {
		event_stream_end_strangers(h->conns.s.stream);
		if (h->conns.s.web_stream)
			event_stream_end_strangers(h->conns.s.web_stream);
	}
	h->conns.access = access;
	http_conns_renew(&h->conns);
	http_tcp_move(&h->tcp, fresh);
	return true;
}

bool http_server_answer(struct http_server *h, uint64_t number, int status, struct slice body)
{
	return http_later_answer(&h->conns, number, status, body);
}

const char *http_server_why(const struct http_server *h)
{
	return h->why;
}

void http_server_free(struct http_server *h)
{
	if (!h)
		return;
	http_conns_free(&h->conns);
	http_tcp_free(&h->tcp);
	close_local(h);
	if (h->rest)
		event_free(h->rest);
	mem_free(h);
}
