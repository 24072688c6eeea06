/* Walks over the names that changed last, and over those for which a date comes next. The chain
 * has no names, only their identities. The JSON of /names and the pages of names are written from
 * it. */
#ifndef API_NAME_LISTS_H
#define API_NAME_LISTS_H

#include "api/query.h"
#include "chain/view.h"

/* How many are told at most, and how far ahead it is looked. */
enum { NAME_LIST_MAX = 20, NAME_LIST_DAYS = 30 };

/* Called for each name with its newest block, which is valid during the call, and the time that it
 * is listed for, seconds since 1970. */
typedef void name_visit(void *ctx, const struct block *b, int64_t time);

/* The full blocks from the newest down, `most` at most. Returns how many were visited. `v` is the
 * view of s->chain; call between view_begin() and view_end(). */
int names_latest(struct query *s, struct view *v, int most, name_visit *visit, void *ctx);

/* The names for which something happens `age` seconds after their newest block, from now to
 * NAME_LIST_DAYS ahead; the earliest first, NAME_LIST_MAX at most. At most 200 blocks are looked
 * at. Returns how many were visited. */
int names_due(struct query *s, struct view *v, uint64_t age, name_visit *visit, void *ctx);

/* The zone of a name as its data says, as people read it: empty when it does not say it, or in
 * more than 32 bytes. */
struct slice name_list_zone(const struct block *b);

/* Writes the object of GET /names. */
void query_names(struct query *s);

#endif
