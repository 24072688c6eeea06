/* Servers as the settings name them: dns.forwarders and dns.bootstraps. Pure. */
#ifndef DNS_FORWARDER_TEXT_H
#define DNS_FORWARDER_TEXT_H

#include "net/addr.h"

enum dns_transport { DNS_OVER_UDP, DNS_OVER_TLS, DNS_OVER_HTTPS };

enum { DNS_TLS_PORT = 853, DNS_HTTPS_PORT = 443, DNS_PATH_MAX = 255 };

/* A forwarder taken apart. The slices are parts of the text. */
struct dns_forwarder_text {
	enum dns_transport transport;
	struct netaddr addr; /* of UDP and TLS, and of HTTPS when the host is an address */
	bool has_addr;
	struct slice name; /* of TLS: the certificate's; of HTTPS: the host, without brackets */
	struct slice path; /* of HTTPS, with its first slash; at most DNS_PATH_MAX bytes */
	uint16_t port;
};

/* Reads `IP`, `IP:port`, `[v6]:port`, `https://host[:port]/path` or `tls://IP[:port]#name`. NULL,
 * or why it is none of them: words for the user that go behind the text. */
const char *dns_forwarder_parse(struct slice text, struct dns_forwarder_text *out);

/* Reads a bootstrap, `IP[:port]`. NULL, or why it is none. */
const char *dns_bootstrap_parse(struct slice text, struct netaddr *out);

#endif
