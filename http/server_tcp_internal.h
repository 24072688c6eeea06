/* The TCP listeners. The node runs without them: when an address cannot be opened, we log a warning
 * and try again every minute. */
#ifndef HTTP_SERVER_TCP_INTERNAL_H
#define HTTP_SERVER_TCP_INTERNAL_H

#include "http/http_conn_internal.h"

struct evconnlistener;

enum { HTTP_DOORS = 3 }; /* admin.listen, admin.metrics_listen, webui.listen */

struct http_tcp {
	struct http_conns *conns; /* borrowed: accepted clients go there */
	struct event
		*again; /* opens what could not be opened, accepts again after a pause; owned */
	struct tcp_door {
		struct http_tcp *all;
		enum http_door door;
		char text[CONFIG_TEXT_MAX];      /* the address to listen on; "" = none */
		struct evconnlistener *listener; /* owned; NULL = not open */
	} doors[HTTP_DOORS];
};

/* Opens nothing yet. `conns` is borrowed until http_tcp_free(), and must have its settings. False
 * when memory runs out; the caller calls http_tcp_free() all the same. */
bool http_tcp_init(struct http_tcp *t, struct http_conns *conns);

/* Listens on the addresses that the settings name. A listener whose address did not change stays
 * open. */
void http_tcp_move(struct http_tcp *t, const struct config *c);
void http_tcp_free(struct http_tcp *t); /* a zeroed struct is fine, too */

#endif
