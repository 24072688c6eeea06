/* Prints a domain for `show domain`. Before: cli/show.c; api/query_domain.c made the JSON. After:
 * cli/out.c. */
#include <string.h>

#include "base/human.h"
#include "base/json.h"
#include "base/width.h"
#include "cli/print.h"

enum { KEY_SHOWN = 8, VALUE_MAX = 4096, TEXT_SHOWN = 1024, CELL_MAX = 256, RECORD_COLUMNS = 3 };

/* The first digits of a key, and "…". */
static const char *short_key(struct slice object, const char *key, char to[PRINT_TEXT_MAX])
{
	print_text(object, key, to);
	if (strlen(to) > KEY_SHOWN)
		snprintf(to + KEY_SHOWN, PRINT_TEXT_MAX - KEY_SHOWN, "…");
	return to;
}

static const char *date(struct slice object, const char *key, char to[HUMAN_MAX])
{
	return human_date(print_i64(object, key), to);
}

/* ---- records ---- */

static bool is_named(struct slice raw_key, const char *name)
{
	return raw_key.n == strlen(name) + 2 && memcmp(raw_key.p + 1, name, strlen(name)) == 0;
}

/* Writes an array of numbers (bytes) as hex. */
static void put_hex(struct wr *w, struct slice array)
{
	struct slice element;
	uint64_t v;

	for (size_t at = 0; json_element(array, &at, &element);)
		if (json_get_u64(element, &v))
			wr_format(w, "%02X", (unsigned)v);
}

/* Writes one value. A long text is cut with "…"; --json prints it whole. */
static void put_value(struct wr *w, struct slice value)
{
	char text[TEXT_SHOWN];
	size_t n;

	if (value.n && value.p[0] == '[') {
		put_hex(w, value);
	} else if (value.n && value.p[0] == '"') {
		bool whole = json_get_text(value, (uint8_t *)text, sizeof text, &n);
		wr_format(w, "%.*s%s", (int)n, text, whole ? "" : "…");
	} else {
		wr_slice(w, value);
	}
}

/* Writes the fields that have no column, in the order of the record, as a zone file has them. */
static void rest_of_record(struct slice record, char to[VALUE_MAX])
{
	struct wr w = wr_of(to, VALUE_MAX - 1);
	struct slice key, value;

	for (size_t at = 0; json_member(record, &at, &key, &value);) {
		if (is_named(key, "type") || is_named(key, "domain") || is_named(key, "ttl"))
			continue;
		if (w.n)
			wr_u8(&w, ' ');
		put_value(&w, value);
	}
	to[w.n] = 0;
}

static void record_cell(struct slice record, unsigned column, char to[CELL_MAX])
{
	static const char *const keys[RECORD_COLUMNS] = {"domain", "type", "ttl"};
	struct wr w = wr_of(to, CELL_MAX - 1);
	struct slice value;

	if (json_find(record, keys[column], &value))
		put_value(&w, value);
	to[w.n] = 0;
}

static void put_records(struct out *o, struct slice records)
{
	size_t width[RECORD_COLUMNS] = {0};
	char cell[RECORD_COLUMNS][CELL_MAX], rest[VALUE_MAX];
	struct slice record;

	for (size_t at = 0; json_element(records, &at, &record);)
		for (unsigned i = 0; i < RECORD_COLUMNS; i++) {
			record_cell(record, i, cell[i]);
			size_t own = width_of(cell[i]);
			width[i] = own > width[i] ? own : width[i];
		}
	for (size_t at = 0; json_element(records, &at, &record);) {
		int pad[RECORD_COLUMNS];
		for (unsigned i = 0; i < RECORD_COLUMNS; i++) {
			record_cell(record, i, cell[i]);
			pad[i] = (int)(width[i] - width_of(cell[i]));
		}
		rest_of_record(record, rest);
		out_line(o, "  %s%*s  %s%*s  %*s%s  %s", cell[0], pad[0], "", cell[1], pad[1], "",
			pad[2], "", cell[2], rest);
	}
}

static void put_texts(struct out *o, struct slice json)
{
	struct slice records, first;
	char info[PRINT_TEXT_MAX];
	size_t at = 0;

	if (json_find(json, "records", &records)) {
		bool any = json_element(records, &at, &first);
		bool cut = json_is_null(records);
		out_line(o, cut   ? "records   too many to show: --json has the text"
			    : any ? "records"
				  : "records   none");
		put_records(o, records);
	}
	if (print_text(json, "info", info)[0])
		out_line(o, "info      %s", info);
}

static void put_contacts(struct out *o, struct slice json)
{
	char name[PRINT_TEXT_MAX], value[PRINT_TEXT_MAX];
	struct slice contacts = print_inner(json, "contacts"), c;

	for (size_t at = 0; json_element(contacts, &at, &c);)
		out_line(o, "contact   %s: %s", print_text(c, "name", name),
			print_text(c, "value", value));
}

void print_data(struct out *o, struct slice json)
{
	put_texts(o, json);
	put_contacts(o, json);
}

/* ---- a domain ---- */

static void put_unregistered(struct out *o, struct slice json)
{
	char name[PRINT_TEXT_MAX];
	bool empty = print_u64(json, "as_of_height") == 0;

	out_line(o, "%s  %s", print_text(json, "name", name),
		empty ? "not known: there is no block here yet" : "free: nobody has registered it");
}

/* Prints which block the answer is from: a node that is still syncing does not know later changes.
 */
static void put_as_of(struct out *o, struct slice json)
{
	int64_t time = print_i64(json, "as_of_timestamp");
	uint64_t height = print_u64(json, "as_of_height");
	char when[HUMAN_MAX], ago[HUMAN_MAX], number[HUMAN_MAX];

	if (height)
		out_line(o, "as of     block %s of %s, %s", human_count(height, number),
			human_date(time, when), human_ago(time, o->now, ago));
}

/* "alive, expires DATE (in 165 d)", "expired DATE (3 d ago)", "free, expired DATE (2 years ago)" */
static void state_text(const struct out *o, struct slice json, char to[PRINT_TEXT_MAX])
{
	char state[PRINT_TEXT_MAX], when[HUMAN_MAX], ago[HUMAN_MAX];
	int64_t expires = print_i64(json, "expires_timestamp");
	const char *words = "free, expired";

	print_text(json, "state", state);
	if (strcmp(state, "free") != 0)
		words = strcmp(state, "alive") == 0 ? "alive, expires" : "expired";
	snprintf(to, PRINT_TEXT_MAX, "%s %s (%s)", words, human_date(expires, when),
		human_ago(expires, o->now, ago));
}

static void put_headline(struct out *o, struct slice json)
{
	char name[PRINT_TEXT_MAX], state[PRINT_TEXT_MAX], owner[PRINT_TEXT_MAX], line[VALUE_MAX];

	print_text(json, "name", name);
	state_text(o, json, state);
	snprintf(line, sizeof line, "%s  %s, owner %s, registered in block %llu",
		name[0] ? name : short_key(json, "identity", name), state,
		short_key(json, "owner", owner),
		(unsigned long long)print_u64(json, "registered_block"));
	out_wrapped(o, "    ", line);
}

/* Prints why a name that is alive does not resolve, if it does not. */
static void put_doubts(struct out *o, struct slice json)
{
	struct slice confirmed;
	bool wrong = json_find(json, "confirmed", &confirmed) && slice_is(confirmed, "false");
	char state[PRINT_TEXT_MAX];

	if (wrong)
		out_wrapped(o, "    ",
			"it does not resolve: its confirmation does not fit the name, so that who "
			"registered it need not have known it");
	else if (!print_bool(json, "resolves") &&
		 strcmp(print_text(json, "state", state), "alive") == 0)
		out_line(o, "it resolves as soon as there is another block");
}

static void put_renewal(struct out *o, struct slice json)
{
	char until[HUMAN_MAX], state[PRINT_TEXT_MAX], line[PRINT_TEXT_MAX];
	bool is_free = strcmp(print_text(json, "state", state), "free") == 0;

	date(json, "free_from_timestamp", until);
	if (is_free)
		snprintf(line, sizeof line, "renewal   anybody may take it, since %s", until);
	else
		snprintf(line, sizeof line,
			"renewal   by its owner at any time until %s, then anybody may take it",
			until);
	out_wrapped(o, "          ", line);
}

static void put_history(struct out *o, struct slice json)
{
	struct slice history = print_inner(json, "history"), h;
	char when[HUMAN_MAX], event[PRINT_TEXT_MAX], owner[PRINT_TEXT_MAX];
	uint64_t shown = 0, total = print_u64(json, "history_total");

	out_line(o, "history");
	for (size_t at = 0; json_element(history, &at, &h); shown++)
		out_line(o, "  block %llu  %s  %s, owner %s",
			(unsigned long long)print_u64(h, "block"), date(h, "timestamp", when),
			print_text(h, "event", event), short_key(h, "owner", owner));
	if (total > shown)
		out_line(o, "  and %llu before", (unsigned long long)(total - shown));
}

void print_domain(struct out *o, struct slice json)
{
	char text[PRINT_TEXT_MAX], name[PRINT_TEXT_MAX];

	if (print_text(json, "subdomain", text)[0])
		out_line(o, "%s is a name inside of %s", text, print_text(json, "name", name));
	if (!print_bool(json, "registered")) {
		put_unregistered(o, json);
		put_as_of(o, json);
		return;
	}
	put_headline(o, json);
	put_doubts(o, json);
	put_renewal(o, json);
	print_data(o, json);
	put_history(o, json);
	out_line(o, "owner     %s", print_text(json, "owner", text));
	out_line(o, "identity  %s", print_text(json, "identity", text));
	put_as_of(o, json);
}
