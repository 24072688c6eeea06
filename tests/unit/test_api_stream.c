/* What the clients of /events are told: the state at first, the tip, peers, lines of the log. */
#include <event2/bufferevent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/event_stream.h"
#include "tests/unit/api_rig.h"

static struct told t; /* large */
static char heard[65536];
static size_t heard_size;
static int client;

static void begin(void)
{
	told_begin(&t, NULL);
	t.api.events = events_start(&t.api, &t.r.limits, t.base);
	assert_non_null(t.api.events);
}

static void end(void)
{
	events_free(t.api.events);
	told_end(&t);
}

/* Gives the stream one side of a pair. */
static void subscribe(void)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	struct bufferevent *bev = bufferevent_socket_new(t.base, pair[0], BEV_OPT_CLOSE_ON_FREE);
	assert_int_equal(event_stream_take(events_stream(t.api.events), bev, true, ""), ERR_OK);
	client = pair[1];
	heard_size = 0;
}

static bool hears(const char *text)
{
	ssize_t n = read(client, heard + heard_size, sizeof heard - 1 - heard_size);

	heard_size += n > 0 ? (size_t)n : 0;
	heard[heard_size] = 0;
	return strstr(heard, text) != NULL;
}

static void expect(const char *text)
{
	for (int turns = 0; !hears(text); turns++) {
		if (turns == 1000)
			fail_msg("not told: %s\n%s", text, heard);
		event_base_loop(t.base, EVLOOP_NONBLOCK);
		usleep(1000);
	}
}

static void test_nobody_listens(void **state)
{
	(void)state;
	events_tip(NULL); /* before there are events */
	events_peer(NULL, 1, "ready");
	events_quiesce(NULL);
	events_free(NULL);
	begin();
	events_tip(t.api.events);
	events_peer(t.api.events, 1, "ready");
	log_warn("a line");
	end();
}

static void test_each_kind(void **state)
{
	(void)state;
	begin();
	rig_fill(&t.r, &t.b, API_BLOCKS);
	subscribe();
	expect("event: status\ndata: {\"version\":\"1.2.3\"");
	events_tip(t.api.events);
	expect("event: tip\ndata: {\"height\":30,\"tip\":\"");
	events_peer(t.api.events, 77, "timeout");
	expect("event: peer\ndata: {\"id\":77,\"state\":\"timeout\"}\n\n");
	log_warn("a \"line\"");
	expect("event: log\ndata: {\"level\":\"warn\",\"text\":\"a \\\"line\\\"\"}\n\n");
	events_quiesce(t.api.events);
	expect("event: end\ndata: {\"reason\":\"the node is stopping\"}\n\n");
	close(client);
	end();
}

/* While blocks are being downloaded the state is told every second. */
static void test_the_beat(void **state)
{
	(void)state;
	begin();
	rig_peer(&t.r, 1, true, API_BLOCKS);
	subscribe();
	expect("\"syncing\":true");
	heard_size = 0;
	for (int turns = 0; !hears("event: status\n") && turns < 50; turns++) {
		struct timeval tv = {0, 100000};
		event_base_loopexit(t.base, &tv);
		event_base_dispatch(t.base);
	}
	assert_true(hears("event: status\n"));
	close(client);
	end();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_listens),
		cmocka_unit_test(test_each_kind),
		cmocka_unit_test(test_the_beat),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
