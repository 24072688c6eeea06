/* Changes of a name's data: the chain keeps the whole, so that a change is made of what is there.
 * What is not named stays as it is, in its order.
 *
 *     zone_edit_new(data, zone, &z, &e)   data "" = a new name
 *     zone_edit_add(), _remove(), …       the changes
 *     zone_edit_write(e, &w)              the new data, for owner/draft.h
 *
 * Before: --record, --remove, --zone-file, --info, --contact. After: owner/zone_text.h,
 * domain/domain.h. */
#ifndef OWNER_ZONE_EDIT_H
#define OWNER_ZONE_EDIT_H

#include "owner/zone_text.h"

enum { ZONE_EDIT_BYTES = 64 * 1024 /* of records, of contacts, of info: more than a block has */ };

struct zone_edit;

/* Begins with this data. ERR_MALFORMED when it does not parse, ERR_TOO_BIG, ERR_NOMEM: *out is
 * NULL. `zone` is the name's and is copied. The caller frees it with zone_edit_free(). */
enum err zone_edit_new(struct slice data, struct slice zone, struct zone_edit **out);
void zone_edit_free(struct zone_edit *e); /* NULL is fine */

/* Adds a record of zone_text_read(). One that differs in its TTL alone gives its place; one that is
 * there already stays. False when there is no room. */
bool zone_edit_add(struct zone_edit *e, struct slice json);

/* Removes what the pattern names; the number of records that went. */
unsigned zone_edit_remove(struct zone_edit *e, const struct zone_pattern *p);

/* Removes all records that a line can say, before those of a zone file are added: the others, which
 * such a file cannot have, stay. */
void zone_edit_clear(struct zone_edit *e, struct zone_text *z);

/* Removes all records, also those that no line can say. */
void zone_edit_no_records(struct zone_edit *e);

/* How many records there are. */
unsigned zone_edit_count(const struct zone_edit *e);

/* Sets the description; empty = none. False when there is no room, or it is no UTF-8. */
bool zone_edit_info(struct zone_edit *e, struct slice text);

/* Sets one contact, as the network's own program writes them; an empty value removes it. False when
 * there is no room, or the name is empty. */
bool zone_edit_contact(struct zone_edit *e, struct slice name, struct slice value);

/* Appends a contact as zone_edit_contact() writes it, as a JSON object: contacts that differ from
 * it were not written so. */
void zone_contact_write(struct slice name, struct slice value, struct wr *w);

/* Appends the data. The writer's error is set when it does not fit. */
void zone_edit_write(const struct zone_edit *e, struct wr *w);

/* ---- owner/zone_diff.c ---- */

/* Appends the data as a zone file: its records, and comments for what such a file cannot have.
 * False when it does not parse. */
bool zone_dump(struct zone_text *z, struct slice data, struct wr *w);

/* Appends the lines of both texts, two characters before each: "  " those of both, "- " those of
 * the first alone, "+ " those of the second alone, which come last. */
void zone_diff(struct slice before, struct slice after, struct wr *w);

#endif
