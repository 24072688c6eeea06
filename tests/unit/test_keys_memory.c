/* Memory that runs out, at every place of the link to the key process and of the process itself. */
#include "owner/keys_process_internal.h"
#include "tests/unit/keys_rig.h"

static void no_store(void *ctx, uint32_t id, const char *name, struct slice sealed, bool replace)
{
	(void)ctx, (void)id, (void)name, (void)sealed, (void)replace;
}

static void no_change(void *ctx)
{
	(void)ctx;
}

static void no_line(void *ctx, bool warn, const char *line)
{
	(void)ctx, (void)warn, (void)line;
}

static void no_end(void *ctx, const char *why)
{
	(void)ctx, (void)why;
}

static const struct keys_hooks no_hooks = {no_store, no_change, no_line, no_end, NULL};

/* Calls one() with the n-th request for memory failing, for each n until none fails. One() returns
 * whether it did all of its work; it must when nothing failed, and nothing may be left. */
static void each_failure(bool (*one)(void))
{
	bool good = false;

	for (uint64_t n = 1; n < 1000 && !good; n++) {
		size_t blocks = mem_blocks();
		mem_fail_nth(n);
		good = one();
		bool failed = mem_fail_nth(0) == 0;
		assert_int_equal(mem_blocks(), blocks);
		assert_true(good || failed);
		good &= !failed;
	}
	assert_true(good);
}

static bool answered;

static void answer(void *ctx, enum keys_said said, const char *line, struct slice bytes)
{
	(void)ctx, (void)line, (void)bytes;
	answered = said != KEYS_GONE;
}

/* A link, its process, and a request. */
static bool link_once(void)
{
	struct keys_settings settings = {.max_keys = 8, .search_threads = 1, .strength = 0};
	struct bound requests = {.name = "owner_requests", .max = 4};
	struct event_base *base = event_base_new();
	char why[KEYS_TEXT_MAX];
	int pair[2], journal = open("/dev/null", O_RDWR);

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	struct keys_link *l = base ? keys_link_new(base, &no_hooks, &requests) : NULL;
	answered = false;
	if (l && keys_link_start(l, &settings, pair[0], journal, why) &&
		keys_link_lock(l, "", answer, NULL))
		while (!answered && keys_link_state(l)->pid >= 0 &&
			event_base_loop(base, EVLOOP_ONCE) == 0)
			;
	keys_link_free(l);
	if (base)
		event_base_free(base);
	close(pair[0]);
	close(pair[1]);
	close(journal);
	assert_int_equal(bound_read(&requests.used), 0);
	return answered;
}

static void test_link(void **state)
{
	(void)state;
	each_failure(link_once);
}

/* The process with its memory; when there is not enough it is not there, and has closed nothing
 * twice. */
static bool process_once(void)
{
	int node[2], listener[2], journal = open("/dev/null", O_RDWR);

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, node), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, listener), 0);
	struct keys_process *p =
		process_new(node[1], listener[1], journal, &clock_system, &rng_system);
	close(node[0]);
	close(listener[0]);
	if (!p)
		return false;
	while (!p->ends)
		process_turn(p, -1);
	process_free(p);
	return true;
}

static void test_process(void **state)
{
	(void)state;
	each_failure(process_once);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_process),
	};
	int status;

	if (keys_rig_is_process(argc, argv, &status))
		return status;
	choose_tests(argc, argv);
	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	if (!crypto_init())
		return 1;
	status = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_end();
	return status;
}
