/* Subscribers of events: who may be one, what they are told, and when they are closed. */
#include "tests/unit/web_rig.h"

#define GET "GET /events HTTP/1.0\r\n\r\n"

static struct web w; /* large */

static void begin(void)
{
	web_begin(&w, NULL);
	w.stays = true;
}

/* A subscriber that has its greeting. */
static int subscribe(int fd)
{
	uint64_t before = w.config.limits.max_subscribers.used;

	web_send(fd, GET);
	w.reply_size = 0;
	WEB_UNTIL(&w, (web_read(&w, fd), web_says(&w, "event: hello\ndata: 1\n\n")));
	assert_int_equal(w.config.limits.max_subscribers.used, before + 1);
	assert_true(web_says(&w, "Content-Type: text/event-stream\r\n"));
	return fd;
}

/* An event of so many bytes to all. */
static void tell(size_t size)
{
	static uint8_t text[REPLY_MAX];
	struct wr to = event_begin("news", text, sizeof text);

	while (size-- > 0)
		wr_u8(&to, 'n');
	event_stream_tell(w.stream, &to);
}

static bool is_not_over(void *ctx, const char *session)
{
	return strcmp(session, ctx) != 0;
}

/* Not even what happens before the next beat. */
static void test_who_logged_out_hears_nothing_more(void **state)
{
	char over[8] = "";
	int one, two;
	(void)state;

	begin();
	event_stream_set_judge(w.stream, is_not_over, over);
	w.session = "one";
	one = subscribe(web_tcp(&w, "127.0.0.1"));
	w.session = "two";
	two = subscribe(web_tcp(&w, "127.0.0.1"));
	strcpy(over, "one");
	tell(3);
	w.reply_size = 0;
	WEB_UNTIL(&w, web_read(&w, one));
	assert_true(web_says(&w, "event: end\ndata: {\"reason\":\"the session has ended\"}"));
	assert_false(web_says(&w, "event: news"));
	w.reply_size = 0;
	WEB_UNTIL(&w, (web_read(&w, two), web_says(&w, "event: news\ndata: nnn\n\n")));
	close(one);
	close(two);
	WEB_UNTIL(&w, !event_stream_heard(w.stream));
	web_end(&w);
}

static void test_events_reach_all(void **state)
{
	int one, two;
	(void)state;

	begin();
	assert_false(event_stream_heard(w.stream));
	one = subscribe(web_local(&w));
	two = subscribe(web_tcp(&w, "127.0.0.1"));
	assert_true(event_stream_heard(w.stream));
	assert_int_equal(w.greeted, 2);
	tell(3);
	w.reply_size = 0;
	WEB_UNTIL(&w, (web_read(&w, one), web_says(&w, "event: news\ndata: nnn\n\n")));
	w.reply_size = 0;
	WEB_UNTIL(&w, (web_read(&w, two), web_says(&w, "event: news\ndata: nnn\n\n")));
	close(one);
	WEB_UNTIL(&w, w.config.limits.max_subscribers.used == 1);
	close(two);
	WEB_UNTIL(&w, !event_stream_heard(w.stream));
	web_end(&w);
}

/* What does not fit its place is not told, and the stream stays whole. */
static void test_an_event_without_room(void **state)
{
	uint8_t small[24];
	struct wr to;
	int fd;
	(void)state;

	begin();
	fd = subscribe(web_local(&w));
	to = event_begin("news", small, sizeof small);
	for (int i = 0; i < 30; i++)
		wr_u8(&to, 'n');
	event_stream_tell(w.stream, &to);
	tell(1);
	w.reply_size = 0;
	WEB_UNTIL(&w, (web_read(&w, fd), web_says(&w, "data: n\n\n")));
	assert_false(web_says(&w, "nn"));
	close(fd);
	web_end(&w);
}

/* Who does not read is told why and closed; the others stay. */
static void test_who_reads_too_slowly(void **state)
{
	struct bound *room = &w.config.limits.subscriber_bytes;
	int fd;
	(void)state;

	begin();
	fd = subscribe(web_local(&w));
	tell((size_t)room->max + 1);
	assert_int_equal(room->hits, 1);
	w.reply_size = 0;
	WEB_UNTIL(&w, web_read(&w, fd));
	assert_true(web_says(&w, "event: end\ndata: {\"reason\":\"you read too slowly"));
	assert_false(event_stream_heard(w.stream));
	close(fd);
	web_end(&w);
}

static void test_places(void **state)
{
	int local;
	(void)state;

	begin();
	w.config.limits.max_subscribers.max = 1;
	local = subscribe(web_local(&w));
	assert_int_equal(web_ask(&w, web_local(&w), GET), 503);
	assert_true(web_says(&w, "limits.max_subscribers are there already"));
	close(local);
	WEB_UNTIL(&w, !event_stream_heard(w.stream));
	w.config.limits.max_subscribers.max = 2; /* one is the Unix socket's */
	int tcp = subscribe(web_tcp(&w, "127.0.0.1"));
	assert_int_equal(web_ask(&w, web_tcp(&w, "127.0.0.1"), GET), 503);
	local = subscribe(web_local(&w));
	close(local);
	close(tcp);
	web_end(&w);
}

/* A page of another site can ask for an image there, not for a stream. */
static void test_who_wants_no_stream(void **state)
{
	(void)state;
	begin();
	assert_int_equal(web_ask(&w, web_tcp(&w, "127.0.0.1"),
				 "GET /events HTTP/1.0\r\nAccept: image/png\r\n\r\n"),
		406);
	assert_false(event_stream_heard(w.stream));
	assert_int_equal(web_ask(&w, web_local(&w), "HEAD /events HTTP/1.0\r\n\r\n"), 200);
	assert_false(event_stream_heard(w.stream));
	web_end(&w);
}

static void test_the_end(void **state)
{
	int local, tcp;
	(void)state;

	begin();
	local = subscribe(web_local(&w));
	tcp = subscribe(web_tcp(&w, "127.0.0.1"));
	event_stream_end_strangers(w.stream);
	w.reply_size = 0;
	WEB_UNTIL(&w, web_read(&w, tcp));
	assert_true(web_says(&w, "who may ask has changed"));
	assert_int_equal(w.config.limits.max_subscribers.used, 1);
	event_stream_end(w.stream, "good bye");
	w.reply_size = 0;
	WEB_UNTIL(&w, web_read(&w, local));
	assert_true(web_says(&w, "event: end\ndata: {\"reason\":\"good bye\"}\n\n"));
	close(local);
	close(tcp);
	web_end(&w);
}

/* Whatever still listens is closed with the stream. */
static void test_a_stop_in_the_middle(void **state)
{
	int fd;
	(void)state;

	begin();
	fd = subscribe(web_local(&w));
	tell(1000);
	web_end(&w);
	close(fd);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events_reach_all),
		cmocka_unit_test(test_who_logged_out_hears_nothing_more),
		cmocka_unit_test(test_an_event_without_room),
		cmocka_unit_test(test_who_reads_too_slowly),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_who_wants_no_stream),
		cmocka_unit_test(test_the_end),
		cmocka_unit_test(test_a_stop_in_the_middle),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
