/* Answers that are kept: looked up by a keyed hash, copied and patched for who asks. Before:
 * dns/serve_query.c. After: dns/cache_table.c has the entries; dns/cache_forget.c drops them before
 * their time; dns/write.c. */
#include "base/mem.h"
#include "chain/crypto.h"
#include "dns/cache_internal.h"
#include "dns/name.h"
#include "dns/read.h"
#include "dns/write.h"

enum {
	STALE_TTL = 30,    /* seconds, RFC 8767 section 4 */
	FAILED_MS = 30000, /* RFC 8767 section 5: before it is tried again to have it anew */
	KEY_MAX = DNS_NAME_MAX + 5,
	MOST_DROPPED = 256, /* for one that is put: after the row was lowered there may be many */
};

/* What an answer is kept under. */
struct key {
	struct dns_name name; /* in lower case */
	const struct dns_query *q;
	uint32_t hash;
};

struct dns_cache *dns_cache_new(struct bound *bytes, struct bound *answer, const uint8_t seed[16])
{
	uint64_t most = bound_read(&answer->max), quarter = bound_read(&bytes->max) / 4;
	size_t own, scratch = (size_t)(most < quarter ? most : quarter);

	if (scratch > DNS_MESSAGE_MAX)
		scratch = DNS_MESSAGE_MAX;
	struct dns_cache *c = dns_counted_alloc(bytes, sizeof *c + scratch, &own);
	if (!c)
		return NULL;
	c->bytes = bytes;
	c->answer = answer;
	c->own_bytes = own;
	c->scratch_size = scratch;
	memcpy(c->seed, seed, sizeof c->seed);
	dns_table_init(&c->table, bytes);
	return c;
}

void dns_cache_free(struct dns_cache *c)
{
	if (!c)
		return;
	dns_cache_forget_end(c);
	dns_table_clear(&c->table);
	dns_counted_free(c->bytes, c, c->own_bytes);
}

/* ---- look-up ---- */

static void make_key(const struct dns_cache *c, const struct dns_query *q, struct key *k)
{
	uint8_t space[KEY_MAX];
	struct wr w = wr_of(space, sizeof space);

	k->q = q;
	k->name.size = q->name.size;
	memcpy(k->name.wire, q->name.wire, q->name.size);
	dns_name_lower(&k->name);
	wr_slice(&w, dns_name_slice(&k->name));
	wr_be(&w, q->type, 2);
	wr_be(&w, q->klass, 2);
	wr_u8(&w, (uint8_t)(q->dnssec_ok | q->cd << 1));
	k->hash = (uint32_t)crypto_short_hash(c->seed, wr_done(&w));
}

static bool is_it(const struct dns_entry *e, const struct key *k)
{
	return e->hash == k->hash && e->type == k->q->type && e->klass == k->q->klass &&
	       e->dnssec_ok == k->q->dnssec_ok && e->cd == k->q->cd &&
	       e->name_size == k->name.size &&
	       memcmp(e->wire + DNS_HEADER_SIZE, k->name.wire, k->name.size) == 0;
}

static struct dns_entry *find(const struct dns_cache *c, const struct key *k)
{
	struct dns_entry *e = dns_table_bucket(&c->table, k->hash);

	while (e && !is_it(e, k))
		e = e->next;
	return e;
}

static void expire(struct dns_cache *c, struct dns_entry *e)
{
	c->facts.expired++;
	dns_table_drop(&c->table, e);
}

static bool is_wanted(const struct dns_entry *e, const struct dns_want *want)
{
	switch (want->age) {
	case DNS_FRESH:
		return want->now_ms < e->until_ms;
	case DNS_STALE:
		return true;
	case DNS_STALE_AT_ONCE:
		return want->now_ms >= e->until_ms && want->now_ms < e->failed_ms;
	}
	return false;
}

/* The kept answer, if it may be used; it counts as used then. */
static struct dns_entry *look_up(
	struct dns_cache *c, const struct dns_query *q, const struct dns_want *want)
{
	struct key k;
	struct dns_entry *e;

	make_key(c, q, &k);
	e = find(c, &k);
	if (e && dns_cache_is_forgotten(c, e)) {
		c->facts.dropped++;
		dns_table_drop(&c->table, e);
		e = NULL;
	}
	if (e && ((e->generation && e->generation != want->generation) ||
			 want->now_ms >= e->over_ms)) {
		expire(c, e);
		e = NULL;
	}
	if (!e || !is_wanted(e, want)) {
		c->facts.misses += want->age == DNS_FRESH;
		return NULL;
	}
	c->facts.hits += want->age == DNS_FRESH;
	dns_table_use(&c->table, e);
	return e;
}

/* ---- a hit ---- */

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void set16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void set32(uint8_t *p, uint32_t v)
{
	set16(p, (uint16_t)(v >> 16));
	set16(p + 2, (uint16_t)v);
}

/* A TTL as it is told now. */
static uint32_t ttl_now(const struct dns_entry *e, uint32_t ttl, uint64_t now_ms)
{
	if (now_ms >= e->until_ms)
		return STALE_TTL;
	if (!e->ages || now_ms <= e->kept_ms)
		return ttl;
	uint64_t age = (now_ms - e->kept_ms) / 1000;
	return age < ttl ? (uint32_t)(ttl - age) : 0;
}

/* Makes a copy of the message, which fits, the answer to `q`. */
static size_t patch(
	const struct dns_entry *e, const struct dns_query *q, uint64_t now_ms, uint8_t *to)
{
	const uint8_t *offset = e->wire + e->size;
	uint16_t flags = get16(e->wire + 2), rcode = flags & 15;
	struct wr behind = wr_of(to + e->size, dns_opt_size(q));

	memcpy(to, e->wire, e->size);
	set16(to, q->id);
	set16(to + 2,
		dns_response_flags(q, rcode, flags & DNS_FLAG_AA, flags & DNS_FLAG_AD, false));
	memcpy(to + DNS_HEADER_SIZE, q->name.wire, q->name.size);
	for (unsigned i = 0; i < e->ttls; i++, offset += 2) {
		uint8_t *at = to + get16(offset);
		set32(at, ttl_now(e, get32(at), now_ms));
	}
	if (q->edns) {
		dns_opt_write(&behind, q, rcode);
		set16(to + 10, (uint16_t)(get16(to + 10) + 1));
	}
	return e->size + behind.n;
}

/* Reads the message. It was written by dns_answer_write(), so it can be read. */
static bool read_entry(const struct dns_entry *e, uint64_t now_ms, struct dns_answer *out)
{
	struct dns_query q;
	bool tc;

	if (!dns_response_read(slice_of(e->wire, e->size), &q, out, &tc))
		return false;
	for (size_t i = 0; i < out->count; i++)
		out->rr[i].ttl = ttl_now(e, out->rr[i].ttl, now_ms);
	return true;
}

size_t dns_cache_get(struct dns_cache *c, const struct dns_query *q, const struct dns_want *want,
	struct dns_answer *scratch, uint8_t *to, size_t limit)
{
	const struct dns_entry *e = look_up(c, q, want);

	if (!e)
		return 0;
	if (e->size + dns_opt_size(q) <= limit)
		return patch(e, q, want->now_ms, to);
	return read_entry(e, want->now_ms, scratch) ? dns_answer_write(scratch, q, to, limit) : 0;
}

bool dns_cache_read(struct dns_cache *c, const struct dns_query *q, const struct dns_want *want,
	struct dns_answer *out, struct dns_keep *kept)
{
	const struct dns_entry *e = look_up(c, q, want);

	if (!e)
		return false;
	if (kept)
		*kept = (struct dns_keep){.until_ms = e->until_ms,
			.generation = e->generation,
			.ages = e->ages,
			.stale_until_ms = e->over_ms};
	return read_entry(e, want->now_ms, out);
}

/* ---- what is kept ---- */

/* Finds the TTLs of a message of our own, without OPT: how many, and where, if `to` is not NULL. */
static unsigned find_ttls(struct slice wire, size_t begin, uint8_t *to)
{
	unsigned count = 0;
	size_t at = begin;

	while (at < wire.n) {
		while (wire.p[at] && wire.p[at] <= DNS_LABEL_MAX)
			at += (size_t)wire.p[at] + 1;
		at += wire.p[at] ? 6 : 5; /* a pointer or a root, type, class */
		if (to)
			set16(to + 2 * (size_t)count, (uint16_t)at);
		count++;
		at += 6 + (size_t)get16(wire.p + at + 4);
	}
	return count;
}

/* Makes room: what was forgotten and what has expired goes, then what was used least recently. */
static bool make_room(struct dns_cache *c, size_t size, uint64_t now_ms)
{
	if (dns_counted_guess(sizeof(struct dns_entry) + size) + c->own_bytes >
		bound_read(&c->bytes->max))
		return false;
	for (int i = 0; !bound_has(c->bytes, dns_table_need(&c->table, size)); i++) {
		struct dns_entry *first = dns_table_first(&c->table);
		if (i == MOST_DROPPED)
			return false;
		if (dns_cache_free_one(c))
			continue;
		if (!first)
			return false;
		if (first->until_ms <= now_ms) {
			expire(c, first);
			continue;
		}
		bound_hit(c->bytes);
		c->facts.evicted++;
		dns_table_drop(&c->table, c->table.oldest);
	}
	return true;
}

static size_t question_end(const struct key *k)
{
	return DNS_HEADER_SIZE + k->name.size + 4u;
}

/* The answer in the form in which it is kept, in c->scratch: its size, or 0. */
static size_t write_kept(struct dns_cache *c, const struct dns_answer *a, const struct key *k)
{
	struct dns_query plain = *k->q;
	uint64_t most = bound_read(&c->answer->max);

	plain.name = k->name;
	plain.edns = plain.rd = plain.cd = false;
	plain.ad = true;
	plain.id = plain.opcode = 0;
	size_t n = dns_answer_write_whole(
		a, &plain, c->scratch, most < c->scratch_size ? (size_t)most : c->scratch_size);
	if (!n)
		bound_hit(c->answer);
	else
		bound_peak(c->answer, n);
	return n;
}

static void fill(struct dns_entry *e, const struct key *k, struct slice wire, unsigned ttls)
{
	e->hash = k->hash;
	e->type = k->q->type;
	e->klass = k->q->klass;
	e->dnssec_ok = k->q->dnssec_ok;
	e->cd = k->q->cd;
	e->name_size = k->name.size;
	e->size = (uint16_t)wire.n;
	e->ttls = (uint16_t)ttls;
	memcpy(e->wire, wire.p, wire.n);
	find_ttls(wire, question_end(k), e->wire + wire.n);
}

/* An SOA tells those who ask how long the name may be missing: as long as this is kept (RFC 2308
 * section 5), whatever its TTL was. */
static void bound_soa(struct dns_entry *e, uint64_t life)
{
	for (unsigned i = 0; i < e->ttls; i++) {
		uint8_t *at = e->wire + get16(e->wire + e->size + 2 * (size_t)i);
		if (get16(at - 4) == DNS_TYPE_SOA && get32(at) > life)
			set32(at, (uint32_t)life);
	}
}

/* A place for the message, under its key alone; NULL when there is no room. */
static struct dns_entry *new_entry(
	struct dns_cache *c, const struct key *k, struct slice wire, uint64_t now_ms)
{
	unsigned ttls = find_ttls(wire, question_end(k), NULL);
	size_t size = wire.n + 2 * (size_t)ttls;
	struct dns_entry *old = find(c, k), *e;

	if (old)
		dns_table_drop(&c->table, old);
	e = make_room(c, size, now_ms) ? dns_table_new(&c->table, size) : NULL;
	if (e)
		fill(e, k, wire, ttls);
	return e;
}

static void note_times(struct dns_entry *e, const struct dns_keep *keep, uint64_t now_ms)
{
	if (keep->ages && keep->until_ms > now_ms)
		bound_soa(e, (keep->until_ms - now_ms) / 1000);
	e->until_ms = keep->until_ms;
	e->kept_ms = now_ms;
	e->generation = keep->generation;
	e->ages = keep->ages;
}

void dns_cache_put(struct dns_cache *c, const struct dns_query *q, const struct dns_answer *a,
	const struct dns_keep *keep, uint64_t now_ms)
{
	uint64_t over =
		keep->until_ms > keep->stale_until_ms ? keep->until_ms : keep->stale_until_ms;
	struct key k;
	size_t n;

	if (a->bad || a->rcode > 15 || over <= now_ms)
		return;
	make_key(c, q, &k);
	n = write_kept(c, a, &k);
	struct dns_entry *e = n ? new_entry(c, &k, slice_of(c->scratch, n), now_ms) : NULL;
	if (!e)
		return;
	note_times(e, keep, now_ms);
	e->over_ms = over;
	e->round = c->forget.round;
	dns_table_insert(&c->table, e);
}

/* ---- what goes ---- */

/* Answers that may still be served stand first, and behind them some that are of no use: looks at
 * so many of all, in turn. */
static size_t look_behind(struct dns_cache *c, uint64_t now_ms, size_t most)
{
	size_t before = c->table.count;

	for (size_t i = 0; i < most && c->table.count; i++) {
		if (c->swept >= c->table.count)
			c->swept = 0;
		struct dns_entry *e = dns_table_at(&c->table, c->swept);
		if (e->over_ms <= now_ms)
			expire(c, e);
		else
			c->swept++;
	}
	return before - c->table.count;
}

size_t dns_cache_sweep(struct dns_cache *c, uint64_t now_ms, size_t most)
{
	struct dns_entry *first;
	size_t dropped = 0;

	while (dropped < most && (first = dns_table_first(&c->table)) && first->over_ms <= now_ms) {
		expire(c, first);
		dropped++;
	}
	if (dropped < most && first && first->until_ms <= now_ms)
		dropped += look_behind(c, now_ms, most - dropped);
	return dropped;
}

void dns_cache_failed(struct dns_cache *c, const struct dns_query *q, uint64_t now_ms)
{
	struct key k;

	make_key(c, q, &k);
	struct dns_entry *e = find(c, &k);
	if (e)
		e->failed_ms = now_ms + FAILED_MS;
}

void dns_cache_facts(const struct dns_cache *c, struct dns_cache_facts *out)
{
	*out = c->facts;
	out->entries = c->table.count;
}
