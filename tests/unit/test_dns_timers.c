/* The wheel of timers against a list of times; the loop's own timer; moving and stopping from
 * within. */
#include <event2/event.h>

#include "base/mem.h"
#include "base/rng.h"
#include "dns/timers.h"
#include "tests/unit/main.h"

enum { MANY = 300 };

struct item {
	struct dns_timer t;
	uint64_t at; /* what the list says; 0 = not set */
	size_t called;
};

static struct item items[MANY];
static uint64_t now;
static struct dns_timers all;
static struct event_base *base;

static uint64_t mono(void *ctx)
{
	(void)ctx;
	return now;
}

static const struct clock a_clock = {.mono = mono};

static void on_due(struct dns_timer *t)
{
	struct item *i = (struct item *)(void *)((char *)t - offsetof(struct item, t));

	assert_true(i->at && i->at <= now);
	i->at = 0;
	i->called++;
}

static int begin(void **state)
{
	(void)state;
	memset(items, 0, sizeof items);
	now = 5000000;
	base = event_base_new();
	for (size_t i = 0; i < MANY; i++)
		items[i].t.due = on_due;
	return dns_timers_init(&all, base, &a_clock) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	for (size_t i = 0; i < MANY; i++)
		dns_timer_stop(&all, &items[i].t);
	dns_timers_free(&all);
	event_base_free(base);
	assert_int_equal(mem_blocks(), 0);
	return 0;
}

static void set(struct item *i, uint64_t at)
{
	dns_timer_set(&all, &i->t, at);
	i->at = at ? at : 1;
	assert_true(all.armed_ms <= i->t.at_ms);
}

/* Steps of all sizes: less than a slot, and more than a turn of the wheel. */
static void as_a_list_of_times(void **state)
{
	static const uint32_t steps[] = {1, 5, 16, 100, 1000, 9000, 30000};
	struct rng_seeded seed;
	struct rng rng = rng_from_seed(&seed, 3);

	(void)state;
	for (int round = 0; round < 4000; round++) {
		struct item *i = &items[rng_below(&rng, MANY)];
		if (rng_below(&rng, 4) == 0) {
			dns_timer_stop(&all, &i->t);
			i->at = 0;
		} else {
			set(i, now + rng_below(&rng, steps[rng_below(&rng, 7)]));
		}
		if (rng_below(&rng, 8) == 0)
			now += rng_below(&rng, steps[rng_below(&rng, 7)]);
		dns_timers_run(&all);
		uint64_t least = UINT64_MAX;
		size_t count = 0;
		for (size_t k = 0; k < MANY; k++) {
			assert_true(items[k].at == 0 || items[k].at > now);
			assert_int_equal(items[k].t.place != NULL, items[k].at != 0);
			count += items[k].at != 0;
			if (items[k].at && items[k].at < least)
				least = items[k].at;
		}
		assert_int_equal(all.count, count);
		assert_int_equal(all.armed_ms, least);
	}
}

static void stops_the_other(struct dns_timer *t)
{
	struct item *other = t == &items[0].t ? &items[1] : &items[0];

	dns_timer_stop(&all, &other->t);
	items[2].called++;
}

/* Two are due at the same time, and the first one that is called stops the other. */
static void one_stops_another(void **state)
{
	(void)state;
	items[0].t.due = items[1].t.due = stops_the_other;
	set(&items[0], now + 10);
	set(&items[1], now + 12);
	now += 20;
	dns_timers_run(&all);
	assert_int_equal(items[2].called, 1);
	assert_int_equal(all.count, 0);
}

static void sets_itself(struct dns_timer *t)
{
	items[0].called++;
	dns_timer_set(&all, t, 0);
}

/* A time that has passed is due in the next turn, not within this call. */
static void one_sets_itself(void **state)
{
	(void)state;
	items[0].t.due = sets_itself;
	set(&items[0], now);
	dns_timers_run(&all);
	assert_int_equal(items[0].called, 1);
	dns_timers_run(&all);
	assert_int_equal(items[0].called, 2);
}

static void the_loop_calls(void **state)
{
	(void)state;
	set(&items[0], now + 1);
	now += 1;
	while (!items[0].called)
		event_base_loop(base, EVLOOP_ONCE);
	assert_false(event_pending(all.event, EV_TIMEOUT, NULL)); /* nothing wakes the machine */
}

/* Without memory for the loop's timer it is called all the same. */
static void without_memory(void **state)
{
	(void)state;
	event_free(all.event);
	event_base_free(base);
	base = event_base_new();
	assert_true(dns_timers_init(&all, base, &a_clock));
	mem_fail_nth(1);
	set(&items[0], now + 1);
	mem_fail_nth(0);
	now += 1;
	while (!items[0].called)
		event_base_loop(base, EVLOOP_ONCE);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(as_a_list_of_times, begin, end),
		cmocka_unit_test_setup_teardown(one_stops_another, begin, end),
		cmocka_unit_test_setup_teardown(one_sets_itself, begin, end),
		cmocka_unit_test_setup_teardown(the_loop_calls, begin, end),
		cmocka_unit_test_setup_teardown(without_memory, begin, end),
	};

	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
