/* The store when something is wrong: crashes, other networks, other processes, damaged files, full
 * maps, no memory. */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "chain/store_internal.h"
#include "tests/unit/chain_fixture.h"
#include "tests/unit/main.h"

/* A process that dies leaves what was committed, no more and no less. */
static void test_killed(void **state)
{
	struct fixture f;
	(void)state;

	fixture_start(&f);
	fixture_add(&f, 1, true);
	assert_int_equal(fixture_close(&f), ERR_OK);
	pid_t child = fork();
	if (child == 0) {
		fixture_open(&f);
		fixture_add(&f, 2, false);
		store_commit(f.store);
		fixture_add(&f, 3, false);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	fixture_open(&f);
	assert_int_equal(store_height(f.store), 2);
	fixture_end(&f);
}

/* A store that was being made when the process died is made again. */
static void test_killed_at_birth(void **state)
{
	struct fixture f;
	char path[256];
	(void)state;

	fixture_start(&f);
	assert_int_equal(fixture_close(&f), ERR_OK);
	fixture_remove(&f);
	assert_int_equal(mkdir(f.dir, 0700), 0);
	fixture_path(&f, "chain.new", path);
	FILE *half = fopen(path, "w");
	assert_non_null(half);
	assert_true(fputs("half a page", half) >= 0);
	fclose(half);
	fixture_open(&f);
	assert_int_equal(access(path, F_OK), -1);
	fixture_end(&f);
}

/* What would be written to a deleted file is not called kept. */
static void test_deleted(void **state)
{
	struct fixture f;
	char path[256];
	(void)state;

	fixture_start(&f);
	fixture_add(&f, 1, true);
	fixture_path(&f, "chain.mdb", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(store_commit(f.store), ERR_IO);
	assert_int_equal(fixture_close(&f), ERR_IO);
	fixture_remove(&f);
}

static void test_other_network(void **state)
{
	struct fixture f;
	(void)state;

	fixture_start(&f);
	assert_int_equal(fixture_close(&f), ERR_OK);
	f.params.healing_window++;
	assert_int_equal(fixture_open_as(&f, false), ERR_REFUSED);
	assert_non_null(strstr(f.text, "chain.params"));
	f.params.healing_window--;
	f.params.origin[31]++;
	assert_int_equal(fixture_open_as(&f, false), ERR_REFUSED);
	assert_non_null(strstr(f.text, "another network"));
	f.params.origin[31]--;
	fixture_open(&f);
	fixture_end(&f);
}

static void test_second_instance(void **state)
{
	struct fixture f, other;
	int status;
	(void)state;

	fixture_start(&f);
	fixture_add(&f, 1, true);
	assert_int_equal(store_commit(f.store), ERR_OK);
	other = f;
	assert_int_equal(fixture_open_as(&other, false), ERR_BUSY);
	assert_non_null(strstr(other.text, "another alfisd"));
	/* A reader beside the writer is welcome, in its own process. */
	pid_t child = fork();
	if (child == 0) {
		other = f;
		bool ok = fixture_open_as(&other, true) == ERR_OK && store_height(other.store) == 1;
		_exit(ok ? 0 : 1);
	}
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	fixture_end(&f);
}

static void test_read_only(void **state)
{
	struct fixture f;
	struct made m;
	(void)state;

	fixture_start(&f);
	fixture_add(&f, 1, true);
	assert_int_equal(fixture_close(&f), ERR_OK);
	assert_int_equal(fixture_open_as(&f, true), ERR_OK);
	assert_int_equal(store_height(f.store), 1);
	made_block(&m, 2, 1, false, 0);
	assert_int_equal(fixture_append(&f, &m.b), ERR_REFUSED);
	assert_int_equal(fixture_close(&f), ERR_REFUSED);
	fixture_remove(&f);
	assert_int_equal(mkdir(f.dir, 0700), 0);
	assert_int_equal(fixture_open_as(&f, true), ERR_NOT_FOUND);
	fixture_remove(&f);
}

static void overwrite(struct fixture *f, size_t n)
{
	char path[256];

	fixture_path(f, "chain.mdb", path);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(write(fd, "not LMDB", 8), 8);
	close(fd);
}

static void test_damaged_files(void **state)
{
	struct fixture f;
	char path[256];
	(void)state;

	fixture_start(&f);
	for (unsigned i = 1; i <= 2000; i++)
		fixture_add(&f, i % 50, i % 5 == 1);
	assert_int_equal(fixture_close(&f), ERR_OK);
	fixture_path(&f, "chain.mdb", path);
	assert_int_equal(truncate(path, 20 * 4096), 0);
	assert_int_equal(fixture_open_as(&f, false), ERR_CORRUPT);
	assert_non_null(strstr(f.text, "cut off"));
	overwrite(&f, 2000);
	assert_int_equal(fixture_open_as(&f, false), ERR_CORRUPT);
	assert_non_null(strstr(f.text, "not a store"));
	overwrite(&f, 1);
	assert_int_not_equal(fixture_open_as(&f, false), ERR_OK);
	fixture_remove(&f);
	assert_int_equal(fixture_open_as(&f, false), ERR_IO); /* no directory */
	assert_non_null(strstr(f.text, f.dir));
	assert_int_equal(mem_blocks(), 0);
}

static void test_missing_rows(void **state)
{
	struct fixture f;
	struct store_key key = key_number(2);
	(void)state;

	fixture_start(&f);
	for (unsigned i = 1; i <= 3; i++)
		fixture_add(&f, i, false);
	row_delete(f.store, TABLE_HEADS, key_slice(&key));
	assert_int_equal(fixture_close(&f), ERR_OK);
	assert_int_equal(fixture_open_as(&f, false), ERR_CORRUPT);
	fixture_remove(&f);
}

static void test_full_map_sticks(void **state)
{
	struct fixture f;
	struct made m;
	struct block_summary h;
	enum err err = ERR_OK;
	(void)state;

	fixture_start(&f);
	assert_int_equal(fixture_close(&f), ERR_OK);
	f.map.max = 256 * 1024;
	fixture_open(&f);
	for (unsigned i = 1; i < 5000 && !err; i++) {
		made_block(&m, i, i, true, 1);
		err = fixture_append(&f, &m.b);
		if (!err && i % 50 == 0)
			err = store_commit(f.store);
	}
	assert_int_equal(err, ERR_IO);
	assert_true(f.map.hits > 0);
	assert_int_equal(fixture_append(&f, &m.b), ERR_IO);
	assert_int_equal(store_commit(f.store), ERR_IO);
	assert_false(view_summary(&f.view, 1, &h));
	assert_int_equal(fixture_close(&f), ERR_IO);
	f.map.max = 64 << 20;
	fixture_open(&f);
	assert_true(store_height(f.store) >= 50);
	assert_int_equal(store_height(f.store) % 50, 0);
	assert_true(f.map.used > 0);
	fixture_end(&f);
}

/* A file that may not grow stands for a full disk: the commit fails, sticks, and loses nothing. */
static int fill_disk(struct fixture *f)
{
	struct rlimit most = {.rlim_cur = 400 * 1024, .rlim_max = RLIM_INFINITY};
	enum err err = ERR_OK;
	struct made m;

	signal(SIGXFSZ, SIG_IGN);
	fixture_open(f);
	setrlimit(RLIMIT_FSIZE, &most);
	for (uint64_t i = store_height(f->store) + 1; i < 5000 && !err; i++) {
		made_block(&m, i, (unsigned)i, true, 1);
		err = fixture_append(f, &m.b);
		if (!err && i % 10 == 0)
			err = store_commit(f->store);
	}
	return err == ERR_IO && store_commit(f->store) == ERR_IO &&
	       strstr(store_why(f->store), "larger") && fixture_close(f) == ERR_IO;
}

static void test_disk_full(void **state)
{
	struct fixture f;
	int status;
	(void)state;

	fixture_start(&f);
	assert_int_equal(fixture_close(&f), ERR_OK);
	pid_t child = fork();
	if (child == 0)
		_exit(fill_disk(&f) ? 0 : 1);
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	fixture_open(&f);
	assert_true(store_height(f.store) >= 50);
	assert_int_equal(store_height(f.store) % 10, 0);
	fixture_add(&f, 1, false);
	fixture_end(&f);
}

static void test_out_of_memory(void **state)
{
	struct fixture f;
	struct made m;
	(void)state;

	fixture_start(&f);
	fixture_add(&f, 1, true);
	assert_int_equal(store_commit(f.store), ERR_OK);
	made_block(&m, 2, 1, true, 1);
	struct block_owned *block = block_copy(&m.b);
	mem_fail_nth(1);
	assert_int_equal(store_append(f.store, block), ERR_OK); /* it asks for none */
	assert_int_equal(store_truncate(f.store, 2), ERR_NOMEM);
	mem_fail_nth(0);
	mem_free(block);
	assert_int_equal(fixture_close(&f), ERR_NOMEM);
	mem_fail_nth(1);
	assert_int_equal(fixture_open_as(&f, false), ERR_NOMEM);
	mem_fail_nth(0);
	fixture_open(&f);
	assert_int_equal(store_height(f.store), 1);
	fixture_end(&f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_killed_at_birth),
		cmocka_unit_test(test_deleted),
		cmocka_unit_test(test_other_network),
		cmocka_unit_test(test_second_instance),
		cmocka_unit_test(test_read_only),
		cmocka_unit_test(test_damaged_files),
		cmocka_unit_test(test_missing_rows),
		cmocka_unit_test(test_full_map_sticks),
		cmocka_unit_test(test_disk_full),
		cmocka_unit_test(test_out_of_memory),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
