/* The listeners of the DNS server: when memory runs out, turns, long questions, and answers that
 * find no room. */
#include "dns/tcp_internal.h"
#include "dns/udp_listener.h"
#include "net/listen_sockets.h"
#include "tests/unit/dns_server_rig.h"

struct listening {
	struct server_rig r;
	struct event_base *base;
	struct dns_figures figures;
	struct dns_tcp_listener *tcp;
	struct dns_udp_listener *udp;
	unsigned asked;
	bool is_late; /* the test answers */
	struct dns_client last;
	bool to_nobody; /* before each answer another one is sent to port 0, which cannot be */
};

enum { LONG_ASKERS = 18, LONG_QUESTION = 600 };

static void on_question(void *ctx, struct slice packet, const struct dns_client *c)
{
	struct listening *l = ctx;
	struct dns_client nobody = *c;

	l->asked++;
	l->last = *c;
	if (l->is_late)
		return;
	nobody.from.port = 0;
	if (l->to_nobody)
		dns_udp_listener_send(l->udp, &nobody, packet);
	if (c->kind == DNS_CLIENT_TCP)
		dns_tcp_listener_end(l->tcp, c, packet); /* an echo */
	else
		dns_udp_listener_send(l->udp, c, packet);
}

static bool listeners_open(struct listening *l)
{
	static const char *const at[] = {"127.0.0.1:0"};
	struct listen_wish wish = {"dns.listen", SOCK_DGRAM, at, 1, NULL};
	const struct dns_udp_listener_owner udp = {
		on_question, l, &l->figures, &l->r.limits.dns_udp_turn};
	const struct dns_tcp_listener_owner tcp = {.question = on_question,
		.ctx = l,
		.figures = &l->figures,
		.clock = &clock_system,
		.limits = &l->r.limits};
	char text[NETADDR_TEXT_MAX];
	const char *const same[] = {text};

	l->base = event_base_new();
	if (!l->base)
		return false;
	struct listen_sockets *s = listen_sockets_open(&wish, l->r.why, sizeof l->r.why);
	if (!s)
		return false;
	assert_true(listen_socket_address(s->fd[0], &l->r.at));
	l->udp = dns_udp_listener_open(l->base, s, &udp);
	if (!l->udp)
		return false;
	netaddr_text(&l->r.at, text);
	wish = (struct listen_wish){"dns.listen", SOCK_STREAM, same, 1, NULL};
	l->tcp = dns_tcp_listener_open(l->base, &wish, &tcp, l->r.why, sizeof l->r.why);
	return l->tcp;
}

static void listeners_close(struct listening *l);

/* What is free by UDP may be another program's by TCP. */
static void listeners_at_a_free_port(struct listening *l)
{
	int tries = 1;

	for (; !listeners_open(l) && tries < 100; tries++)
		listeners_close(l);
	assert_int_not_equal(tries, 100);
}

static void listeners_close(struct listening *l)
{
	dns_tcp_listener_close(l->tcp);
	dns_udp_listener_close(l->udp);
	if (l->base)
		event_base_free(l->base);
	l->base = NULL;
	l->tcp = NULL;
	l->udp = NULL;
}

static void turns(struct listening *l)
{
	for (int i = 0; i < 8; i++)
		event_base_loop(l->base, EVLOOP_NONBLOCK);
}

static void both_listeners(void **state)
{
	static struct listening l;
	uint8_t packet[PACKET];
	bool failed = true;
	(void)state;

	rig_start(&l.r);
	size_t n = question_bytes("home.ygg", DNS_TYPE_A, 1, packet), before = mem_blocks();
	for (uint64_t i = 1; failed; i++) {
		assert_true(i < MOST_ALLOCATIONS);
		mem_fail_nth(i);
		if (listeners_open(&l)) {
			int udp = connect_to(&l.r, SOCK_DGRAM), tcp = connect_to(&l.r, SOCK_STREAM);
			assert_int_equal(send(udp, packet + 2, n - 2, 0), n - 2);
			assert_int_equal(send(tcp, packet, n, MSG_NOSIGNAL), n);
			turns(&l);
			close(udp);
			close(tcp);
			turns(&l);
		}
		failed = mem_fail_nth(0) == 0;
		listeners_close(&l);
		assert_int_equal(mem_blocks(), before);
		assert_int_equal(l.r.limits.dns_tcp_clients.used, 0);
		assert_int_equal(l.r.limits.dns_tcp_send_total_bytes.used, 0);
	}
	assert_true(l.asked >= 2);
	assert_true(l.r.limits.dns_tcp_send_bytes.peak >= n);
	rig_end(&l.r);
}

static void send_bytes(int fd, const uint8_t *p, size_t n)
{
	assert_int_equal(send(fd, p, n, MSG_NOSIGNAL), n);
}

/* 16 clients at a time have room for a long question. Two more wait, one of them with the whole
 * question sent, and one with a short question does not. */
static void long_questions_take_turns(void **state)
{
	static struct listening l;
	static const uint8_t packet[2 + LONG_QUESTION] = {LONG_QUESTION >> 8, LONG_QUESTION & 0xff};
	uint8_t got[sizeof packet];
	int fd[LONG_ASKERS + 1];
	(void)state;

	rig_start(&l.r);
	l.r.limits.dns_tcp_per_address.max = LONG_ASKERS + 1;
	listeners_at_a_free_port(&l);
	for (int i = 0; i < LONG_ASKERS; i++) {
		fd[i] = connect_to(&l.r, SOCK_STREAM);
		send_bytes(fd[i], packet, sizeof packet - (i + 1 < LONG_ASKERS));
		turns(&l);
	}
	assert_int_equal(l.asked, 0);
	size_t bytes = mem_bytes();
	fd[LONG_ASKERS] = connect_to(&l.r, SOCK_STREAM);
	send_bytes(fd[LONG_ASKERS], (const uint8_t[]){0, 3, 1, 2, 3}, 5);
	turns(&l);
	assert_int_equal(l.asked, 1);
	assert_in_range(mem_bytes() - bytes, 1, 1280); /* less than a long question needs */
	for (int i = 0; i + 1 < LONG_ASKERS; i++) {
		send_bytes(fd[i], packet + sizeof packet - 1, 1);
		turns(&l);
		assert_int_equal(l.asked, i + 3); /* the last one has the first one's place */
	}
	for (int i = 0; i < LONG_ASKERS; i++) {
		assert_int_equal(recv(fd[i], got, sizeof got, MSG_DONTWAIT), sizeof got);
		assert_memory_equal(got, packet, sizeof got);
		close(fd[i]);
	}
	close(fd[LONG_ASKERS]);
	turns(&l);
	assert_int_equal(l.r.limits.dns_tcp_clients.used, 0);
	assert_int_equal(l.r.limits.dns_tcp_send_total_bytes.used, 0);
	listeners_close(&l);
	rig_end(&l.r);
}

/* An answer that comes late and finds no room is a failure in place of it; where not even that has
 * room, the connection ends. */
static void a_late_answer_without_room(void **state)
{
	static struct listening l = {.is_late = true};
	static const uint8_t head[] = {0x81, 0x92, 0, 1, 0, 0, 0, 0, 0, 0};
	struct bound *room = &l.r.limits.dns_tcp_send_total_bytes;
	uint8_t packet[PACKET], answer[1000] = {0}, got[PACKET];
	(void)state;

	rig_start(&l.r);
	listeners_at_a_free_port(&l);
	size_t n = question_bytes("Home.ygg", DNS_TYPE_A, 7, packet);
	memcpy(answer, packet + 2, n - 2);
	answer[2] = 0x87; /* AA and TC */
	answer[3] = 0xB0;
	answer[7] = answer[9] = answer[11] = 1;
	int fd = connect_to(&l.r, SOCK_STREAM);
	for (unsigned left = 200; left >= 20; left -= 90) {
		send_bytes(fd, packet, n);
		turns(&l);
		size_t others = (size_t)room->max - left; /* clients that do not read */
		assert_true(bound_take(room, others));
		dns_tcp_listener_end(l.tcp, &l.last, slice_of(answer, sizeof answer));
		dns_tcp_give_bytes(l.tcp, others);
		turns(&l);
		ssize_t came = recv(fd, got, sizeof got, MSG_DONTWAIT);
		assert_int_equal(came, left == 20 ? 0 : (ssize_t)n);
		if (came == 0)
			break;
		assert_memory_equal(got, packet, 4); /* length and id */
		assert_memory_equal(got + 4, head, sizeof head);
		assert_memory_equal(got + 14, packet + 14, n - 14);
	}
	assert_int_equal(l.asked, 3);
	assert_int_equal(atomic_load(&l.figures.drop[DNS_DROP_SEND]), 3);
	close(fd);
	turns(&l);
	assert_int_equal(l.r.limits.dns_tcp_clients.used, 0);
	assert_int_equal(room->used, 0);
	listeners_close(&l);
	rig_end(&l.r);
}

/* One turn of the loop reads so many datagrams and no more. */
static void a_turn_is_bounded(void **state)
{
	static struct listening l;
	uint8_t packet[PACKET];
	(void)state;

	rig_start(&l.r);
	l.r.limits.dns_udp_turn.max = 20;
	listeners_at_a_free_port(&l);
	size_t n = question_bytes("home.ygg", DNS_TYPE_A, 1, packet);
	int udp = connect_to(&l.r, SOCK_DGRAM);
	for (int i = 0; i < 50; i++)
		assert_int_equal(send(udp, packet + 2, n - 2, 0), n - 2);
	for (unsigned want = 20; want <= 60; want += 20) {
		event_base_loop(l.base, EVLOOP_NONBLOCK | EVLOOP_ONCE);
		assert_int_equal(l.asked, want < 50 ? want : 50);
	}
	assert_int_equal(l.r.limits.dns_udp_turn.peak, 20);
	assert_int_equal(l.r.limits.dns_udp_turn.hits, 2);
	close(udp);
	listeners_close(&l);
	rig_end(&l.r);
}

/* The others of its batch are sent. */
static void an_answer_that_cannot_be_sent(void **state)
{
	static struct listening l = {.to_nobody = true};
	uint8_t packet[PACKET];
	(void)state;

	rig_start(&l.r);
	listeners_at_a_free_port(&l);
	size_t n = question_bytes("home.ygg", DNS_TYPE_A, 1, packet);
	int udp = connect_to(&l.r, SOCK_DGRAM);
	for (int i = 0; i < 5; i++)
		assert_int_equal(send(udp, packet + 2, n - 2, 0), n - 2);
	event_base_loop(l.base, EVLOOP_NONBLOCK | EVLOOP_ONCE);
	assert_int_equal(atomic_load(&l.figures.drop[DNS_DROP_SEND]), 5);
	for (int i = 0; i < 5; i++)
		assert_int_equal(recv(udp, packet, sizeof packet, MSG_DONTWAIT), n - 2);
	close(udp);
	listeners_close(&l);
	rig_end(&l.r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_listeners),
		cmocka_unit_test(long_questions_take_turns),
		cmocka_unit_test(a_late_answer_without_room),
		cmocka_unit_test(a_turn_is_bounded),
		cmocka_unit_test(an_answer_that_cannot_be_sent),
	};

	choose_tests(argc, argv);
	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
