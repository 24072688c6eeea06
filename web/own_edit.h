/* The editor of a name: what its form says, what is wrong with it, and what would be mined. The
 * form has all of it, so that the node keeps nothing between two requests.
 *
 *     e = own_edit_open(p, name)       the name, its keys and its block are looked up
 *     own_edit_from_chain(e)           the fields as the name has them now,
 *     own_edit_look(e)                 and whether it can be had at all; or
 *     own_edit_from_form(e, &deed)     as they were sent
 *     own_edit_build(e)                the data; each thing that is wrong becomes a reason
 *     own_edit_try(e)                  the draft, which has reasons, too
 *     own_edit_show(e), own_preview()  the page
 *     own_edit_free(e)
 *
 * Before: web/own_new.c. After: owner/zone_edit.h, owner/draft.h. */
#ifndef WEB_OWN_EDIT_H
#define WEB_OWN_EDIT_H

#include "owner/zone_edit.h"
#include "web/own.h"

enum {
	OWN_ROWS = 40,     /* records of a form; the network takes 30 */
	OWN_CONTACTS = 16, /* contacts of a form; others that the name has are kept */
	OWN_REASONS = 64,
	OWN_BYTES = 128 * 1024, /* of each of the texts; a block has a quarter of it */
};

enum own_place {
	OWN_AT_TOP,
	OWN_AT_NAME,
	OWN_AT_ROW,     /* one record, */
	OWN_AT_RECORDS, /* all of them */
	OWN_AT_ZONE,
	OWN_AT_CONTACT,
	OWN_AT_INFO,
};

struct own_reason {
	enum own_place at;
	unsigned row;  /* from 0; of OWN_AT_ROW and OWN_AT_CONTACT */
	int64_t until; /* it passes by itself then; 0 = when a block comes, if `passes` */
	bool passes;
	bool english; /* it has no translation */
	const char *text;
};

struct own_contact {
	struct slice name, value, old; /* `old`: its name before it was changed */
};

/* What the button of the form says. */
struct own_deed {
	enum { OWN_PREVIEW, OWN_START, OWN_UP, OWN_DOWN, OWN_REMOVE } what;
	unsigned row; /* from 0; of the last three */
};

struct own_edit {
	struct page *p;
	char name[DRAFT_NAME_MAX + 1];      /* lower case; "" = it is no text */
	char path[3 * DRAFT_NAME_MAX + 16]; /* of its page */
	struct block_owned *block;          /* its newest, when it is ours; owned */
	struct own_key keys[OWN_KEYS_MAX];
	unsigned key_count;
	const struct own_key *author; /* one of them; NULL = not chosen */
	/* The fields; they point into `space`. */
	unsigned rows, contacts;
	unsigned kept; /* contacts that the form does not show */
	struct slice row[OWN_ROWS];
	struct own_contact contact[OWN_CONTACTS];
	struct slice info, zone;
	bool changed; /* since what was shown, so that it was not started */
	bool looks;   /* own_edit_look(): only what is wrong with the name counts */
	unsigned reasons;
	struct own_reason reason[OWN_REASONS];
	struct wr space, data; /* owned, as all that follows */
	struct zone_text *z;
	struct zone_edit *edit;
	struct draft *draft;
};

/* NULL when memory runs out. */
struct own_edit *own_edit_open(struct page *p, const char *name);
void own_edit_free(struct own_edit *e); /* NULL is fine */

/* What the name has now, as JSON; empty when it is not ours. */
struct slice own_edit_before(const struct own_edit *e);

/* Copies a text into `space`; it is cut where that has no room. */
struct slice own_edit_keep(struct own_edit *e, struct slice text);

/* Notes a reason; `text` is copied. */
struct own_reason *own_edit_blame(
	struct own_edit *e, enum own_place at, unsigned row, const char *text);

/* Fills the fields with what the name has now. */
void own_edit_from_chain(struct own_edit *e);

/* ---- own_edit_rows.c ---- */

/* The record as the line of its field: as a zone file has it, or as JSON where no line can say it,
 * or not all of it could be seen. */
struct slice own_row_of(struct own_edit *e, const struct dns_record *r);

/* Reads a field to the record's JSON, which points into `space`. False with a reason. */
bool own_row_read(struct own_edit *e, unsigned row, struct slice *json);

/* Puts the records of a pasted zone file in the place of those that a line can say. */
void own_paste(struct own_edit *e);

/* ---- own_edit_form.c ---- */

/* The arguments of the form, for web/routes.def. */
#define OWN_TEN(name, d, stars)                                                                    \
	" " name d "0" stars " " name d "1" stars " " name d "2" stars " " name d "3" stars        \
	" " name d "4" stars " " name d "5" stars " " name d "6" stars " " name d "7" stars        \
	" " name d "8" stars " " name d "9" stars
#define OWN_FORTY(name, stars)                                                                     \
	OWN_TEN(name, "", stars)                                                                   \
	OWN_TEN(name, "1", stars) OWN_TEN(name, "2", stars) OWN_TEN(name, "3", stars)
#define OWN_SIXTEEN(name, stars)                                                                   \
	OWN_TEN(name, "", stars)                                                                   \
	" " name "10" stars " " name "11" stars " " name "12" stars " " name "13" stars " " name   \
	"14" stars " " name "15" stars
#define OWN_FORM                                                                                   \
	"name key do seen zone** info**" OWN_FORTY("r", "**") OWN_FORTY("p", "")                   \
		OWN_SIXTEEN("cn", "*") OWN_SIXTEEN("cv", "*") OWN_SIXTEEN("co", "*")

/* Fills the fields with what was sent, in the order that their places ask for. */
void own_edit_from_form(struct own_edit *e, struct own_deed *deed);

/* ---- own_edit_build.c ---- */

/* Makes the data of the fields. False when a reason stands against one of them. */
bool own_edit_build(struct own_edit *e);

/* Makes the draft of the data. False when a reason stands against it that does not pass by itself,
 * or there is no draft. */
bool own_edit_try(struct own_edit *e);

/* Looks at the name before anything was typed: chooses a key, an open one and one that need not
 * wait if there is such, and notes what stands against the name and for what it would have to wait.
 * False when the name cannot be had. After own_edit_from_chain(). */
bool own_edit_look(struct own_edit *e);

/* The request for it; borrowed from `e`. */
struct draft_request own_edit_request(const struct own_edit *e);

/* What the preview showed, so that nothing else is started: as hex. */
void own_edit_mark(const struct own_edit *e, char to[2 * HASH_SIZE + 1]);

/* ---- own_edit_show.c ---- */

/* What stands against a field, as an element of its own; and the attributes of the field that name
 * it. Nothing when it is right. */
void own_edit_put_reasons(struct own_edit *e, enum own_place at, unsigned row);
void own_edit_put_state(struct own_edit *e, enum own_place at, unsigned row);

/* Writes the form. `start`: with the preview, and the button that starts it. */
void own_edit_show(struct own_edit *e, bool start);

/* ---- own_preview.c ---- */

/* Writes what would change, what a resolver would answer, and what it costs. */
void own_preview(struct own_edit *e);

#endif
