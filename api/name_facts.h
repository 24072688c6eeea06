/* What the chain knows of one name, as values: state, owner, dates, history (protocol.md 7.6, 8.6,
 * 8.8). The JSON of /domain/ and the page of a name are written from it. */
#ifndef API_NAME_FACTS_H
#define API_NAME_FACTS_H

#include "api/query.h"
#include "api/query_name.h"
#include "chain/domain_rules.h"

/* How many of a name's blocks, the newest first, are looked at one by one, and how many are
 * counted. A name may have any number, and each look costs reading a block. */
enum { NAME_EVENTS = 16, NAME_COUNTED = 1000 };

/* What a block did to the name, compared with the block before it. */
enum name_deed {
	NAME_REGISTERED,
	NAME_REGISTERED_AGAIN,
	NAME_TRANSFERRED,
	NAME_CHANGED,
	NAME_RENEWED
};

struct name_event {
	uint64_t block; /* index */
	int64_t time;   /* seconds since 1970 */
	enum name_deed deed;
	uint8_t owner[32]; /* from then on; the first owner_size bytes of it */
	size_t owner_size;
	uint8_t author[KEY_SIZE];
};

struct name_facts {
	struct query_name name;
	bool registered; /* it has a block; false: what follows is empty, and the name free */
	enum domain_state state;
	bool confirmed; /* its confirmation belongs to the name; also true of an identity */
	bool resolves;  /* the DNS server answers for it */
	int64_t since, expires, free_from;     /* seconds since 1970 */
	struct domain_row first;               /* the oldest row that was counted */
	uint64_t total;                        /* its blocks, at most NAME_COUNTED */
	size_t count;                          /* of the next */
	struct name_event events[NAME_EVENTS]; /* newest first; cut where one cannot be read */
	struct block_owned *block;             /* its newest one, owned */
};

/* Looks up a name or an identity as people write it. False when there is no such thing: s->missing,
 * s->why and s->no_memory say more. After true the caller frees by name_facts_free(). */
bool name_facts_read(struct query *s, const char *what, struct name_facts *out);

/* May be called on a struct that is zero or was freed before. */
void name_facts_free(struct name_facts *f);

/* What a full block did to its name. At most one row and one more block are read. False when that
 * block cannot be read. Call between view_begin() and view_end() of the view of s->chain. */
bool name_deed_of(struct query *s, const struct block *b, enum name_deed *deed);

/* "registered", "changed" and so on; static. */
const char *name_deed_word(enum name_deed deed);

/* "alive", "expired" or "free"; static. */
const char *name_state_word(enum domain_state state);

/* The new owner that a block names: the key in `signing`, or the author where that is empty
 * (protocol.md 7.6, 7.12). */
struct slice name_owner_of(const struct block *b);

#endif
