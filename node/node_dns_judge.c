/* Role: what `check-config` tells of the files that [dns] names, which it may wait for. Before:
 * cli/check_config.c. After: dns/hosts.h, dns/tls.h. */
#include <inttypes.h>

#include "config/keys.h"
#include "dns/forwarder_text.h"
#include "dns/hosts.h"
#include "dns/tls.h"
#include "dns/upstream.h"
#include "node/node_dns.h"

/* As a start would find them; in the reference node's file it leaves them out. */
void node_dns_judge_hosts(struct config *c)
{
	uint64_t most = c->limits.dns_hosts_bytes.max, bytes = 0;
	char why[512];

	if (!c->limits.dns || c->dns_hosts.count == 0)
		return;
	struct dns_hosts *h =
		dns_hosts_load(c->dns_hosts.ptr, c->dns_hosts.count, most, &bytes, why, sizeof why);
	if (h)
		config_notice_key(c, KEY_dns_hosts,
			"%zu names; %" PRIu64 " bytes suffice, twice that for a reload, and "
			"limits.dns_hosts_bytes has %" PRIu64,
			dns_hosts_names(h), bytes, most);
	else if (c->reference)
		config_notice_key(c, KEY_dns_hosts, "%s; a file that is bad is left out", why);
	else if (bytes)
		config_fault_key(c, KEY_dns_hosts,
			"%" PRIu64 " bytes are needed, limits.dns_hosts_bytes has %" PRIu64
			": raise it",
			bytes, most);
	else
		config_fault_key(c, KEY_dns_hosts, "%s", why);
	dns_hosts_free(h);
}

static bool needs_tls(const struct config *c)
{
	struct dns_forwarder_text said;

	for (size_t i = 0; i < c->dns_forwarders.count; i++)
		if (!dns_forwarder_parse(slice_str(c->dns_forwarders.ptr[i]), &said) &&
			(said.transport == DNS_OVER_TLS ||
				(said.transport == DNS_OVER_HTTPS && DNS_HAS_HTTPS)))
			return true;
	return c->dns_ca_file[0];
}

/* The running node would ask nobody by TLS, and go on with its other forwarders. */
void node_dns_judge_tls(struct config *c)
{
	uint64_t most = c->limits.dns_tls_context_bytes.max, bytes = 0;
	enum config_key_id key = c->dns_ca_file[0] ? KEY_dns_ca_file : KEY_dns_forwarders;
	char why[DNS_TLS_WHY_MAX];

	if (!c->limits.dns || !needs_tls(c))
		return;
	if (!dns_tls_try(
		    c->dns_ca_file, config_keys[KEY_limit_dns_tls_context_bytes].max, &bytes, why))
		config_fault_key(c, key, "%s", why);
	else if (bytes > most)
		config_fault_key(c, key,
			"TLS needs %" PRIu64 " bytes with these certificates of authorities, "
			"limits.dns_tls_context_bytes has %" PRIu64 ": raise it, or name fewer in "
			"dns.ca_file",
			bytes, most);
	else
		config_notice_key(c, key,
			"TLS needs %" PRIu64 " bytes with these certificates of authorities, "
			"limits.dns_tls_context_bytes has %" PRIu64,
			bytes, most);
}
