/* Lines of the log in their three forms, whatever bytes they are made of; and its file. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log_line.h"
#include "base/utf8.h"
#include "tests/unit/main.h"

enum { WHEN = 1790000000 };

static char dir[] = "/tmp/alf-log-XXXXXX";
static char path[64];

static const char *line(enum log_form form, const char *text, uint32_t left_out)
{
	static char bytes[LOG_LINE_MAX + 1];
	struct wr w = wr_of(bytes, LOG_LINE_MAX);
	const struct log_line l = {.level = LOG_WARN,
		.wall_ms = (int64_t)WHEN * 1000 + 42,
		.text = text,
		.left_out = left_out};

	log_line_put(&w, form, &l);
	assert_false(w.bad);
	bytes[w.n] = 0;
	return bytes;
}

static void forms(void **state)
{
	(void)state;
	assert_string_equal(line(LOG_FORM_TEXT, "a b", 0), "2026-09-21T14:13:20.042Z warn  a b\n");
	assert_string_equal(line(LOG_FORM_JOURNAL, "a b", 0), "<4>a b\n");
	assert_string_equal(line(LOG_FORM_JSON, "a \"b\"", 0),
		"{\"time\":\"2026-09-21T14:13:20.042Z\",\"level\":\"warn\","
		"\"text\":\"a \\\"b\\\"\"}\n");
	assert_string_equal(line(LOG_FORM_JOURNAL, "x", 3), "<4>x (and 3 like it left out)\n");
	assert_non_null(strstr(line(LOG_FORM_JSON, "x", 3), ",\"left_out\":3}\n"));
}

/* Controls, also of two bytes, what is no UTF-8, and what begins to be some. */
static void bytes_that_are_no_text(void **state)
{
	(void)state;
	assert_string_equal(line(LOG_FORM_JOURNAL, "\x1b[2J\x7f\t", 0), "<4>\\x1b[2J\\x7f\\x09\n");
	assert_string_equal(
		line(LOG_FORM_JOURNAL, "\xc2\x9b\xc3\xa9", 0), "<4>\\xc2\\x9b\xc3\xa9\n");
	assert_string_equal(line(LOG_FORM_JOURNAL, "n\xffu\xe2\x82", 0), "<4>n\\xffu\\xe2\\x82\n");
	/* from here on right to left: "txt.exe" would look like another name */
	assert_string_equal(
		line(LOG_FORM_JOURNAL, "a\xe2\x80\xaetxt", 0), "<4>a\\xe2\\x80\\xaetxt\n");
	assert_non_null(strstr(line(LOG_FORM_JSON, "n\xffu", 0), "\"text\":\"n\xef\xbf\xbdu\"}\n"));
	assert_non_null(strstr(line(LOG_FORM_JSON, "a\nb", 0), "a\\u000ab"));
}

/* Every line of random bytes is one line of valid UTF-8 and of printable characters. */
static void any_bytes(void **state)
{
	char text[LOG_TEXT_MAX];
	(void)state;

	for (unsigned round = 0; round < 300; round++) {
		size_t n = (size_t)rand() % sizeof text;
		for (size_t i = 0; i < n; i++)
			text[i] = (char)(rand() % 255 + 1);
		text[n] = 0;
		for (int form = LOG_FORM_TEXT; form <= LOG_FORM_JOURNAL; form++) {
			struct slice rest = slice_str(line((enum log_form)form, text, round));
			assert_int_equal(rest.p[rest.n - 1], '\n');
			rest.n--;
			while (rest.n) {
				size_t good = utf8_good(rest);
				assert_true(good > 0 && rest.p[0] >= 0x20);
				rest = slice_of(rest.p + good, rest.n - good);
			}
		}
	}
}

/* ---- the file ---- */

static bool set_up(const char *file)
{
	return log_setup(&(struct log_settings){.level = LOG_INFO, .file = file});
}

static size_t size_of(const char *file)
{
	struct stat s;

	return stat(file, &s) == 0 ? (size_t)s.st_size : 0;
}

static void others_may_not_read_it(void **state)
{
	struct stat s;
	mode_t old = umask(0);
	(void)state;

	assert_true(set_up(path));
	umask(old);
	assert_int_equal(stat(path, &s), 0);
	assert_int_equal(s.st_mode & 0777, 0640);
}

static void a_pipe_without_a_reader(void **state)
{
	char fifo[64];
	(void)state;

	snprintf(fifo, sizeof fifo, "%s/fifo", dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_true(set_up(path));
	assert_false(set_up(fifo)); /* and does not wait */
	assert_int_equal(errno, ENXIO);
	size_t before = size_of(path);
	log_info("goes on to the old file");
	assert_true(size_of(path) > before);
	int reader = open(fifo, O_RDONLY | O_NONBLOCK);
	assert_true(set_up(fifo));
	for (int i = 0; i < 4000; i++) /* more than a pipe holds */
		log_info("%s", "a line that nobody reads, and nobody waits for it");
	unlink(fifo);
	close(reader);
}

static void opened_again_after_rotation(void **state)
{
	char moved[80];
	(void)state;

	snprintf(moved, sizeof moved, "%s.1", path);
	assert_true(set_up(path));
	assert_int_equal(rename(path, moved), 0);
	log_info("one");
	assert_int_equal(size_of(path), 0);
	assert_true(log_reopen());
	log_info("two");
	assert_true(size_of(path) > 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_false(log_reopen());
	assert_int_equal(rmdir(path), 0);
	unlink(moved);
}

static int begin(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof path, "%s/log", dir);
	return 0;
}

static int end(void **state)
{
	(void)state;
	log_close();
	unlink(path);
	return rmdir(dir);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(bytes_that_are_no_text),
		cmocka_unit_test(any_bytes),
		cmocka_unit_test(others_may_not_read_it),
		cmocka_unit_test(a_pipe_without_a_reader),
		cmocka_unit_test(opened_again_after_rotation),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, begin, end);
}
