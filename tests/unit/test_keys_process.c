/* The key process as a process: keys made, taken in, given out, opened, locked. */
#include <limits.h>

#include "owner/keys_frame.h"

#include "tests/unit/keys_rig.h"

static struct keys_rig rig;

static int open_rig(void **state)
{
	(void)state;
	rig_open(&rig);
	return 0;
}

static int close_rig(void **state)
{
	(void)state;
	rig_close(&rig);
	return 0;
}

static enum keys_said unlock(const char *name, const char *pass, uint32_t *count)
{
	struct keys_call c = {.ask = call_unlock, .name = name, .pass = pass};
	enum keys_said said = rig_user(&rig, &c);

	if (count)
		*count = c.reply.count;
	return said;
}

static void lock(const char *name)
{
	struct keys_heard h = {0};

	assert_true(keys_link_lock(rig.link, name, rig_answer, &h));
	assert_int_equal(rig_await(&rig, &h), KEYS_DONE);
}

/* Takes the file of a key out and in again, as a restart does. */
static void load_again(const char *name)
{
	struct keys_heard h[2] = {0};

	assert_true(keys_link_forget(rig.link, name, rig_answer, &h[0]));
	assert_true(keys_link_load(rig.link, name, slice_str(rig.file), rig_answer, &h[1]));
	assert_int_equal(rig_await(&rig, &h[1]), KEYS_DONE);
	assert_int_equal(h[0].said, KEYS_DONE);
}

static void test_make(void **state)
{
	struct key_file f;
	char why[KEY_ERROR_MAX];

	(void)state;
	const struct keys_row *k = rig_make(&rig, "main", "correct horse");
	assert_string_equal(k->name, "main");
	assert_false(k->locked || k->plain);
	assert_int_equal(rig.stores, 1);
	assert_false(rig.replaces);
	assert_int_equal(key_file_decode(slice_str(rig.file), &f, why), ERR_OK);
	assert_memory_equal(&f.pub, &k->pub, sizeof f.pub);
	assert_int_equal(f.cost.memory, 8 << 10); /* 12 MB without the 4 of the process */
	assert_int_equal(f.cost.passes, 5);
	assert_non_null(strstr(rig.said, "a new key was found: main"));
}

static void test_name_is_chosen_by_the_node(void **state)
{
	(void)state;
	assert_string_equal(rig_make(&rig, "", "x")->name, "key1");
}

static void test_lock_and_unlock(void **state)
{
	uint32_t count;

	(void)state;
	rig_make(&rig, "main", "correct horse");
	lock("");
	assert_true(rig_state(&rig)->rows[0].locked);
	assert_int_equal(unlock("main", "correct house", NULL), KEYS_WRONG_PASSPHRASE);
	assert_true(rig_state(&rig)->rows[0].locked);
	assert_int_equal(unlock("", "correct horse", &count), KEYS_DONE);
	assert_int_equal(count, 1);
	assert_false(rig_state(&rig)->rows[0].locked);
	assert_int_equal(unlock("", "whatever", &count), KEYS_DONE);
	assert_int_equal(count, 0);
	assert_int_equal(unlock("nobody", "correct horse", NULL), KEYS_NO_SUCH_KEY);
}

/* One passphrase opens the keys that it opens, and is not wrong because of the others. */
static void test_unlock_of_several(void **state)
{
	uint32_t count;

	(void)state;
	rig_make(&rig, "one", "first");
	rig_make(&rig, "two", "second");
	rig_make(&rig, "three", "first");
	lock("");
	assert_int_equal(unlock("", "first", &count), KEYS_DONE);
	assert_int_equal(count, 2);
	const struct keys_state *s = rig_state(&rig);
	assert_false(s->rows[0].locked || s->rows[2].locked);
	assert_true(s->rows[1].locked);
	lock("one");
	s = rig_state(&rig);
	assert_true(s->rows[0].locked);
	assert_false(s->rows[2].locked);
}

static void test_time_runs_out(void **state)
{
	struct keys_call c = {.ask = call_unlock, .name = "", .pass = "x", .seconds = 1};

	(void)state;
	rig_make(&rig, "main", "x");
	lock("");
	assert_int_equal(rig_user(&rig, &c), KEYS_DONE);
	while (!keys_link_state(rig.link)->rows[0].locked)
		rig_turn(&rig);
}

/* The process holds what the node gives it; a line that was changed makes it as a wrong passphrase.
 */
/* To another hex digit that leaves it the file of a key: not every number is a public one. */
static void change_digit(char *digit)
{
	char why[KEY_ERROR_MAX], old = *digit;
	struct key_file f;

	for (const char *other = "0123456789ABCDEF"; *other; other++) {
		*digit = *other;
		if (*other != old && key_file_decode(slice_str(rig.file), &f, why) == ERR_OK)
			return;
	}
	fail_msg("no other digit makes a key");
}

static void test_changed_public_line(void **state)
{
	char kept[KEY_FILE_MAX + 1];
	struct keys_heard h = {0};

	(void)state;
	rig_make(&rig, "main", "x");
	strcpy(kept, rig.file);
	load_again("main");
	assert_int_equal(unlock("", "x", NULL), KEYS_DONE);
	change_digit(strstr(rig.file, "encryption ") + 12);
	load_again("main");
	assert_int_equal(unlock("", "x", NULL), KEYS_WRONG_PASSPHRASE);
	strcpy(rig.file, kept);
	change_digit(rig.file + strlen(rig.file) - 3);
	load_again("main");
	assert_int_equal(unlock("", "x", NULL), KEYS_WRONG_PASSPHRASE);
	assert_true(keys_link_load(rig.link, "cut", slice_of(kept, 100), rig_answer, &h));
	assert_int_equal(rig_await(&rig, &h), KEYS_BAD_FILE);
	assert_string_equal(h.line, "line 3: has no end: the file is cut");
}

static void test_loads_that_are_refused(void **state)
{
	struct keys_heard h[3] = {0};

	(void)state;
	rig_make(&rig, "main", "x");
	keys_link_load(rig.link, "other", slice_str(rig.file), rig_answer, &h[0]);
	keys_link_load(rig.link, "../x", slice_str(rig.file), rig_answer, &h[1]);
	keys_link_rename(rig.link, "main", "other", rig_answer, &h[2]);
	rig_await(&rig, &h[2]);
	assert_int_equal(h[0].said, KEYS_EXISTS);
	assert_string_equal(h[0].line, "this key is here already, as main");
	assert_int_equal(h[1].said, KEYS_BAD_REQUEST);
	assert_int_equal(h[2].said, KEYS_DONE);
	assert_string_equal(rig_state(&rig)->rows[0].name, "other");
}

static void test_import_sealed(void **state)
{
	struct keys_call c = {.ask = call_import, .name = "again", .old = "x", .pass = "y"};
	char kept[KEY_FILE_MAX + 1];
	struct key_public pub;
	struct keys_heard h = {0};

	(void)state;
	pub = rig_make(&rig, "main", "x")->pub;
	strcpy(kept, rig.file);
	c.file = kept;
	assert_int_equal(rig_user(&rig, &c), KEYS_EXISTS);
	keys_link_forget(rig.link, "main", rig_answer, &h);
	rig_await(&rig, &h);
	c.old = "wrong";
	assert_int_equal(rig_user(&rig, &c), KEYS_WRONG_PASSPHRASE);
	c.old = "x";
	assert_int_equal(rig_user(&rig, &c), KEYS_DONE);
	assert_string_equal(c.reply.name, "again");
	assert_memory_equal(&c.reply.pub, &pub, sizeof pub);
	assert_string_not_equal(rig.file, kept);
	lock("");
	assert_int_equal(unlock("", "y", NULL), KEYS_DONE);
}

/* Plain files go out and come in, and are what the network's own program reads. */
static void test_plain_round_trip(void **state)
{
	struct keys_call out = {.ask = call_export, .name = "main", .plain = true, .pass = "y"};
	struct keys_call in = {.ask = call_import, .name = "back", .pass = "z"};
	struct key_public pub;
	struct keys_heard h = {0};
	char text[KEY_FILE_MAX + 1];

	(void)state;
	pub = rig_make(&rig, "main", "x")->pub;
	/* It is open, and that is not enough. */
	assert_int_equal(rig_user(&rig, &out), KEYS_WRONG_PASSPHRASE);
	assert_int_equal(out.reply.size, 0);
	out.pass = "x";
	assert_int_equal(rig_user(&rig, &out), KEYS_DONE);
	snprintf(text, sizeof text, "%.*s", (int)out.reply.size, (const char *)out.reply.bytes);
	assert_int_equal(strncmp(text, "encrypted = false\n\n[signing]\npublic = \"", 39), 0);
	keys_link_forget(rig.link, "main", rig_answer, &h);
	rig_await(&rig, &h);
	in.file = text;
	assert_int_equal(rig_user(&rig, &in), KEYS_DONE);
	assert_memory_equal(&in.reply.pub, &pub, sizeof pub);
	in.file = "encrypted = false\n[signing]\n";
	assert_int_equal(rig_user(&rig, &in), KEYS_BAD_FILE);
}

static void test_plain_file_of_the_node(void **state)
{
	struct keys_call out = {.ask = call_export, .name = "main", .plain = true, .pass = "x"};
	struct keys_heard h[3] = {0};
	char path[100];

	(void)state;
	rig_make(&rig, "main", "x");
	assert_int_equal(rig_user(&rig, &out), KEYS_DONE);
	snprintf(path, sizeof path, "%s/key1.toml", rig.folder);
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	assert_int_equal(write(fd, out.reply.bytes, out.reply.size), (ssize_t)out.reply.size);
	keys_link_forget(rig.link, "main", rig_answer, &h[0]);
	keys_link_load_plain(rig.link, "key1", fd, rig_answer, &h[1]);
	keys_link_load_plain(rig.link, "null", rig.listener, rig_answer, &h[2]);
	close(fd);
	unlink(path);
	rig_await(&rig, &h[2]);
	assert_int_equal(h[1].said, KEYS_DONE);
	assert_int_equal(h[2].said, KEYS_BAD_FILE);
	lock("");
	const struct keys_state *s = rig_state(&rig);
	assert_int_equal(s->count, 1);
	assert_true(s->rows[0].plain);
	assert_false(s->rows[0].locked);
}

static void test_rewrap(void **state)
{
	struct keys_call c = {.ask = call_rewrap, .name = "main", .old = "y", .pass = "z"};

	(void)state;
	rig_make(&rig, "main", "x");
	assert_int_equal(rig_user(&rig, &c), KEYS_WRONG_PASSPHRASE);
	c.old = "x";
	c.pass = "";
	assert_int_equal(rig_user(&rig, &c), KEYS_BAD_REQUEST);
	c.pass = "z";
	assert_int_equal(rig_user(&rig, &c), KEYS_DONE);
	assert_true(rig.replaces);
	assert_string_equal(rig.name, "main");
	lock("");
	assert_int_equal(unlock("", "x", NULL), KEYS_WRONG_PASSPHRASE);
	assert_int_equal(unlock("", "z", NULL), KEYS_DONE);
}

/* A full disk: the old file and the old passphrase stay. */
static void test_disk_is_full(void **state)
{
	struct keys_call c = {.ask = call_rewrap, .name = "main", .old = "x", .pass = "z"};

	(void)state;
	rig_make(&rig, "main", "x");
	rig.disk_is_bad = "no space left on device";
	assert_int_equal(rig_user(&rig, &c), KEYS_NOT_STORED);
	assert_string_equal(c.reply.line, "the key could not be written: no space left on device");
	lock("");
	assert_int_equal(unlock("", "x", NULL), KEYS_DONE);
}

static void test_sealed_export(void **state)
{
	struct keys_call c = {.ask = call_export, .name = "main"};

	(void)state;
	rig_make(&rig, "main", "x");
	assert_int_equal(rig_user(&rig, &c), KEYS_DONE);
	assert_int_equal(c.reply.size, strlen(rig.file));
	assert_memory_equal(c.reply.bytes, rig.file, c.reply.size);
	c.name = "nobody";
	assert_int_equal(rig_user(&rig, &c), KEYS_NO_SUCH_KEY);
	assert_string_equal(c.reply.line, "there is no key nobody");
}

/* A file that needs more memory than there may be. */
static void test_too_dear(void **state)
{
	struct keys_call c = {.ask = call_unlock, .name = "main", .pass = "x"};
	char *cost;

	(void)state;
	rig_make(&rig, "main", "x");
	cost = strstr(rig.file, "argon2id 8192 5");
	memcpy(cost, "argon2id 9216 5", 15);
	load_again("main");
	assert_int_equal(rig_user(&rig, &c), KEYS_TOO_DEAR);
	assert_string_equal(c.reply.line,
		"this key needs 9 MB for its passphrase: raise limits.key_process_bytes to 13 MB "
		"at least");
}

static void test_max_keys(void **state)
{
	struct keys_call c = {.ask = call_make, .name = "third", .pass = "x"};

	(void)state;
	keys_link_stop(rig.link);
	rig.settings.max_keys = 2;
	rig_start(&rig);
	rig_make(&rig, "one", "x");
	rig_make(&rig, "two", "x");
	assert_int_equal(rig_user(&rig, &c), KEYS_FULL);
	c.name = "two";
	assert_int_equal(rig_user(&rig, &c), KEYS_EXISTS);
	c.name = "no name";
	assert_int_equal(rig_user(&rig, &c), KEYS_BAD_REQUEST);
}

static void test_weak_key(void **state)
{
	struct keys_heard h = {0};

	(void)state;
	rig_make(&rig, "main", "x");
	keys_link_stop(rig.link);
	rig.settings.strength = 60;
	rig_start(&rig);
	keys_link_load(rig.link, "main", slice_str(rig.file), rig_answer, &h);
	assert_int_equal(rig_await(&rig, &h), KEYS_WEAK);
	assert_non_null(strstr(h.line, "the key is too weak for this network"));
}

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

/* ---- while a passphrase is tried ---- */

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
		TEST(test_make),
		TEST(test_name_is_chosen_by_the_node),
		TEST(test_lock_and_unlock),
		TEST(test_unlock_of_several),
		TEST(test_time_runs_out),
		TEST(test_changed_public_line),
		TEST(test_loads_that_are_refused),
		TEST(test_import_sealed),
		TEST(test_plain_round_trip),
		TEST(test_plain_file_of_the_node),
		TEST(test_rewrap),
		TEST(test_disk_is_full),
		TEST(test_sealed_export),
		TEST(test_too_dear),
		TEST(test_max_keys),
		TEST(test_weak_key),
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

	if (keys_rig_is_process(argc, argv, &status))
		return status;
	choose_tests(argc, argv);
	if (!crypto_init())
		return 1;
	status = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_end();
	return status;
}
