#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "p2p/dialer.h"
#include "p2p/resolver.h"

enum {
	PEER_TEXT_MAX = 256,
	DEFAULT_PORT = 4244,
	BACKOFF_FIRST_MS = 1000, /* doubled with each failure */
	BACKOFF_MAX_MS = 60000,
	AFTER_CLOSE_MS = 5000, /* after a peer that worked went away */
	AFTER_REFUSAL_MS = 600000,
	SPACING_MS = 200, /* between dials of our own choice */
	LOOK_MS = 5000,   /* between looks for somebody to dial */
	IDLE_MS = 60000,
};

enum target_state { TARGET_WAITING, TARGET_RESOLVING, TARGET_BUSY /* dialled or connected */ };

/* A configured peer. */
struct target {
	struct target *next;
	char text[PEER_TEXT_MAX]; /* as configured */
	char host[PEER_TEXT_MAX];
	uint16_t port;
	uint64_t tag; /* names it to the resolver */
	enum target_state state;
	uint64_t due_ms, backoff_ms;
	struct netaddr found[RESOLVED_MAX];
	size_t count, at; /* of `found`; the next one to dial */
	struct netaddr dialled;
};

struct dialer {
	struct dialer_settings s;
	struct event *timer;
	struct resolver *resolver;
	struct target *targets; /* bounded by max_configured_peers */
	uint64_t last_tag, next_pick_ms;
	bool stopping;
};

/* ---- targets ---- */

/* "host:port", "[v6]:port", or either without a port. */
static bool split(struct target *t, const char *text)
{
	const char *close = text[0] == '[' ? strchr(text, ']') : NULL;
	const char *colon = close ? strchr(close, ':') : strrchr(text, ':');
	bool bare_v6 = !close && colon && strchr(text, ':') != colon;
	size_t n = strlen(text);
	unsigned port = DEFAULT_PORT;

	if (n == 0 || n >= sizeof t->text || (text[0] == '[' && !close))
		return false;
	if (bare_v6)
		colon = NULL;
	if (colon && (sscanf(colon + 1, "%5u", &port) != 1 || port == 0 || port > UINT16_MAX))
		return false;
	const char *from = close ? text + 1 : text;
	const char *end = close ? close : colon ? colon : text + n;
	if (end == from)
		return false;
	memcpy(t->text, text, n + 1);
	memcpy(t->host, from, (size_t)(end - from));
	t->host[end - from] = 0;
	t->port = (uint16_t)port;
	return true;
}

static struct target **find(struct dialer *d, const char *text)
{
	struct target **place = &d->targets;

	while (*place && strcmp((*place)->text, text) != 0)
		place = &(*place)->next;
	return place;
}

static void drop(struct dialer *d, struct target **place)
{
	struct target *t = *place;

	*place = t->next;
	bound_give(&d->s.limits->max_configured_peers, 1);
	mem_free(t);
}

enum err dialer_add(struct dialer *d, const char *peer)
{
	struct target **place = find(d, peer);

	if (*place)
		return ERR_EXISTS;
	if (!bound_take(&d->s.limits->max_configured_peers, 1))
		return ERR_FULL;
	struct target *t = mem_alloc(sizeof *t);
	if (!t || !split(t, peer)) {
		bound_give(&d->s.limits->max_configured_peers, 1);
		enum err err = t ? ERR_MALFORMED : ERR_NOMEM;
		mem_free(t);
		return err;
	}
	t->tag = ++d->last_tag;
	t->backoff_ms = BACKOFF_FIRST_MS;
	*place = t;
	dialer_wake(d);
	return ERR_OK;
}

enum err dialer_remove(struct dialer *d, const char *peer)
{
	struct target **place = find(d, peer);

	if (!*place)
		return ERR_NOT_FOUND;
	drop(d, place);
	return ERR_OK;
}

static void wait_for(struct dialer *d, struct target *t, uint64_t ms)
{
	t->state = TARGET_WAITING;
	t->due_ms = clock_mono(d->s.clock) + ms;
}

static void back_off(struct dialer *d, struct target *t)
{
	wait_for(d, t, t->backoff_ms);
	t->backoff_ms = t->backoff_ms * 2 < BACKOFF_MAX_MS ? t->backoff_ms * 2 : BACKOFF_MAX_MS;
}

static bool being_dialled(struct dialer *d, const struct netaddr *a)
{
	for (struct target *t = d->targets; t; t = t->next)
		if (t->state == TARGET_BUSY && netaddr_eq(&t->dialled, a))
			return true;
	return false;
}

/* Tries its addresses in turn, one an attempt. */
static void dial_target(struct dialer *d, struct target *t)
{
	for (; t->at < t->count; t->at++) {
		const struct netaddr *a = &t->found[t->at];
		if (being_dialled(d, a) || d->s.hooks.refuse(d->s.hooks.ctx, a))
			continue;
		t->dialled = *a;
		t->at++;
		t->state = TARGET_BUSY;
		if (!d->s.hooks.dial(d->s.hooks.ctx, &t->dialled, true))
			back_off(d, t);
		return;
	}
	t->count = t->at = 0; /* look the name up again next time */
	back_off(d, t);
}

static void on_resolved(
	void *ctx, uint64_t tag, const struct netaddr *found, size_t count, const char *why)
{
	struct dialer *d = ctx;
	struct target *t = d->targets;

	while (t && t->tag != tag)
		t = t->next;
	if (!t || d->stopping)
		return;
	t->count = t->at = 0;
	for (size_t i = 0; i < count; i++)
		if (!d->s.exchange->yggdrasil_only || netaddr_is_yggdrasil(&found[i]))
			t->found[t->count++] = found[i];
	if (t->count) {
		dial_target(d, t);
	} else {
		d->s.hooks.unresolved(
			d->s.hooks.ctx, t->text, count ? "not in the Yggdrasil network" : why);
		back_off(d, t);
	}
	dialer_wake(d);
}

static void begin_target(struct dialer *d, struct target *t)
{
	if (t->at < t->count) {
		dial_target(d, t);
		return;
	}
	if (netaddr_parse_loose(slice_str(t->host), t->port, &t->found[0])) {
		t->count = 1;
		t->at = 0;
		dial_target(d, t);
		return;
	}
	t->state = TARGET_RESOLVING;
	if (!resolver_lookup(d->resolver, t->host, t->port, t->tag))
		back_off(d, t);
}

/* ---- our own choice ---- */

static bool refuse(void *ctx, const struct netaddr *a)
{
	struct dialer *d = ctx;

	return !exchange_allows(d->s.exchange, a) || being_dialled(d, a) ||
	       d->s.hooks.refuse(d->s.hooks.ctx, a);
}

static bool choose(struct dialer *d, struct netaddr *out)
{
	while (exchange_next(d->s.exchange, out))
		if (!refuse(d, out))
			return true;
	return book_pick(d->s.book, refuse, d, out);
}

static bool has_place(const struct dialer *d)
{
	const struct limits *l = d->s.limits;

	return d->s.hooks.outbound(d->s.hooks.ctx) < l->max_outbound.max &&
	       d->s.hooks.dialling(d->s.hooks.ctx) < l->max_dials.max;
}

/* Returns when to look again. */
static uint64_t dial_one(struct dialer *d)
{
	struct netaddr a;

	if (!has_place(d))
		return LOOK_MS;
	if (!choose(d, &a))
		return LOOK_MS;
	if (!d->s.hooks.dial(d->s.hooks.ctx, &a, false))
		book_failed(d->s.book, &a);
	return SPACING_MS;
}

/* ---- the timer ---- */

static void arm(struct dialer *d, uint64_t ms)
{
	struct timeval tv = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

	event_add(d->timer, &tv);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct dialer *d = ctx;
	uint64_t now = clock_mono(d->s.clock), next = now + IDLE_MS;

	(void)fd;
	(void)what;
	for (struct target *t = d->targets; t; t = t->next) {
		if (t->state == TARGET_WAITING && t->due_ms <= now)
			begin_target(d, t);
		if (t->state == TARGET_WAITING && t->due_ms < next)
			next = t->due_ms;
	}
	if (d->next_pick_ms <= now)
		d->next_pick_ms = now + dial_one(d);
	if (d->next_pick_ms < next)
		next = d->next_pick_ms;
	arm(d, next > now ? next - now : 1);
}

void dialer_wake(struct dialer *d)
{
	if (!d->stopping) {
		d->next_pick_ms = 0;
		arm(d, 1);
	}
}

/* ---- what became of it ---- */

static struct target *busy_with(struct dialer *d, const struct netaddr *a)
{
	for (struct target *t = d->targets; t; t = t->next)
		if (t->state == TARGET_BUSY && netaddr_eq(&t->dialled, a))
			return t;
	return NULL;
}

void dialer_ready(struct dialer *d, const struct netaddr *a)
{
	struct target *t = busy_with(d, a);

	book_connected(d->s.book, a);
	if (t) {
		t->backoff_ms = BACKOFF_FIRST_MS;
		t->at = 0; /* this address works: begin with it again */
		t->found[0] = *a;
		t->count = 1;
	}
}

static void end_target(struct dialer *d, struct target *t, enum dial_end end)
{
	switch (end) {
	case DIAL_FAILED:
		back_off(d, t);
		break;
	case DIAL_CLOSED:
		wait_for(d, t, AFTER_CLOSE_MS);
		break;
	case DIAL_REFUSED:
	case DIAL_SELF:
		wait_for(d, t, AFTER_REFUSAL_MS);
		break;
	}
}

void dialer_ended(struct dialer *d, const struct netaddr *a, enum dial_end end)
{
	struct target *t = busy_with(d, a);

	if (d->stopping)
		return;
	if (end == DIAL_FAILED)
		book_failed(d->s.book, a);
	else if (end != DIAL_CLOSED)
		book_remove(d->s.book, a);
	if (t)
		end_target(d, t, end);
	arm(d, SPACING_MS);
}

/* ---- life ---- */

struct dialer *dialer_start(const struct dialer_settings *s)
{
	struct dialer *d = mem_alloc(sizeof *d);

	if (!d)
		return NULL;
	d->s = *s;
	d->timer = event_new(s->base, -1, 0, on_timer, d);
	d->resolver = resolver_start(s->base, &s->limits->max_lookups,
		s->limits->connect_timeout.max, NULL, on_resolved, d);
	if (!d->timer || !d->resolver) {
		dialer_free(d);
		return NULL;
	}
	for (size_t i = 0; i < s->peer_count; i++)
		dialer_add(d, s->peers[i]);
	dialer_wake(d);
	return d;
}

void dialer_quiesce(struct dialer *d)
{
	if (!d)
		return;
	d->stopping = true;
	event_del(d->timer);
	resolver_free(d->resolver);
	d->resolver = NULL;
}

void dialer_free(struct dialer *d)
{
	if (!d)
		return;
	d->stopping = true;
	while (d->targets)
		drop(d, &d->targets);
	resolver_free(d->resolver);
	if (d->timer)
		event_free(d->timer);
	mem_free(d);
}
