/* The key process while it is at work: a search or a passphrase that is tried leaves it ears for
 * others, and it ends, is killed, and is asked too much. */
#include <limits.h>

#include "owner/keys_frame.h"
#include "tests/unit/keys_process_rig.h"

/* A search that never finds runs. */
static pthread_t begin_search(struct keys_call *c)
{
	pthread_t thread;

	keys_link_stop(rig.link);
	rig.settings.strength = 64;
	rig_start(&rig);
	c->rig = &rig;
	assert_int_equal(pipe(c->done), 0);
	assert_int_equal(pthread_create(&thread, NULL, rig_user_main, c), 0);
	while (keys_link_state(rig.link)->search.tried == 0)
		rig_turn(&rig);
	return thread;
}

static void end_search(struct keys_call *c, pthread_t thread)
{
	struct keys_heard h = {0};

	keys_link_cancel(rig.link, rig_answer, &h);
	assert_int_equal(rig_await(&rig, &h), KEYS_DONE);
	pthread_join(thread, NULL);
	assert_int_equal(c->reply.said, KEYS_CANCELLED);
	close(c->done[0]);
	close(c->done[1]);
}

/* What was tried, as of the next second. */
static uint64_t next_tried(void)
{
	unsigned before = rig.changed;

	while (rig.changed == before)
		rig_turn(&rig);
	return keys_link_state(rig.link)->search.tried;
}

/* The node has something else for the processors: the search pauses, and goes on by itself. */
static void test_pause(void **state)
{
	struct keys_call c = {.ask = call_make, .name = "main", .pass = "x"};
	uint64_t tried;
	int seconds = 0;

	(void)state;
	pthread_t thread = begin_search(&c);
	do {
		assert_in_range(++seconds, 1, 20);
		tried = next_tried();
		assert_true(keys_link_pause(rig.link, KEYS_PAUSE_MAX_MS));
	} while (next_tried() != tried);
	assert_true(keys_link_pause(rig.link, UINT_MAX)); /* not for good */
	while (next_tried() == tried)
		assert_in_range(++seconds, 1, 40);
	end_search(&c, thread);
}

/* A search that never finds is ended by either side, and there is one at a time. */
static void test_cancel(void **state)
{
	struct keys_call c = {.ask = call_make, .name = "main", .pass = "x"};

	(void)state;
	pthread_t thread = begin_search(&c);
	assert_string_equal(keys_link_state(rig.link)->search.name, "main");
	struct keys_call second = {.ask = call_make, .name = "two", .pass = "x"};
	assert_int_equal(rig_user(&rig, &second), KEYS_BUSY);
	end_search(&c, thread);
	assert_false(rig_state(&rig)->search.running);
}

/* Asks for the end of its search when that is over, and once more. */
static bool call_make_late(struct keys_user *u, const struct keys_call *c, struct keys_reply *reply)
{
	struct keys_reply again;
	char byte;

	if (!keys_user_make(u, c->name, slice_str(c->pass), reply) ||
		read(c->late, &byte, 1) != 1 || !keys_user_wait(u, NULL, NULL, reply))
		return false;
	keys_user_wait(u, NULL, NULL, &again);
	reply->count = again.said == KEYS_NO_SUCH_KEY;
	return true;
}

/* An easy search ends before its end is asked for. */
static void test_end_before_it_is_asked_for(void **state)
{
	struct keys_call c = {.rig = &rig, .ask = call_make_late, .name = "main", .pass = "x"};
	pthread_t thread;
	int go[2];

	(void)state;
	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(c.done), 0);
	c.late = go[0];
	assert_int_equal(pthread_create(&thread, NULL, rig_user_main, &c), 0);
	while (!strstr(rig.said, "a new key was found: main"))
		rig_turn(&rig);
	assert_int_equal(write(go[1], "", 1), 1);
	pthread_join(thread, NULL);
	assert_int_equal(c.reply.said, KEYS_DONE);
	assert_string_equal(c.reply.name, "main");
	assert_memory_equal(&c.reply.pub, &rig_state(&rig)->rows[0].pub, sizeof c.reply.pub);
	assert_int_equal(c.reply.count, 1); /* it is told once */
	for (size_t i = 0; i < 2; i++) {
		close(go[i]);
		close(c.done[i]);
	}
}

/* Its death is told once, with what waits; it can be started again, and knows nothing then. */
static void test_death(void **state)
{
	struct keys_heard h = {0};

	(void)state;
	rig_make(&rig, "main", "x");
	kill((pid_t)keys_link_state(rig.link)->pid, SIGKILL);
	keys_link_lock(rig.link, "", rig_answer, &h);
	while (!rig.ended)
		rig_turn(&rig);
	assert_true(h.done);
	assert_int_equal(h.said, KEYS_GONE);
	assert_non_null(strstr(rig.why, "was ended by signal 9"));
	assert_false(keys_link_state(rig.link)->running);
	assert_false(keys_link_lock(rig.link, "", rig_answer, &h));
	rig_start(&rig);
	assert_int_equal(keys_link_state(rig.link)->count, 0);
	assert_int_equal(rig.ended, 1);
}

/* More requests than may wait are refused, and those that wait are answered. */
static void test_many_requests(void **state)
{
	struct keys_heard h[RIG_REQUESTS] = {0};
	unsigned taken = 0;

	(void)state;
	for (unsigned i = 0; i < 10000; i++)
		taken += keys_link_lock(rig.link, "", rig_answer, &h[i % RIG_REQUESTS]);
	assert_int_equal(taken, RIG_REQUESTS);
	for (unsigned i = 0; i < RIG_REQUESTS; i++)
		assert_int_equal(rig_await(&rig, &h[i]), KEYS_DONE);
}

static void test_rubbish_from_the_command_line(void **state)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	uint8_t back[16];

	(void)state;
	strcpy(a.sun_path, rig.socket);
	for (int i = 0; i < 10; i++) { /* more than there are places for */
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);
		assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
		assert_int_equal(send(fd, "GET / HTTP/1.0\r\n\r\n", 18, MSG_NOSIGNAL), 18);
		assert_true(recv(fd, back, sizeof back, 0) <= 0);
		close(fd);
	}
	rig_make(&rig, "main", "x");
}

static struct {
	bool goes_on;
	uint64_t last, longest; /* ms: the last answer; the longest time between two */
} asking;

/* Locks the key again and again. */
static void ask_on(void *ctx, enum keys_said said, const char *line, struct slice bytes)
{
	uint64_t now = clock_mono(&clock_system);

	(void)ctx;
	(void)line;
	(void)bytes;
	assert_int_equal(said, KEYS_DONE);
	if (now - asking.last > asking.longest)
		asking.longest = now - asking.last;
	asking.last = now;
	if (asking.goes_on)
		assert_true(keys_link_lock(rig.link, "main", ask_on, NULL));
}

/* It is heard meanwhile, and who locks a key then has the last word. */
static void test_heard_while_trying(void **state)
{
	(void)state;
	keys_link_stop(rig.link);
	rig.settings.try_ms = 400;
	rig_start(&rig);
	rig_make(&rig, "main", "correct horse");
	lock("main");
	asking.goes_on = true;
	asking.longest = 0;
	uint64_t began = asking.last = clock_mono(&clock_system);
	assert_true(keys_link_lock(rig.link, "main", ask_on, NULL));
	assert_int_equal(unlock("main", "correct horse", NULL), KEYS_LOCKED);
	asking.goes_on = false;
	uint64_t took = clock_mono(&clock_system) - began;
	assert_true(rig_state(&rig)->rows[0].locked);
	assert_true(asking.longest * 2 < took);
	/* It was no wrong one: the next is tried at once, and opens. */
	assert_int_equal(unlock("main", "correct horse", NULL), KEYS_DONE);
	assert_false(rig_state(&rig)->rows[0].locked);
}

/* Who goes away does not take its wrong passphrase back: the next is tried later. */
static bool call_and_leave(struct keys_user *u, const struct keys_call *c, struct keys_reply *reply)
{
	struct keys_user again;
	char why[KEYS_TEXT_MAX];
	uint8_t bytes[64];
	struct wr w = wr_of(bytes, sizeof bytes);

	keys_frame_put(&w, &(struct keys_message){.kind = KEYS_UNLOCK,
				   .id = 1,
				   .name = slice_str("main"),
				   .pass = slice_str("wrong")});
	if (send(u->fd, bytes, wr_done(&w).n, 0) < 0 || !keys_user_show(u, "main", reply))
		keys_user_close(u); /* it speaks before its answer, and so is closed */
	if (!keys_user_open(&again, c->rig->socket, why))
		return false;
	bool good = keys_user_unlock(&again, "main", rig_text(c->pass), 0, reply);
	keys_user_close(&again);
	return good;
}

static void test_left_while_trying(void **state)
{
	struct keys_call c = {.ask = call_and_leave, .pass = "right"};

	(void)state;
	rig_make(&rig, "main", "right");
	uint64_t began = clock_mono(&clock_system);
	assert_int_equal(rig_user(&rig, &c), KEYS_DONE);
	assert_true(clock_mono(&clock_system) - began >= 1000);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)
		TEST(test_pause),
		TEST(test_cancel),
		TEST(test_end_before_it_is_asked_for),
		TEST(test_death),
		TEST(test_many_requests),
		TEST(test_rubbish_from_the_command_line),
		TEST(test_heard_while_trying),
		TEST(test_left_while_trying),
#undef TEST
	};
	int status;

	if (!keys_rig_begin(argc, argv, &status))
		return status;
	status = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_end();
	return status;
}
