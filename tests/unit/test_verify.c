/* Facts about blocks, on the checkers' threads. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "base/mem.h"
#include "tests/unit/main.h"
#include "tests/unit/verify_fixture.h"

enum { WAIT_SECONDS = 120 };

struct rig {
	struct bound scratch, queue;
	struct verify_pool *pool;
	sem_t woken;
	atomic_uint wakes, unmasked; /* calls; calls on a thread that takes SIGTERM */
};

static void wake(void *ctx)
{
	struct rig *r = ctx;
	sigset_t blocked;

	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	atomic_fetch_add(&r->wakes, 1);
	atomic_fetch_add(&r->unmasked, !sigismember(&blocked, SIGTERM));
	sem_post(&r->woken);
}

static void rig_start(struct rig *r, unsigned threads, size_t scratch_bytes, uint64_t queue)
{
	*r = (struct rig){.scratch = {.name = "verify_scratch_bytes", .max = scratch_bytes},
		.queue = {.name = "max_verify_queue", .max = queue}};
	sem_init(&r->woken, 0, 0);
	struct verify_settings s = {.threads = threads,
		.scratch_bytes = scratch_bytes,
		.scratch = &r->scratch,
		.queue = &r->queue,
		.wake = wake,
		.ctx = r};
	r->pool = verify_start(&s);
	assert_non_null(r->pool);
}

static void rig_stop(struct rig *r)
{
	assert_int_equal(verify_pending(r->pool), 0);
	assert_true(r->scratch.peak <= r->scratch.max);
	verify_stop(r->pool);
	assert_int_equal(r->scratch.used, 0);
	assert_int_equal(r->queue.used, 0);
	sem_destroy(&r->woken);
}

/* The next finished job. */
static struct verify_job *rig_take(struct rig *r)
{
	struct verify_job *job;
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_SECONDS;
	while (!(job = verify_take(r->pool)))
		if (sem_timedwait(&r->woken, &until) != 0 && errno != EINTR)
			fail_msg("no job came back");
	return job;
}

struct handed_in {
	struct sample sample;
	struct verify_job job;
	unsigned back;
};

/* Results that an earlier check left must not matter. */
static void hand_in(struct rig *r, struct handed_in *h)
{
	h->job = (struct verify_job){.block = &h->sample.block,
		.facts = {true, true, -1, DOMAIN_UNREAD},
		.want_strength = h->sample.want_strength,
		.failed = h->back > 0,
		.owner = h};
	assert_int_equal(verify_submit(r->pool, &h->job), ERR_OK);
}

static struct handed_in *take_back(struct rig *r)
{
	struct handed_in *h = rig_take(r)->owner;

	h->back++;
	return h;
}

/* What waits is taken in the order of the chain, in whatever order it came. */
static void test_order(void **state)
{
	enum { MANY = 60 };
	static struct handed_in many[MANY];
	uint64_t before = 0;
	struct rig r;

	rig_start(&r, 1, least(), MANY);
	for (uint64_t i = 0; i < MANY; i++) {
		make_sample(*state, 0, &many[i].sample);
		many[i].sample.block.index = 1000 + i * 37 % MANY;
		many[i].back = 0;
		hand_in(&r, &many[i]);
	}
	verify_quiesce(r.pool);
	for (int i = 0; i < MANY; i++) {
		struct handed_in *h = take_back(&r);
		if (!h->job.failed)
			continue; /* the thread had it already */
		assert_true(h->job.block->index > before);
		before = h->job.block->index;
	}
	assert_true(before > 0);
	rig_stop(&r);
}

static void test_pool(void **state)
{
	enum { MANY = 12 * SAMPLES };
	static struct handed_in many[MANY];
	size_t held = mem_bytes();
	struct rig r;

	rig_start(&r, 3, 3 * least(), MANY);
	for (int i = 0; i < MANY; i++) {
		make_sample(*state, i * 3 % SAMPLES, &many[i].sample);
		many[i].back = 0;
		hand_in(&r, &many[i]);
	}
	for (int i = 0; i < MANY; i++)
		take_back(&r);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(many[i].back, 1);
		assert_false(many[i].job.failed);
		assert_facts(&many[i].job.facts, &many[i].sample.right);
	}
	assert_null(verify_take(r.pool));
	assert_true(atomic_load(&r.wakes) >= 1);
	assert_int_equal(atomic_load(&r.unmasked), 0);
	assert_true(r.scratch.used >= least());
	rig_stop(&r);
	assert_int_equal(mem_bytes(), held);
}

/* Strengths that were known stay. */
static void test_known_strength(void **state)
{
	struct handed_in h = {.back = 0};
	struct rig r;

	rig_start(&r, 1, least(), 1);
	make_sample(*state, GOOD, &h.sample);
	h.job = (struct verify_job){
		.block = &h.sample.block, .facts = {.key_strength = 24}, .owner = &h};
	assert_int_equal(verify_submit(r.pool, &h.job), ERR_OK);
	take_back(&r);
	assert_facts(&h.job.facts, &(struct block_facts){true, true, 24, DOMAIN_OK});
	rig_stop(&r);
}

/* One block alone does not wait for others. */
static void test_alone(void **state)
{
	struct handed_in h = {.back = 0};
	struct rig r;

	rig_start(&r, 2, 2 * least(), 1);
	make_sample(*state, GOOD, &h.sample);
	for (unsigned i = 1; i <= 3; i++) {
		hand_in(&r, &h);
		assert_int_equal(take_back(&r)->back, i);
		assert_facts(&h.job.facts, &h.sample.right);
	}
	rig_stop(&r);
}

/* Preimages that cannot all lie in the scratch at once. */
static void test_large_blocks(void **state)
{
	enum { MANY = 10 };
	static struct handed_in many[MANY];
	const struct fixture *f = *state;
	struct rig r;

	rig_start(&r, 1, least(), MANY);
	for (int i = 0; i < MANY; i++) {
		many[i] = (struct handed_in){.sample = {.block = f->large}};
		hand_in(&r, &many[i]);
	}
	for (int i = 0; i < MANY; i++)
		assert_facts(&take_back(&r)->job.facts,
			&(struct block_facts){true, true, -1, DOMAIN_MALFORMED});
	rig_stop(&r);
}

static void test_queue_bound(void **state)
{
	static struct handed_in many[3];
	struct verify_job extra;
	struct rig r;

	rig_start(&r, 1, least(), 3);
	for (int i = 0; i < 3; i++) {
		make_sample(*state, GOOD, &many[i].sample);
		hand_in(&r, &many[i]);
	}
	assert_int_equal(verify_pending(r.pool), 3); /* until taken back, checked or not */
	extra = (struct verify_job){.block = &many[0].sample.block};
	assert_int_equal(verify_submit(r.pool, &extra), ERR_FULL);
	assert_int_equal(r.queue.hits, 1);
	hand_in(&r, take_back(&r));
	for (int i = 0; i < 3; i++)
		take_back(&r);
	rig_stop(&r);
}

/* More threads than the row has room for: fewer run, and the row is never exceeded. */
static void test_scratch_bound(void **state)
{
	enum { MANY = 64 };
	static struct handed_in many[MANY];
	size_t held = mem_bytes();
	struct rig r;

	rig_start(&r, 8, 2 * least() + 1000, MANY);
	for (int i = 0; i < MANY; i++) {
		make_sample(*state, GOOD_UNASKED, &many[i].sample);
		hand_in(&r, &many[i]);
	}
	for (int i = 0; i < MANY; i++)
		take_back(&r);
	assert_null(verify_take(r.pool));
	assert_true(mem_bytes() - held < 2 * least() + 16384);
	rig_stop(&r);
}

static void test_idle(void **state)
{
	struct handed_in h = {.back = 0};
	struct rig r;

	rig_start(&r, 1, least(), 1);
	size_t held = mem_bytes();
	make_sample(*state, GOOD, &h.sample);
	for (int round = 0; round < 2; round++) {
		hand_in(&r, &h);
		take_back(&r);
		verify_idle(r.pool); /* something was done since the call before */
		assert_int_equal(r.scratch.used, least());
		assert_int_equal(mem_bytes(), held + least());
		verify_idle(r.pool);
		assert_int_equal(r.scratch.used, 0);
		assert_int_equal(mem_bytes(), held);
	}
	rig_stop(&r);
}

/* Memory that is needed elsewhere is given back at once by a thread that rests, and by one that
 * works after its batch; the hashes are right with less. */
static void test_less_scratch(void **state)
{
	struct handed_in h = {.back = 0};
	struct rig r;

	rig_start(&r, 1, 16 * least(), 1);
	make_sample(*state, GOOD, &h.sample);
	hand_in(&r, &h);
	take_back(&r);
	size_t before = (size_t)r.scratch.used;
	assert_false(verify_lower_scratch(r.pool, least() - 1));
	assert_int_equal(r.scratch.used, before);
	assert_true(verify_lower_scratch(r.pool, least()));
	assert_int_equal(r.scratch.used, 0);
	hand_in(&r, &h);
	take_back(&r);
	assert_facts(&h.job.facts, &h.sample.right);
	assert_in_range(r.scratch.used, 1, least());
	rig_stop(&r);

	rig_start(&r, 1, 16 * least(), 1);
	hand_in(&r, &h); /* its thread may work on it by now */
	assert_true(verify_lower_scratch(r.pool, least()));
	take_back(&r);
	assert_facts(&h.job.facts, &h.sample.right);
	assert_in_range(r.scratch.used, 0, least());
	rig_stop(&r);
}

/* Each allocation fails in turn: the job says that it was not checked, or was checked right. */
static void test_no_memory(void **state)
{
	const struct block_facts none = {false, false, -1, DOMAIN_UNREAD};
	struct handed_in h = {.back = 0};
	struct rig r;

	rig_start(&r, 1, least(), 1);
	make_sample(*state, GOOD, &h.sample);
	for (uint64_t nth = 1; nth <= 3; nth++) {
		mem_fail_nth(nth);
		hand_in(&r, &h);
		take_back(&r);
		mem_fail_nth(0);
		assert_int_equal(h.job.failed, nth == 1);
		assert_facts(&h.job.facts, h.job.failed ? &none : &h.sample.right);
		assert_int_equal(r.scratch.used, h.job.failed ? 0 : least());
		verify_idle(r.pool);
		verify_idle(r.pool);
	}
	rig_stop(&r);
}

static void test_start_fails(void **state)
{
	struct bound scratch = {.max = least()}, queue = {.max = 1};
	struct verify_settings s = {
		.threads = 1, .scratch_bytes = least(), .scratch = &scratch, .queue = &queue};
	(void)state;

	mem_fail_nth(1);
	assert_null(verify_start(&s));
}

/* What was begun is finished, the rest comes back unchecked. */
static void test_quiesce(void **state)
{
	enum { MANY = 800 };
	static struct handed_in many[MANY];
	struct verify_job late = {.block = NULL};
	unsigned failed = 0;
	struct rig r;

	rig_start(&r, 2, 2 * least(), MANY);
	assert_false(verify_is_working(r.pool));
	for (int i = 0; i < MANY; i++) {
		make_sample(*state, i % SAMPLES, &many[i].sample);
		many[i].back = 0;
		hand_in(&r, &many[i]);
	}
	assert_true(verify_is_working(r.pool));
	verify_quiesce(r.pool);
	assert_int_equal(verify_submit(r.pool, &late), ERR_STOPPING);
	for (int i = 0; i < MANY; i++) {
		const struct handed_in *h = take_back(&r);
		const struct block_facts none = {false, false, -1, DOMAIN_UNREAD};
		failed += h->job.failed;
		assert_facts(&h->job.facts, h->job.failed ? &none : &h->sample.right);
	}
	for (int i = 0; i < MANY; i++)
		assert_int_equal(many[i].back, 1);
	assert_true(failed > 0);
	assert_false(verify_is_working(r.pool));
	rig_stop(&r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_pool),
		cmocka_unit_test(test_known_strength),
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_large_blocks),
		cmocka_unit_test(test_queue_bound),
		cmocka_unit_test(test_scratch_bound),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_less_scratch),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_start_fails),
		cmocka_unit_test(test_quiesce),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, begin, NULL);
}
