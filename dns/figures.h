/* What the DNS server counts, for status and metrics. The thread of the server writes, any thread
 * may read: each number is whole, but two of them need not fit together. */
#ifndef DNS_FIGURES_H
#define DNS_FIGURES_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum dns_source {
	DNS_FROM_CHAIN,
	DNS_FROM_HOSTS,
	DNS_FROM_CODEC, /* v6 and q6 */
	DNS_FROM_CACHE,
	DNS_FROM_FORWARDER,
	DNS_FROM_DELEGATION,
	DNS_FROM_STALE, /* kept, and expired */
	DNS_FROM_ERROR, /* the question itself is refused */
	DNS_SOURCES
};

enum dns_drop {
	DNS_DROP_NO_QUESTION, /* an answer, or under 12 bytes */
	DNS_DROP_OWN_ADDRESS, /* from port 0, or from the address that it was sent to */
	DNS_DROP_NOT_ALLOWED, /* outside dns.allow, and told a second ago */
	DNS_DROP_RATE,        /* above dns.rate_limit */
	DNS_DROP_TABLE_FULL,  /* no place to wait for another server's answer */
	DNS_DROP_REPEATED,    /* by UDP: the same client has asked it already, and waits */
	DNS_DROP_CLIENT_GONE, /* its connection was closed before the answer came */
	DNS_DROP_SEND,        /* the socket's buffer is full, or the network is unreachable */
	DNS_DROP_TCP_FULL,    /* a connection that found no place */
	DNS_DROPS
};

enum { DNS_RCODES = 17, DNS_LATENCY_STEPS = 8 };

extern const char *const dns_source_names[DNS_SOURCES];
extern const char *const dns_drop_names[DNS_DROPS];

/* Upper ends of the latency histogram in milliseconds; the last one has none. */
extern const unsigned dns_latency_ms[DNS_LATENCY_STEPS - 1];

struct dns_figures {
	_Atomic uint64_t udp, tcp; /* questions */
	_Atomic uint64_t source[DNS_SOURCES], rcode[DNS_RCODES], drop[DNS_DROPS];
	_Atomic uint64_t latency[DNS_LATENCY_STEPS];
	_Atomic uint64_t latency_sum_ms;
	_Atomic uint64_t unsure;    /* SERVFAIL for a chain name, since the node is behind */
	_Atomic uint64_t unwritten; /* records that no message can hold */
	_Atomic uint64_t cache_entries, cache_hits, cache_misses;
	_Atomic uint64_t hosts_names;
};

/* For the server's thread alone. */
static inline void dns_count(_Atomic uint64_t *n)
{
	atomic_store_explicit(
		n, atomic_load_explicit(n, memory_order_relaxed) + 1, memory_order_relaxed);
}

/* The same. */
static inline void dns_set(_Atomic uint64_t *n, uint64_t v)
{
	atomic_store_explicit(n, v, memory_order_relaxed);
}

/* Puts the time that an answer took into the histogram. */
void dns_count_latency(struct dns_figures *f, uint64_t ms);

#endif
