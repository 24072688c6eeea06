/* What counting connections and choosing who goes for a newcomer share. For p2p/admission.c and
 * p2p/eviction.c. */
#ifndef P2P_ADMISSION_INTERNAL_H
#define P2P_ADMISSION_INTERNAL_H

#include "p2p/admission.h"

/* How many inbound connections the network group, or the host, of the address has. */
uint32_t admission_of_group(const struct admission *a, const struct netaddr *addr);
uint32_t admission_of_host(const struct admission *a, const struct netaddr *addr);

/* ---- eviction.c ---- */

/* Chooses whom to evict for a newcomer: a peer of the network with most connections, if that
 * network has more than the newcomer's. If it has at least two more, its newest connection goes at
 * once. If it has one more, the swap makes the networks no more even; it only lets everybody have a
 * turn, so each keeps its place for a while first (turn_order). NULL: nobody, refuse the
 * newcomer. */
struct peer *eviction_least_useful(const struct admission *a, const struct netaddr *newcomer);

/* Chooses an unfinished handshake to evict: the oldest one of the network with most connections, if
 * that network has at least two more than the newcomer's; else the oldest of all, if it is older
 * than HALF_OPEN_GRACE_MS. NULL = none. */
struct peer *eviction_half_open(const struct admission *a, const struct netaddr *newcomer);

/* A full network group still admits newcomers, by evicting one of its own peers. Otherwise an
 * attacker with many cheap addresses in the group could take its places first and lock out all
 * others for as long as he likes. Peers that delivered good blocks are evicted only if no other can
 * be. */
struct peer *eviction_within_group(const struct admission *a, const struct netaddr *newcomer);

#endif
