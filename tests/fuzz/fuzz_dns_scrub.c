/* An answer of another server, cleaned: only what belongs to the question is left, cleaning again
 * changes nothing, and what may be kept comes back from the cache with its TTLs counted down. The
 * first byte says how it is cleaned. */
#include "dns/cache.h"
#include "dns/name.h"
#include "dns/read.h"
#include "dns/scrub.h"
#include "tests/fuzz/fuzz.h"

enum { AGE = 3 }; /* seconds */

static struct dns_answer *in, *out, *again;

static bool same_but_ttl(const struct dns_rr *a, const struct dns_rr *b)
{
	return a->section == b->section && a->type == b->type && a->klass == b->klass &&
	       slice_eq(a->owner, b->owner) && slice_eq(a->rdata, b->rdata);
}

/* Are the records of `part` also in `whole`, in the same order but for the additional section? */
static void must_be_part(const struct dns_answer *part, const struct dns_answer *whole)
{
	for (size_t i = 0; i < part->count; i++) {
		size_t j = 0;
		while (j < whole->count && !same_but_ttl(&part->rr[i], &whole->rr[j]))
			j++;
		must(j < whole->count);
		must(part->rr[i].ttl <= 86400 && part->rr[i].klass == DNS_CLASS_IN);
	}
}

/* The same but for TTLs: those of b are `younger` seconds less, and an SOA's at most `life` before.
 */
static void must_be_equal(
	const struct dns_answer *a, const struct dns_answer *b, uint32_t younger, uint32_t life)
{
	must(a->count == b->count && a->rcode == b->rcode && a->ad == b->ad && a->aa == b->aa);
	for (size_t i = 0; i < a->count; i++) {
		const struct dns_rr *x = &a->rr[i], *y = &b->rr[i];
		must(x->section == y->section && x->type == y->type);
		must(dns_wire_equal(x->owner, y->owner) && x->rdata.n == y->rdata.n);
		bool bounded = x->type == DNS_TYPE_SOA && x->ttl > life;
		must((bounded ? life : x->ttl) == y->ttl + younger);
	}
}

/* Keeps `out` and reads it again AGE seconds later. */
static void try_cache(const struct dns_query *q)
{
	static const uint8_t seed[16] = {1};
	struct bound bytes = {.max = 1 << 20}, most = {.max = DNS_MESSAGE_MAX};
	uint32_t life = dns_answer_life(out, q->type);
	struct dns_keep k = {.until_ms = 1000 * (uint64_t)life, .ages = true};
	struct dns_want want = {.now_ms = 1000 * AGE};

	must(life <= 86400);
	if (life <= AGE)
		return;
	struct dns_cache *c = dns_cache_new(&bytes, &most, seed);
	must(c);
	dns_cache_put(c, q, out, &k, 0);
	if (dns_cache_read(c, q, &want, again, NULL))
		must_be_equal(out, again, AGE, life);
	else
		must(most.hits == 1);
	dns_cache_free(c);
	must(bytes.used == 0);
}

static void clean(const struct dns_query *q, const struct dns_scrub *how)
{
	struct dns_name last, second;

	if (!dns_scrub(in, q, how, out, &last)) {
		must(out->count == 0 && out->rcode == DNS_RCODE_SERVFAIL);
		return;
	}
	must(!out->aa && out->rcode <= 15 && dns_name_valid(dns_name_slice(&last)));
	must_be_part(out, in);
	if (in->rcode > 15)
		return;
	must(dns_scrub(out, q, how, again, &second) && dns_name_equal(&last, &second));
	must_be_equal(out, again, 0, UINT32_MAX);
	try_cache(q);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t types[] = {DNS_TYPE_CNAME, DNS_TYPE_ANY, DNS_TYPE_A, DNS_TYPE_NS};
	struct dns_query q;
	struct dns_name top;
	bool tc;

	if (!size)
		return 0;
	in = in ? in : dns_answer_new();
	out = out ? out : dns_answer_new();
	again = again ? again : dns_answer_new();
	must(in && out && again);
	if (!dns_response_read(slice_of(data + 1, size - 1), &q, in, &tc) || !q.has_question)
		return 0;
	if (*data & 8)
		q.type = types[*data >> 4 & 3];
	top = q.name;
	dns_name_parent(&top, &top);
	struct dns_scrub how = {.top = *data & 1 ? &top : NULL,
		.rebind_protection = *data & 2,
		.keep_ad = *data & 4};
	clean(&q, &how);
	return 0;
}
