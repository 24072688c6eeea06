/* The key process as a process: keys made, taken in, given out, opened, locked. */
#include <limits.h>

#include "tests/unit/keys_process_rig.h"

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

/* ---- while a passphrase is tried ---- */

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
#undef TEST
	};
	int status;

	if (!keys_rig_begin(argc, argv, &status))
		return status;
	status = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_end();
	return status;
}
