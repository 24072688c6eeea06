/* Role: the name server of a station, which is the stub of the unit tests. */
#include "tests/probe/upstream.h"

#include <event2/bufferevent_ssl.h>

#include "tests/unit/dns_upstream_rig.h"
#include "tests/unit/tls_rig.h"

enum { LIES = 3 };

static struct rig loop;
static struct stub stub;
static struct tls_rig authority;
static SSL_CTX *context;
static struct netaddr https_at;
static enum upstream_carrier carrier;
static bool lies;
static const struct tls_wish certificate = {.name = "dns.example", .ends = 2000000000};
static size_t seen[UPSTREAM_CARRIERS];

/* Another lie with each question that comes the way it is to come. */
static void on_seen(struct stub *s, const uint8_t *question, size_t n)
{
	bool now = lies && upstream_asked(carrier) != seen[carrier];
	size_t lie = seen[carrier] = upstream_asked(carrier);

	(void)question, (void)n;
	s->wrong_id = now && lie % LIES == 0;
	s->other_question = now && lie % LIES == 1;
	s->cut = now && lie % LIES == 2;
}

static struct bufferevent *speak_tls(struct stub *s, evutil_socket_t fd)
{
	return bufferevent_openssl_socket_new(
		s->r->base, fd, SSL_new(context), BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
}

void upstream_open(struct event_base *base, struct netaddr *at)
{
	loop.base = base;
	memset(&stub, 0, sizeof stub);
	stub.seen = on_seen;
	stub_open(&loop, &stub, "127.0.0.1", 0);
	*at = stub.at;
	tls_rig_begin(&authority);
	context = tls_server(&authority, &certificate);
	upstream_https_open(base, &authority, &https_at);
}

void upstream_close(void)
{
	stub_close(&stub);
	upstream_https_close();
	SSL_CTX_free(context);
	tls_rig_end(&authority);
}

const char *upstream_ca_file(void)
{
	return authority.ca_file;
}

void upstream_text(enum upstream_carrier c, char to[64])
{
	char at[NETADDR_TEXT_MAX];

	netaddr_text(c == UPSTREAM_HTTPS ? &https_at : &stub.at, at);
	if (c == UPSTREAM_HTTPS)
		snprintf(to, 64, "\"https://%.40s/dns-query\"", at);
	else if (c == UPSTREAM_TLS)
		snprintf(to, 64, "\"tls://%.40s#%s\"", at, certificate.name);
	else
		snprintf(to, 64, "\"%.40s\"", at);
}

void upstream_does(enum upstream_way way, enum upstream_carrier c)
{
	bool by_tcp = c != UPSTREAM_UDP;

	carrier = c;
	seen[c] = upstream_asked(c);
	lies = way == UPSTREAM_LIES;
	stub.tc = by_tcp;
	stub.make = c == UPSTREAM_TLS ? speak_tls : NULL;
	stub.silent = way == UPSTREAM_SILENT && !by_tcp;
	stub.silent_tcp = way == UPSTREAM_SILENT && by_tcp;
	stub.rcode = way == UPSTREAM_FAILS     ? DNS_RCODE_SERVFAIL
		     : way == UPSTREAM_REFUSES ? DNS_RCODE_REFUSED
					       : 0;
	stub.foreign = way == UPSTREAM_FOREIGN;
	upstream_https_does(way);
}

void upstream_answer_now(void)
{
	stub_answer_now(&stub);
}

size_t upstream_asked(enum upstream_carrier c)
{
	return c == UPSTREAM_HTTPS ? upstream_https_asked()
	       : c == UPSTREAM_UDP ? stub.asked
				   : stub.asked_tcp;
}

size_t upstream_connections(void)
{
	size_t n = upstream_https_connections();

	for (size_t i = 0; i < CONNS; i++)
		n += stub.conns[i] != NULL;
	return n;
}
