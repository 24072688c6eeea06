/* Where blocks are imported from: a database that changes between its pages, bounds on what a
 * statement may do, and no memory. Blocks here are rows of any values: the source checks none. */
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/mem.h"
#include "chain/crypto.h"
#include "cli/input.h"
#include "cli/offline.h"
#include "cli/block_source_sqlite.h"
#include "tests/unit/main.h"

enum { PAGE = 256, PATH_SIZE = 64 };

struct test {
	char path[PATH_SIZE];
	sqlite3 *db; /* the writer's */
	struct block_source s;
};

static void sql(struct test *t, const char *text)
{
	char *error = NULL;

	if (sqlite3_exec(t->db, text, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s", error);
}

/* Blocks first … last, told apart by `branch`. */
static void add_rows(struct test *t, int first, int last, int branch)
{
	char text[512];

	snprintf(text, sizeof text,
		"WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
		"INSERT INTO blocks SELECT i, i, 1, 1, 1, 1, '', zeroblob(0), "
		"CAST(printf('%%032d', i * 10 + %d) AS BLOB), zeroblob(0), zeroblob(0) FROM n",
		first, last, branch);
	sql(t, text);
}

static void start(struct test *t, int rows)
{
	*t = (struct test){.path = "/tmp/alfisd-source-XXXXXX"};
	int fd = mkstemp(t->path);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(sqlite3_open(t->path, &t->db), SQLITE_OK);
	sql(t, "CREATE TABLE blocks (id BIGINT NOT NULL PRIMARY KEY, timestamp, version, "
	       "difficulty, random, nonce, \"transaction\", prev_block_hash, hash, pub_key, "
	       "signature)");
	add_rows(t, 1, rows, 0);
	if (!block_source_open(&t->s, t->path))
		fail_msg("%s", t->s.error);
}

static void end(struct test *t)
{
	block_source_close(&t->s);
	assert_int_equal(sqlite3_close(t->db), SQLITE_OK);
	assert_int_equal(unlink(t->path), 0);
	assert_int_equal(mem_blocks(), 0);
}

/* The next blocks are first … last of that branch. */
static void expect(struct test *t, int first, int last, int branch)
{
	char hash[HASH_SIZE + 1];

	for (int i = first; i <= last; i++) {
		struct block_owned *b = NULL;
		enum err err = block_source_next(&t->s, &b);
		if (err != ERR_OK)
			fail_msg("block %d: %s %s", i, err_name(err), t->s.error);
		snprintf(hash, sizeof hash, "%032d", i * 10 + branch);
		assert_int_equal(b->b.index, i);
		assert_memory_equal(b->b.hash.p, hash, HASH_SIZE);
		mem_free(b);
	}
}

static void expect_end(struct test *t)
{
	struct block_owned *b;

	assert_int_equal(block_source_next(&t->s, &b), ERR_NOT_FOUND);
	assert_string_equal(t->s.error, "");
}

static void test_whole(void **state)
{
	struct test t;
	(void)state;

	for (int rows = PAGE - 1; rows <= PAGE + 1; rows++) {
		start(&t, rows);
		assert_int_equal(t.s.total, rows);
		expect(&t, 1, rows, 0);
		expect_end(&t);
		end(&t);
	}
}

/* What was read already stays; what comes next is of the new state. */
static void test_replaced_between_pages(void **state)
{
	struct test t;
	(void)state;

	start(&t, 2 * PAGE);
	expect(&t, 1, 10, 0);
	sql(&t, "DELETE FROM blocks WHERE id > 200");
	add_rows(&t, 201, 700, 1);
	expect(&t, 11, PAGE, 0);
	expect(&t, 201, 700, 1);
	expect_end(&t);
	end(&t);
}

static void test_replaced_at_the_end(void **state)
{
	struct test t;
	(void)state;

	start(&t, 100);
	expect(&t, 1, 100, 0);
	sql(&t, "DELETE FROM blocks WHERE id > 98");
	add_rows(&t, 99, 99, 1);
	expect(&t, 99, 99, 1);
	expect_end(&t);
	add_rows(&t, 100, 101, 1);
	expect(&t, 100, 101, 1);
	end(&t);
}

static void test_cut_between_pages(void **state)
{
	struct test t;
	(void)state;

	start(&t, 2 * PAGE);
	expect(&t, 1, PAGE, 0);
	sql(&t, "DELETE FROM blocks WHERE id > 40");
	expect_end(&t);
	assert_int_equal(t.s.read, 40);
	end(&t);
}

/* More than is remembered: there is no good block to go on from. */
static void test_all_replaced(void **state)
{
	struct block_owned *b;
	struct test t;
	(void)state;

	start(&t, 4 * PAGE);
	expect(&t, 1, 3 * PAGE, 0);
	sql(&t, "DELETE FROM blocks");
	add_rows(&t, 1, 4 * PAGE, 1);
	assert_int_equal(block_source_next(&t.s, &b), ERR_MALFORMED);
	assert_non_null(strstr(t.s.error, "changed while it was read"));
	end(&t);
}

/* Nobody may keep us going round. */
static void test_replaced_for_ever(void **state)
{
	struct block_owned *b;
	struct test t;
	enum err err;
	int round = 0;
	(void)state;

	start(&t, 1);
	do {
		sql(&t, "DELETE FROM blocks");
		add_rows(&t, 1, 1, round++ % 2);
		err = block_source_next(&t.s, &b);
		if (err == ERR_OK)
			mem_free(b);
	} while (err == ERR_OK && round < 1000);
	assert_int_equal(err, ERR_MALFORMED);
	end(&t);
}

/* A gap is told when all before it were given; a writer that fills it meanwhile is heard. */
static void test_gap(void **state)
{
	struct block_owned *b;
	struct test t;
	(void)state;

	start(&t, 20);
	sql(&t, "DELETE FROM blocks WHERE id = 12");
	expect(&t, 1, 11, 0);
	assert_int_equal(block_source_next(&t.s, &b), ERR_MALFORMED);
	assert_non_null(strstr(t.s.error, "block 12 is missing"));
	end(&t);
}

/* The writer is free to write between any two blocks. */
static void test_not_locked(void **state)
{
	struct test t;
	(void)state;

	start(&t, PAGE + 10);
	sqlite3_busy_timeout(t.db, 0);
	for (int i = 1; i <= PAGE + 10; i++) {
		expect(&t, i, i, 0);
		sql(&t, "UPDATE blocks SET random = random + 1 WHERE id = 1");
	}
	end(&t);
}

static const char endless[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
			      "SELECT count(*) FROM n";

/* Opens a file of its own, as the source does. */
static void open_file(struct test *t, struct block_source *s, struct sqlite_file *f)
{
	*s = (struct block_source){.path = t->path};
	s->in = input_open(t->path, s->error, sizeof s->error);
	assert_non_null(s->in);
	assert_true(sqlite_file_open(s, f));
	assert_null(s->in);
}

static void test_work_is_bounded(void **state)
{
	struct sqlite_file f;
	struct block_source s;
	struct test t;
	(void)state;

	start(&t, 10);
	open_file(&t, &s, &f);
	for (int by_time = 0; by_time < 2; by_time++) {
		s.error[0] = 0;
		f.steps_max = by_time ? UINT64_MAX : 100000;
		f.ms_max = by_time ? 1 : UINT64_MAX;
		sqlite3_stmt *rows = sqlite_file_prepare(&s, &f, endless);
		assert_int_equal(sqlite_file_step(&s, &f, rows), ERR_MALFORMED);
		assert_true(f.too_many);
		assert_non_null(strstr(s.error, "more work"));
		sqlite3_finalize(rows);
	}
	sqlite_file_close(&f);
	end(&t);
}

static void test_nothing_is_written(void **state)
{
	struct sqlite_file f;
	struct block_source s;
	struct test t;
	(void)state;

	start(&t, 10);
	open_file(&t, &s, &f);
	assert_int_equal(sqlite_file_exec(&s, &f, "DELETE FROM blocks"), ERR_MALFORMED);
	assert_int_equal(sqlite_file_exec(&s, &f, "ATTACH 'other' AS o"), ERR_MALFORMED);
	assert_int_equal(sqlite_file_exec(&s, &f, "CREATE TEMP TABLE x (a)"), ERR_MALFORMED);
	sqlite_file_close(&f);
	end(&t);
}

static void test_out_of_memory(void **state)
{
	struct block_owned *b = NULL;
	struct block_source s;
	struct test t;
	(void)state;

	start(&t, 3);
	for (unsigned n = 1; n < 20; n++) {
		mem_fail_nth(n);
		enum err err = ERR_OK;
		if (block_source_open(&s, t.path))
			while ((err = block_source_next(&s, &b)) == ERR_OK)
				mem_free(b);
		else
			assert_true(s.error[0]);
		mem_fail_nth(0);
		assert_true(err == ERR_OK || err == ERR_NOMEM || err == ERR_NOT_FOUND);
		block_source_close(&s);
	}
	end(&t);
}

/* Last: the signal is remembered. */
static void test_stop(void **state)
{
	struct sqlite_file f;
	struct block_source s;
	struct test t;
	(void)state;

	start(&t, 10);
	open_file(&t, &s, &f);
	sqlite3_stmt *rows = sqlite_file_prepare(&s, &f, endless);
	offline_catch_signals();
	raise(SIGTERM);
	assert_int_equal(sqlite_file_step(&s, &f, rows), ERR_STOPPING);
	assert_string_equal(s.error, "");
	sqlite3_finalize(rows);
	sqlite_file_close(&f);
	end(&t);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_replaced_between_pages),
		cmocka_unit_test(test_replaced_at_the_end),
		cmocka_unit_test(test_cut_between_pages),
		cmocka_unit_test(test_all_replaced),
		cmocka_unit_test(test_replaced_for_ever),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_not_locked),
		cmocka_unit_test(test_work_is_bounded),
		cmocka_unit_test(test_nothing_is_written),
		cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_stop),
	};

	struct log_settings quiet = {.level = LOG_ERROR};
	choose_tests(argc, argv);
	if (!crypto_init() || !log_setup(&quiet))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
