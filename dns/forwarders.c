/* Judges servers by what became of the questions to them, and chooses the next one.
 * Before: dns/upstream_try.c, dns/upstream_probe.c. After: nothing. */
#include <stdio.h>

#include "base/log.h"
#include "dns/forwarders.h"

enum { NEAR_MS = 10, NEAR_PART = 4, BACKOFF_MAX = 2 };

/* ---- one server ---- */

void dns_server_measured(struct dns_server *s, uint64_t took_ms)
{
	if (took_ms == DNS_TOOK_UNKNOWN)
		return;
	uint32_t took = took_ms > 60000 ? 60000 : took_ms ? (uint32_t)took_ms : 1;
	uint32_t smooth = s->smooth8 / 8, off = took > smooth ? took - smooth : smooth - took;

	if (s->measured) {
		s->smooth8 += took - s->smooth8 / 8;
		s->var4 += off - s->var4 / 4;
	} else {
		s->smooth8 = 8 * took;
		s->var4 = 2 * took;
	}
	s->measured = true;
}

uint64_t dns_server_timeout(const struct dns_server *s)
{
	uint64_t ms = s->measured ? s->smooth8 / 8 + s->var4 : DNS_TIMEOUT_FIRST_MS;

	if (ms < DNS_TIMEOUT_MIN_MS)
		ms = DNS_TIMEOUT_MIN_MS;
	ms <<= s->losses < BACKOFF_MAX ? s->losses : BACKOFF_MAX;
	return ms < DNS_TIMEOUT_MAX_MS ? ms : DNS_TIMEOUT_MAX_MS;
}

void dns_server_reset(struct dns_server *s)
{
	*s = (struct dns_server){.addr = s->addr};
}

/* ---- a forwarder ---- */

bool dns_forwarder_answered(struct dns_forwarder *f, uint64_t took_ms, uint64_t now_ms)
{
	bool was_down = f->down;

	f->answered++;
	f->measured_ms = now_ms;
	f->server.losses = 0;
	dns_server_measured(&f->server, took_ms);
	if (was_down)
		log_info("DNS: forwarder %s answers again, after %llu s", f->text,
			(unsigned long long)(now_ms - f->down_ms) / 1000);
	f->down = false;
	return was_down;
}

void dns_forwarder_error(struct dns_forwarder *f, const char *why)
{
	snprintf(f->last_error, sizeof f->last_error, "%s", why);
}

bool dns_forwarder_lost(struct dns_forwarder *f, const char *why, uint64_t now_ms)
{
	f->timed_out++;
	dns_forwarder_error(f, why);
	if (f->server.losses < UINT8_MAX)
		f->server.losses++;
	if (f->down || f->server.losses < DNS_LOSSES_DOWN)
		return false;
	f->down = true;
	f->down_ms = now_ms;
	f->probes = 0;
	f->had_client = false;
	log_warn("DNS: forwarder %s is down: %d questions in a row were lost (%s)", f->text,
		DNS_LOSSES_DOWN, why);
	return true;
}

uint64_t dns_forwarder_probe_pause(struct dns_forwarder *f)
{
	static const uint16_t pauses[] = {500, 1000, 2000, 4000, 5000};
	size_t last = sizeof pauses / sizeof *pauses - 1;
	uint64_t pause = pauses[f->probes < last ? f->probes : last];

	f->probes++;
	return pause;
}

void dns_forwarder_reset(struct dns_forwarder *f)
{
	dns_server_reset(&f->server);
	f->down = f->had_client = false;
	f->probes = 0;
}

/* ---- which one ---- */

static bool has(uint32_t bits, size_t i)
{
	return bits >> i & 1;
}

/* Its round trip; 0 for one that has to be measured. */
static uint64_t round_trip(const struct dns_forwarder *f, uint64_t now)
{
	bool known = f->server.measured && f->measured_ms + DNS_MEASURED_MS > now;

	return known ? f->server.smooth8 / 8 : 0;
}

/* One of those in `from`, at random among the fastest. */
static int pick_fast(struct dns_forwarder *const *all, size_t count, uint32_t from, uint64_t now,
	const struct rng *rng)
{
	uint64_t least = UINT64_MAX;
	uint32_t near = 0, n = 0;

	for (size_t i = 0; i < count; i++)
		if (has(from, i) && round_trip(all[i], now) < least)
			least = round_trip(all[i], now);
	for (size_t i = 0; i < count; i++)
		if (has(from, i) &&
			round_trip(all[i], now) <= least + least / NEAR_PART + NEAR_MS) {
			near |= (uint32_t)1 << i;
			n++;
		}
	uint32_t at = n > 1 ? rng_below(rng, n) : 0;
	for (size_t i = 0; n && i < count; i++)
		if (has(near, i) && at-- == 0)
			return (int)i;
	return -1;
}

static bool may_ask_down(const struct dns_forwarder *f, uint64_t now)
{
	return !f->had_client || f->client_ms + DNS_DOWN_PAUSE_MS <= now;
}

uint32_t dns_tried_next(const struct dns_tried *tried, uint32_t from)
{
	uint32_t left = from & ~tried->round;

	return left ? left : from;
}

int dns_forwarders_pick(struct dns_forwarder *const *all, size_t count,
	const struct dns_tried *tried, bool again, uint64_t now_ms, const struct rng *rng)
{
	uint32_t up = 0, down = 0, off = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t bit = (uint32_t)1 << i;
		if (!all[i]->down)
			up |= bit;
		else if (may_ask_down(all[i], now_ms))
			down |= bit;
		if (all[i]->put_off)
			off |= bit;
	}
	int at = pick_fast(all, count, up & ~tried->asked & ~off, now_ms, rng);
	if (at < 0)
		at = pick_fast(all, count, up & ~tried->asked, now_ms, rng);
	if (at < 0) {
		at = pick_fast(all, count, down & ~tried->asked, now_ms, rng);
		if (at >= 0) {
			all[at]->had_client = true;
			all[at]->client_ms = now_ms;
		}
	}
	if (at < 0 && again)
		at = pick_fast(all, count, dns_tried_next(tried, up & ~tried->failed), now_ms, rng);
	return at;
}

bool dns_forwarders_all_down(struct dns_forwarder *const *all, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!all[i]->down)
			return false;
	return count > 0;
}
