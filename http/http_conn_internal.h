/* The connected clients, at most limits.max_admin_clients. */
#ifndef HTTP_HTTP_CONN_INTERNAL_H
#define HTTP_HTTP_CONN_INTERNAL_H

#include <event2/util.h>

#include "http/call.h"

struct http_conn;

struct http_conns {
	struct http_settings s;
	struct http_conn *first; /* the youngest */
	uint64_t by_tcp;         /* how many of them */
	struct http_access access;
};

/* Owns `fd` from now on; closes it at once when there is no place or no memory. Clients by TCP
 * leave a quarter of the places to the Unix socket. */
void http_conns_take(struct http_conns *all, evutil_socket_t fd, enum http_door door);
void http_conns_free(struct http_conns *all);

#endif
