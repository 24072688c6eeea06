/* Where the admin interface listens: a Unix socket in the data directory, and the TCP addresses of
 * admin_tcp.c. The next stop of a connection is admin_client.c. */
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
#include "node/admin.h"
#include "node/admin_tcp.h"
#include "node/events.h"
#include "node/socket_file.h"

enum { REST_MS = 1000, BACKLOG = 16 };

struct admin {
	struct clients clients;
	struct admin_tcp tcp;
	struct evconnlistener *local;
	struct event *rest;      /* it rests for a second when descriptors ran out */
	struct socket_file file; /* of the local one */
	int status;              /* exit status when a listener cannot be had, */
	char why[512];           /* and the reason */
};

static void on_accept(
	struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *ctx)
{
	struct admin *a = ctx;

	(void)l;
	(void)sa;
	(void)len;
	clients_take(&a->clients, fd, DOOR_LOCAL);
}

static void on_rested(evutil_socket_t fd, short what, void *ctx)
{
	struct admin *a = ctx;
	struct timeval tv = {REST_MS / 1000, 0};

	(void)fd;
	(void)what;
	if (a->local && evconnlistener_enable(a->local) != 0)
		event_add(a->rest, &tv);
}

/* Out of descriptors: a listener that stays enabled would spin. */
static void on_accept_error(struct evconnlistener *l, void *ctx)
{
	struct admin *a = ctx;
	struct timeval tv = {REST_MS / 1000, 0};

	log_warn_rarely("admin: cannot accept (%s), resting for a second", strerror(errno));
	if (event_add(a->rest, &tv) == 0)
		evconnlistener_disable(l);
}

/* On a socket that somebody else opened there, or, when that is -1, on one of our own. */
static struct evconnlistener *listen_on(
	struct admin *a, int inherited, const struct sockaddr *sa, socklen_t len)
{
	const unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE;
	struct event_base *base = a->clients.node->base;
	struct evconnlistener *l =
		inherited < 0
			? evconnlistener_new_bind(base, on_accept, a, flags, BACKLOG, sa, (int)len)
			: evconnlistener_new(base, on_accept, a, flags, 0, inherited);

	if (l)
		evconnlistener_set_error_cb(l, on_accept_error);
	else if (inherited >= 0)
		close(inherited);
	return l;
}

/* The socket that the service manager holds there, or one of our own. */
static struct evconnlistener *listen_at(
	struct admin *a, const struct sockaddr_un *sa, char *why, size_t size, enum socket_fit *fit)
{
	struct evconnlistener *l;
	int inherited = inherited_socket((const struct sockaddr *)sa, sizeof *sa);

	if (inherited < 0)
		*fit = socket_file_clear(sa, why, size);
	if (*fit != SOCKET_FITS)
		return NULL;
	mode_t old = umask(0117); /* owner and group may ask */
	l = listen_on(a, inherited, (const struct sockaddr *)sa, sizeof *sa);
	umask(old);
	if (l && inherited < 0)
		socket_file_made(&a->file, sa);
	if (l)
		return l;
	snprintf(why, size, "cannot listen on %s: %s", sa->sun_path, strerror(errno));
	*fit = SOCKET_TAKEN;
	return NULL;
}

/* The reason is told by the log, and to who asked for a reload. */
static bool fail(struct admin *a, int status, const char *setting, const char *what)
{
	snprintf(a->why, sizeof a->why, "%s: %s", setting, what);
	log_error("%s", a->why);
	a->status = status;
	return false;
}

static bool listen_local(struct admin *a, const struct config *c)
{
	struct sockaddr_un sa;
	char why[400];
	enum socket_fit fit = socket_file_look(c->data_dir, c->admin_socket, &sa, why, sizeof why);

	if (fit == SOCKET_FITS)
		a->local = listen_at(a, &sa, why, sizeof why, &fit);
	if (a->local)
		log_info("admin socket %s", sa.sun_path);
	return a->local ||
	       fail(a, fit == SOCKET_WRONG ? EXIT_USAGE : EXIT_TASK_FAILED, "admin.socket", why);
}

static bool open_local(struct admin *a, const struct config *c)
{
	return !c->admin_socket[0] || listen_local(a, c);
}

static void close_local(struct admin *a)
{
	if (!a->local)
		return;
	evconnlistener_free(a->local);
	socket_file_remove(&a->file);
	a->local = NULL;
}

/* *to stays as it is when the settings cannot be used. */
static bool load_access(struct admin *a, const struct config *c, struct admin_access *to)
{
	struct admin_access fresh;
	char why[ACCESS_WHY_MAX];

	if (!admin_access_load(&fresh, c, why)) {
		snprintf(a->why, sizeof a->why, "admin.token_file: %s", why);
		log_error("%s", a->why);
		a->status = EXIT_USAGE;
		return false;
	}
	if (fresh.exposed)
		log_warn("admin.token_file: others may read %s, which is a secret: chmod 600",
			c->admin_token_file);
	*to = fresh;
	return true;
}

struct admin *admin_start(struct node *n)
{
	struct admin *a = mem_alloc(sizeof *a);

	if (a) {
		a->clients.node = n;
		a->rest = evtimer_new(n->base, on_rested, a);
	}
	if (!a || !a->rest || !admin_tcp_init(&a->tcp, &a->clients))
		log_error("admin: cannot begin: out of memory");
	else if (load_access(a, n->config, &a->clients.access) && open_local(a, n->config)) {
		admin_tcp_move(&a->tcp, n->config);
		return a;
	}
	n->status = a && a->status ? a->status : EXIT_TASK_FAILED;
	admin_free(a);
	return NULL;
}

static bool move_local(struct admin *a, const struct config *old, const struct config *fresh)
{
	char why[sizeof a->why];

	if (strcmp(old->admin_socket, fresh->admin_socket) == 0)
		return true;
	close_local(a);
	if (open_local(a, fresh))
		return true;
	snprintf(why, sizeof why, "%s", a->why);
	open_local(a, old);
	snprintf(a->why, sizeof a->why, "%s", why);
	return false;
}

bool admin_reload(
	struct admin *a, const struct config *old, const struct config *fresh, bool *new_token)
{
	struct admin_access access;

	if (!load_access(a, fresh, &access) || !move_local(a, old, fresh))
		return false;
	*new_token = strcmp(a->clients.access.token, access.token) != 0;
	if (!admin_access_same(&a->clients.access, &access))
		events_end_strangers(a->clients.node->events);
	a->clients.access = access;
	admin_tcp_move(&a->tcp, fresh);
	return true;
}

const char *admin_why(const struct admin *a)
{
	return a->why;
}

size_t admin_clients(const struct admin *a)
{
	return (size_t)a->clients.node->config->limits.max_admin_clients.used;
}

void admin_free(struct admin *a)
{
	if (!a)
		return;
	clients_free(&a->clients);
	admin_tcp_free(&a->tcp);
	close_local(a);
	if (a->rest)
		event_free(a->rest);
	mem_free(a);
}
