/* What import reads from: a failure is told, also when it comes behind what could be unpacked. A
 * pipe that does not wait stands for the disk that fails: both say so in read(). */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "cli/input.h"
#include "tests/unit/main.h"

static char text[] = "one\ntwo\n";
enum { TEXT = sizeof text - 1 };

/* All of the text, but not the end of the packed file. */
static size_t pack(uint8_t *to, size_t size)
{
	z_stream z = {.next_in = (uint8_t *)text, .avail_in = TEXT, .next_out = to};

	z.avail_out = (unsigned)size;
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_SYNC_FLUSH), Z_OK);
	deflateEnd(&z);
	return size - z.avail_out;
}

/* Standard input gives these bytes, then an error; *end keeps the writing end open. */
static struct input *open_failing(const void *bytes, size_t n, int *end)
{
	char error[256];
	int pair[2];

	assert_int_equal(pipe2(pair, O_NONBLOCK | O_CLOEXEC), 0);
	assert_int_equal(write(pair[1], bytes, n), n);
	assert_int_equal(dup2(pair[0], STDIN_FILENO), STDIN_FILENO);
	close(pair[0]);
	*end = pair[1];
	struct input *in = input_open("-", error, sizeof error);
	assert_non_null(in);
	return in;
}

static void close_all(struct input *in, int end)
{
	input_close(in);
	close(end);
	assert_int_equal(mem_blocks(), 0);
}

static void test_failure_behind_what_was_read(void **state)
{
	uint8_t packed[256], got[64];
	size_t n = pack(packed, sizeof packed);
	int end;
	(void)state;

	for (int plain = 0; plain < 2; plain++) {
		struct input *in =
			plain ? open_failing(text, TEXT, &end) : open_failing(packed, n, &end);
		size_t left;

		assert_int_equal(input_is_packed(in), !plain);
		for (int i = 0; i < 2; i++) {
			assert_int_equal(input_line(in, got, sizeof got, &left), ERR_OK);
			assert_int_equal(left, TEXT / 2);
		}
		for (int i = 0; i < 2; i++) /* and it stays one */
			assert_int_equal(input_line(in, got, sizeof got, &left), ERR_MALFORMED);
		assert_string_equal(input_why(in), strerror(EAGAIN));
		close_all(in, end);
	}
}

static void test_failure_ends_a_long_read(void **state)
{
	uint8_t packed[256], got[64];
	size_t n = pack(packed, sizeof packed);
	int end;
	(void)state;

	struct input *in = open_failing(packed, n, &end);
	assert_int_equal(input_read(in, got, sizeof got, &n), ERR_MALFORMED);
	assert_int_equal(n, TEXT);
	assert_memory_equal(got, text, TEXT);
	close_all(in, end);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_failure_behind_what_was_read),
		cmocka_unit_test(test_failure_ends_a_long_read),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
