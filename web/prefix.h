/* Pages under a path of a web server in front of us. Pure. */
#ifndef WEB_PREFIX_H
#define WEB_PREFIX_H

#include "http/call.h"

/* The path under which a web server in front of us has ours, such as "/alfisd", copied to `to`.
 * False when the request names none, or one that is no plain path: it stands in links. */
bool prefix_of(const struct http_request *q, char to[HTTP_PREFIX_MAX]);

/* Puts the prefix that the request names before each path of ours in an answer: in the links and
 * forms of a page, and in a redirection. Without a prefix nothing is done. An answer that has no
 * room for it is marked bad. */
void prefix_put(struct http_call *c);

#endif
