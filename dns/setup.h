/* The settings of the DNS server as values: texts of [dns] taken apart. Made and judged in the
 * node's thread, also by check-config; then the server's. Before: node/settings.c, node/node_dns.c.
 * After: dns/server.c. */
#ifndef DNS_SETUP_H
#define DNS_SETUP_H

#include "config/config.h"
#include "dns/access.h"
#include "dns/upstream.h"

struct dns_setup {
	struct dns_access access;
	size_t forwarder_count;
	struct dns_forwarder_settings forwarders[CONFIG_LIST_MAX]; /* their texts are below */
	char text[CONFIG_LIST_MAX][CONFIG_TEXT_MAX];
	char name[CONFIG_LIST_MAX][CONFIG_TEXT_MAX];
	char path[CONFIG_LIST_MAX][CONFIG_TEXT_MAX];
	size_t left_out[CONFIG_LIST_MAX]; /* of dns.forwarders: these need HTTP/2, which this
					   * program does not have */
	size_t left_out_count;
	size_t bootstrap_count;
	struct netaddr bootstraps[CONFIG_LIST_MAX];
	char ca_file[CONFIG_TEXT_MAX]; /* "" = the system's certificates */
	bool use_0x20, trust_ad, rebind_protection, delegate_private, page_names;
	uint16_t delegate_port;
	uint64_t rate_limit, cleanup_ms, stale_ms;
};

/* Where a setting is wrong, for config_fault_key(). */
struct dns_setup_error {
	enum config_key_id key;
	char text[CONFIG_TEXT_MAX + 128];
};

/* Takes the settings apart. In one allocation, which the caller frees by mem_free(). NULL with *e
 * for a text that is wrong; with an empty e->text when memory ran out. */
struct dns_setup *dns_setup_new(const struct config *c, struct dns_setup_error *e);

#endif
