/* Records of a name as text, as zone files have them (RFC 1035 5.1), and back: relative to the
 * name, types A AAAA CNAME NS MX SRV TXT TLSA PTR. Read are texts that a person wrote: an error
 * says the line, the column, and what is right.
 *
 * A host without a dot at its end is below the name, as in every zone file; on the chain it is
 * whole, without that dot (protocol.md 8.9 step 11).
 *
 * Before: --record, --zone-file and --remove of the command line. After: owner/zone_token.h cuts
 * the text, domain/domain.h knows the types. */
#ifndef OWNER_ZONE_TEXT_H
#define OWNER_ZONE_TEXT_H

#include "base/err.h"
#include "domain/domain.h"
#include "owner/zone_error.h"

enum {
	ZONE_TTL = 3600,             /* seconds, where neither the record nor $TTL says another */
	ZONE_TTL_MAX = INT32_MAX,    /* longer ones are answered as 0 */
	ZONE_NAME_MAX = 253,         /* bytes of a whole name */
	ZONE_RECORD_MAX = 48 * 1024, /* bytes of a record as JSON; no block has room for more */
};

enum zone_form {
	ZONE_FILE, /* many lines, with $TTL, $ORIGIN, comments and brackets */
	/* One record, as --record has it: the TTL may stand at its end, too; and a host with a dot
	 * in it must have one at its end, because most people who leave it out mean a whole name.
	 */
	ZONE_LINE,
};

struct zone_text; /* a reader and writer; one text at a time */

/* For the records of this name, lower case, such as "example.ygg"; borrowed as long as it is used.
 * The caller frees it with zone_text_free(). ERR_NOMEM. */
enum err zone_text_new(struct slice name, struct zone_text **out);
void zone_text_free(struct zone_text *z); /* NULL is fine */

/* Takes each record as a JSON object in the canonical form, valid during the call. */
typedef void zone_record_fn(void *ctx, struct slice json);

/* Reads the text. False with *e for the first thing that is wrong; records before it were given. */
bool zone_text_read(struct zone_text *z, struct slice text, enum zone_form form,
	zone_record_fn *record, void *ctx, struct zone_error *e);

/* What --remove names: "www AAAA", "www AAAA 200::1", with or without a TTL, which does not count.
 */
struct zone_pattern {
	struct slice owner; /* as `domain` of a record has it */
	const struct record_type *type;
	struct slice json; /* the record in the canonical form; empty: all of that owner and type */
};

/* Reads a pattern; its slices are valid until the next call. False with *e. */
bool zone_text_pattern(
	struct zone_text *z, struct slice text, struct zone_pattern *p, struct zone_error *e);

/* Appends the record as a line that zone_text_read() reads as the same record. Where no line can
 * say it, a comment with its JSON, and false: some types, TTLs and names are on the chain that no
 * zone file has. The writer's error is set when it does not fit. */
bool zone_text_write(struct zone_text *z, const struct dns_record *r, struct wr *w);

#endif
