/* Role: the name server of a station by HTTPS, which is the one of the unit tests. Without
 * libnghttp2 there is none. */
#include "tests/probe/upstream.h"

#ifdef WITH_NGHTTP2

#include "tests/unit/https_rig.h"

enum { HTTPS_LIES = 4 };

static struct rig https_loop;
static struct h2_stub https;
static const struct tls_wish by_address = {.ip = "127.0.0.1", .ends = 2000000000};

/* Another lie each time. */
static void on_question(struct h2_stub *s)
{
	static const uint8_t other[] = {
		0, 0, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'x', 0, 0, 1, 0, 1};
	size_t lie = s->asked % HTTPS_LIES;

	s->wrong_id = lie == 0;
	s->how = (struct h2_answer){.type = lie == 1 ? "text/html" : NULL};
	if (lie > 1) {
		s->how.body = other;
		s->how.size = lie == 2 ? sizeof other : 5;
	}
}

void upstream_https_open(
	struct event_base *base, const struct tls_rig *authority_, struct netaddr *at)
{
	https_loop.base = base;
	h2_stub_open(&https_loop, &https, authority_, &by_address, by_address.ip);
	*at = https.at;
}

void upstream_https_close(void)
{
	h2_stub_close(&https);
}

void upstream_https_does(enum upstream_way way)
{
	https.silent = way == UPSTREAM_SILENT;
	https.away = way == UPSTREAM_LEAVES ? SIZE_MAX : 0;
	https.wrong_id = false;
	https.how = (struct h2_answer){.status = way == UPSTREAM_STATUS ? "503" : NULL};
	https.seen = way == UPSTREAM_LIES ? on_question : NULL;
	https.rcode = way == UPSTREAM_FAILS     ? DNS_RCODE_SERVFAIL
		      : way == UPSTREAM_REFUSES ? DNS_RCODE_REFUSED
						: 0;
}

size_t upstream_https_asked(void)
{
	return https.asked;
}

size_t upstream_https_connections(void)
{
	size_t n = 0;

	for (size_t i = 0; i < H2_CONNS; i++)
		n += https.conns[i].bev != NULL;
	return n;
}

#else

void upstream_https_open(
	struct event_base *base, const struct tls_rig *authority, struct netaddr *at)
{
	(void)base, (void)authority, (void)at;
}

void upstream_https_close(void)
{
}

void upstream_https_does(enum upstream_way way)
{
	(void)way;
}

size_t upstream_https_asked(void)
{
	return 0;
}

size_t upstream_https_connections(void)
{
	return 0;
}

#endif
