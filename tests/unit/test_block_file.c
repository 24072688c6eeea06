/* The file in which a block travels while it is made. */
#include "mine/block_file.h"

#include "base/mem.h"
#include "tests/unit/main.h"
#include "tests/unit/real_blocks.h"
#include "tests/unit/unhex.h"

static uint8_t text[BLOCK_FILE_MAX];
static const uint8_t origin[HASH_SIZE] = {0xAB, 0xCD};

static struct slice written(const struct block *b)
{
	struct wr w = wr_of(text, sizeof text);

	block_file_write(origin, b, &w);
	assert_false(w.bad);
	return wr_done(&w);
}

static void check_round_trip(const struct block *b, enum block_file_state state)
{
	struct block_file f;
	unsigned line;

	assert_null(block_file_read(written(b), &f, &line));
	assert_memory_equal(f.origin, origin, HASH_SIZE);
	struct block_owned *same = block_copy(b);
	assert_true(slice_eq(f.block->canonical, same->canonical));
	assert_int_equal(block_file_state(&f.block->b), state);
	mem_free(same);
	mem_free(f.block);
}

/* What is written is read again, in each state. */
static void test_round_trip(void **state)
{
	const char *const encodings[] = {block_1, block_36};
	uint8_t space[4096];
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		struct block b;
		assert_int_equal(
			block_decode(unhex(encodings[i]), &b, space, sizeof space), ERR_OK);
		check_round_trip(&b, BLOCK_SIGNED);
		b.signature.n = 0;
		check_round_trip(&b, BLOCK_SEARCHED);
		b.hash.n = 0;
		check_round_trip(&b, BLOCK_PREPARED);
	}
}

/* The longest block fits; in a buffer that is too small the writer says so. */
static void test_longest(void **state)
{
	static uint8_t data[BLOCK_MAX_ENCODED];
	struct block b = {.index = 7, .full = true};
	(void)state;

	memset(data, 'x', sizeof data);
	b.tx.class_name = slice_str("domain");
	b.tx.data = slice_of(data, BLOCK_MAX_ENCODED - 200);
	check_round_trip(&b, BLOCK_PREPARED);
	size_t n = written(&b).n;
	for (size_t size = 0; size < n; size += n / 97 + 1) {
		struct wr w = wr_of(text, size);
		block_file_write(origin, &b, &w);
		assert_true(w.bad && w.n <= size);
	}
}

static void refuse(const char *what, const char *words, unsigned at)
{
	struct block_file f;
	unsigned line;
	const char *why = block_file_read(slice_str(what), &f, &line);

	assert_non_null(why);
	assert_non_null(strstr(why, words));
	assert_int_equal(line, at);
	assert_null(f.block);
}

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void test_refused(void **state)
{
	char *good;
	(void)state;

	refuse("", "it does not begin with", 0);
	refuse("\n\n# nothing\n", "it does not begin with", 3);
	refuse("alfisd block 2\n", "another version", 1);
	refuse("alfisd block 11\n", "another version", 1);
	refuse("alfisd block 1", "it ends too early", 1);
	refuse("alfisd block 1\r\norigin " ZEROS " \r\n", "it ends too early", 2);
	refuse("alfisd block 1\norigin " ZEROS "00\n", "64 hex digits", 2);
	refuse("alfisd block 1\norigin x" ZEROS "\n", "64 hex digits", 2);
	refuse("alfisd block 1\norigin " ZEROS "\norigin " ZEROS "\n", "a second origin", 3);
	refuse("alfisd block 1\norigins " ZEROS "\n", "an unknown line", 2);
	refuse("alfisd block 1\nblock \n", "an unknown line", 2);
	refuse("alfisd block 1\nblock A\n", "this is no block", 2);
	refuse("alfisd block 1\nblock A0\n", "this is no block", 2);
	size_t n = 2 * strlen(block_36) + 64;
	good = malloc(n);
	assert_non_null(good);
	snprintf(good, n, "alfisd block 1\nblock %s\nblock %s\n", block_36, block_36);
	refuse(good, "a second block", 3);
	free(good);
	assert_int_equal(mem_blocks(), 0);
}

static void test_too_long(void **state)
{
	size_t size = BLOCK_FILE_MAX + 1;
	uint8_t *big = malloc(size);
	struct block_file f;
	unsigned line;
	(void)state;

	assert_non_null(big);
	memset(big, 'A', size);
	assert_non_null(strstr(block_file_read(slice_of(big, size), &f, &line), "too long"));
	memcpy(big, "alfisd block 1\nblock ", 21);
	assert_non_null(strstr(
		block_file_read(slice_of(big, size - 1), &f, &line), "the block is too long"));
	free(big);
}

static void test_memory(void **state)
{
	uint8_t space[4096];
	struct block_file f;
	struct block b;
	unsigned line;
	(void)state;

	assert_int_equal(block_decode(unhex(block_36), &b, space, sizeof space), ERR_OK);
	struct slice file = written(&b);
	for (uint64_t nth = 1;; nth++) {
		mem_fail_nth(nth);
		const char *why = block_file_read(file, &f, &line);
		if (mem_fail_nth(0) != 0) {
			assert_null(why);
			break;
		}
		assert_string_equal(why, "out of memory");
		assert_int_equal(mem_blocks(), 0);
	}
	mem_free(f.block);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_memory),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
