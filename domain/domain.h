/* The `data` text of a domain transaction: exactly what the reference accepts (protocol.md 8.3),
 * and the rules for its records (8.4, 8.5). Pure, no recursion, nothing allocated.
 * Before: chain/rules.c and chain/domain_rules.c ask. */
#ifndef DOMAIN_DOMAIN_H
#define DOMAIN_DOMAIN_H

#include "base/cursor.h"

/* protocol.md 1.3, bounds of a domain's data. */
enum {
	MAX_RECORDS = 30,
	MAX_DATA_LEN = 255,
};

enum domain_check {
	DOMAIN_UNREAD, /* nobody has looked; domain_check() never says so */
	DOMAIN_OK,
	DOMAIN_MALFORMED,    /* does not parse as DomainData */
	DOMAIN_MANY_RECORDS, /* 12d */
	DOMAIN_CLEARNET,     /* 12e: a clearnet record in a Yggdrasil-only zone */
	DOMAIN_LONG,         /* 12e: a text form over 255 bytes there */
};

/* Does it parse (7.5 asks that for the required difficulty)? Then 12d and 12e in the order of 7.2.
 */
enum domain_check domain_check(struct slice data);

/* ---- what stands in it ---- */

enum field_kind { FIELD_TEXT, FIELD_IPV4, FIELD_IPV6, FIELD_U8, FIELD_U16, FIELD_U32, FIELD_BYTES };

struct dns_field {
	const char *name; /* NULL ends the list */
	enum field_kind kind;
};

enum { DNS_FIELDS_MAX = 9 };

struct dns_type {
	const char *name; /* "AAAA" */
	struct dns_field fields[DNS_FIELDS_MAX + 1];
};

/* Values as they stand in the text: strings without quotes and not decoded (domain/jsontext.h),
 * numbers as digits, bytes as the array. Borrowed from the text. */
struct dns_record {
	const struct dns_type *type;
	struct slice value[DNS_FIELDS_MAX];
};

struct domain_text {
	struct slice encrypted, zone, info; /* raw strings, as above */
};

/* Called as the text is read, in its order; any may be NULL. They may be called for a text that
 * turns out not to parse. */
struct domain_visitor {
	void (*record)(void *ctx, const struct dns_record *r);
	void (*contact)(void *ctx, struct slice name, struct slice value);
	void *ctx;
};

bool domain_read(struct slice data, struct domain_text *out, const struct domain_visitor *v);

/* 8.5: length of the text form in bytes; −1 where there is none (OPT). */
int64_t record_text_size(const struct dns_record *r);
bool record_is_clearnet(const struct dns_record *r);

/* The compact form that the reference writes. The writer fails when it does not fit; false when the
 * text does not parse. */
bool domain_canonical(struct slice data, struct wr *w);

/* What the reference takes for a byte string in hex (2.2), given the raw JSON string; false also
 * for what makes it crash. `to` may be NULL to ask only; *n bytes. */
bool domain_hex(struct slice raw, uint8_t *to, size_t size, size_t *n);

/* The same without its first two steps: empty is refused, the length before stripping is free. */
bool domain_hex_stripped(struct slice raw, uint8_t *to, size_t size, size_t *n);

/* 8.2 */
bool zone_is_yggdrasil_only(struct slice raw_zone);

/* ---- domain_record.c ---- */

/* The next element of `records`, read from the whole text; false when it is none. */
bool record_read(struct rd *r, struct dns_record *out);

/* ---- dnsaddr.c: addresses as 8.3 reads them and as the reference writes them ---- */
enum { DNSADDR_TEXT_MAX = 48 };
bool dnsaddr_parse4(struct slice text, uint8_t ip[4]);
bool dnsaddr_parse6(struct slice text, uint8_t ip[16]);
size_t dnsaddr_text4(const uint8_t ip[4], char to[DNSADDR_TEXT_MAX]);
size_t dnsaddr_text6(const uint8_t ip[16], char to[DNSADDR_TEXT_MAX]);

#endif
