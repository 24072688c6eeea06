/* Names of what the DNS server counts. Before: dns/serve_query.c and the listeners count. After:
 * api/ tells it. */
#include "dns/figures.h"

const char *const dns_source_names[DNS_SOURCES] = {
	[DNS_FROM_CHAIN] = "chain",
	[DNS_FROM_HOSTS] = "hosts",
	[DNS_FROM_CODEC] = "codec",
	[DNS_FROM_CACHE] = "cache",
	[DNS_FROM_FORWARDER] = "forwarder",
	[DNS_FROM_DELEGATION] = "delegation",
	[DNS_FROM_STALE] = "stale",
	[DNS_FROM_ERROR] = "error",
};

const char *const dns_drop_names[DNS_DROPS] = {
	[DNS_DROP_NO_QUESTION] = "no_question",
	[DNS_DROP_OWN_ADDRESS] = "own_address",
	[DNS_DROP_NOT_ALLOWED] = "not_allowed",
	[DNS_DROP_RATE] = "rate",
	[DNS_DROP_TABLE_FULL] = "table_full",
	[DNS_DROP_REPEATED] = "repeated",
	[DNS_DROP_CLIENT_GONE] = "client_gone",
	[DNS_DROP_SEND] = "send",
	[DNS_DROP_TCP_FULL] = "tcp_full",
};

const unsigned dns_latency_ms[DNS_LATENCY_STEPS - 1] = {1, 5, 20, 50, 200, 1000, 5000};

void dns_count_latency(struct dns_figures *f, uint64_t ms)
{
	size_t i = 0;

	while (i < DNS_LATENCY_STEPS - 1 && ms >= dns_latency_ms[i])
		i++;
	dns_count(&f->latency[i]);
	dns_set(&f->latency_sum_ms,
		atomic_load_explicit(&f->latency_sum_ms, memory_order_relaxed) + ms);
}
