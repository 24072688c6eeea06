/* Lines of the log that other threads write reach those who listen to /events, on the loop's
 * thread, and the last lines that the status page shows. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/thread.h"
#include "http/event_stream.h"
#include "tests/unit/api_rig.h"

enum { LINES = 30, HEARD_MAX = 1 << 16 };

static struct told told; /* for all tests: a sanitizer is slow at making it */

struct listener {
	int fd; /* our end */
	char heard[HEARD_MAX];
	size_t n;
};

static void begin(struct listener *l)
{
	int pair[2];

	told.api.events = events_start(&told.api, &told.r.limits, told.base);
	assert_non_null(told.api.events);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	struct bufferevent *bev = bufferevent_socket_new(told.base, pair[0], BEV_OPT_CLOSE_ON_FREE);
	assert_non_null(bev);
	assert_int_equal(event_stream_take(events_stream(told.api.events), bev, true, ""), ERR_OK);
	l->fd = pair[1];
	l->n = 0;
}

static void end(struct listener *l)
{
	events_free(told.api.events);
	close(l->fd);
	assert_int_equal(told.r.limits.max_subscribers.used, 0);
}

/* Turns of the loop until the listener has heard this. */
static void hear(struct listener *l, const char *text)
{
	while (!strstr(l->heard, text)) {
		event_base_loop(told.base, EVLOOP_ONCE);
		ssize_t n = recv(l->fd, l->heard + l->n, HEARD_MAX - 1 - l->n, 0);
		l->n += n > 0 ? (size_t)n : 0;
		l->heard[l->n] = 0;
		assert_true(l->n < HEARD_MAX - 1);
	}
}

static void *write_lines(void *ctx)
{
	for (int i = 0; i < LINES; i++)
		log_info("%s %d.", (const char *)ctx, i);
	return NULL;
}

/* ---- tests ---- */

static void lines_of_another_thread_are_told(void **state)
{
	static struct listener l;
	static char name[] = "other";
	struct log_tail_line line;
	pthread_t thread;
	char text[32];
	(void)state;

	begin(&l);
	assert_true(thread_start(&thread, write_lines, name));
	hear(&l, "other 29.");
	pthread_join(thread, NULL);
	for (const char *at = l.heard, *next; (next = strstr(at, "event: log")); at = next + 1)
		assert_non_null(strstr(next, "\"level\":\"info\",\"text\":\"other "));
	struct log_tail *tail = events_tail(told.api.events);
	for (int i = 0; i < LINES; i++) {
		snprintf(text, sizeof text, "other %d.", i);
		assert_non_null(strstr(l.heard, text));
		assert_true(log_tail_get(tail, tail->count - LINES + (unsigned)i, &line));
		assert_string_equal(line.text, text);
	}
	end(&l);
}

/* Lines of the loop are told at once, behind what others wrote before them. */
static void the_order_is_that_of_the_log(void **state)
{
	static struct listener l;
	static char name[] = "other";
	pthread_t thread;
	(void)state;

	begin(&l);
	assert_true(thread_start(&thread, write_lines, name));
	pthread_join(thread, NULL);
	log_info("ours");
	hear(&l, "\"ours\"");
	assert_non_null(strstr(l.heard, "other 29."));
	assert_true(strstr(l.heard, "other 29.") < strstr(l.heard, "\"ours\""));
	told_turn(&told); /* the loop was woken too: nothing is told twice */
	log_info("the end");
	hear(&l, "the end");
	const char *last = strstr(l.heard, "other 29.");
	assert_null(strstr(last + 1, "other 29."));
	end(&l);
}

/* More lines in one turn than are kept: the latest are told. */
static void a_flood_of_lines(void **state)
{
	static struct listener l;
	static char name[] = "other";
	pthread_t threads[3];
	(void)state;

	begin(&l);
	for (int i = 0; i < 3; i++) {
		assert_true(thread_start(&threads[i], write_lines, name));
		pthread_join(threads[i], NULL);
	}
	hear(&l, "other 29.");
	log_info("the end");
	hear(&l, "the end");
	size_t events = 0;
	for (const char *at = l.heard; (at = strstr(at, "event: log")); at++)
		events++;
	assert_int_equal(events, LOG_TAIL_LINES + 1);
	end(&l);
}

/* A thread writes while nobody listens any more, and while the events go. */
static void the_end_while_threads_write(void **state)
{
	static struct listener l;
	static char name[] = "other";
	pthread_t thread;
	(void)state;

	begin(&l);
	assert_true(thread_start(&thread, write_lines, name));
	events_quiesce(told.api.events);
	end(&l);
	pthread_join(thread, NULL);
}

static int begin_all(void **state)
{
	(void)state;
	told_begin(&told, NULL);
	return 0;
}

static int end_all(void **state)
{
	(void)state;
	told_end(&told);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_another_thread_are_told),
		cmocka_unit_test(the_order_is_that_of_the_log),
		cmocka_unit_test(a_flood_of_lines),
		cmocka_unit_test(the_end_while_threads_write),
	};

	const struct log_settings quiet = {.level = LOG_INFO, .file = "/dev/null"};

	choose_tests(argc, argv);
	if (!log_setup(&quiet))
		return 1;
	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	return cmocka_run_group_tests(tests, begin_all, end_all);
}
