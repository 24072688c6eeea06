/* What the kernel tells of addresses and links, in its own form and spoilt, and a machine that
 * slept. */
#include <event2/event.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "net/netwatch.h"
#include "tests/unit/main.h"

struct text {
	uint8_t p[1024];
	size_t n;
};

static void put(struct text *t, const void *p, size_t n)
{
	assert_true(t->n + n <= sizeof t->p);
	memcpy(t->p + t->n, p, n);
	t->n = NLMSG_ALIGN(t->n + n);
}

static size_t begin(struct text *t, unsigned short type)
{
	struct nlmsghdr h = {.nlmsg_type = type};
	size_t at = t->n;

	put(t, &h, sizeof h);
	return at;
}

static void end(struct text *t, size_t at)
{
	uint32_t n = (uint32_t)(t->n - at);

	memcpy(t->p + at, &n, sizeof n);
}

static void attribute(struct text *t, unsigned short type, const void *p, size_t n)
{
	struct rtattr a = {.rta_len = (unsigned short)(sizeof a + n), .rta_type = type};

	put(t, &a, sizeof a);
	put(t, p, n);
}

static void address(struct text *t, unsigned short type, uint8_t scope, uint8_t flags,
	uint32_t created, uint32_t updated)
{
	struct ifaddrmsg m = {.ifa_family = AF_INET6, .ifa_scope = scope, .ifa_flags = flags};
	struct ifa_cacheinfo info = {.cstamp = created, .tstamp = updated};
	uint8_t ip[16] = {0x20};
	size_t at = begin(t, type);

	put(t, &m, sizeof m);
	attribute(t, IFA_ADDRESS, ip, sizeof ip);
	attribute(t, IFA_CACHEINFO, &info, sizeof info);
	end(t, at);
}

static void link_state(struct text *t, int index, bool running, bool member)
{
	struct ifinfomsg m = {.ifi_index = index, .ifi_flags = running ? IFF_RUNNING : 0};
	uint32_t bridge = 3;
	size_t at = begin(t, RTM_NEWLINK);

	put(t, &m, sizeof m);
	attribute(t, IFLA_IFNAME, "eth0", 5);
	if (member)
		attribute(t, IFLA_MASTER, &bridge, sizeof bridge);
	end(t, at);
}

static const char *read_once(struct netwatch_links *l, const struct text *t)
{
	return netwatch_read(l, t->p, t->n);
}

static void addresses_come_and_go(void **state)
{
	static const struct {
		unsigned short type;
		uint8_t scope, flags;
		uint32_t created, updated;
		bool news;
	} rows[] = {
		{RTM_NEWADDR, RT_SCOPE_UNIVERSE, 0, 7, 7, true},
		{RTM_NEWADDR, RT_SCOPE_UNIVERSE, 0, 7, 9, false}, /* renewed */
		{RTM_NEWADDR, RT_SCOPE_UNIVERSE, IFA_F_TENTATIVE, 7, 7, false},
		{RTM_NEWADDR, RT_SCOPE_LINK, 0, 7, 7, false},
		{RTM_NEWADDR, RT_SCOPE_HOST, 0, 7, 7, false},
		{RTM_DELADDR, RT_SCOPE_UNIVERSE, 0, 7, 9, true},
		{RTM_DELADDR, RT_SCOPE_LINK, 0, 7, 9, false},
		{RTM_NEWROUTE, RT_SCOPE_UNIVERSE, 0, 7, 7, false},
	};
	struct netwatch_links links = {.count = 0};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct text t = {.n = 0};
		address(&t, rows[i].type, rows[i].scope, rows[i].flags, rows[i].created,
			rows[i].updated);
		assert_int_equal(read_once(&links, &t) != NULL, rows[i].news);
	}
	struct text two = {.n = 0};
	address(&two, RTM_DELADDR, RT_SCOPE_UNIVERSE, 0, 7, 7);
	address(&two, RTM_NEWADDR, RT_SCOPE_LINK, 0, 7, 7);
	assert_non_null(read_once(&links, &two));
}

static const char *told(struct netwatch_links *l, int index, bool running, bool member)
{
	struct text t = {.n = 0};

	link_state(&t, index, running, member);
	return read_once(l, &t);
}

static void links_go_down_and_up(void **state)
{
	struct netwatch_links links = {.count = 0};

	(void)state;
	assert_null(told(&links, 1, true, false)); /* it may have been up before we looked */
	assert_null(told(&links, 1, true, false));
	assert_null(told(&links, 1, false, false));
	assert_non_null(told(&links, 1, true, false));
	assert_null(told(&links, 2, false, true)); /* of a bridge, such as a container's */
	assert_null(told(&links, 2, true, true));
	for (int i = 10; i < 10 + 3 * NETWATCH_LINKS_MAX; i++)
		assert_null(told(&links, i, false, false));
	assert_int_equal(links.count, NETWATCH_LINKS_MAX);
	assert_non_null(told(&links, 9 + 3 * NETWATCH_LINKS_MAX, true, false));
	assert_null(told(&links, 1, true, false)); /* forgotten */
}

/* Cut at each byte, and each length of it another one. */
static void spoilt_messages(void **state)
{
	struct netwatch_links none = {.count = 0};
	struct text whole = {.n = 0};

	(void)state;
	address(&whole, RTM_NEWADDR, RT_SCOPE_UNIVERSE, 0, 7, 7);
	assert_non_null(read_once(&none, &whole));
	assert_null(netwatch_read(&none, whole.p, whole.n - 4));
	for (size_t cut = 0; cut < 200; cut++)
		for (unsigned wrong = 0; wrong < 256; wrong += 5) {
			struct netwatch_links links = {.count = 0};
			struct text t = {.n = 0};
			address(&t, RTM_NEWADDR, RT_SCOPE_UNIVERSE, 0, 7, 7);
			link_state(&t, 1, true, true);
			size_t n = cut < t.n ? cut : t.n;
			uint8_t *exact = malloc(n ? n : 1);
			memcpy(exact, t.p, n);
			if (n)
				exact[(cut * 7 + wrong) % n] = (uint8_t)wrong;
			netwatch_read(&links, exact, n);
			free(exact);
		}
}

/* ---- sleep ---- */

struct watched {
	uint64_t asleep;
	unsigned changes;
	char said[80];
};

static uint64_t asleep(void *ctx)
{
	return ((struct watched *)ctx)->asleep;
}

static void changed(void *ctx, const char *what)
{
	struct watched *w = ctx;

	w->changes++;
	snprintf(w->said, sizeof w->said, "%s", what);
}

static void a_machine_that_slept(void **state)
{
	struct watched seen = {.asleep = 5000000};
	struct event_base *base = event_base_new();
	struct netwatch *w = netwatch_start(base, &(struct netwatch_hooks){asleep, changed, &seen});

	(void)state;
	assert_non_null(w);
	netwatch_check(w);
	seen.asleep += 29999;
	netwatch_check(w);
	assert_int_equal(seen.changes, 0);
	seen.asleep += 3600000;
	netwatch_check(w);
	netwatch_check(w);
	assert_int_equal(seen.changes, 1);
	assert_string_equal(seen.said, "this machine slept for 1 h");
	netwatch_free(w);
	event_base_free(base);
	assert_int_equal(mem_blocks(), 0);
}

static void memory_runs_out(void **state)
{
	struct watched seen = {.asleep = 0};
	struct event_base *base = event_base_new();

	(void)state;
	mem_fail_nth(1);
	assert_null(netwatch_start(base, &(struct netwatch_hooks){asleep, changed, &seen}));
	mem_fail_nth(0);
	netwatch_free(NULL);
	event_base_free(base);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_come_and_go),
		cmocka_unit_test(links_go_down_and_up),
		cmocka_unit_test(spoilt_messages),
		cmocka_unit_test(a_machine_that_slept),
		cmocka_unit_test(memory_runs_out),
	};

	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
