/* The token against forged requests (docs/security.md): a page of another site can have a browser
 * send a request with our cookie, but does not know the token of the session. Pure. */
#ifndef WEB_TOKEN_H
#define WEB_TOKEN_H

#include "http/call.h"

/* Why a request without it is refused, for programs; web/page_error.c says it to people. */
extern const char token_wrong[];

/* True when the request carries c->token, which is not "": in its form as `token`, or in the header
 * X-Token. `script`: it may also come without, when nothing says that a browser sent it for a page
 * and its body, if it has one, is JSON, which no form of a page can send. */
bool token_is_right(const struct http_call *c, bool script);

#endif
