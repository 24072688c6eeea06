/* What the files of the chain filter share. Everything is borrowed from the question and from the
 * data text, and lives as long as one call of dns_zone_answer(). */
#ifndef DNS_ZONE_INTERNAL_H
#define DNS_ZONE_INTERNAL_H

#include "dns/zone.h"
#include "domain/domain.h"

/* Lower case can be longer than the name: three bytes for two at most. */
enum { ZONE_LOWER_MAX = DNS_NAME_MAX * 3 / 2 + 1 };

/* ---- zone_name.c: the question as text ---- */

/* A name of one of the ten zones, split as 8.9 does: a.b.example.ygg has the zone "ygg", the top
 * "example.ygg", and the sub "a.b". */
struct zone_name {
	bool single;             /* one label: `zone` alone */
	bool odd;                /* a label of sub is bytes that no record can name */
	struct slice zone;       /* in lower case, as are the next two */
	struct slice top;        /* empty when no domain can have this name */
	struct slice sub;        /* empty when `odd` */
	struct slice asked;      /* the whole name as it was asked; empty when `odd` */
	char text[DNS_NAME_MAX]; /* where `asked` is */
	char lower[ZONE_LOWER_MAX];
};

/* False when the name is in none of the ten zones. *to must not be copied: it points into itself.
 */
bool zone_name_read(const struct dns_name *name, struct zone_name *to);

/* The text, which must be UTF-8, in Unicode lower case; empty when it does not fit. */
struct slice zone_lower(struct slice text, char *to, size_t size);

/* ---- zone_records.c: the records of a domain ---- */

/* The records of a data text, in its order. */
struct zone_records {
	size_t n;
	bool many;                /* there were more: the text breaks the rules of the chain */
	bool answer[MAX_RECORDS]; /* this one is an answer to the question */
	struct dns_record r[MAX_RECORDS];
};

/* False when the text does not parse, or has too many records. */
bool zone_records_read(struct slice data, struct zone_records *to);

/* Does the record's name, as written, equal this text? */
bool zone_record_is(const struct dns_record *r, const char *text);

/* Does the raw string of a record equal the text, its escapes decoded? */
bool zone_text_is(struct slice raw, struct slice text);

/* Decodes a raw string; borrowed from `raw` or written to `to`. False when it is longer than
 * `size`. */
bool zone_text(struct slice raw, char *to, size_t size, struct slice *text);

/* Adds the record under this owner. False when it cannot be written (it is counted and left out
 * then), or does not fit. */
bool zone_record_put(struct dns_answer *a, enum dns_section section, const struct dns_name *owner,
	const struct dns_record *r);

/* Adds the SOA that a zone's negative answers have. `zone`: its name, in lower case. */
void zone_soa_put(
	struct dns_answer *a, enum dns_section section, struct slice zone, uint32_t serial);

/* The address of an A or AAAA record, IPv4 mapped. */
void zone_record_address(const struct dns_record *r, uint8_t ip[16]);

#endif
