/* The set of names while it is made and asked. */
#ifndef DNS_HOSTS_INTERNAL_H
#define DNS_HOSTS_INTERNAL_H

#include "dns/hosts.h"

enum {
	HOSTS_TABLES = 256,    /* each grows alone, so that little is held twice while one does */
	HOSTS_ADDRESSES = 32,  /* of one name; more are left out */
	HOSTS_PIECE_BITS = 16, /* a piece of memory for names has 64 kB */
	HOSTS_DATA_MAX = 16,
	HOSTS_RECORD_MAX = DNS_NAME_MAX + sizeof(uint32_t),
};

/* What a name has. */
enum hosts_kind {
	HOSTS_NULL,    /* it is blocked: no data */
	HOSTS_IPV4,    /* 4 bytes */
	HOSTS_IPV6,    /* 16 bytes */
	HOSTS_POINTER, /* 4 bytes: the place of the name that this reverse name stands for */
};

/* Open addressing: places of names, and a byte of each name's hash so that most others are told
 * apart without a look at them (0 = free). */
struct hosts_table {
	uint32_t slots, used;
	uint32_t *place; /* `slots` places, then `slots` bytes */
};

/* A place counts bytes from 1 on through all pieces; 0 = none. A name's bytes are its wire form in
 * lower case; the first one has HOSTS_HAS_LIST when a place of its first datum follows. A datum:
 * place of the next one, kind, bytes. */
struct dns_hosts {
	uint64_t seed, most, bytes;
	uint8_t **piece;
	size_t pieces, piece_slots; /* used and allocated of `piece` */
	size_t last_size;           /* allocated of the last piece */
	uint64_t end;               /* place behind the last name */
	size_t records, names;      /* entries; those that the files list */
	bool full;                  /* more is needed than `most`: counts go on, nothing is kept */
	bool no_memory;
	uint64_t counted, counted_records; /* since it was full, as if nothing came twice */
	enum hosts_kind last_kind;         /* the address that was added last */
	uint8_t last[HOSTS_DATA_MAX];
	struct hosts_table table[HOSTS_TABLES];
};

/* ---- hosts_memory.c ---- */

/* An empty set; NULL when memory runs out. */
struct dns_hosts *hosts_set_new(uint64_t most);

/* Gives back all but the set's own struct. */
void hosts_drop(struct dns_hosts *h);

/* Memory of `had` bytes becomes one of `size`, moved if need be; its owner gives it back. NULL
 * sets `full` or `no_memory`. */
void *hosts_grow(struct dns_hosts *h, void *old, size_t had, size_t size);

/* The place of n more bytes, which lie in one piece; 0 sets `full` or `no_memory`. */
uint32_t hosts_take(struct dns_hosts *h, size_t n);

/* The bytes at a place, up to the end of what was taken there. */
uint8_t *hosts_at(const struct dns_hosts *h, uint64_t place);

/* Bytes that suffice for pieces up to that place. */
uint64_t hosts_piece_bytes(uint64_t end);

/* ---- hosts_set.c ---- */

/* Gives the name, in lower case, one more datum; HOSTS_NULL needs none. What a name has first
 * decides: one that is blocked gets no addresses, and one with addresses is not blocked. False
 * when memory ran out. */
bool hosts_set_add(struct dns_hosts *h, const struct dns_name *name, enum hosts_kind kind,
	const uint8_t *data);

/* The place of the name, 0 = it is not listed. */
uint32_t hosts_set_find(const struct dns_hosts *h, const struct dns_name *name);

/* The name at that place. */
void hosts_set_name(const struct dns_hosts *h, uint32_t place, struct dns_name *out);

/* The place of the first datum of the name at that place, 0 = it has none: it is blocked. */
uint32_t hosts_set_first(const struct dns_hosts *h, uint32_t place);

/* The datum at that place, borrowed, and the place of the next one, 0 = none. */
enum hosts_kind hosts_set_datum(
	const struct dns_hosts *h, uint32_t at, const uint8_t **data, uint32_t *next);

/* Bytes that suffice for all of it, however its names fall among the tables. For a full set they
 * are counted as if no name came twice. */
uint64_t hosts_set_need(const struct dns_hosts *h);

/* The bytes of a datum of this kind. */
size_t hosts_data_size(enum hosts_kind kind);

/* ---- hosts.c ---- */

/* The name whose PTR records say the names of this address. */
void hosts_reverse(enum hosts_kind kind, const uint8_t *data, struct dns_name *out);

#endif
