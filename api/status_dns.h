/* The DNS server as JSON, and its forwarders. In all functions `w` is marked bad when it is too
 * small. */
#ifndef API_STATUS_DNS_H
#define API_STATUS_DNS_H

#include "api/figures.h"
#include "base/json.h"

/* "off", "on", or why it does not run although dns.listen is set. Valid as long as *d. */
const char *status_dns_word(const struct api_dns *d);

/* Writes one JSON object, the answer of GET /dns. */
void status_dns_json(const struct api *a, struct wr *w);

/* Writes the answer of GET /dns/names: the first STATUS_NAMES of each list. */
enum { STATUS_NAMES = 10 };
void status_dns_names_json(const struct api *a, struct wr *w);

/* The forwarders, in one allocation that the caller frees by mem_free(). NULL, with *count = 0,
 * when there are none or memory ran out. */
struct dns_forwarder_told *status_dns_forwarders(const struct api *a, size_t *count);

#endif
