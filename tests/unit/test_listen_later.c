/* An address that cannot be had: an error, or, where that is forgiven, one more try every minute.
 */
#include "net/listener.h"
#include "p2p/p2p_internal.h"
#include "tests/unit/main.h"
#include "tests/unit/p2p_rig.h"

struct later {
	struct event_base *base;
	int taken; /* a socket that has the port */
	char text[32];
	struct p2p p;
};

static int setup(void **state)
{
	struct later *t = mem_alloc(sizeof *t);
	struct sockaddr_in in = {.sin_family = AF_INET};
	socklen_t n = sizeof in;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	t->base = event_base_new();
	t->taken = socket(AF_INET, SOCK_STREAM, 0);
	assert_return_code(bind(t->taken, (struct sockaddr *)&in, n), 0);
	assert_return_code(listen(t->taken, 1), 0);
	assert_return_code(getsockname(t->taken, (struct sockaddr *)&in, &n), 0);
	snprintf(t->text, sizeof t->text, "127.0.0.1:%u", ntohs(in.sin_port));
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct later *t = *state;

	if (t->taken >= 0)
		close(t->taken);
	event_base_free(t->base);
	mem_free(t);
	assert_int_equal(mem_blocks(), 0);
	return 0;
}

static struct p2p_settings settings(struct later *t, bool may_fail)
{
	static const char *list[1];

	list[0] = t->text;
	return (struct p2p_settings){
		.base = t->base, .listen = list, .listen_count = 1, .listen_may_fail = may_fail};
}

static void a_taken_port_is_an_error(void **state)
{
	struct later *t = *state;
	struct p2p_settings s = settings(t, false);

	assert_false(p2p_listen(&t->p, &s));
	assert_non_null(strstr(t->p.why, "another program has the port"));
	assert_string_equal(p2p_not_listening(&t->p), "");
}

static void or_it_is_tried_again(void **state)
{
	struct later *t = *state;
	struct p2p_settings s = settings(t, true);

	assert_true(p2p_listen(&t->p, &s));
	assert_null(t->p.listener);
	s.listen = NULL; /* the list was copied */
	assert_non_null(strstr(p2p_not_listening(&t->p), "another program has the port"));
	p2p_listen_again(&t->p);
	assert_null(t->p.listener);
	close(t->taken);
	t->taken = -1;
	p2p_listen_again(&t->p);
	assert_non_null(t->p.listener);
	assert_string_equal(p2p_not_listening(&t->p), "");
	struct listener *had = t->p.listener;
	p2p_listen_again(&t->p); /* there is nothing left to do */
	assert_ptr_equal(t->p.listener, had);
	listener_close(had);
}

static void what_waits_can_be_dropped(void **state)
{
	struct later *t = *state;
	struct p2p_settings s = settings(t, true);

	assert_true(p2p_listen(&t->p, &s));
	assert_true(p2p_listen(&t->p, &s)); /* takes the place of the first */
	t->p.stopping = true;
	close(t->taken);
	t->taken = -1;
	p2p_listen_again(&t->p);
	assert_null(t->p.listener);
	p2p_listen_drop(&t->p);
}

static void nothing_is_lost_without_memory(void **state)
{
	struct later *t = *state;
	struct p2p_settings s = settings(t, true);

	for (uint64_t n = 1; n <= 6; n++) {
		mem_fail_nth(n);
		p2p_listen(&t->p, &s);
		p2p_listen_again(&t->p);
		mem_fail_nth(0);
		assert_null(t->p.listener);
		p2p_listen_drop(&t->p);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_taken_port_is_an_error, setup, teardown),
		cmocka_unit_test_setup_teardown(or_it_is_tried_again, setup, teardown),
		cmocka_unit_test_setup_teardown(what_waits_can_be_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_is_lost_without_memory, setup, teardown),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
