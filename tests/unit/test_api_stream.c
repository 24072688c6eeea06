/* What the clients of /events are told: the state at first, the tip, peers, lines of the log; and
 * how the stream of /api/events lasts. */
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/event_stream.h"
#include "tests/unit/api_rig.h"
#include "web/api_events.h"

enum { TURNS_MAX = 60000, COMMENT_BEATS = 15 };

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

/* Gives the stream one side of a pair, for a client with this session. */
static enum err subscribe_to(struct event_stream *e, const char *session)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	struct bufferevent *bev = bufferevent_socket_new(t.base, pair[0], BEV_OPT_CLOSE_ON_FREE);
	enum err err = event_stream_take(e, bev, true, session);
	if (err != ERR_OK)
		bufferevent_free(bev);
	client = pair[1];
	heard_size = 0;
	return err;
}

static void subscribe(void)
{
	assert_int_equal(subscribe_to(events_stream(t.api.events), ""), ERR_OK);
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
		if (turns == TURNS_MAX)
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
	expect("event: status\n");
	close(client);
	end();
}

/* ---- /api/events ---- */

/* Timers of the rest of the node; the one that comes with a subscriber is the stream's. */
static const struct event *others[16];
static size_t others_count;

static int note_timer(const struct event_base *base, const struct event *e, void *ctx)
{
	(void)base, (void)ctx;
	if (event_get_fd(e) < 0) {
		assert_true(others_count < sizeof others / sizeof others[0]);
		others[others_count++] = e;
	}
	return 0;
}

static void begin_web(void)
{
	begin();
	t.api.web = web_events_start(&t.api, &t.r.limits, t.base);
	assert_non_null(t.api.web);
	others_count = 0;
	event_base_foreach_event(t.base, note_timer, NULL);
}

static void end_web(void)
{
	web_events_free(t.api.web);
	t.api.web = NULL;
	end();
}

static int find_timer(const struct event_base *base, const struct event *e, void *found)
{
	bool known = event_get_fd(e) >= 0;

	(void)base;
	for (size_t i = 0; i < others_count; i++)
		known |= e == others[i];
	if (!known)
		*(const struct event **)found = e;
	return 0;
}

/* The second goes by; afterwards none does by itself. */
static void beat(void)
{
	static const struct timeval never = {86400, 0};
	struct event *timer = NULL;

	event_base_foreach_event(t.base, find_timer, &timer);
	assert_non_null(timer);
	event_active(timer, EV_TIMEOUT, 1);
	event_base_loop(t.base, EVLOOP_NONBLOCK);
	if (event_pending(timer, EV_TIMEOUT, NULL))
		event_add(timer, &never);
	for (int i = 0; i < 4; i++) /* what was told is written */
		event_base_loop(t.base, EVLOOP_NONBLOCK);
}

static void test_a_comment_now_and_then(void **state)
{
	static const char comment[] = ": the node lives\n\n";
	(void)state;

	begin_web();
	assert_int_equal(subscribe_to(web_events_stream(t.api.web), ""), ERR_OK);
	expect("\"type\":\"stats\"");
	for (int round = 0; round < 2; round++) {
		heard_size = 0;
		for (int i = 1; i < COMMENT_BEATS; i++) {
			beat();
			assert_false(hears(comment));
		}
		beat();
		expect(comment);
	}
	close(client);
	end_web();
}

static bool lives(void *ctx, const char *session)
{
	assert_string_equal(session, "mine");
	return *(bool *)ctx;
}

/* Whoever needs no session is not asked for one. */
static void test_it_ends_with_its_session(void **state)
{
	bool alive = true;
	(void)state;

	begin_web();
	struct event_stream *e = web_events_stream(t.api.web);
	event_stream_set_judge(e, lives, &alive);
	assert_int_equal(subscribe_to(e, ""), ERR_OK);
	int other = client;
	assert_int_equal(subscribe_to(e, "mine"), ERR_OK);
	expect("\"type\":\"stats\"");
	beat();
	assert_false(hears("event: end\n"));
	alive = false;
	beat();
	expect("event: end\ndata: {\"reason\":\"the session has ended\"}\n\n");
	assert_int_equal(read(client, heard, 1), 0);
	close(client);
	client = other;
	heard_size = 0;
	assert_false(hears("event: end\n"));
	assert_int_equal(t.r.limits.max_subscribers.used, 1);
	close(client);
	end_web();
}

/* Its places are those of /events. */
static void test_its_places(void **state)
{
	(void)state;
	begin_web();
	t.r.limits.max_subscribers.max = 2;
	subscribe();
	int other = client;
	assert_int_equal(subscribe_to(web_events_stream(t.api.web), ""), ERR_OK);
	int mine = client;
	assert_int_equal(subscribe_to(web_events_stream(t.api.web), ""), ERR_FULL);
	assert_int_equal(t.r.limits.max_subscribers.hits, 1);
	close(client);
	close(mine);
	close(other);
	end_web();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_listens),
		cmocka_unit_test(test_each_kind),
		cmocka_unit_test(test_the_beat),
		cmocka_unit_test(test_a_comment_now_and_then),
		cmocka_unit_test(test_it_ends_with_its_session),
		cmocka_unit_test(test_its_places),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
