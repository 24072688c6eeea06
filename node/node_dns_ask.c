/* Questions of our own to the DNS server: its replies come by a queue, and go to the HTTP requests
 * that they are for. Before: api/resolve.c. After: dns/server.h, then http/server.h. */
#include <event2/event.h>

#include "api/resolve.h"
#include "base/mem.h"
#include "http/server.h"
#include "node/node.h"

enum err node_dns_resolve(struct node *n, uint64_t call, const struct dns_query *q, bool trace)
{
	if (!n->dns.server)
		return ERR_NOT_FOUND;
	return dns_server_ask(n->dns.server, q, trace, call) ? ERR_OK : ERR_FULL;
}

static void give(struct node *n, const struct dns_reply *r)
{
	size_t size = (size_t)n->config->limits.admin_response_bytes.max;
	uint8_t *space = mem_alloc(size);
	struct wr w = wr_of(space, space ? size : 0);
	int status = resolve_answer(r, &w);

	if (w.bad)
		http_server_answer(n->http, r->number, 503,
			slice_str("{\"error\":\"the answer is longer than "
				  "limits.admin_response_bytes\"}\n"));
	else
		http_server_answer(n->http, r->number, status, wr_done(&w));
	mem_free(space);
}

static void on_replied(evutil_socket_t fd, short what, void *ctx)
{
	struct node *n = ctx;
	struct dns_reply r;

	(void)fd;
	(void)what;
	while (dns_server_take_reply(n->dns.server, &r)) {
		if (n->http)
			give(n, &r);
		mem_free(r.message);
		mem_free(r.trace);
	}
}

bool node_dns_hear(struct node *n)
{
	struct node_dns *d = &n->dns;

	d->replied = event_new(
		n->base, dns_server_reply_fd(d->server), EV_READ | EV_PERSIST, on_replied, n);
	return d->replied && event_add(d->replied, NULL) == 0;
}

void node_dns_deafen(struct node *n)
{
	if (n->dns.replied)
		event_free(n->dns.replied);
	n->dns.replied = NULL;
}
