/* Questions by HTTPS, with each allocation of ours and of nghttp2 failing once: nothing is left,
 * and everybody is told. Those of libevent do not fail here: making its bufferevent for TLS, it
 * does not survive that. */
#include <signal.h>

#include "dns/upstream_internal.h"
#include "tests/unit/https_rig.h"

static void each_allocation_fails_once(void **state)
{
	struct world *w = *state;
	uint64_t nth = 1;

	open_all(w, 1, &good);
	for (bool reached = true; reached; nth++) {
		assert_true(nth < 4000);
		mem_fail_nth(nth);
		w->r->u = dns_upstream_new(&w->r->set);
		if (w->r->u) {
			ask(w->r, 0, "a.example");
			ask(w->r, 1, "b.example");
			for (int i = 0; i < 80 && w->r->limits.dns_outstanding.used; i++)
				pass(w->r, 100);
			assert_int_equal(w->r->limits.dns_outstanding.used, 0);
		}
		reached = mem_fail_nth(0) == 0;
		dns_upstream_free(w->r->u);
		w->r->u = NULL;
		for (size_t i = 0; i < H2_CONNS; i++)
			h2_hang_up(&w->h.conns[i]);
		settle(w->r);
		assert_unused(&w->r->limits);
	}
	print_message("%llu allocations\n", (unsigned long long)nth - 1);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		TEST(each_allocation_fails_once),
	};

	signal(SIGPIPE, SIG_IGN);
	event_set_mem_functions(mem_library_alloc, mem_library_realloc, mem_library_free);
	choose_tests(argc, argv);
	return cmocka_run_group_tests(tests, begin_group, end_group);
}
