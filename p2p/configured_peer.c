/* Role: one configured peer: its text, its addresses, and when it is dialled next.
 * Before and after: p2p/dialer.c, which owns the list of them. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "p2p/configured_peer.h"

enum {
	BACKOFF_FIRST_MS = 1000, /* wait after the first failure; doubles with each */
	BACKOFF_MAX_MS = 60000,
	BACKOFF_ALONE_MS = 10000,      /* longest wait while no peer is connected */
	AFTER_CLOSE_MS = 5000,         /* wait after a ready connection has ended */
	BACKOFF_AFTER_CLOSE_MS = 7000, /* least wait, less up to a quarter, if it was not ready */
	AFTER_FAULT_MS = 10000, /* doubles with each fault in a row, up to AFTER_REFUSAL_MS */
	AFTER_REFUSAL_MS = 600000,
	SHUT_ALONE_MS = 30000, /* longest wait after DIAL_SHUT, while no peer is connected */
};

bool configured_peer_parse(struct configured_peer *cp, const char *text)
{
	size_t n = strlen(text);
	struct endpoint e;

	if (n >= sizeof cp->text || !endpoint_parse(slice_str(text), ALFIS_PORT, &e) || !e.port)
		return false;
	memcpy(cp->text, text, n + 1);
	memcpy(cp->host, e.host.p, e.host.n);
	cp->host[e.host.n] = 0;
	cp->port = e.port;
	cp->backoff_ms = BACKOFF_FIRST_MS;
	return true;
}

/* Is it 0.0.0.0/8, ::, multicast or broadcast? No other machine answers at such an address. */
static bool is_of_nobody(const struct netaddr *a)
{
	static const uint8_t none[16];

	if (netaddr_is_ipv4(a))
		return a->ip[12] == 0 || a->ip[12] >= 224;
	return a->ip[0] == 0xff || memcmp(a->ip, none, sizeof none) == 0;
}

/* Is the last label a number, as in "10.1.2" or "10.1.2.300"? Then it is a mistyped address. */
static bool ends_in_number(struct slice name)
{
	size_t n = name.n;

	while (n > 0 && name.p[n - 1] >= '0' && name.p[n - 1] <= '9')
		n--;
	return n < name.n && (n == 0 || name.p[n - 1] == '.');
}

bool configured_peer_plausible(const char *text)
{
	struct endpoint e;

	if (strlen(text) >= CONFIGURED_PEER_TEXT_MAX ||
		!endpoint_parse(slice_str(text), ALFIS_PORT, &e) || !e.port)
		return false;
	if (e.is_address)
		return !is_of_nobody(&e.addr);
	return endpoint_is_name(e.host) && !ends_in_number(e.host) &&
	       (e.has_port || memchr(e.host.p, '.', e.host.n));
}

bool configured_peer_same(const struct configured_peer *a, const struct configured_peer *b)
{
	return a->port == b->port && strcasecmp(a->host, b->host) == 0;
}

size_t configured_peer_found(
	struct configured_peer *cp, const struct netaddr *found, size_t count, bool yggdrasil_only)
{
	cp->count = cp->at = 0;
	for (size_t i = 0; i < count && cp->count < RESOLVED_MAX; i++)
		if (!yggdrasil_only || netaddr_is_yggdrasil(&found[i]))
			cp->found[cp->count++] = found[i];
	return cp->count;
}

static void wait_for(struct configured_peer *cp, uint64_t now, uint64_t ms, uint64_t alone_ms)
{
	cp->state = CONFIGURED_PEER_WAITING;
	cp->rests = false;
	cp->due_ms = now + ms;
	cp->alone_due_ms = now + alone_ms;
	cp->over = cp->once;
}

uint64_t configured_peer_due(const struct configured_peer *cp, bool alone)
{
	return alone ? cp->alone_due_ms : cp->due_ms;
}

static uint64_t less_some(const struct rng *rng, uint64_t ms)
{
	return ms - rng_below(rng, (uint32_t)ms / 4);
}

static void double_backoff(struct configured_peer *cp)
{
	cp->backoff_ms = cp->backoff_ms * 2 < BACKOFF_MAX_MS ? cp->backoff_ms * 2 : BACKOFF_MAX_MS;
}

void configured_peer_back_off(struct configured_peer *cp, uint64_t now, const struct rng *rng)
{
	uint64_t wait = less_some(rng, cp->backoff_ms), most = less_some(rng, BACKOFF_ALONE_MS);

	wait_for(cp, now, wait, wait < most ? wait : most);
	double_backoff(cp);
}

void configured_peer_hurry(struct configured_peer *cp, uint64_t now)
{
	if (cp->state == CONFIGURED_PEER_WAITING && !cp->rests)
		cp->due_ms = cp->alone_due_ms = now;
}

void configured_peer_failed(struct configured_peer *cp, const char *why)
{
	snprintf(cp->error, sizeof cp->error, "%s", why);
	if (cp->failures < UINT32_MAX)
		cp->failures++;
}

void configured_peer_ready(struct configured_peer *cp)
{
	cp->error[0] = 0;
	cp->failures = 0;
	cp->backoff_ms = BACKOFF_FIRST_MS;
	cp->found[0] = cp->dialled;
	cp->count = 1;
	cp->at = 0;
}

/* The peer accepted the connection and it ended before it was ready. */
static void back_off_after_close(struct configured_peer *cp, uint64_t now, const struct rng *rng)
{
	if (cp->backoff_ms < BACKOFF_AFTER_CLOSE_MS)
		cp->backoff_ms = BACKOFF_AFTER_CLOSE_MS;
	configured_peer_back_off(cp, now, rng);
}

static void rest(struct configured_peer *cp, uint64_t now, uint64_t ms)
{
	wait_for(cp, now, ms, ms);
	cp->rests = true;
}

/* The peer closed without a byte. It has banned us or is full, so it is left alone for ten minutes.
 * But while no peer is connected, a login page of our provider may have answered in its place, and
 * could be gone soon. */
static void back_off_after_shut(
	struct configured_peer *cp, uint64_t now, bool alone, const struct rng *rng)
{
	uint64_t most = less_some(rng, SHUT_ALONE_MS);

	if (cp->backoff_ms < BACKOFF_AFTER_CLOSE_MS)
		cp->backoff_ms = BACKOFF_AFTER_CLOSE_MS;
	uint64_t wait = less_some(rng, cp->backoff_ms);
	wait_for(cp, now, alone ? wait : AFTER_REFUSAL_MS, wait < most ? wait : most);
	double_backoff(cp);
}

/* The peer broke a rule. The operator chose it, so it is never given up, but each wait is longer
 * than the last. */
static void rest_after_fault(struct configured_peer *cp, uint64_t now)
{
	uint64_t ms = AFTER_FAULT_MS;

	for (uint32_t i = 0; i < cp->faults && ms < AFTER_REFUSAL_MS; i++)
		ms *= 2;
	if (ms < AFTER_REFUSAL_MS)
		cp->faults++;
	rest(cp, now, ms < AFTER_REFUSAL_MS ? ms : AFTER_REFUSAL_MS);
}

void configured_peer_ended(struct configured_peer *cp, uint64_t now, const struct dial_ending *how,
	const struct rng *rng)
{
	bool more = cp->at < cp->count; /* further addresses of the name */

	switch (how->end) {
	case DIAL_FAILED:
		configured_peer_back_off(cp, now, rng);
		cp->over = cp->once && !more;
		if (cp->once)
			cp->due_ms = cp->alone_due_ms = now;
		break;
	case DIAL_DROPPED:
		back_off_after_close(cp, now, rng);
		break;
	case DIAL_CLOSED:
		cp->faults = 0;
		rest(cp, now, AFTER_CLOSE_MS);
		break;
	case DIAL_SHUT:
		if (how->local)
			back_off_after_close(cp, now, rng);
		else
			back_off_after_shut(cp, now, how->alone, rng);
		break;
	case DIAL_FAULT:
		rest_after_fault(cp, now);
		break;
	case DIAL_REFUSED:
	case DIAL_SELF:
		rest(cp, now, AFTER_REFUSAL_MS);
		break;
	}
}
