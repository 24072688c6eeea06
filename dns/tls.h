/* TLS to other servers: one context for all, which has the certificates of the authorities, and the
 * bufferevent of a connection, which speaks TLS 1.2 or later and knows whom it speaks with.
 *
 * Before: dns/upstream_target.c sets up a struct dns_tls_server for each server that is reached by
 * TLS. After: dns/upstream_tcp.c and other carriers get the bufferevent; libssl.
 * The thread of the DNS server alone calls these, but dns_tls_try(). */
#ifndef DNS_TLS_H
#define DNS_TLS_H

#include "base/bound.h"
#include "base/clock.h"
#include "dns/tls_store.h"
#include "net/addr.h"

struct bufferevent;
struct event_base;
struct ssl_ctx_st; /* OpenSSL's SSL_CTX */

enum {
	DNS_TLS_AGAIN_MS = 5000, /* before a context that could not be made is tried again */
	/* What one connection can come to hold, with a whole message: by a server that is trusted
	 * 150 kB; the rest is for a certificate that was made to be large, until it is refused. */
	DNS_TLS_CONN_BYTES = 221184,
	/* And what such a certificate takes besides while it is looked at, one at a time: part of
	 * the context's row. */
	DNS_TLS_LOOK_BYTES = 131072,
};

/* The context. The owner sets the first part, which outlives it, and zeroes the rest. */
struct dns_tls {
	const struct clock *clock;
	struct bound *bytes; /* row dns_tls_context_bytes */
	const char *ca_file; /* NULL or "" = the system's certificates */
	/* The time of the chain's tip, in seconds since 1970: no clock that is right is before it.
	 * NULL = not known. */
	int64_t (*tip_time)(void *ctx);
	void *ctx;

	struct ssl_ctx_st *context; /* NULL until the first use */
	uint64_t failed_ms;         /* when it could not be made; 0 = it could */
	size_t kept;                /* bytes that libssl has taken for good */
	char why[DNS_TLS_WHY_MAX];  /* that it could not be made; else "" */
};

/* A server that is reached by TLS. The owner sets the first part, and keeps it until its
 * connections are closed. All texts are borrowed. */
struct dns_tls_server {
	struct dns_tls *tls;
	const char *name;    /* its certificate's, also told to it (SNI); NULL = its address */
	struct netaddr addr; /* of the certificate when there is no name; the port does not count */
	const char *alpn;    /* the protocol that is asked for, "h2"; NULL = none is */

	char why[DNS_TLS_WHY_MAX]; /* the last failure of its connections */
};

/* Makes the context, if it is not there. NULL, or why it cannot be made: one line for people, valid
 * until the next call. After a failure it is tried again after DNS_TLS_AGAIN_MS. Reads a file or
 * folder of certificates in this thread. */
const char *dns_tls_prepare(struct dns_tls *t);

/* Frees the context: the next use makes another one, of the file as it is then. Its connections are
 * to be closed before; their memory is given back in the next turn of their loop. */
void dns_tls_free(struct dns_tls *t);

/* Makes the bufferevent of a socket that is connecting, and owns the socket from then on; NULL when
 * it cannot: the socket is closed then, and the server's `why` says the reason. `server`: a struct
 * dns_tls_server. BEV_EVENT_CONNECTED comes when the handshake is over and the certificate is
 * right. For struct dns_tcp_server.make, or for any other carrier: the callbacks and
 * bufferevent_enable() are the caller's. Output is not bounded: ask evbuffer_get_length() of
 * bufferevent_get_output() before writing much. */
struct bufferevent *dns_tls_make(void *server, struct event_base *base, int fd);

/* Why this connection, which got BEV_EVENT_ERROR or BEV_EVENT_EOF, ended, or why dns_tls_make()
 * failed (`bev` is NULL then): words for people, valid until the server's next failure. NULL = TLS
 * has nothing to say: the connection could not be made, or ended. For struct dns_tcp_server.why. */
const char *dns_tls_why(void *server, struct bufferevent *bev);

/* Did the server choose this protocol (ALPN)? After BEV_EVENT_CONNECTED. */
bool dns_tls_speaks(struct bufferevent *bev, const char *alpn);

/* The time by which certificates are judged: the clock's, but never before the tip's. */
int64_t dns_tls_time(const struct dns_tls *t);

/* Is the clock more than a minute behind the chain's tip? It is wrong then. */
bool dns_tls_clock_is_behind(const struct dns_tls *t);

/* Makes a context of these certificates and frees it: can it be made in `most` bytes? *bytes: what
 * it took, 0 when that is not known. False with the reason in `why`. For check-config; any thread.
 */
bool dns_tls_try(const char *ca_file, uint64_t most, uint64_t *bytes, char why[DNS_TLS_WHY_MAX]);

#endif
