/* Parses the `data` text of a domain transaction: accepts exactly what the reference node accepts
 * (protocol.md 8.3), and checks the rules for its records (8.4, 8.5). Pure functions without
 * recursion or allocation. Before: chain/rules.c and chain/domain_rules.c call. After:
 * domain/jsontext.h reads the JSON. */
#ifndef DOMAIN_DOMAIN_H
#define DOMAIN_DOMAIN_H

#include "base/cursor.h"

/* protocol.md 1.3, bounds of a domain's data. */
enum {
	MAX_RECORDS = 30,
	MAX_DATA_LEN = 255,
};

enum domain_check {
	DOMAIN_UNREAD, /* not checked yet; domain_check() never returns it */
	DOMAIN_OK,
	DOMAIN_MALFORMED,    /* does not parse as DomainData (8.3) */
	DOMAIN_MANY_RECORDS, /* more than MAX_RECORDS; rule 12d */
	DOMAIN_CLEARNET,     /* a clearnet record in a Yggdrasil-only zone; rule 12e */
	DOMAIN_LONG,         /* a record whose text form is over MAX_DATA_LEN there; rule 12e */
};

/* Parses the text, then applies rules 12d and 12e in the order of 7.2. The required difficulty
 * (7.5) depends only on whether it parses. */
enum domain_check domain_check(struct slice data);

/* ---- reading the content ---- */

enum field_kind { FIELD_TEXT, FIELD_IPV4, FIELD_IPV6, FIELD_U8, FIELD_U16, FIELD_U32, FIELD_BYTES };

struct dns_field {
	const char *name; /* key in the object form; NULL ends the list */
	enum field_kind kind;
};

enum { DNS_FIELDS_MAX = 9 };

struct record_type {
	const char *name; /* such as "AAAA" */
	uint16_t number;  /* of the DNS (28); 0 for UNKNOWN, which names a number itself */
	struct dns_field fields[DNS_FIELDS_MAX + 1];
};

/* One record. Values are raw text, borrowed from `data`: strings without quotes and with their
 * escapes (decode them with domain/jsontext.h), numbers as digits, bytes as the JSON array. */
struct dns_record {
	const struct record_type *type;
	struct slice value[DNS_FIELDS_MAX];
};

struct domain_text {
	struct slice encrypted, zone, info; /* raw strings, borrowed, as above; empty when absent */
};

/* Callbacks for each record and contact, in the order of the text; either may be NULL. They are
 * called while the text is read, so they may have been called although it turns out not to parse.
 */
struct domain_visitor {
	void (*record)(void *ctx, const struct dns_record *r);
	void (*contact)(void *ctx, struct slice name, struct slice value);
	void *ctx;
};

/* Reads the whole text. False when it does not parse; *out is then not to be used. */
bool domain_read(struct slice data, struct domain_text *out, const struct domain_visitor *v);

/* Length of the record's text form in bytes (8.5); −1 where there is none (OPT). */
int64_t record_text_size(const struct dns_record *r);
/* True for an A record, and for an AAAA record outside 200::/7 (8.5). */
bool record_is_clearnet(const struct dns_record *r);

/* Writes the compact form that the reference node writes. False when the text does not parse. When
 * it does not fit, w->bad is set. */
bool domain_canonical(struct slice data, struct wr *w);

/* The same with these bytes as `encrypted`, whatever the text has there. */
bool domain_canonical_for(struct slice data, struct slice encrypted, struct wr *w);

/* One record, or contact, in that form: an object. The contact's texts are raw strings. */
void record_canonical(const struct dns_record *r, struct wr *w);
void contact_canonical(struct slice name, struct slice value, struct wr *w);

/* Decodes a raw JSON string as the reference node decodes hex (2.2). False when it refuses the
 * string or crashes on it. `to` may be NULL, to check only; *n = number of bytes, at most `size`.
 */
bool domain_hex(struct slice raw, uint8_t *to, size_t size, size_t *n);

/* The same without the first two steps of 2.2: an empty string is refused, and the length before
 * stripping white space may be odd. */
bool domain_hex_stripped(struct slice raw, uint8_t *to, size_t size, size_t *n);

/* True for the zones "ygg" and "anon" (8.2); `raw_zone` is a raw JSON string. */
bool zone_is_yggdrasil_only(struct slice raw_zone);

/* ---- domain_record.c ---- */

/* Reads the next element of the array `records`, in object or array form. False when it is not a
 * valid record. */
bool record_read(struct rd *r, struct dns_record *out);

/* The type of that name, in capitals; NULL = no record may have it. Static. */
const struct record_type *record_type_named(struct slice name);

/* ---- dnsaddr.c: addresses as 8.3 reads them, and as the reference node writes them. The parsers
 * take the whole text or return false; the writers return the length without the NUL. ---- */
enum { DNSADDR_TEXT_MAX = 48 };
bool dnsaddr_parse4(struct slice text, uint8_t ip[4]);
bool dnsaddr_parse6(struct slice text, uint8_t ip[16]);
size_t dnsaddr_text4(const uint8_t ip[4], char to[DNSADDR_TEXT_MAX]);
size_t dnsaddr_text6(const uint8_t ip[16], char to[DNSADDR_TEXT_MAX]);

#endif
