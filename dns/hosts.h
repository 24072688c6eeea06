/* Names and addresses of hosts files and block lists (8.9c, with the ADVICE): a compact set that is
 * made whole and then only read. Before: dns/serve_query.c asks; whoever loads, on a worker. After:
 * dns/hosts_load.c reads the files, dns/hosts_set.c keeps the names. */
#ifndef DNS_HOSTS_H
#define DNS_HOSTS_H

#include "base/bound.h"
#include "dns/zone.h"

struct dns_hosts;

/* Reads the files ("system" is /etc/hosts) in order. One in which a line begins with an address is
 * a hosts(5) file; any other is a list of names, one in a line, which get the null address. Entries
 * `0.0.0.0` and `::` answer both families with the null address. What a name has first decides
 * whether it is blocked. At most 32 addresses of a name are kept, and one name of an address.
 *
 * Never holds more than `most` bytes, allocated a piece at a time. *bytes says what suffices for
 * the files, which is somewhat more than what is held, as that varies from load to load. When
 * `most` was too little, NULL is returned. A bad file fails the whole, with *bytes = 0 and file,
 * line and reason in `why`: not text, a line over 1,024 bytes, unreadable or no regular file,
 * `||name^`. So does a lack of memory. Blocks on the disk. Any thread; the set may be used by
 * another thread than the one that made it. The owner frees it by dns_hosts_free(). */
struct dns_hosts *dns_hosts_load(const char *const *files, size_t count, uint64_t most,
	uint64_t *bytes, char *why, size_t size);
void dns_hosts_free(struct dns_hosts *h); /* NULL is fine */

size_t dns_hosts_names(const struct dns_hosts *h);   /* how many names */
uint64_t dns_hosts_bytes(const struct dns_hosts *h); /* bytes as allocated */

/* A, AAAA and PTR of the listed names: AA, TTL 2; other types and a family without address NOERROR
 * without records. DNS_PASS for a name that is not listed. */
enum dns_outcome dns_hosts_answer(
	const struct dns_hosts *h, const struct dns_query *q, struct dns_answer *out);

#endif
