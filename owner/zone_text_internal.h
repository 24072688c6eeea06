/* Internal to owner/zone_text.c, owner/zone_fields.c and owner/zone_write.c. */
#ifndef OWNER_ZONE_TEXT_INTERNAL_H
#define OWNER_ZONE_TEXT_INTERNAL_H

#include "owner/zone_text.h"
#include "owner/zone_token.h"

struct zone_text {
	struct slice name;    /* borrowed */
	struct zone_error *e; /* of the present text */
	enum zone_form form;
	uint32_t ttl;                   /* of records without one */
	char owner[ZONE_NAME_MAX + 1];  /* of the last record, relative; "" = none yet */
	char origin[ZONE_NAME_MAX + 1]; /* of $ORIGIN, relative; "" = the name itself */
	unsigned next;                  /* word of the entry that is read next */
	struct zone_entry entry;
	uint8_t json[ZONE_RECORD_MAX];  /* of the present record */
	uint8_t check[ZONE_RECORD_MAX]; /* of a written one: its line, read back */
};

/* What the words of one record say before its fields. */
struct zone_head {
	const struct record_type *type;
	uint32_t ttl;
	bool has_ttl;
};

/* The word that is read next; NULL behind the last one. */
const struct zone_word *zone_peek(const struct zone_text *z);

/* An error at the next word, or behind the last one; returns false. */
__attribute__((format(printf, 2, 3))) bool zone_fail_here(
	struct zone_text *z, const char *fmt, ...);

/* Reads a TTL: seconds, or numbers with s, m, h, d, w behind them. False when it is none. */
bool zone_read_ttl(const struct zone_word *w, uint32_t *ttl);

/* Reads a name as an owner, relative to the zone's name: "@", "*", "www". */
bool zone_read_owner(struct zone_text *z, const struct zone_word *w, char to[ZONE_NAME_MAX + 1]);

/* Reads the fields behind the type, to the end of the entry, and writes the whole record as JSON
 * into z->json: *json. */
bool zone_read_fields(struct zone_text *z, struct zone_head *h, struct slice *json);

/* True when lines can say records of this type. */
bool zone_type_has_text(const struct record_type *t);

#endif
