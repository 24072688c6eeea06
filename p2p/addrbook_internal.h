/* Declarations shared by the files of the address book. */
#ifndef P2P_ADDRBOOK_INTERNAL_H
#define P2P_ADDRBOOK_INTERNAL_H

#include "p2p/addrbook.h"

enum { ADDRBOOK_FAILURES_MAX = 20 };

/* The address of a key of the map; the entry of an address, NULL when it is unknown. */
struct netaddr addrbook_addr_of(const void *key);
struct addrbook_entry *addrbook_entry_of(const struct addrbook *b, const struct netaddr *a);

/* The place of its network group in addrbook.groups. */
unsigned addrbook_slot_of(const struct addrbook *b, const struct netaddr *a);

/* Has the group, or the source that names addresses, its share of the book already? */
bool addrbook_group_is_full(const struct addrbook *b, unsigned slot);
bool addrbook_source_is_full(const struct addrbook *b, const uint8_t source[NETGROUP_SIZE]);

/* Has nobody seen it for address_ttl? */
bool addrbook_expired(const struct addrbook *b, const struct addrbook_entry *e);

/* Adds a copy of the entry. The address must be absent, and there must be room. If memory runs out
 * nothing happens. */
void addrbook_put(struct addrbook *b, const struct netaddr *a, const struct addrbook_entry *read);

#endif
