/* Listens on TCP: admin.listen and admin.metrics_listen, for reading only, and webui.listen.
 * Before: server.c says where. After: http_conns.c gets each connection from an allowed address. */
#include "http/server_tcp_internal.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/socket_activation.h"
#include "base/log.h"
#include "net/addr.h"

enum { REST_S = 1, TRY_AGAIN_S = 60, BACKLOG = 16 };

static const char *name_of(const struct tcp_door *d)
{
	static const char *const names[] = {
		[DOOR_LOCAL] = "admin.socket",
		[DOOR_READ] = "admin.listen",
		[DOOR_METRICS] = "admin.metrics_listen",
		[DOOR_WEB] = "webui.listen",
	};

	return names[d->door];
}

/* Calls on_again() then, unless it will be called already. */
static void later(struct http_tcp *t, time_t seconds)
{
	struct timeval tv = {seconds, 0};

	if (!evtimer_pending(t->again, NULL))
		event_add(t->again, &tv);
}

/* Closes a connection from outside the networks of admin.allow. */
static void refuse(const struct tcp_door *d, evutil_socket_t fd, const struct sockaddr *sa)
{
	char text[NETADDR_TEXT_MAX];
	struct netaddr from;

	evutil_closesocket(fd);
	if (netaddr_from_sockaddr(sa, &from))
		log_warn_rarely("%s: %s is in no network of admin.allow", name_of(d),
			netaddr_ip_text(&from, text));
}

static void on_accept(
	struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *ctx)
{
	struct tcp_door *d = ctx;
	struct http_conns *conns = d->all->conns;
	int one = 1;

	(void)l;
	(void)len;
	/* The end of an answer must not wait until the client has confirmed what came before it. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (d->door == DOOR_WEB || http_access_lets_in(&conns->access, sa))
		http_conns_take(conns, fd, d->door);
	else
		refuse(d, fd, sa);
}

/* Descriptors ran out: pauses, as in server.c. A later call of on_again() is brought forward, and
 * the listener stays enabled if that fails, because nothing would enable it again. */
static void on_accept_error(struct evconnlistener *l, void *ctx)
{
	struct tcp_door *d = ctx;

	log_warn_rarely(
		"%s: cannot accept (%s), resting for a second", name_of(d), strerror(errno));
	event_del(d->all->again);
	later(d->all, REST_S);
	if (evtimer_pending(d->all->again, NULL))
		evconnlistener_disable(l);
}

static void shut(struct tcp_door *d)
{
	if (d->listener)
		evconnlistener_free(d->listener);
	d->listener = NULL;
}

/* Listens on the service manager's socket if it has one there, else on a new one. NULL with errno.
 */
static struct evconnlistener *listen_at(struct tcp_door *d, const struct netaddr *addr)
{
	const unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE;
	struct event_base *base = d->all->conns->s.base;
	struct sockaddr_storage ss;
	socklen_t len = netaddr_to_sockaddr(addr, &ss);
	struct sockaddr *sa = (struct sockaddr *)&ss;
	int inherited = socket_activation_find(sa, len, SOCK_STREAM);

	if (inherited < 0)
		return evconnlistener_new_bind(base, on_accept, d, flags, BACKLOG, sa, (int)len);
	struct evconnlistener *l = evconnlistener_new(base, on_accept, d, flags, 0, inherited);
	if (!l)
		close(inherited);
	return l;
}

/* Opens the listener if it should be open and is not. False when that fails. */
static bool open_door(struct tcp_door *d)
{
	struct netaddr addr;

	if (d->text[0] && !d->listener && netaddr_parse(slice_str(d->text), &addr))
		d->listener = listen_at(d, &addr);
	if (d->listener)
		evconnlistener_set_error_cb(d->listener, on_accept_error);
	return d->listener || !d->text[0];
}

static void say_where(const struct tcp_door *d)
{
	if (d->door == DOOR_WEB)
		log_info("owner's page http://%s/", d->text);
	else if (d->door == DOOR_METRICS)
		log_info("metrics http://%s/metrics", d->text);
	else
		log_info("status page http://%s/", d->text);
}

/* Opens listeners that failed, and enables those that paused. */
static void on_again(evutil_socket_t fd, short what, void *ctx)
{
	struct http_tcp *t = ctx;

	(void)fd;
	(void)what;
	for (int i = 0; i < HTTP_DOORS; i++) {
		struct tcp_door *d = &t->doors[i];
		bool listened = d->listener != NULL;
		if (!open_door(d))
			later(t, TRY_AGAIN_S);
		else if (d->listener && !listened)
			say_where(d);
		else if (d->listener && evconnlistener_enable(d->listener) != 0)
			later(t, REST_S);
	}
}

/* Warns that it cannot listen. A common cause deserves its own words: the service manager holds a
 * socket with the same port, at an address that the setting does not name. */
static void say_cannot(const struct tcp_door *d, int error)
{
	char at[SOCKET_ACTIVATION_TEXT_MAX];
	struct sockaddr_storage ss;
	struct netaddr addr;

	if (error == EADDRINUSE && netaddr_parse(slice_str(d->text), &addr) &&
		netaddr_to_sockaddr(&addr, &ss) &&
		socket_activation_in_the_way((struct sockaddr *)&ss, SOCK_STREAM, at))
		log_warn("%s: cannot listen on %s: the service manager's own socket at %s has the "
			 "port; name that address, or change its ListenStream=",
			name_of(d), d->text, at);
	else
		log_warn("%s: cannot listen on %s: %s; the node runs without it and tries again "
			 "every minute",
			name_of(d), d->text, strerror(error));
}

/* Makes it listen at `text` ("" = nowhere) instead of where it did. */
static void move_door(struct tcp_door *d, const char *text)
{
	if (strcmp(d->text, text) != 0)
		shut(d);
	snprintf(d->text, sizeof d->text, "%s", text);
	bool listened = d->listener != NULL;
	if (open_door(d)) {
		if (d->listener && !listened)
			say_where(d);
		return;
	}
	say_cannot(d, errno);
	later(d->all, TRY_AGAIN_S);
}

void http_tcp_move(struct http_tcp *t, const struct config *c)
{
	move_door(&t->doors[0], c->admin_listen);
	move_door(&t->doors[1], c->admin_metrics_listen);
	move_door(&t->doors[2], c->limits.web ? c->webui_listen : "");
}

bool http_tcp_init(struct http_tcp *t, struct http_conns *conns)
{
	t->conns = conns;
	t->doors[0] = (struct tcp_door){.all = t, .door = DOOR_READ};
	t->doors[1] = (struct tcp_door){.all = t, .door = DOOR_METRICS};
	t->doors[2] = (struct tcp_door){.all = t, .door = DOOR_WEB};
	t->again = evtimer_new(conns->s.base, on_again, t);
	return t->again != NULL;
}

void http_tcp_free(struct http_tcp *t)
{
	for (int i = 0; i < HTTP_DOORS; i++)
		shut(&t->doors[i]);
	if (t->again)
		event_free(t->again);
	t->again = NULL;
}
