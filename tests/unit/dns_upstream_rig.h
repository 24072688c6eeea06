/* Questions to name servers of our own, on loopback, in the same loop. The test owns the clock and
 * the random numbers. */
#ifndef TESTS_UNIT_DNS_UPSTREAM_RIG_H
#define TESTS_UNIT_DNS_UPSTREAM_RIG_H

#include "tests/unit/dns_stub.h"
#include "tests/unit/unused.h"

static inline uint64_t rig_mono(void *ctx)
{
	return ((struct rig *)ctx)->now;
}

static inline int64_t rig_wall(void *ctx)
{
	return (int64_t)((struct rig *)ctx)->now / 1000;
}

static inline int begin(void **state)
{
	size_t descriptors = count_descriptors();
	struct rig *r = calloc(1, sizeof *r);

	r->descriptors = descriptors;
	r->base = event_base_new();
	r->now = 1000000;
	r->clock = (struct clock){rig_wall, rig_mono, r};
	r->rng = rng_from_seed(&r->seed, 7);
	limits_default(&r->limits);
	r->set = (struct dns_upstream_settings){.base = r->base,
		.clock = &r->clock,
		.rng = &r->rng,
		.limits = &r->limits,
		.forwarders = r->forwarders,
		.delegate_port = 53};
	*state = r;
	return 0;
}

static inline void turns(struct rig *r, int n)
{
	for (int i = 0; i < n; i++)
		event_base_loop(r->base, EVLOOP_NONBLOCK);
}

/* Everything of ours is gone: memory, places in rows, descriptors. */
static inline void expect_nothing(const struct rig *r)
{
	assert_unused(&r->limits);
	assert_int_equal(mem_blocks(), 0);
	assert_int_equal(count_descriptors(), r->descriptors);
}

static inline int end(void **state)
{
	struct rig *r = *state;

	dns_upstream_free(r->u);
	for (size_t i = 0; i < STUBS; i++)
		stub_close(&r->stubs[i]);
	turns(r, 4);
	event_base_free(r->base);
	expect_nothing(r);
	for (size_t i = 0; i < ASKERS; i++)
		assert_null(r->askers[i].w.question);
	free(r);
	return 0;
}

static inline void set_forwarders(struct rig *r, size_t first, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		netaddr_text(&r->stubs[first + i].at, r->texts[i]);
		r->forwarders[i] = (struct dns_forwarder_settings){.text = r->texts[i],
			.transport = DNS_OVER_UDP,
			.addr = r->stubs[first + i].at};
	}
	r->set.forwarder_count = count;
}

/* So many name servers, as forwarders. */
static inline void start(struct rig *r, size_t count)
{
	for (size_t i = 0; i < count; i++)
		stub_open(r, &r->stubs[i], "127.0.0.1", 0);
	set_forwarders(r, 0, count);
	r->u = dns_upstream_new(&r->set);
	assert_non_null(r->u);
}

static inline void on_done(struct dns_waiter *w, const struct dns_answer *a)
{
	struct asker *k = (struct asker *)(void *)((char *)w - offsetof(struct asker, w));

	assert_false(k->r->inside);
	assert_null(w->question);
	k->told++;
	k->got += a != NULL;
	if (a) {
		assert_true(w->last && w->last->size);
		k->rcode = a->rcode;
		k->ad = a->ad;
		k->records = a->count;
	}
	if (k->then)
		k->then(k);
}

static inline enum err ask_as(struct rig *r, struct asker *k, struct dns_ask *ask, const char *name)
{
	k->w.done = on_done;
	k->r = r;
	assert_true(dns_name_from_text(slice_str(name), &ask->q.name));
	ask->q.type = ask->q.type ? ask->q.type : DNS_TYPE_A;
	ask->q.klass = DNS_CLASS_IN;
	r->inside = true;
	enum err e = dns_upstream_ask(r->u, ask, &k->w);
	r->inside = false;
	return e;
}

static inline enum err ask(struct rig *r, size_t asker, const char *name)
{
	struct dns_ask a = {.where = DNS_ASK_FORWARDERS};

	return ask_as(r, &r->askers[asker], &a, name);
}

/* Lets what was sent arrive: on loopback that is a matter of turns. */
static inline void settle(struct rig *r)
{
	turns(r, 6);
}

/* The time passes, and what is due is called. */
static inline void pass(struct rig *r, uint64_t ms)
{
	r->now += ms;
	dns_upstream_run(r->u);
	settle(r);
}

static inline struct dns_forwarder_facts facts(const struct rig *r, size_t i)
{
	struct dns_forwarder_facts all[STUBS];

	assert_true(dns_upstream_facts(r->u, all, STUBS) > i);
	return all[i];
}

/* Turns of the loop until it is so; the machine's time is over after ten seconds. */
#define UNTIL(r, truth)                                                                            \
	do {                                                                                       \
		uint64_t end_ = clock_mono(&clock_system) + 60000;                                 \
		while (!(truth)) {                                                                 \
			if (clock_mono(&clock_system) > end_)                                      \
				fail_msg("never: %s", #truth);                                     \
			event_base_loop((r)->base, EVLOOP_NONBLOCK);                               \
		}                                                                                  \
	} while (0)

/* An asker is told, with an answer. */
static inline void expect_answer(struct rig *r, size_t asker)
{
	struct asker *k = &r->askers[asker];
	size_t before = k->told;

	UNTIL(r, k->told > before);
	assert_int_equal(k->got, k->told);
}

#endif
