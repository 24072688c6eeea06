/* Which addresses a host of a forwarder has, by what its bootstraps answered.
 * Before: dns/upstream_https.c. After: nothing. */
#include "dns/bootstrap.h"

#include <string.h>

enum { PAUSES_MAX = 8 };

/* ---- the addresses, v6 and v4 in turn ---- */

static size_t count_of(const struct dns_bootstrap *b)
{
	return b->v6.count + b->v4.count;
}

/* The n-th of them all. */
static const struct netaddr *nth(const struct dns_bootstrap *b, size_t n)
{
	for (size_t i = 0;; i++) {
		if (i < b->v6.count && n-- == 0)
			return &b->v6.at[i];
		if (i < b->v4.count && n-- == 0)
			return &b->v4.at[i];
	}
}

bool dns_bootstrap_address(const struct dns_bootstrap *b, struct netaddr *out)
{
	if (count_of(b) == 0)
		return false;
	*out = *nth(b, b->turn);
	return true;
}

size_t dns_bootstrap_others(const struct dns_bootstrap *b)
{
	size_t n = count_of(b), used = b->unreached + 1;

	return used < n ? n - used : 0;
}

void dns_bootstrap_reached(struct dns_bootstrap *b)
{
	b->unreached = 0;
}

bool dns_bootstrap_unreached(struct dns_bootstrap *b)
{
	bool others = dns_bootstrap_others(b) > 0;

	b->unreached = others ? b->unreached + 1 : 0;
	if (count_of(b))
		b->turn = (b->turn + 1) % count_of(b);
	return others;
}

static bool set_turn(struct dns_bootstrap *b, const struct netaddr *to)
{
	for (size_t i = 0; i < count_of(b); i++)
		if (netaddr_eq(nth(b, i), to)) {
			b->turn = i;
			return true;
		}
	return false;
}

/* The one that is used stays it, if it is still there; else a fresh one is. */
static void keep_turn(
	struct dns_bootstrap *b, const struct netaddr *used, const struct netaddr *fresh)
{
	b->unreached = 0;
	b->turn = 0;
	if (!(used && set_turn(b, used)) && fresh)
		set_turn(b, fresh);
}

/* ---- when somebody is asked ---- */

bool dns_bootstrap_is_asking(const struct dns_bootstrap *b)
{
	return b->v6.asked || b->v4.asked;
}

bool dns_bootstrap_is_good(const struct dns_bootstrap *b, uint64_t now_ms)
{
	bool fresh = dns_bootstrap_is_asking(b) && (b->v6.renewed || b->v4.renewed);

	return count_of(b) && (b->fixed || fresh || now_ms < b->until_ms);
}

bool dns_bootstrap_is_due(const struct dns_bootstrap *b, uint64_t now_ms)
{
	return !b->fixed && !dns_bootstrap_is_asking(b) && now_ms >= b->again_ms &&
	       !dns_bootstrap_is_good(b, now_ms);
}

void dns_bootstrap_asked(struct dns_bootstrap *b)
{
	b->v6.asked = b->v4.asked = true;
	b->v6.renewed = b->v4.renewed = false;
	b->ttl_ms = DNS_BOOTSTRAP_TTL_MAX_MS;
}

void dns_bootstrap_reset(struct dns_bootstrap *b)
{
	b->until_ms = b->again_ms = 0;
	b->failures = 0;
	b->unreached = 0;
}

void dns_bootstrap_fix(struct dns_bootstrap *b, const struct netaddr *at, size_t count)
{
	memset(b, 0, sizeof *b);
	b->fixed = true;
	for (size_t i = 0; i < count; i++) {
		struct dns_bootstrap_family *f = netaddr_is_ipv4(&at[i]) ? &b->v4 : &b->v6;
		if (f->count < DNS_BOOTSTRAP_EACH)
			f->at[f->count++] = at[i];
	}
}

/* ---- answers ---- */

/* Nobody listens at 0.0.0.0 and ::, which block lists have. */
static bool read_address(const struct dns_rr *rr, bool v6, uint16_t port, struct netaddr *out)
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff},
			     none[16] = {0};
	size_t n = v6 ? 16 : 4;

	if (rr->section != DNS_SECTION_ANSWER || rr->type != (v6 ? DNS_TYPE_AAAA : DNS_TYPE_A) ||
		rr->rdata.n != n || memcmp(rr->rdata.p, none, n) == 0)
		return false;
	*out = (struct netaddr){.port = port};
	memcpy(out->ip, mapped, 16 - n);
	memcpy(out->ip + 16 - n, rr->rdata.p, n);
	return true;
}

static size_t read_addresses(
	const struct dns_answer *a, bool v6, uint16_t port, struct netaddr to[DNS_BOOTSTRAP_EACH])
{
	size_t n = 0;

	for (size_t i = 0; a && a->rcode == DNS_RCODE_NOERROR && i < a->count; i++)
		if (n < DNS_BOOTSTRAP_EACH && read_address(&a->rr[i], v6, port, &to[n]))
			n++;
	return n;
}

/* The least one of the answer, aliases included. */
static uint64_t life_ms(const struct dns_answer *a)
{
	uint64_t ms = DNS_BOOTSTRAP_TTL_MAX_MS;

	for (size_t i = 0; i < a->count; i++) {
		uint64_t ttl_ms = a->rr[i].ttl * UINT64_C(1000);
		if (a->rr[i].section == DNS_SECTION_ANSWER && ttl_ms < ms)
			ms = ttl_ms;
	}
	return ms < DNS_BOOTSTRAP_TTL_MIN_MS ? DNS_BOOTSTRAP_TTL_MIN_MS : ms;
}

static void note_failure(struct dns_bootstrap *b, uint64_t now_ms)
{
	uint64_t pause = (uint64_t)DNS_BOOTSTRAP_PAUSE_MS
			 << (b->failures < PAUSES_MAX ? b->failures : PAUSES_MAX);

	if (pause > DNS_BOOTSTRAP_PAUSE_MAX_MS)
		pause = DNS_BOOTSTRAP_PAUSE_MAX_MS;
	b->failures++;
	b->again_ms = now_ms + pause;
}

/* Both were answered. A family that has no addresses any more loses those that it had, if the other
 * one has some. */
static void conclude(struct dns_bootstrap *b, uint64_t now_ms)
{
	if (!b->v6.renewed && !b->v4.renewed) {
		note_failure(b, now_ms);
		return;
	}
	if (!b->v6.renewed)
		b->v6.count = 0;
	if (!b->v4.renewed)
		b->v4.count = 0;
	b->failures = 0;
	b->until_ms = now_ms + b->ttl_ms;
}

void dns_bootstrap_answer(struct dns_bootstrap *b, bool v6, const struct dns_answer *a,
	uint16_t port, uint64_t now_ms)
{
	struct dns_bootstrap_family *f = v6 ? &b->v6 : &b->v4;
	struct netaddr used, fresh[DNS_BOOTSTRAP_EACH];
	bool had = dns_bootstrap_address(b, &used);
	size_t n = read_addresses(a, v6, port, fresh);

	f->asked = false;
	if (n) {
		memcpy(f->at, fresh, n * sizeof *fresh);
		f->count = n;
		f->renewed = true;
		if (life_ms(a) < b->ttl_ms)
			b->ttl_ms = life_ms(a);
	}
	if (!dns_bootstrap_is_asking(b))
		conclude(b, now_ms);
	keep_turn(b, had ? &used : NULL, n ? fresh : NULL);
}
