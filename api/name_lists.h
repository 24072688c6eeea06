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

/* How many blocks with a name are looked at to find what a key owns: the newest of all, since it
 * may have been given a name by another key, and then the newest that the key itself made. */
enum { OWNED_OF_ALL = 24, OWNED_OF_KEY = 16 };

/* The names that a key owns and nobody else may take yet, found within those blocks,
 * NAME_LIST_MAX at most, the newest first; each with the time of its expiry. `visit` NULL = only
 * count them. Returns how many there are. */
int names_of_key(
	struct query *s, struct view *v, const uint8_t key[KEY_SIZE], name_visit *visit, void *ctx);

/* Writes the same as the member "names" of the object that the caller has opened. */
void query_names_of_key(struct query *s, struct view *v, const uint8_t key[KEY_SIZE]);

/* The zone of a name as its data says, as people read it: empty when it does not say it, or in
 * more than 32 bytes. */
struct slice name_list_zone(const struct block *b);

/* Writes the object of GET /names. */
void query_names(struct query *s);

#endif
