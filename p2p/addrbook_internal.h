/* Declarations shared by the files of the address book. */
#ifndef P2P_ADDRBOOK_INTERNAL_H
#define P2P_ADDRBOOK_INTERNAL_H

#include "p2p/addrbook.h"

enum { BOOK_FAILURES_MAX = 20 };

/* The address of a key of the map; the entry of an address, NULL when it is unknown. */
struct netaddr book_addr_of(const void *key);
struct book_entry *book_entry_of(const struct addrbook *b, const struct netaddr *a);

/* The place of its network group in addrbook.groups. */
unsigned book_slot_of(const struct addrbook *b, const struct netaddr *a);

/* Has the group, or the source that names addresses, its share of the book already? */
bool book_group_is_full(const struct addrbook *b, unsigned slot);
bool book_source_is_full(const struct addrbook *b, const uint8_t source[NETGROUP_SIZE]);

/* Has nobody seen it for address_ttl? */
bool book_expired(const struct addrbook *b, const struct book_entry *e);

/* Adds a copy of the entry. The address must be absent, and there must be room. If memory runs out
 * nothing happens. */
void book_put(struct addrbook *b, const struct netaddr *a, const struct book_entry *read);

#endif
