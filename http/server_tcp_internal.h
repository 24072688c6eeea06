/* The TCP listeners. The program runs without them: an address that cannot be
 * had is warned of, and tried again every minute. */
#ifndef HTTP_SERVER_TCP_INTERNAL_H
#define HTTP_SERVER_TCP_INTERNAL_H

#include "http/http_conn_internal.h"

struct evconnlistener;

enum { HTTP_DOORS = 2 }; /* admin.listen, admin.metrics_listen */

struct http_tcp {
	struct http_conns *conns; /* borrowed: who came in goes there */
	struct event *again;      /* listens again, or tries again to */
	struct tcp_door {
		struct http_tcp *all;
		enum http_door door;
		char text[CONFIG_TEXT_MAX]; /* where; "" = nowhere */
		struct evconnlistener *listener;
	} doors[HTTP_DOORS];
};

bool http_tcp_init(struct http_tcp *t, struct http_conns *conns);

/* Listens where the settings say; what stays as it is stays open. */
void http_tcp_move(struct http_tcp *t, const struct config *c);
void http_tcp_free(struct http_tcp *t);

#endif
