/* A DNS server and all that its two threads and those of its clients do at once: questions by UDP
 * and TCP, commits, other settings, other hosts files, flushes, questions of the node with the way
 * told, and the end in the middle. Run it with SAN=thread too. */
#include "base/thread.h"
#include "tests/unit/dns_server_rig.h"

enum { TURNS = 150, LEAST_ASKED = 100 };

struct client {
	struct server_rig *r;
	pthread_t thread;
	bool tcp;
	atomic_uint asked;
	atomic_bool end;
};

/* Connections end after so many questions. */
static void *client_main(void *ctx)
{
	struct client *c = ctx;
	uint8_t packet[PACKET];
	int fd = -1;

	for (unsigned n = 0; !atomic_load(&c->end); n++) {
		if (n % 50 == 0) {
			close(fd);
			fd = connect_to(c->r, c->tcp ? SOCK_STREAM : SOCK_DGRAM);
		}
		assert_int_equal(ask_on(fd, c->tcp, "home.ygg", DNS_TYPE_AAAA), 0);
		assert_int_equal(ask_on(fd, c->tcp, "nobody.ygg", DNS_TYPE_A), 3);
		if (!c->tcp) { /* nobody answers these */
			char name[40];
			snprintf(name, sizeof name, "n%u.example", n);
			size_t size = question_bytes(name, DNS_TYPE_A, 7, packet);
			int other = connect_to(c->r, SOCK_DGRAM);
			assert_int_equal(send(other, packet + 2, size - 2, 0), size - 2);
			close(other);
		}
		atomic_fetch_add(&c->asked, 1);
	}
	close(fd);
	return NULL;
}

static void client_start(struct client *c, struct server_rig *r, bool tcp)
{
	memset(c, 0, sizeof *c);
	c->r = r;
	c->tcp = tcp;
	assert_true(thread_start(&c->thread, client_main, c));
}

static void client_stop(struct client *c)
{
	atomic_store(&c->end, true);
	pthread_join(c->thread, NULL);
}

static struct dns_hosts *hosts_of(const struct server_rig *r, unsigned number)
{
	char path[256], why[256];
	const char *files[] = {path};
	uint64_t bytes;

	fixture_path(&r->f, "hosts", path);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "192.0.2.%u printer.lan\n", number % 250);
	fclose(f);
	struct dns_hosts *h = dns_hosts_load(files, 1, 1 << 20, &bytes, why, sizeof why);
	assert_non_null(h);
	unlink(path);
	return h;
}

static void take_replies(struct server_rig *r, unsigned *taken)
{
	struct dns_reply reply;

	while (dns_server_take_reply(r->server, &reply)) {
		assert_true(reply.size >= 12);
		assert_non_null(strstr(reply.trace->text, "home.ygg AAAA: "));
		mem_free(reply.message);
		mem_free(reply.trace);
		++*taken;
	}
}

/* What the node does; a full queue refuses, which is no fault. */
static void turn(struct server_rig *r, unsigned n)
{
	struct dns_query q = query_of("home.ygg");
	struct dns_forwarder_told told[4];
	struct dns_setup *setup = setup_of(r);
	struct dns_hosts *hosts = n % 3 ? hosts_of(r, n) : NULL;

	q.type = DNS_TYPE_AAAA;
	put_domain(r, "home.ygg", n);
	assert_non_null(setup);
	if (!dns_server_reload(r->server, setup))
		mem_free(setup);
	if (!dns_server_set_hosts(r->server, hosts))
		dns_hosts_free(hosts);
	dns_server_flush(r->server, n % 2 ? &q.name : NULL);
	dns_server_ask(r->server, &q, true, n);
	dns_server_set_current(r->server, true);
	assert_true(dns_server_forwarders(r->server, told, 4) <= 1);
	assert_true(atomic_load(&dns_server_figures(r->server)->udp) < UINT64_MAX);
}

static int silent_socket(char text[NETADDR_TEXT_MAX])
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof a;
	struct netaddr at;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	assert_true(netaddr_from_sockaddr((struct sockaddr *)&a, &at));
	netaddr_text(&at, text);
	return fd;
}

static void all_at_once(void **state)
{
	static struct server_rig r;
	static struct client udp, tcp;
	char forwarder[NETADDR_TEXT_MAX];
	unsigned taken = 0;
	(void)state;

	rig_start(&r);
	int fd = silent_socket(forwarder);
	r.forwarder = forwarder;
	r.limits.dns_query_time.max = 100;
	r.limits.dns_waiters_per_client.max = 2000;
	assert_true(server_begin(&r, NULL));
	client_start(&udp, &r, false);
	client_start(&tcp, &r, true);
	for (unsigned n = 0; n < TURNS || atomic_load(&udp.asked) < LEAST_ASKED ||
			     atomic_load(&tcp.asked) < LEAST_ASKED;
		n++) {
		turn(&r, n);
		take_replies(&r, &taken);
	}
	client_stop(&udp);
	client_stop(&tcp);
	assert_true(taken > 0);
	rig_end(&r);
	close(fd);
}

/* Commands that were accepted before the end are carried out, and what nobody takes is freed. */
static void an_end_with_full_queues(void **state)
{
	static struct server_rig r;
	struct dns_query q = query_of("home.ygg");
	unsigned asked = 0;
	(void)state;

	rig_start(&r);
	r.limits.dns_commands.max = 4;
	r.limits.dns_replies.max = 4;
	assert_true(server_begin(&r, NULL));
	while (dns_server_ask(r.server, &q, asked % 2, asked))
		asked++;
	assert_true(asked >= 4);
	assert_true(r.limits.dns_commands.hits > 0);
	dns_server_stop(r.server);
	r.server = NULL;
	assert_true(asked <= 8 || r.limits.dns_replies.hits > 0);
	rig_end(&r);
}

/* A connection that asks for nothing, one that waits, and questions that wait. */
static void an_end_with_clients(void **state)
{
	static struct server_rig r;
	char forwarder[NETADDR_TEXT_MAX];
	uint8_t packet[PACKET];
	(void)state;

	rig_start(&r);
	int fd = silent_socket(forwarder);
	r.forwarder = forwarder;
	assert_true(server_begin(&r, NULL));
	int udp = connect_to(&r, SOCK_DGRAM), tcp = connect_to(&r, SOCK_STREAM);
	for (uint16_t id = 0; id < 5; id++) {
		size_t n = question_bytes("out.home.ygg", DNS_TYPE_A, id, packet);
		assert_int_equal(send(udp, packet + 2, n - 2, 0), n - 2);
		assert_int_equal(send(tcp, packet, n, MSG_NOSIGNAL), n);
	}
	assert_int_equal(ask_on(udp, false, "home.ygg", DNS_TYPE_AAAA), 0); /* all are there */
	rig_end(&r);
	close(udp);
	close(tcp);
	close(fd);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_at_once),
		cmocka_unit_test(an_end_with_full_queues),
		cmocka_unit_test(an_end_with_clients),
	};

	choose_tests(argc, argv);
	event_set_mem_functions(mem_alloc, mem_realloc, mem_free);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
