/* What /status and /metrics tell of the network: each figure is driven to a value that is known by
 * another way. The other figures are in test_sync_figures.c. */
#include "p2p/p2p_internal.h"
#include "tests/unit/main.h"
#include "tests/unit/server_rig.h"

#include "tests/unit/figures_rig.h"

static struct raw first, second, third, late; /* large */

static struct figures look(struct rig *r)
{
	struct figures f = {.api = NULL};

	p2p_stats(r->a.p, &f.net);
	return f;
}

static void greet(struct rig *r, struct raw *w, const char *from, const char *id)
{
	size_t ready = r->a.ready;
	struct message m = hand(id);

	m.is_public = false; /* it is not for the address book */
	raw_from(w, &r->a.at, from);
	raw_hello(r, w);
	raw_message(w, &m);
	raw_expect(r, w, MSG_SHAKE, &m);
	UNTIL(r, r->a.ready == ready + 1);
}

/* Two that are in, one that has not greeted, one that is refused; one dialled, and one dialled that
 * has not answered. */
static void test_connections(void **state)
{
	struct rig r;
	struct server s;
	(void)state;

	rig_begin(&r);
	r.a.limits.max_inbound.max = 3;
	side_start(&r, &r.a);
	side_start(&r, &r.b);
	greet(&r, &first, "127.0.0.2", "first");
	greet(&r, &second, "127.0.0.3", "second");
	raw_from(&third, &r.a.at, "127.0.0.4");
	UNTIL(&r, p2p_connections(r.a.p) == 3);
	side_dial(&r.a, &r.b.at);
	UNTIL(&r, r.b.ready == 1);
	server_open(&s);
	side_dial(&r.a, &s.at);
	UNTIL(&r, server_accept(&s, &late));
	struct figures f = look(&r);
	EXPECT(&f, inbound, 3);
	EXPECT(&f, outbound, 2);
	EXPECT(&f, half_open, 1);
	EXPECT(&f, ready, 3);
	EXPECT(&f, accepted_total, 3);
	EXPECT(&f, dialled_total, 2);
	EXPECT(&f, dial_failures_total, 0);
	raw_close(&late);
	raw_from(&late, &r.a.at, "127.0.0.4"); /* no place, and refused */
	UNTIL(&r, raw_is_closed(&late));
	UNTIL(&r, look(&r).net.dial_failures == 1); /* closed before it greeted */
	f = look(&r);
	EXPECT(&f, accepted_total, 4);
	EXPECT(&f, outbound, 1);
	EXPECT(&f, dial_failures_total, 1);
	raw_close(&first);
	raw_close(&second);
	raw_close(&third);
	raw_close(&late);
	close(s.listening);
	rig_end(&r);
}

/* As many bytes as the other side sent and got. */
static void test_bytes(void **state)
{
	struct rig r;
	struct message m;
	(void)state;

	rig_begin(&r);
	side_start(&r, &r.a);
	greet(&r, &first, "127.0.0.2", "first");
	raw_expect(&r, &first, MSG_GET_PEERS, &m); /* nothing else is under way */
	raw_drop(&first, first.used);
	first.used = 0;
	struct figures before = look(&r), f;
	size_t sent = raw_frame(&first, &(struct message){.type = MSG_GET_PEERS});
	raw_send(&first, first.frame, sent);
	UNTIL(&r, (raw_read(&first), first.n > 0));
	f = look(&r);
	EXPECT(&f, bytes_in_total, before.net.bytes_in + sent);
	EXPECT(&f, bytes_out_total, before.net.bytes_out + first.n);
	raw_close(&first);
	rig_end(&r);
}

static bool nobody(void *ctx, const struct netaddr *a)
{
	(void)ctx;
	(void)a;
	return false;
}

static void test_addresses(void **state)
{
	struct rig r;
	struct netaddr out, from = {.ip = {0x20, 1}, .port = 1};
	char text[NETADDR_TEXT_MAX];
	(void)state;

	rig_begin(&r);
	r.a.limits.max_outbound.max = 1; /* taken by b, so that nobody else is dialled */
	side_start(&r, &r.a);
	side_start(&r, &r.b);
	side_dial(&r.a, &r.b.at);
	UNTIL(&r, r.a.ready == 1);
	for (uint8_t i = 1; i <= 5; i++) {
		struct netaddr a = {.ip = {0x20, 1, i}, .port = 4244};
		addrbook_heard(&r.a.p->book, &a, &from);
		if (i <= 2)
			exchange_take(&r.a.p->exchange, slice_str(netaddr_text(&a, text)), nobody,
				NULL, &out);
	}
	assert_int_equal(p2p_ban(r.a.p, "9.9.9.9", 100), ERR_OK);
	assert_int_equal(p2p_ban(r.a.p, "8.8.8.8", 100), ERR_OK);
	assert_int_equal(p2p_ban(r.a.p, "7.7.7.7", 100), ERR_OK);
	struct figures f = look(&r);
	EXPECT(&f, address_book, 6);
	EXPECT(&f, address_book_tried, 1);
	EXPECT(&f, new_peers, 2);
	EXPECT(&f, bans, 3);
	rig_end(&r);
}

static void test_each_is_checked(void **state)
{
	(void)state;
	all_figures_are_checked("network");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_connections),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_each_is_checked),
	};

	choose_tests(argc, argv);
	return rig_setup() ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
