/* The folder of keys: what is written is whole, nothing is written over, and what others may read
 * or may have planted is not taken. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "owner/key_folder.h"
#include "owner/key_table.h"
#include "tests/unit/main.h"

static char dir[] = "/tmp/alf-keys-XXXXXX", path[64], why[KEY_WHY_SIZE];
static struct key_folder f;

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/alf-keys-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/keys", dir);
	assert_int_equal(key_folder_open(&f, path, true, why), ERR_OK);
	return 0;
}

static int teardown(void **state)
{
	char command[80];

	(void)state;
	key_folder_close(&f);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}

static const char *at(const char *name)
{
	static char full[128];

	snprintf(full, sizeof full, "%s/%s", path, name);
	return full;
}

static mode_t mode_of(const char *name)
{
	struct stat s;

	assert_return_code(lstat(at(name), &s), errno);
	return s.st_mode & 07777;
}

static bool is_there(const char *name)
{
	struct stat s;

	return lstat(at(name), &s) == 0;
}

static void put(const char *name, const char *text, mode_t mode)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_return_code(fchmod(fd, mode), errno);
	close(fd);
}

static void assert_content(const char *name, const char *text)
{
	uint8_t bytes[KEY_FILE_MAX + 1];
	size_t n;

	assert_int_equal(key_folder_load(&f, name, bytes, &n, why), ERR_OK);
	assert_int_equal(n, strlen(text));
	assert_memory_equal(bytes, text, n);
}

static void assert_load(const char *name, enum err err, const char *word)
{
	uint8_t bytes[KEY_FILE_MAX + 1];
	size_t n;

	assert_int_equal(key_folder_load(&f, name, bytes, &n, why), err);
	assert_int_equal(n, 0);
	assert_non_null(strstr(why, word));
	assert_non_null(strstr(why, name));
}

static void a_key_is_written_once(void **state)
{
	(void)state;
	umask(0);
	assert_int_equal(key_folder_add(&f, "main", slice_str("one"), why), ERR_OK);
	assert_int_equal(mode_of("main.key"), 0600);
	assert_int_equal(mode_of("."), 0700);
	assert_content("main", "one");
	assert_int_equal(key_folder_add(&f, "main", slice_str("two"), why), ERR_EXISTS);
	assert_content("main", "one");
	assert_false(is_there(".main.key.part"));
	assert_int_equal(key_folder_replace(&f, "main", slice_str("three"), why), ERR_OK);
	assert_content("main", "three");
	assert_int_equal(key_folder_replace(&f, "other", slice_str("x"), why), ERR_NOT_FOUND);
	assert_false(is_there("other.key"));
}

/* What a crash left is no key, and in nobody's way. */
static void half_a_file_is_no_key(void **state)
{
	char names[4][KEY_NAME_MAX + 1];
	(void)state;

	put(".main.key.part", "ha", 0600);
	assert_int_equal(key_folder_list(&f, names, 4, why), 0);
	assert_int_equal(key_folder_add(&f, "main", slice_str("whole"), why), ERR_OK);
	assert_content("main", "whole");
}

static void names_are_listed_in_order(void **state)
{
	char names[3][KEY_NAME_MAX + 1];
	(void)state;

	put("c.key", "", 0600);
	put("a.key", "", 0600);
	put("-x.key", "", 0600);
	put("no key.key", "", 0600);
	put("signed.journal", "", 0600);
	put(".key", "", 0600);
	put("b.key", "", 0600);
	put("d.key", "", 0600);
	assert_int_equal(key_folder_list(&f, names, 3, why), 4);
	assert_string_equal(names[0], "a");
	assert_string_equal(names[1], "b");
	assert_string_equal(names[2], "c");
}

static void what_others_may_read_is_left_out(void **state)
{
	char large[KEY_FILE_MAX + 2];
	(void)state;

	put("wide.key", "x", 0640);
	assert_load("wide", ERR_REFUSED, "chmod 600");
	assert_return_code(symlink("wide.key", at("link.key")), errno);
	assert_load("link", ERR_REFUSED, "is a link");
	assert_return_code(mkfifo(at("pipe.key"), 0600), errno);
	assert_load("pipe", ERR_REFUSED, "no regular file");
	assert_return_code(mkdir(at("dir.key"), 0700), errno);
	assert_load("dir", ERR_REFUSED, "no regular file");
	memset(large, 'x', sizeof large - 1);
	large[sizeof large - 1] = 0;
	put("large.key", large, 0600);
	assert_load("large", ERR_REFUSED, "too long");
	assert_load("nowhere", ERR_NOT_FOUND, "not there");
	if (geteuid() != 0)
		return;
	put("his.key", "x", 0600);
	assert_return_code(chown(at("his.key"), 12345, 12345), errno);
	assert_load("his", ERR_REFUSED, "another user");
}

static void assert_no_folder(const char *word)
{
	struct key_folder other;

	assert_int_equal(key_folder_open(&other, path, true, why), ERR_REFUSED);
	assert_int_equal(other.fd, -1);
	if (!strstr(why, word))
		fail_msg("%s", why);
}

static void the_folder_is_for_us_alone(void **state)
{
	char moved[80];
	struct key_folder other;
	(void)state;

	assert_return_code(chmod(path, 0750), errno);
	assert_no_folder("chmod 700");
	assert_return_code(chmod(path, 0700), errno);
	if (geteuid() == 0) {
		assert_return_code(chown(path, 12345, 12345), errno);
		assert_no_folder("another user");
	}
	snprintf(moved, sizeof moved, "%s.moved", path);
	assert_return_code(rename(path, moved), errno);
	assert_int_equal(key_folder_open(&other, path, false, why), ERR_NOT_FOUND);
	assert_return_code(symlink(moved, path), errno);
	assert_no_folder("is no folder");
}

static void a_key_gets_another_name(void **state)
{
	(void)state;
	assert_int_equal(key_folder_add(&f, "a", slice_str("A"), why), ERR_OK);
	assert_int_equal(key_folder_add(&f, "b", slice_str("B"), why), ERR_OK);
	assert_int_equal(key_folder_rename(&f, "a", "b", why), ERR_EXISTS);
	assert_content("a", "A");
	assert_content("b", "B");
	assert_int_equal(key_folder_rename(&f, "a", "c", why), ERR_OK);
	assert_content("c", "A");
	assert_false(is_there("a.key"));
	assert_int_equal(key_folder_rename(&f, "a", "d", why), ERR_NOT_FOUND);
}

static void a_removed_key_is_kept(void **state)
{
	char where[KEY_PATH_SIZE], names[4][KEY_NAME_MAX + 1];
	(void)state;

	for (int i = 0; i < 3; i++) {
		assert_int_equal(key_folder_add(&f, "a", slice_str("A"), why), ERR_OK);
		assert_int_equal(key_folder_remove(&f, "a", where, why), ERR_OK);
		assert_false(is_there("a.key"));
	}
	assert_int_equal(mode_of("removed"), 0700);
	assert_true(is_there("removed/a.key") && is_there("removed/a.2.key"));
	assert_string_equal(where, at("removed/a.3.key"));
	assert_int_equal(key_folder_list(&f, names, 4, why), 0);
	assert_int_equal(key_folder_remove(&f, "a", where, why), ERR_NOT_FOUND);
}

static void an_export_replaces_nothing(void **state)
{
	char file[80];
	(void)state;

	snprintf(file, sizeof file, "%s/out.toml", dir);
	assert_int_equal(key_folder_export(file, slice_str("secret"), why), ERR_OK);
	struct stat s;
	assert_return_code(stat(file, &s), errno);
	assert_int_equal(s.st_mode & 07777, 0600);
	assert_int_equal(key_folder_export(file, slice_str("other"), why), ERR_EXISTS);
	assert_return_code(stat(file, &s), errno);
	assert_int_equal(s.st_size, 6);
	assert_int_equal(key_folder_export("/nowhere/x", slice_str("x"), why), ERR_IO);
	assert_int_equal(key_folder_export(dir, slice_str("x"), why), ERR_EXISTS);
	snprintf(file, sizeof file, "%s/", dir);
	assert_int_equal(key_folder_export(file, slice_str("x"), why), ERR_IO);
}

static void plain_keys_are_called_as_their_files(void **state)
{
	struct bound bound = {.name = "max_keys", .max = 6};
	struct key_table t;
	(void)state;

	assert_true(key_table_init(&t, &bound));
	assert_non_null(key_table_add(&t, "main"));
	assert_string_equal(key_table_add_plain(&t, "key1.toml", 0)->name, "key1");
	assert_string_equal(key_table_add_plain(&t, "/a/b/main.toml", 1)->name, "main.toml");
	assert_string_equal(key_table_add_plain(&t, "x/my key.toml", 2)->name, "plain3");
	assert_string_equal(key_table_add_plain(&t, "x/my key.toml", 2)->name, "plain4");
	assert_string_equal(key_table_add_plain(&t, "", 9)->name, "plain10");
	assert_null(key_table_add(&t, "more"));
	assert_int_equal(bound.used, 6);
	assert_int_equal(bound.hits, 1);
	key_table_remove(&t, key_table_find(&t, "key1"));
	assert_null(key_table_find(&t, "key1"));
	assert_true(key_table_find(&t, "plain4")->plain);
	assert_int_equal(key_table_find(&t, "plain3")->file, 2);
	assert_int_equal(bound.used, 5);
	key_table_free(&t);
	assert_int_equal(bound.used, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_key_is_written_once, setup, teardown),
		cmocka_unit_test_setup_teardown(half_a_file_is_no_key, setup, teardown),
		cmocka_unit_test_setup_teardown(names_are_listed_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(what_others_may_read_is_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(the_folder_is_for_us_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(a_key_gets_another_name, setup, teardown),
		cmocka_unit_test_setup_teardown(a_removed_key_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(an_export_replaces_nothing, setup, teardown),
		cmocka_unit_test(plain_keys_are_called_as_their_files),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
