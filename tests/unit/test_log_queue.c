/* Lines of the log that nobody takes: they wait, are lost and counted, and nobody waits for them.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/log_queue.h"
#include "base/mem.h"
#include "config/limits.h"
#include "tests/unit/main.h"

enum { ROOM = 16384, SOON_MS = 10, LONG_MS = 60000 };

struct rig {
	int from, to; /* a pipe */
	size_t blocks;
	struct log_queue *q;
	char got[1 << 20];
	size_t n;
};

/* A pipe that takes nothing more. */
static void stuff(int fd)
{
	static const char filler[4096];
	int flags = fcntl(fd, F_GETFL);

	assert_int_equal(fcntl(fd, F_SETFL, flags | O_NONBLOCK), 0);
	while (write(fd, filler, sizeof filler) > 0)
		;
	assert_int_equal(fcntl(fd, F_SETFL, flags), 0);
}

static void begin(struct rig *r, bool full)
{
	int pair[2];

	memset(r, 0, sizeof *r);
	r->blocks = mem_blocks();
	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	r->from = pair[0];
	r->to = pair[1];
	if (full)
		stuff(r->to);
	r->q = log_queue_start(ROOM, r->to);
	assert_non_null(r->q);
}

static void end(struct rig *r)
{
	close(r->from);
	close(r->to);
	assert_int_equal(mem_blocks(), r->blocks);
}

static void put(struct rig *r, enum log_level level, const char *text)
{
	const struct log_line line = {.level = level, .text = text};

	log_queue_put(r->q, LOG_FORM_JOURNAL, &line);
}

/* Reads until the text is there; everything that was read stays in r->got. */
static void read_until(struct rig *r, int fd, const char *text)
{
	while (!strstr(r->got, text)) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		assert_int_equal(poll(&p, 1, LONG_MS), 1);
		char bytes[8192];
		ssize_t n = read(fd, bytes, sizeof bytes);
		assert_true(n > 0);
		for (ssize_t i = 0; i < n; i++)
			if (bytes[i] && r->n + 1 < sizeof r->got)
				r->got[r->n++] = bytes[i];
	}
}

static void lines_are_written_in_order(void **state)
{
	static struct rig r;
	(void)state;

	begin(&r, false);
	put(&r, LOG_INFO, "one");
	put(&r, LOG_ERROR, "two");
	assert_true(log_queue_stop(r.q, LONG_MS));
	read_until(&r, r.from, "two\n");
	assert_string_equal(r.got, "<6>one\n<3>two\n");
	end(&r);
}

static void nobody_waits_for_a_full_pipe(void **state)
{
	static struct rig r;
	struct log_facts f;
	(void)state;

	begin(&r, true);
	for (int i = 0; i < 4000; i++)
		put(&r, LOG_INFO, "a line that nobody takes");
	log_queue_facts(r.q, &f);
	assert_true(f.peak <= ROOM - ROOM / 4 && f.used <= f.peak && f.peak > ROOM / 2);
	assert_true(f.lost > 3000 && f.lost < 4000);
	/* Errors have room of their own. */
	put(&r, LOG_ERROR, "the last word");
	read_until(&r, r.from, "the last word");
	char said[80];
	snprintf(said, sizeof said,
		"<4>%llu lines of the log lost: they could not be written in time\n<3>the last",
		(unsigned long long)f.lost);
	assert_non_null(strstr(r.got, said)); /* where they are missing */
	assert_true(log_queue_stop(r.q, LONG_MS));
	end(&r);
}

/* Without another line that would say it. */
static void what_was_lost_is_said_when_lines_are_taken(void **state)
{
	static struct rig r;
	struct log_facts f;
	(void)state;

	begin(&r, true);
	for (int i = 0; i < 1000; i++)
		put(&r, LOG_INFO, "a line that nobody takes");
	log_queue_facts(r.q, &f);
	assert_true(f.lost > 0);
	char said[80];
	snprintf(said, sizeof said, "<4>%llu lines of the log lost", (unsigned long long)f.lost);
	read_until(&r, r.from, said);
	put(&r, LOG_INFO, "and on it goes");
	read_until(&r, r.from, "and on it goes");
	assert_true(log_queue_stop(r.q, LONG_MS));
	end(&r);
}

static void the_end_does_not_wait(void **state)
{
	static struct rig r;
	(void)state;

	begin(&r, true);
	put(&r, LOG_INFO, "never taken");
	assert_false(log_queue_stop(r.q, SOON_MS));
	end(&r);
}

/* The log file is opened again under its name while the old one takes nothing. */
static void lines_go_elsewhere(void **state)
{
	static struct rig r;
	int other[2];
	(void)state;

	begin(&r, true);
	put(&r, LOG_INFO, "one");
	put(&r, LOG_INFO, "two");
	assert_int_equal(pipe2(other, O_CLOEXEC), 0);
	log_queue_turn(r.q, other[1], dup(r.to));
	read_until(&r, other[0], "<6>one\n<6>two\n");
	assert_true(log_queue_stop(r.q, LONG_MS));
	close(other[0]);
	close(other[1]);
	end(&r);
}

/* A line of which a part was written: all of it is written where lines go now. */
static void a_line_that_was_begun(void **state)
{
	static char text[LOG_TEXT_MAX], page[4096];
	static struct rig r;
	const struct log_line line = {.level = LOG_ERROR, .text = text};
	int other[2], held = 0;
	(void)state;

	begin(&r, true);
	assert_int_equal(fcntl(r.to, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(read(r.from, page, sizeof page), sizeof page);
	memset(text, 1, sizeof text - 1);
	log_queue_put(r.q, LOG_FORM_JSON, &line);
	int full = fcntl(r.to, F_GETPIPE_SZ);
	while (held < full)
		assert_int_equal(ioctl(r.from, FIONREAD, &held), 0);
	assert_int_equal(pipe2(other, O_CLOEXEC), 0);
	log_queue_turn(r.q, other[1], -1);
	read_until(&r, other[0], "}\n");
	assert_memory_equal(r.got, "{\"time\":", 8);
	assert_true(log_queue_stop(r.q, LONG_MS));
	close(other[0]);
	close(other[1]);
	end(&r);
}

/* Nobody will ever read it: lines are lost, and nothing else happens. */
static void a_pipe_without_a_reader(void **state)
{
	static struct rig r;
	struct log_facts f = {0};
	(void)state;

	begin(&r, false);
	close(r.from);
	put(&r, LOG_INFO, "one");
	put(&r, LOG_INFO, "two");
	while (f.lost < 2)
		log_queue_facts(r.q, &f);
	assert_int_equal(f.lost, 2);
	assert_true(log_queue_stop(r.q, LONG_MS));
	r.from = dup(r.to);
	end(&r);
}

static void the_least_room_holds_the_longest_line(void **state)
{
	static char text[LOG_TEXT_MAX];
	static struct rig r;
	struct log_facts f;
	struct limits l;
	(void)state;

	limits_default(&l);
	assert_int_equal(l.log_buffer_bytes.max, 2 * ROOM);
	memset(text, 1, sizeof text - 1);
	begin(&r, true);
	for (int i = 0; i < 3; i++)
		put(&r, LOG_ERROR, text);
	log_queue_facts(r.q, &f);
	assert_int_equal(f.lost, 0);
	assert_false(log_queue_stop(r.q, SOON_MS));
	end(&r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_written_in_order),
		cmocka_unit_test(nobody_waits_for_a_full_pipe),
		cmocka_unit_test(what_was_lost_is_said_when_lines_are_taken),
		cmocka_unit_test(the_end_does_not_wait),
		cmocka_unit_test(lines_go_elsewhere),
		cmocka_unit_test(a_line_that_was_begun),
		cmocka_unit_test(a_pipe_without_a_reader),
		cmocka_unit_test(the_least_room_holds_the_longest_line),
	};

	signal(SIGPIPE, SIG_IGN);
	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
