/* Tries passwords one at a time, on a thread that runs while there is one to try, since argon2id
 * takes long on purpose. Before: web/page_login.c. After: login_queue.c says whose turn it is,
 * password.c tries, session.c has the sessions. */
#include "web/login.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/loop_queue.h"
#include "base/mem.h"
#include "base/thread.h"
#include "net/addr.h"
#include "web/login_queue.h"
#include "web/password.h"

enum { KIB = 1024 };

struct login {
	struct login_settings s;
	struct sessions sessions;
	struct login_queue queue;
	char plain[CONFIG_TEXT_MAX], hash[CONFIG_TEXT_MAX]; /* one of them, or none */
	struct event *turn, *tried;                         /* owned */

	/* the attempt that the thread tries; the thread reads and writes these until it has put an
	 * item into `ends` */
	struct login_attempt *trying; /* NULL = there is no thread */
	char tried_hash[CONFIG_TEXT_MAX];
	uint64_t bytes; /* of limits.web_password_bytes */
	bool right;
	pthread_t thread;
	struct bound one;
	struct loop_queue *ends;

	char token[SESSION_TEXT_MAX]; /* of the session that login_know() found last */
};

/* ---- trying ---- */

static void *try_hash(void *ctx)
{
	struct login *l = ctx;
	uint8_t item = 0;

	l->right = password_is_of(l->trying->password, l->tried_hash);
	loop_queue_put(l->ends, &item);
	return NULL;
}

/* Calls on_turn() after this time, unless that will be sooner. */
static void look_again(struct login *l, uint64_t ms)
{
	struct timeval tv = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

	event_add(l->turn, &tv);
}

static void finish(struct login *l, struct login_attempt *a, int status)
{
	uint64_t call = a->call;

	login_queue_done(&l->queue, a, status == 200);
	l->s.answer(l->s.ctx, call, status);
	look_again(l, 0);
}

/* Starts the thread for an attempt. */
static void try_on_thread(struct login *l, struct login_attempt *a)
{
	unsigned memory = 0, passes;

	memcpy(l->tried_hash, l->hash, sizeof l->hash);
	config_web_cost(l->hash, &memory, &passes);
	l->bytes = (uint64_t)memory * KIB;
	l->trying = a;
	if (bound_take(&l->s.limits->web_password_bytes, l->bytes)) {
		if (thread_start(&l->thread, try_hash, l))
			return;
		bound_give(&l->s.limits->web_password_bytes, l->bytes);
	}
	l->trying = NULL;
	finish(l, a, 503);
}

/* Waits for the thread, which has nothing left to do but to end. */
static struct login_attempt *join(struct login *l)
{
	struct login_attempt *a = l->trying;

	pthread_join(l->thread, NULL);
	bound_give(&l->s.limits->web_password_bytes, l->bytes);
	l->trying = NULL;
	return a;
}

static void on_tried(evutil_socket_t fd, short what, void *ctx)
{
	struct login *l = ctx;
	uint8_t item;

	(void)fd;
	(void)what;
	if (loop_queue_take(l->ends, &item) != ERR_OK)
		return;
	/* A hash that was replaced meanwhile is none. */
	bool right = l->right && strcmp(l->hash, l->tried_hash) == 0;
	finish(l, join(l), right ? 200 : 401);
}

/* Tries the attempt whose turn it is. */
static void on_turn(evutil_socket_t fd, short what, void *ctx)
{
	struct login *l = ctx;
	uint64_t wait_ms;

	(void)fd;
	(void)what;
	if (l->trying)
		return;
	struct login_attempt *a = login_queue_next(&l->queue, &wait_ms);
	if (a && l->hash[0])
		try_on_thread(l, a);
	else if (a)
		finish(l, a, l->plain[0] && password_is(a->password, l->plain) ? 200 : 401);
	else if (wait_ms != UINT64_MAX)
		look_again(l, wait_ms);
}

bool login_try(struct login *l, const struct http_call *c, const char *password)
{
	char text[NETADDR_TEXT_MAX];
	uint64_t gave_way;
	bool waits = login_queue_add(&l->queue, &c->from, c->number, password, &gave_way);

	if (gave_way)
		l->s.answer(l->s.ctx, gave_way, 429);
	if (waits)
		look_again(l, 0);
	else
		log_warn_rarely("webui: too many attempts to log in, the last from %s",
			netaddr_ip_text(&c->from, text));
	return waits;
}

bool login_knows(const struct login *l, const struct netaddr *from)
{
	return login_queue_knows(&l->queue, from);
}

/* ---- sessions ---- */

/* Copies the cookie that the client sent; "" when it sent none. */
static void cookie_of(const struct http_call *c, char to[SESSION_TEXT_MAX])
{
	if (!http_cookie(c->request->cookie, LOGIN_COOKIE, to, SESSION_TEXT_MAX))
		to[0] = 0;
}

void login_know(struct login *l, struct http_call *c)
{
	char cookie[SESSION_TEXT_MAX];

	cookie_of(c, cookie);
	if (!sessions_use(&l->sessions, cookie, l->token))
		return;
	c->right = RIGHT_OWN;
	c->token = l->token;
}

bool login_has(const struct login *l, const char *token)
{
	return sessions_have(&l->sessions, token);
}

static void put_cookie(
	const struct http_call *c, const char *value, const char *more, char line[LOGIN_LINE_MAX])
{
	snprintf(line, LOGIN_LINE_MAX,
		"Set-Cookie: " LOGIN_COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict%s%s\r\n", value,
		more, c->https ? "; Secure" : "");
}

bool login_begin(struct login *l, const struct http_call *c, char line[LOGIN_LINE_MAX])
{
	char cookie[SESSION_TEXT_MAX], text[NETADDR_TEXT_MAX];

	cookie_of(c, cookie);
	sessions_end(&l->sessions, cookie);
	if (sessions_begin(&l->sessions, cookie) != ERR_OK)
		return false;
	put_cookie(c, cookie, "", line);
	explicit_bzero(cookie, sizeof cookie);
	log_info("webui: logged in from %s", netaddr_ip_text(&c->from, text));
	return true;
}

void login_end(struct login *l, const struct http_call *c, bool all, char line[LOGIN_LINE_MAX])
{
	char cookie[SESSION_TEXT_MAX];

	cookie_of(c, cookie);
	if (all)
		sessions_end_all(&l->sessions);
	else
		sessions_end(&l->sessions, cookie);
	put_cookie(c, "", "; Max-Age=0", line);
}

size_t login_sessions(struct login *l)
{
	return sessions_count(&l->sessions);
}

/* ---- life ---- */

void login_set(struct login *l, const struct config *c)
{
	struct netaddr at;
	bool same = strcmp(l->plain, c->webui_password) == 0 &&
		    strcmp(l->hash, c->webui_password_hash) == 0;

	if (same)
		return;
	if (login_sessions(l))
		log_info("webui: the password has changed, all sessions end");
	sessions_end_all(&l->sessions);
	memcpy(l->plain, c->webui_password, sizeof l->plain);
	memcpy(l->hash, c->webui_password_hash, sizeof l->hash);
	if (l->plain[0])
		log_warn("webui.password stands in the settings in plain: `alfisd web-password` "
			 "makes the line that replaces it");
	if (c->limits.web && netaddr_parse(slice_str(c->webui_listen), &at) &&
		!netaddr_is_loopback(&at))
		log_warn("webui.listen: %s can be reached from other machines, and is not "
			 "encrypted: put a proxy with TLS in front of it",
			c->webui_listen);
}

static bool make(struct login *l)
{
	uint64_t seed;

	rng_fill(l->s.rng, &seed, sizeof seed);
	sessions_init(&l->sessions, l->s.limits, l->s.clock, l->s.rng);
	login_queue_init(&l->queue, l->s.limits, l->s.clock, seed);
	l->one = (struct bound){.name = "tried", .max = 1};
	l->ends = loop_queue_new(&l->one, sizeof(uint8_t), NULL);
	l->turn = evtimer_new(l->s.base, on_turn, l);
	l->tried = l->ends ? event_new(l->s.base, loop_queue_fd(l->ends), EV_READ | EV_PERSIST,
				     on_tried, l)
			   : NULL;
	return l->turn && l->tried && event_add(l->tried, NULL) == 0;
}

struct login *login_new(const struct login_settings *s)
{
	struct login *l = mem_alloc(sizeof *l);

	if (!l)
		return NULL;
	l->s = *s;
	if (make(l))
		return l;
	login_free(l);
	return NULL;
}

void login_free(struct login *l)
{
	if (!l)
		return;
	if (l->trying)
		login_queue_done(&l->queue, join(l), false);
	if (l->turn)
		event_free(l->turn);
	if (l->tried)
		event_free(l->tried);
	loop_queue_free(l->ends);
	login_queue_free(&l->queue);
	sessions_end_all(&l->sessions);
	explicit_bzero(l->plain, sizeof l->plain);
	explicit_bzero(l->hash, sizeof l->hash);
	mem_free(l);
}
