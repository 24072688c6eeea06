/* The server side of HTTP: a Unix socket, and loopback or other TCP addresses for reading. Clients,
 * requests, answers and times are bounded. What is answered is not known here: each request goes
 * to settings.route(). */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "config/config.h"
#include "http/call.h"

struct http_server;

/* Listens where `c` says. NULL with a logged line and an exit status when the Unix socket or the
 * token cannot be had. A socket file that nobody listens on any more is replaced; anything else of
 * that name stays and is an error. */
struct http_server *http_server_start(
	const struct http_settings *s, const struct config *c, int *status);
void http_server_free(struct http_server *h); /* NULL is fine; removes the socket file */

/* Moves the sockets to where `fresh` wants them, and reads the token again. False, with a logged
 * line and everything as it was, when the Unix socket or the token cannot be had. Clients
 * stay connected, those by TCP until they have their answer. *new_token: it is another one than
 * before. */
bool http_server_reload(struct http_server *h, const struct config *old, const struct config *fresh,
	bool *new_token);

/* Why http_server_reload() failed. */
const char *http_server_why(const struct http_server *h);

#endif
