/* The journal of signatures: what it forbids, and what is left of it after each fault. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "owner/keys_journal.h"
#include "tests/unit/main.h"

static char folder[64], path[128];
static int fd;
static struct journal *journal;
static char what[KEYS_TEXT_MAX];

static int begin(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test_journal.XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/%s", folder, KEYS_JOURNAL_NAME);
	fd = journal_open(folder, what);
	assert_true(fd >= 0);
	journal = journal_read(fd, what);
	assert_non_null(journal);
	assert_string_equal(what, "");
	return 0;
}

static int end(void **state)
{
	(void)state;
	journal_free(journal);
	close(fd);
	unlink(path);
	return rmdir(folder);
}

/* As after a restart. */
static void again(void)
{
	journal_free(journal);
	close(fd);
	fd = journal_open(folder, what);
	journal = journal_read(fd, what);
	assert_non_null(journal);
}

static struct journal_block block(unsigned key, bool full, uint64_t index, int prev, int hash)
{
	struct journal_block b = {.full = full, .place.index = index};

	memset(b.key, (int)(key & 255), sizeof b.key);
	b.key[0] = (uint8_t)(key >> 8);
	memset(b.place.prev_hash, prev, sizeof b.place.prev_hash);
	memset(b.place.hash, hash, sizeof b.place.hash);
	return b;
}

static enum journal_verdict judge(bool full, uint64_t index, int prev, int hash)
{
	struct journal_block b = block(1, full, index, prev, hash);

	return journal_judge(journal, &b);
}

static bool sign(unsigned key, bool full, uint64_t index, int prev, int hash)
{
	struct journal_block b = block(key, full, index, prev, hash);

	return journal_write(journal, &b, 1700000000);
}

static uint64_t last(unsigned key, bool full)
{
	struct journal_block b = block(key, full, 1, 0, 0);

	return journal_last(journal, b.key, full).index;
}

static uint64_t highest(unsigned key)
{
	struct journal_block b = block(key, false, 1, 0, 0);

	return journal_highest(journal, b.key);
}

static void test_one_block_for_one_place(void **state)
{
	(void)state;
	assert_int_equal(judge(false, 100, 1, 2), JOURNAL_NEW);
	assert_true(sign(1, false, 100, 1, 2));
	assert_int_equal(judge(false, 100, 1, 2), JOURNAL_SAME);
	assert_int_equal(judge(false, 100, 1, 3), JOURNAL_OTHER);
	assert_int_equal(judge(true, 100, 1, 3), JOURNAL_OTHER);
	assert_int_equal(judge(false, 100, 9, 3), JOURNAL_REWIND);
	assert_int_equal(judge(false, 99, 9, 3), JOURNAL_REWIND);
	assert_int_equal(judge(false, 101, 2, 3), JOURNAL_NEW);
	assert_int_equal(judge(false, 101, 1, 3), JOURNAL_NEW);
	again();
	assert_int_equal(judge(false, 100, 1, 3), JOURNAL_OTHER);
	assert_int_equal(judge(false, 100, 1, 2), JOURNAL_SAME);
}

/* The chain goes to another branch and comes back. */
static void test_there_and_back(void **state)
{
	(void)state;
	assert_true(sign(1, false, 100, 1, 2));
	assert_true(sign(1, false, 100, 5, 6));
	assert_int_equal(judge(false, 100, 1, 7), JOURNAL_OTHER);
	again();
	assert_int_equal(judge(false, 100, 1, 7), JOURNAL_OTHER);
	assert_int_equal(judge(false, 100, 5, 7), JOURNAL_OTHER);
	assert_int_equal(highest(1), 100);
}

static void test_kinds_and_keys_are_apart(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 5; i++) {
		assert_true(sign(1, false, i, 1, 2));
		assert_true(sign(1, true, 10 + i, 1, 2));
		assert_true(sign(2, false, 20 + i, 1, 2));
	}
	again();
	assert_string_equal(what, "");
	assert_int_equal(last(1, false), 5);
	assert_int_equal(last(1, true), 15);
	assert_int_equal(last(2, false), 25);
	assert_int_equal(last(2, true), 0);
	assert_int_equal(highest(1), 15);
	assert_int_equal(highest(3), 0);
}

static off_t size(void)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	return st.st_size;
}

static void test_file_stays_small(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 50; i++)
		assert_true(sign(1, false, i, 1, 2));
	assert_int_equal(size(), 2 * JOURNAL_RECORD);
}

/* Cut anywhere, it loses what was cut and says so; what is whole stands. */
static void test_cut(void **state)
{
	(void)state;
	assert_true(sign(1, false, 100, 1, 2));
	assert_true(sign(1, false, 101, 2, 3));
	for (off_t n = 2 * JOURNAL_RECORD - 1; n > JOURNAL_RECORD; n--) {
		assert_int_equal(ftruncate(fd, n), 0);
		again();
		assert_string_equal(what, "1 records of the journal of signatures are cut or "
					  "damaged, and count as not there");
		assert_int_equal(highest(1), 100);
	}
	assert_int_equal(ftruncate(fd, 0), 0);
	again();
	assert_string_equal(what, "");
	assert_int_equal(highest(1), 0);
}

/* A byte that changed anywhere costs its record, whose place is used again. */
static void test_damaged(void **state)
{
	uint8_t byte;

	(void)state;
	for (off_t at = 0; at < JOURNAL_RECORD; at += 7) {
		assert_int_equal(ftruncate(fd, 0), 0);
		again();
		assert_true(sign(1, false, 100, 1, 2));
		assert_true(sign(1, false, 101, 2, 3));
		assert_int_equal(pread(fd, &byte, 1, JOURNAL_RECORD + at), 1);
		byte ^= 4;
		assert_int_equal(pwrite(fd, &byte, 1, JOURNAL_RECORD + at), 1);
		again();
		assert_string_not_equal(what, "");
		assert_int_equal(highest(1), 100);
		assert_true(sign(1, false, 102, 2, 3));
		again();
		assert_string_equal(what, "");
		assert_int_equal(highest(1), 102);
		assert_int_equal(size(), 2 * JOURNAL_RECORD);
	}
}

/* A full disk, at each byte of a record: the write fails, and it is as if it had not been tried;
 * also after a crash, when a part of the record is there. */
static void test_disk_is_full(void **state)
{
	struct rlimit old, small;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	assert_true(sign(1, false, 100, 1, 2));
	for (rlim_t n = JOURNAL_RECORD; n < 2 * JOURNAL_RECORD; n += 13) {
		small = (struct rlimit){n, old.rlim_max};
		setrlimit(RLIMIT_FSIZE, &small);
		assert_false(sign(1, false, 101, 2, 3));
		assert_int_equal(errno, EFBIG);
		setrlimit(RLIMIT_FSIZE, &old);
		assert_int_equal(highest(1), 100);
		again();
		assert_int_equal(highest(1), 100);
	}
	assert_true(sign(1, false, 101, 2, 3));
	again();
	assert_string_equal(what, "");
	assert_int_equal(highest(1), 101);
}

/* The process dies between the journal and the answer: the block counts as signed. */
static void test_dies_before_the_answer(void **state)
{
	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		sign(1, false, 100, 1, 2);
		_exit(0);
	}
	assert_true(pid > 0);
	waitpid(pid, NULL, 0);
	again();
	assert_int_equal(judge(false, 100, 1, 3), JOURNAL_OTHER);
	assert_int_equal(judge(false, 100, 1, 2), JOURNAL_SAME);
}

/* More keys than there are places: the one that has not signed for longest is forgotten. */
static void test_more_keys_than_places(void **state)
{
	(void)state;
	for (unsigned key = 1; key <= 2 * KEYS_MAX + 3; key++)
		assert_true(sign(key, false, 1000 + key, 1, 2));
	again();
	assert_string_equal(what, "");
	assert_int_equal(highest(1), 0);
	assert_int_equal(highest(3), 0);
	for (unsigned key = 4; key <= 2 * KEYS_MAX + 3; key++)
		assert_int_equal(highest(key), 1000 + key);
	assert_true(size() <= (off_t)(4 * KEYS_MAX) * JOURNAL_RECORD);
}

static void test_what_is_no_journal(void **state)
{
	char why[KEYS_TEXT_MAX];

	(void)state;
	assert_int_equal(journal_open("/no/such/folder", why), -1);
	assert_string_equal(why, "cannot open the journal of signatures "
				 "/no/such/folder/signed.journal: No such file or directory");
	unlink(path);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(journal_open(folder, why), -1);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(journal_open(folder, why), -1);
}

static void test_no_memory(void **state)
{
	(void)state;
	mem_fail_nth(1);
	assert_null(journal_read(fd, what));
	assert_string_equal(what, "no memory for the journal of signatures");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
		TEST(test_one_block_for_one_place),
		TEST(test_there_and_back),
		TEST(test_kinds_and_keys_are_apart),
		TEST(test_file_stays_small),
		TEST(test_cut),
		TEST(test_damaged),
		TEST(test_disk_is_full),
		TEST(test_dies_before_the_answer),
		TEST(test_more_keys_than_places),
		TEST(test_what_is_no_journal),
		TEST(test_no_memory),
#undef TEST
	};

	choose_tests(argc, argv);
	if (!crypto_init())
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	crypto_end();
	return failed;
}
