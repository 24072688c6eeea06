/* Role: what this machine itself knows of a name, without aliases and other servers: hosts files,
 * names that are addresses, kept answers, the chain. Before: dns/chase.c. After: dns/hosts.h,
 * dns/zone.h, dns/cache.h, dns/chain_names.h. */
#include <string.h>

#include "dns/serve_internal.h"

enum {
	TOP_TEXT_MAX = 256,
	/* An answer of the chain ends with the next block; and after a minute, because it also
	 * depends on the clock, which somebody may set. */
	CHAIN_LIFE_MS = 60000,
};

void dns_life_join(struct dns_life *to, const struct dns_life *part)
{
	if (part->until_ms < to->until_ms)
		to->until_ms = part->until_ms;
	/* Parts of two tips are over with the first of them. */
	if (part->generation && (!to->generation || part->generation < to->generation))
		to->generation = part->generation;
	to->ages = to->ages || part->ages;
	to->never = to->never || part->never;
}

static bool from_hosts(struct dns_serve *s, struct dns_task *t)
{
	if (!s->hosts || dns_hosts_answer(s->hosts, &t->at, s->step) != DNS_ANSWERED)
		return false;
	t->source = DNS_FROM_HOSTS;
	t->life.never = true;
	dns_trace_line(t->client.trace, &t->at, "listed in a hosts file");
	return true;
}

static bool from_codec(struct dns_serve *s, struct dns_task *t)
{
	if (dns_codec_answer(&t->at, s->step) != DNS_ANSWERED)
		return false;
	t->source = DNS_FROM_CODEC;
	t->life.never = true;
	dns_trace_line(t->client.trace, &t->at, "a name that is an address (v6, q6)");
	return true;
}

static struct dns_want wanted(const struct dns_serve *s, uint64_t now_ms)
{
	return (struct dns_want){
		.generation = dns_chain_generation(s->set.chain), .now_ms = now_ms};
}

size_t dns_stage_kept(struct dns_serve *s, const struct dns_task *t, size_t limit)
{
	const struct dns_want want = wanted(s, t->began_ms);

	return dns_cache_get(s->cache, &t->q, &want, s->step, s->wire, limit);
}

/* A kept answer as a part of a longer one, which is true as long as all its parts are. */
static bool from_cache(struct dns_serve *s, struct dns_task *t)
{
	const struct dns_want want = wanted(s, clock_mono(s->set.clock));
	struct dns_keep kept;

	if (!dns_cache_read(s->cache, &t->at, &want, s->step, &kept))
		return false;
	t->source = DNS_FROM_CACHE;
	const struct dns_life part = {
		.until_ms = kept.until_ms, .generation = kept.generation, .ages = kept.ages};
	dns_life_join(&t->life, &part);
	dns_trace_line(t->client.trace, &t->at, "a kept answer");
	return true;
}

bool dns_stage_stale(struct dns_serve *s, struct dns_task *t, enum dns_age age)
{
	struct dns_want want = wanted(s, clock_mono(s->set.clock));

	want.age = age;
	if (!s->set.stale_ms || !dns_cache_read(s->cache, &t->at, &want, s->step, NULL))
		return false;
	t->source = DNS_FROM_STALE;
	t->life.never = true;
	dns_trace_line(t->client.trace, &t->at, "a kept answer that has expired");
	return true;
}

/* What has a part of the chain ends with the chain's tip. */
uint64_t dns_stale_until(const struct dns_serve *s, const struct dns_life *life)
{
	return life->generation || !life->ages ? 0 : life->until_ms + s->set.stale_ms;
}

static enum dns_stage servfail(struct dns_serve *s, struct dns_task *t)
{
	dns_answer_clear(s->step);
	s->step->rcode = DNS_RCODE_SERVFAIL;
	t->life.never = true;
	return DNS_STAGE_ANSWERED;
}

static void live(struct dns_serve *s, struct dns_task *t, int64_t until)
{
	uint64_t now = clock_mono(s->set.clock);
	int64_t left = until - clock_wall(s->set.clock);
	struct dns_life part = {
		.until_ms = now + CHAIN_LIFE_MS, .generation = dns_chain_generation(s->set.chain)};

	if (left < CHAIN_LIFE_MS / 1000)
		part.until_ms = left > 0 ? now + (uint64_t)left * 1000 : now;
	dns_life_join(&t->life, &part);
}

/* A node that is behind does not say that a name does not exist: whoever asks would keep that. */
static bool is_unsure(const struct dns_serve *s, const struct dns_zone *z)
{
	return !z->found && !atomic_load_explicit(s->set.chain_is_current, memory_order_relaxed);
}

static enum dns_stage from_chain(struct dns_serve *s, struct dns_task *t, struct dns_delegation *to)
{
	struct dns_zone z = {0};
	char top[TOP_TEXT_MAX];
	int64_t until = INT64_MAX;
	size_t n = 0;

	t->source = DNS_FROM_CHAIN;
	bool has_top = dns_zone_top(&t->at.name, top, sizeof top, &n);
	if (dns_chain_find(s->set.chain, (struct slice){(uint8_t *)top, has_top ? n : 0},
		    clock_wall(s->set.clock), &z, &until) != ERR_OK) {
		dns_trace_line(t->client.trace, &t->at, "the store cannot be read");
		return servfail(s, t);
	}
	if (has_top && is_unsure(s, &z)) {
		dns_count(&s->set.figures->unsure);
		dns_trace_line(t->client.trace, &t->at,
			"not in the chain as far as this node has it, which is behind");
		return servfail(s, t);
	}
	enum dns_outcome outcome = dns_zone_answer(&z, &t->at, s->step, to);
	live(s, t, until);
	dns_trace_line(t->client.trace, &t->at, "%s",
		outcome == DNS_DELEGATED ? "a domain of the chain with servers of its own"
		: z.found                ? "a domain of the chain"
					 : "no such domain in the chain, or its year is over");
	return outcome == DNS_DELEGATED ? DNS_STAGE_DELEGATE : DNS_STAGE_ANSWERED;
}

enum dns_stage dns_stages(struct dns_serve *s, struct dns_task *t, struct dns_delegation *to)
{
	dns_answer_clear(s->step);
	if (t->at.type == DNS_TYPE_ANY) {
		dns_any_answer(&t->at, s->step);
		t->source = DNS_FROM_CODEC;
		t->life.never = true;
		return DNS_STAGE_ANSWERED;
	}
	if (from_hosts(s, t) || from_codec(s, t) || (!t->first && from_cache(s, t)))
		return DNS_STAGE_ANSWERED;
	if (dns_zone_is_ours(&t->at.name))
		return from_chain(s, t, to);
	if (t->q.rd && dns_stage_stale(s, t, DNS_STALE_AT_ONCE))
		return DNS_STAGE_ANSWERED;
	dns_trace_line(t->client.trace, &t->at, "not of the chain: forwarders are asked");
	return DNS_STAGE_FORWARD;
}
