/* Where the admin interface listens: a Unix socket in the data directory and, if wanted, a loopback
 * address. The next stop of a connection is admin_client.c. */
#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/inherit.h"
#include "base/log.h"
#include "base/mem.h"
#include "node/admin.h"
#include "node/admin_client.h"
#include "node/socket_file.h"

enum { REST_MS = 1000, BACKLOG = 16 };

struct admin {
	struct clients clients;
	struct evconnlistener *local, *tcp;
	struct event *rest;      /* listeners rest for a second when descriptors ran out */
	struct socket_file file; /* of the local one */
	int status;              /* exit status when a listener cannot be had */
};

static void on_accept(
	struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *ctx)
{
	struct admin *a = ctx;

	(void)sa;
	(void)len;
	clients_take(&a->clients, fd, l == a->local);
}

/* False when a listener did not come back for want of memory. */
static bool set_listening(struct admin *a, bool on)
{
	struct evconnlistener *both[] = {a->local, a->tcp};
	bool good = true;

	for (int i = 0; i < 2; i++)
		if (both[i] && (on ? evconnlistener_enable : evconnlistener_disable)(both[i]) != 0)
			good = false;
	return good;
}

static void on_rested(evutil_socket_t fd, short what, void *ctx)
{
	struct admin *a = ctx;
	struct timeval tv = {REST_MS / 1000, 0};

	(void)fd;
	(void)what;
	if (!set_listening(a, true))
		event_add(a->rest, &tv);
}

/* Out of descriptors: a listener that stays enabled would spin. */
static void on_accept_error(struct evconnlistener *l, void *ctx)
{
	struct admin *a = ctx;
	struct timeval tv = {REST_MS / 1000, 0};

	(void)l;
	log_warn_rarely("admin: cannot accept (%s), resting for a second", strerror(errno));
	if (event_add(a->rest, &tv) == 0)
		set_listening(a, false);
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

static bool listen_local(struct admin *a, const struct config *c)
{
	struct sockaddr_un sa;
	char why[512];
	enum socket_fit fit = socket_file_look(c->data_dir, c->admin_socket, &sa, why, sizeof why);

	if (fit == SOCKET_FITS)
		a->local = listen_at(a, &sa, why, sizeof why, &fit);
	if (a->local)
		return true;
	log_error("admin.socket: %s", why);
	a->status = fit == SOCKET_WRONG ? EXIT_USAGE : EXIT_TASK_FAILED;
	return false;
}

static bool listen_tcp(struct admin *a, const char *text)
{
	struct sockaddr_storage ss;
	struct netaddr addr;

	if (!netaddr_parse(slice_str(text), &addr) || !netaddr_is_loopback(&addr)) {
		log_error("admin.listen: %s is not a loopback address with a port, such as "
			  "127.0.0.1:4245",
			text);
		return false;
	}
	socklen_t len = netaddr_to_sockaddr(&addr, &ss);
	a->tcp = listen_on(
		a, inherited_socket((struct sockaddr *)&ss, len), (struct sockaddr *)&ss, len);
	if (!a->tcp)
		log_error("admin.listen: cannot listen on %s: %s", text, strerror(errno));
	return a->tcp != NULL;
}

static bool open_listeners(struct admin *a, const struct config *c)
{
	return (!c->admin_socket[0] || listen_local(a, c)) &&
	       (!c->admin_listen[0] || listen_tcp(a, c->admin_listen));
}

static void close_listeners(struct admin *a)
{
	if (a->local) {
		evconnlistener_free(a->local);
		socket_file_remove(&a->file);
	}
	if (a->tcp)
		evconnlistener_free(a->tcp);
	a->local = a->tcp = NULL;
}

struct admin *admin_start(struct node *n)
{
	struct admin *a = mem_alloc(sizeof *a);

	if (a) {
		a->clients.node = n;
		a->rest = evtimer_new(n->base, on_rested, a);
	}
	if (!a || !a->rest)
		log_error("admin: cannot begin: out of memory");
	else if (open_listeners(a, n->config))
		return a;
	n->status = a && a->status ? a->status : EXIT_TASK_FAILED;
	admin_free(a);
	return NULL;
}

bool admin_reload(struct admin *a, const struct config *old, const struct config *fresh)
{
	if (strcmp(old->admin_socket, fresh->admin_socket) == 0 &&
		strcmp(old->admin_listen, fresh->admin_listen) == 0)
		return true;
	close_listeners(a);
	if (open_listeners(a, fresh))
		return true;
	close_listeners(a);
	open_listeners(a, old);
	return false;
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
	close_listeners(a);
	if (a->rest)
		event_free(a->rest);
	mem_free(a);
}
