/* The log-in at webui.listen: tries passwords on a thread of its own, keeps the sessions, and tells
 * the HTTP server who has one. Before: node/node_web.c makes it; web/routes.c and web/page_login.c
 * ask. After: login_queue.c, session.c, password.c. */
#ifndef WEB_LOGIN_H
#define WEB_LOGIN_H

#include "base/rng.h"
#include "config/config.h"
#include "http/call.h"
#include "web/session.h"

#define LOGIN_COOKIE "alfis_session"

/* The longest time that an attempt may wait for its turn. */
enum { LOGIN_WAIT_MS = 30000, LOGIN_LINE_MAX = 192 };

struct event_base;
struct login;

/* All pointers are borrowed until login_free(). */
struct login_settings {
	struct event_base *base;
	const struct clock *clock;
	const struct rng *rng;
	struct limits *limits; /* web_… */
	/* Answers the request of this number: 200, 401 or 429. It may be gone. */
	void (*answer)(void *ctx, uint64_t call, int status);
	void *ctx;
};

/* NULL when memory or descriptors run out. It has no password yet: login_set(). The caller frees it
 * with login_free(), NULL is fine; that waits for the password that is being tried. */
struct login *login_new(const struct login_settings *s);
void login_free(struct login *l);

/* Takes the password of these settings; all sessions end when it is another. Logs what the owner
 * should see to. */
void login_set(struct login *l, const struct config *c);

/* Has the password of an attempt tried. True: the answer comes later, by settings.answer(). False:
 * it has no place, and the client is told 429. */
bool login_try(struct login *l, const struct http_call *c, const char *password);

/* http_settings.knows(). */
bool login_knows(const struct login *l, const struct netaddr *from);

/* http_settings.know(): sets the right and the token of the client's session, if it has one. */
void login_know(struct login *l, struct http_call *c);

/* Begins a session; the one that the client had ends. `line` gets the header line that sets its
 * cookie, with its CR LF. False when memory runs out. */
bool login_begin(struct login *l, const struct http_call *c, char line[LOGIN_LINE_MAX]);

/* Ends the session of the client, or all of them. `line` gets the header line that takes the cookie
 * back. */
void login_end(struct login *l, const struct http_call *c, bool all, char line[LOGIN_LINE_MAX]);

/* True while the session with this token lives (http_call.token): a stream of events ends with it.
 */
bool login_has(const struct login *l, const char *token);

/* How many sessions there are. */
size_t login_sessions(struct login *l);

#endif
