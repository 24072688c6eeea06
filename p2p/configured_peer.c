/* Role: one configured peer: its text, its addresses, its back-off. Before and after: p2p/dialer.c,
 * which owns the list of them. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "p2p/configured_peer.h"

enum {
	BACKOFF_FIRST_MS = 1000, /* doubled with each failure */
	BACKOFF_MAX_MS = 60000,
	BACKOFF_ALONE_MS = 10000, /* a node that only just starts must not be missed for a minute */
	AFTER_CLOSE_MS = 5000,    /* at least so long after a peer has closed, */
	BACKOFF_AFTER_CLOSE_MS = 7000, /* less a quarter at most, if it had not been ready */
	AFTER_FAULT_MS = 10000,        /* doubled with each in a row, up to the next */
	AFTER_REFUSAL_MS = 600000,
	SHUT_ALONE_MS = 30000, /* at most, while nobody is connected */
};

static bool parse_port(const char *s, uint16_t *port)
{
	unsigned v = 0;
	size_t n = strspn(s, "0123456789");

	if (n == 0 || n > 5 || s[n])
		return false;
	for (size_t i = 0; i < n; i++)
		v = v * 10 + (unsigned)(s[i] - '0');
	*port = (uint16_t)v;
	return v > 0 && v <= UINT16_MAX;
}

/* Begin and end of the host, and where the port begins (NULL = none). False: brackets that do not
 * match. */
static bool cut(const char *text, const char **host, const char **end, const char **port)
{
	const char *colon = strchr(text, ':');

	*host = text;
	*end = text + strlen(text);
	*port = NULL;
	if (text[0] == '[') {
		const char *close = strchr(text, ']');
		if (!close || (close[1] && close[1] != ':'))
			return false;
		*host = text + 1;
		*end = close;
		*port = close[1] ? close + 2 : NULL;
	} else if (colon && !strchr(colon + 1, ':')) { /* more than one: IPv6 without a port */
		*end = colon;
		*port = colon + 1;
	}
	return *end > *host;
}

static bool is_host(const char *s, const char *end)
{
	while (s < end && '!' <= *s && *s <= '~' && *s != '[' && *s != ']')
		s++;
	return s == end;
}

bool target_parse(struct target *t, const char *text)
{
	const char *host, *end, *port;
	size_t n = strlen(text);

	if (n >= sizeof t->text || !cut(text, &host, &end, &port) || !is_host(host, end))
		return false;
	t->port = TARGET_PORT;
	if (port && !parse_port(port, &t->port))
		return false;
	memcpy(t->text, text, n + 1);
	memcpy(t->host, host, (size_t)(end - host));
	t->host[end - host] = 0;
	t->backoff_ms = BACKOFF_FIRST_MS;
	return true;
}

/* 0.0.0.0, ::, multicast and broadcast: nobody answers there but this machine. */
static bool is_of_nobody(const struct netaddr *a)
{
	static const uint8_t none[16];

	if (netaddr_is_ipv4(a))
		return a->ip[12] == 0 || a->ip[12] >= 224;
	return a->ip[0] == 0xff || memcmp(a->ip, none, sizeof none) == 0;
}

bool target_plausible(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.-_";
	struct target t = {.next = NULL};
	const char *host, *end, *port, *last;
	struct netaddr a;

	if (!target_parse(&t, text) || !cut(text, &host, &end, &port))
		return false;
	if (netaddr_parse_loose(slice_str(t.host), t.port, &a))
		return !is_of_nobody(&a);
	last = strrchr(t.host, '.');
	if (t.host[strspn(t.host, letters)] || t.host[0] == '.')
		return false;
	if (last && last[1] == 0) /* a final dot */
		return true;
	last = last ? last + 1 : t.host;
	return (port || last != t.host) && last[strspn(last, "0123456789")];
}

bool target_same(const struct target *a, const struct target *b)
{
	return a->port == b->port && strcasecmp(a->host, b->host) == 0;
}

size_t target_found(
	struct target *t, const struct netaddr *found, size_t count, bool yggdrasil_only)
{
	t->count = t->at = 0;
	for (size_t i = 0; i < count && t->count < RESOLVED_MAX; i++)
		if (!yggdrasil_only || netaddr_is_yggdrasil(&found[i]))
			t->found[t->count++] = found[i];
	return t->count;
}

static void wait_for(struct target *t, uint64_t now, uint64_t ms, uint64_t alone_ms)
{
	t->state = TARGET_WAITING;
	t->rests = false;
	t->due_ms = now + ms;
	t->alone_due_ms = now + alone_ms;
	t->over = t->once;
}

uint64_t target_due(const struct target *t, bool alone)
{
	return alone ? t->alone_due_ms : t->due_ms;
}

static uint64_t less_some(const struct rng *rng, uint64_t ms)
{
	return ms - rng_below(rng, (uint32_t)ms / 4);
}

static void double_backoff(struct target *t)
{
	t->backoff_ms = t->backoff_ms * 2 < BACKOFF_MAX_MS ? t->backoff_ms * 2 : BACKOFF_MAX_MS;
}

void target_back_off(struct target *t, uint64_t now, const struct rng *rng)
{
	uint64_t wait = less_some(rng, t->backoff_ms), most = less_some(rng, BACKOFF_ALONE_MS);

	wait_for(t, now, wait, wait < most ? wait : most);
	double_backoff(t);
}

void target_hurry(struct target *t, uint64_t now)
{
	if (t->state == TARGET_WAITING && !t->rests)
		t->due_ms = t->alone_due_ms = now;
}

void target_failed(struct target *t, const char *why)
{
	snprintf(t->error, sizeof t->error, "%s", why);
	if (t->failures < UINT32_MAX)
		t->failures++;
}

void target_ready(struct target *t)
{
	t->error[0] = 0;
	t->failures = 0;
	t->backoff_ms = BACKOFF_FIRST_MS;
	t->found[0] = t->dialled;
	t->count = 1;
	t->at = 0;
}

/* It had taken the connection. */
static void back_off_after_close(struct target *t, uint64_t now, const struct rng *rng)
{
	if (t->backoff_ms < BACKOFF_AFTER_CLOSE_MS)
		t->backoff_ms = BACKOFF_AFTER_CLOSE_MS;
	target_back_off(t, now, rng);
}

static void rest(struct target *t, uint64_t now, uint64_t ms)
{
	wait_for(t, now, ms, ms);
	t->rests = true;
}

/* It has banned us or is full, so that it must not be asked for ten minutes; but with nobody
 * connected a login page may have answered for it, and that may be gone in a moment. */
static void back_off_after_shut(struct target *t, uint64_t now, bool alone, const struct rng *rng)
{
	uint64_t most = less_some(rng, SHUT_ALONE_MS);

	if (t->backoff_ms < BACKOFF_AFTER_CLOSE_MS)
		t->backoff_ms = BACKOFF_AFTER_CLOSE_MS;
	uint64_t wait = less_some(rng, t->backoff_ms);
	wait_for(t, now, alone ? wait : AFTER_REFUSAL_MS, wait < most ? wait : most);
	double_backoff(t);
}

/* It broke a rule. It is the operator's choice, so it is never given up, only asked ever later. */
static void rest_after_fault(struct target *t, uint64_t now)
{
	uint64_t ms = AFTER_FAULT_MS;

	for (uint32_t i = 0; i < t->faults && ms < AFTER_REFUSAL_MS; i++)
		ms *= 2;
	if (ms < AFTER_REFUSAL_MS)
		t->faults++;
	rest(t, now, ms < AFTER_REFUSAL_MS ? ms : AFTER_REFUSAL_MS);
}

void target_ended(
	struct target *t, uint64_t now, const struct dial_ending *how, const struct rng *rng)
{
	bool more = t->at < t->count; /* addresses of the name */

	switch (how->end) {
	case DIAL_FAILED:
		target_back_off(t, now, rng);
		t->over = t->once && !more;
		if (t->once)
			t->due_ms = t->alone_due_ms = now;
		break;
	case DIAL_DROPPED:
		back_off_after_close(t, now, rng);
		break;
	case DIAL_CLOSED:
		t->faults = 0;
		rest(t, now, AFTER_CLOSE_MS);
		break;
	case DIAL_SHUT:
		if (how->local)
			back_off_after_close(t, now, rng);
		else
			back_off_after_shut(t, now, how->alone, rng);
		break;
	case DIAL_FAULT:
		rest_after_fault(t, now);
		break;
	case DIAL_REFUSED:
	case DIAL_SELF:
		rest(t, now, AFTER_REFUSAL_MS);
		break;
	}
}
