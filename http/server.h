/* The HTTP server: a Unix socket for everything, and TCP addresses for reading. Clients, requests,
 * answers and times are bounded. The server knows no path: it gives each request to
 * settings.route(). */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "config/config.h"
#include "http/call.h"

struct http_server;

/* Opens the listeners that `c` names. `s` is copied. Returns NULL, with a logged line and the
 * program's exit status in *status, when the Unix socket cannot be opened or the token cannot be
 * read; a TCP address that cannot be opened is only warned of and tried again. A socket file that
 * nobody listens on any more is replaced; any other file of that name stays and is an error. The
 * caller frees the server with http_server_free(). */
struct http_server *http_server_start(
	const struct http_settings *s, const struct config *c, int *status);
void http_server_free(struct http_server *h); /* NULL is fine; removes the socket file */

/* Applies changed settings: moves the listeners and reads the token again. Returns false, with a
 * logged line and everything as before, when the Unix socket cannot be opened or the token cannot
 * be read. Clients of the Unix socket stay connected; those by TCP are closed after the answer they
 * wait for. *new_token: the token differs from the one before. */
bool http_server_reload(struct http_server *h, const struct config *old, const struct config *fresh,
	bool *new_token);

/* Answers the request of this number, whose route said that its answer comes later (http_call). The
 * body is JSON and ends with a line feed; it is copied, or given to the route that wants it
 * (http_call.again), which is called within this. False when its client is gone, or waited
 * for too long. */
bool http_server_answer(struct http_server *h, uint64_t number, int status, struct slice body);

/* One line for the user on why http_server_reload() failed last; borrowed until the next call. */
const char *http_server_why(const struct http_server *h);

#endif
