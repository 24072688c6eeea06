/* A start on a full disk: who is told, how often, and when it goes on. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "chain/room.h"
#include "node/room_wait.h"
#include "tests/unit/main.h"

enum { FULL = 12 * 1024, NEVER = 1000000 };

/* A disk, a manager and a clock. */
struct rig {
	uint64_t now_ms, begun_ms;
	uint64_t room;
	bool unknown;
	uint64_t room_at_ms; /* from then on there is some */
	uint64_t stop_at_ms;
	uint64_t deaf_until_ms; /* the manager takes nothing */
	unsigned told, lines, looks;
	uint64_t longest_ms, told_ms; /* of the manager's waiting */
	char state[1024], line[512];
};

static struct rig rig; /* the functions have no context of their own */

static uint64_t mono(void *ctx)
{
	(void)ctx;
	return rig.now_ms;
}

static const struct clock rig_clock = {.mono = mono};

static bool room(const char *dir, uint64_t *bytes)
{
	assert_string_equal(dir, "/var/lib/alfisd");
	rig.looks++;
	*bytes = rig.now_ms >= rig.room_at_ms ? ROOM_WANTED : rig.room;
	return !rig.unknown;
}

static bool notify(const char *state)
{
	if (rig.now_ms < rig.deaf_until_ms)
		return false;
	rig.told++;
	if (rig.now_ms - rig.told_ms > rig.longest_ms)
		rig.longest_ms = rig.now_ms - rig.told_ms;
	rig.told_ms = rig.now_ms;
	snprintf(rig.state, sizeof rig.state, "%s", state);
	return true;
}

static bool hear(void *ctx, uint64_t ms)
{
	(void)ctx;
	assert_in_range(ms, 1, 10000); /* room is seen soon */
	rig.now_ms += ms;
	return rig.now_ms < rig.stop_at_ms;
}

static void on_line(void *ctx, enum log_level level, const char *text)
{
	(void)ctx;
	(void)level;
	rig.lines++;
	snprintf(rig.line, sizeof rig.line, "%s", text);
}

static void begin(uint64_t bytes)
{
	rig = (struct rig){.now_ms = 1000, .room = bytes, .room_at_ms = UINT64_MAX};
	rig.told_ms = rig.begun_ms = rig.now_ms;
	rig.stop_at_ms = UINT64_MAX;
}

static bool run(void)
{
	const struct room_wait w = {.dir = "/var/lib/alfisd",
		.clock = &rig_clock,
		.room = room,
		.notify = notify,
		.hear = hear};

	return room_wait(&w);
}

static void test_room_is_no_matter(void **state)
{
	(void)state;
	begin(ROOM_WANTED);
	assert_true(run());
	begin(0);
	rig.unknown = true; /* whoever cannot tell is not waited for */
	rig.stop_at_ms = rig.now_ms + NEVER;
	assert_true(run());
	assert_int_equal(rig.looks, 1);
	assert_int_equal(rig.told, 0);
	assert_int_equal(rig.lines, 0);
}

static void test_goes_on_by_itself(void **state)
{
	(void)state;
	begin(FULL);
	rig.room_at_ms = rig.now_ms + 30000;
	assert_true(run());
	assert_in_range(rig.now_ms - rig.room_at_ms, 0, 5000);
	assert_string_equal(rig.state, "EXTEND_TIMEOUT_USEC=300000000\n"
				       "STATUS=waiting for room on the disk of /var/lib/alfisd: "
				       "12 kB free, 64 kB wanted");
	assert_int_equal(rig.lines, 2);
	assert_string_equal(
		rig.line, "store in /var/lib/alfisd: its disk has 64 kB free now: going on");
}

static void test_a_byte_less_waits(void **state)
{
	(void)state;
	begin(ROOM_WANTED - 1);
	rig.stop_at_ms = rig.now_ms + 1;
	assert_false(run());
	assert_int_equal(rig.lines, 1);
	assert_non_null(strstr(rig.line, "waiting until there is room"));
}

/* Half a day: a line every ten minutes, and the manager never thinks that the start hangs. */
static void test_a_long_wait(void **state)
{
	(void)state;
	begin(0);
	rig.stop_at_ms = rig.now_ms + 12 * 3600 * 1000;
	assert_false(run());
	assert_in_range(rig.lines, 71, 73);
	assert_in_range(rig.longest_ms, 1, 150000); /* half of what each word asks for */
	assert_in_range(rig.told, 12 * 30, 12 * 61);
}

static void test_a_manager_that_does_not_read(void **state)
{
	(void)state;
	begin(0);
	rig.deaf_until_ms = UINT64_MAX;
	rig.stop_at_ms = rig.now_ms + NEVER;
	assert_false(run());
	assert_int_equal(rig.told, 0);
	assert_int_equal(rig.lines, 2);
	begin(0);
	rig.deaf_until_ms = rig.now_ms + 20000;
	rig.stop_at_ms = rig.now_ms + 30000;
	assert_false(run());
	assert_int_equal(rig.told, 1);
}

/* A real disk: this one, and one that cannot be asked. */
static void test_room_of(void **state)
{
	uint64_t bytes = 0;
	(void)state;

	assert_true(room_of("/tmp", &bytes));
	assert_true(bytes > 0);
	assert_false(room_of("/proc", &bytes)); /* it has no blocks */
	assert_false(room_of("/nowhere/at/all", &bytes));
	assert_false(room_of_fd(-1, &bytes));
}

static int setup(void **state)
{
	(void)state;
	log_tap(on_line, NULL);
	return log_setup(&(struct log_settings){.level = LOG_INFO, .file = "/dev/null"}) ? 0 : -1;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_room_is_no_matter),
		cmocka_unit_test(test_goes_on_by_itself),
		cmocka_unit_test(test_a_byte_less_waits),
		cmocka_unit_test(test_a_long_wait),
		cmocka_unit_test(test_a_manager_that_does_not_read),
		cmocka_unit_test(test_room_of),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, setup, NULL);
}
