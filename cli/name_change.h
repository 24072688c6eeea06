/* A change of a name as it was typed: the keys, the data that the name has now, what is added and
 * removed, and the draft of its block. Before: cli/prepare.c, cli/domain_ask.c. After:
 * owner/zone_edit.h and owner/draft.h. */
#ifndef CLI_NAME_CHANGE_H
#define CLI_NAME_CHANGE_H

#include "cli/cli.h"
#include "cli/offline.h"
#include "owner/draft.h"
#include "owner/owner_line.h"

enum { NAME_CHANGE_LINES = 256 * 1024, NAME_CHANGE_HEX = 2 * KEY_SIZE + 1 };

struct name_change {
	const struct cli *cli;
	struct offline o;
	const struct config *config; /* borrowed */
	int64_t now;                 /* seconds, as the rules have it */
	struct key_public author, to;
	char to_signing[NAME_CHANGE_HEX], to_encryption[NAME_CHANGE_HEX]; /* "" = the author */
	char name[DRAFT_NAME_MAX + 1];                                    /* lower case */
	char author_name[KEY_NAME_MAX + 1]; /* of the author's key here; "" = unknown */
	double rate;                        /* hashes a second here; 0 = unknown */
	struct block_summary tip;
	bool ours, taken; /* the name has a row of the author, or of somebody else */
	/* The data before and after; the same as lines; the zone file; each owned, of
	 * NAME_CHANGE_LINES bytes. */
	struct wr before, after, lines_before, lines_after, diff, file;
};

/* Reads an owner line, or two public keys, that was given with an option. False after an error was
 * printed. */
bool name_change_owner(
	const struct cli *cli, const char *option, const char *text, struct key_public *keys);

/* Opens the store for reading and reads the name, what it has, and --to; c->author is set already.
 * EXIT_DONE, or an exit status after an error was printed. End it with name_change_end() in any
 * case. */
int name_change_begin(struct name_change *c, const struct cli *cli, struct config *config);
int name_change_end(struct name_change *c, int status);

/* Applies what was typed to what the name has. False after an error was printed. */
bool name_change_edit(struct name_change *c);

/* The draft of it. NULL after an error was printed; free it with draft_free(). */
struct draft *name_change_draft(struct name_change *c);

/* ---- cli/name_tell.c ---- */

/* Does a test fail? Without --json every one that does is printed, a line each, as an error. */
bool name_change_refused(const struct name_change *c, const struct draft *d);

/* Prints what changes, the data, the difficulty, how long the search takes and how large the block
 * is; with --json the tests that fail, too. */
void name_change_tell(
	struct name_change *c, const struct draft *d, const struct draft_price *price);

#endif
