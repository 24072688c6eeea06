/* A change of a name as it was typed. See cli/name_change.h. */
#include "cli/name_change.h"

#include <stdio.h>

#include "base/hex.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "chain/crypto.h"
#include "cli/small_file.h"
#include "owner/zone_edit.h"

/* ---- what was typed ---- */

bool name_change_owner(
	const struct cli *cli, const char *option, const char *text, struct key_public *keys)
{
	char why[KEY_ERROR_MAX];

	if (owner_line_read(slice_str(text), keys, why))
		return true;
	cli_error("%s: --%s: %s", cli->command, option, why);
	return false;
}

/* --for and --to differ in their words alone. */
static bool take_owner(struct name_change *p)
{
	const struct cli *cli = p->cli;
	const char *option = cli->for_owner ? "for" : "to";
	const char *owner = cli->for_owner ? cli->for_owner : cli->to;
	char why[KEY_ERROR_MAX];

	if (cli->for_owner && cli->to) {
		cli_error("%s: --for and --to are two owners: say one", cli->command);
		return false;
	}
	if (!owner)
		return true;
	if (!name_change_owner(cli, option, owner, &p->to))
		return false;
	if (!owner_is_another(&p->to, &p->author, true, why)) {
		cli_error("%s: --%s: %s", cli->command, option, why);
		return false;
	}
	hex_upper(slice_of(p->to.signing, KEY_SIZE), p->to_signing);
	hex_upper(slice_of(p->to.encryption, KEY_SIZE), p->to_encryption);
	return true;
}

static bool take_words(struct name_change *p)
{
	const struct cli *cli = p->cli;
	struct wr w = wr_of(p->name, sizeof p->name - 1);

	if (utf8_valid(slice_str(cli->args[0])))
		name_lower(slice_str(cli->args[0]), &w);
	p->name[w.bad ? 0 : w.n] = 0;
	return take_owner(p);
}

static bool take_memory(struct name_change *p)
{
	struct wr *const all[] = {
		&p->before, &p->after, &p->lines_before, &p->lines_after, &p->diff, &p->file};
	bool good = true;

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		*all[i] = wr_of(mem_alloc(NAME_CHANGE_LINES), NAME_CHANGE_LINES);
		good &= all[i]->p != NULL;
	}
	if (!good)
		cli_error("%s: out of memory", p->cli->command);
	return good;
}

static void give_memory(struct name_change *p)
{
	mem_free(p->before.p);
	mem_free(p->after.p);
	mem_free(p->lines_before.p);
	mem_free(p->lines_after.p);
	mem_free(p->diff.p);
	mem_free(p->file.p);
}

/* ---- the data ---- */

/* What the name has now, when it is the author's: else it begins anew. */
static void read_before(struct name_change *p)
{
	struct view *v = chain_view(p->o.chain);
	struct block_owned *o = NULL;
	uint8_t identity[32];
	struct domain_row row;

	crypto_identity(slice_str(p->name), slice_of(NULL, 0), identity, NULL);
	view_begin(v);
	if (view_summary(v, view_height(v), &p->tip) &&
		view_domain(v, slice_of(identity, sizeof identity), UINT64_MAX, &row)) {
		p->ours = row.owned && memcmp(row.owner, p->author.signing, KEY_SIZE) == 0;
		p->taken = !p->ours;
		if (p->ours)
			o = view_block(v, row.id);
	}
	view_end(v);
	if (o)
		wr_slice(&p->before, o->b.tx.data);
	mem_free(o);
}

struct adding {
	struct zone_edit *edit;
	bool full;
};

static void add(void *ctx, struct slice json)
{
	struct adding *a = ctx;

	a->full |= !zone_edit_add(a->edit, json);
}

static bool read_zone_file(struct name_change *p, struct zone_text *z, struct zone_edit *e)
{
	struct adding a = {.edit = e};
	const char *name = p->cli->zone_file;
	char why[SMALL_FILE_WHY], place[SMALL_FILE_WHY + ZONE_ERROR_MAX];
	struct zone_error error;

	if (!small_file_read(name, &p->file, why)) {
		cli_error("%s: %s %s", p->cli->command, name, why);
		return false;
	}
	zone_edit_clear(e, z);
	if (!zone_text_read(z, wr_done(&p->file), ZONE_FILE, add, &a, &error)) {
		snprintf(place, sizeof place, "%.200s:%u:%u: %s", name, error.line, error.column,
			error.text);
		cli_error_at_place(place);
		return false;
	}
	if (a.full)
		cli_error("%s: %s has too many records", p->cli->command, name);
	return !a.full;
}

static bool bad_change(
	const struct name_change *p, const struct cli_change *c, const struct zone_error *e)
{
	cli_error("%s: --%s, column %u: %s", p->cli->command, c->option, e->column, e->text);
	return false;
}

static bool add_record(
	struct name_change *p, struct zone_text *z, struct zone_edit *e, const struct cli_change *c)
{
	struct adding a = {.edit = e};
	struct zone_error error;

	if (!zone_text_read(z, slice_str(c->value), ZONE_LINE, add, &a, &error))
		return bad_change(p, c, &error);
	if (a.full)
		cli_error("%s: there are too many records", p->cli->command);
	return !a.full;
}

static bool remove_record(
	struct name_change *p, struct zone_text *z, struct zone_edit *e, const struct cli_change *c)
{
	struct zone_pattern pattern;
	struct zone_error error;

	if (!zone_text_pattern(z, slice_str(c->value), &pattern, &error))
		return bad_change(p, c, &error);
	if (zone_edit_remove(e, &pattern))
		return true;
	cli_error("%s: --remove '%s': there is no such record", p->cli->command,
		cli_printable(c->value));
	return false;
}

static bool set_contact(struct name_change *p, struct zone_edit *e, const struct cli_change *c)
{
	const char *equals = strchr(c->value, '=');

	if (equals && zone_edit_contact(e, slice_of(c->value, (size_t)(equals - c->value)),
			      slice_str(equals + 1)))
		return true;
	cli_error("%s: --contact takes NAME=VALUE", p->cli->command);
	return false;
}

/* In the order in which they were typed. */
static bool apply_changes(struct name_change *p, struct zone_text *z, struct zone_edit *e)
{
	bool good = true;

	for (size_t i = 0; good && i < p->cli->change_count; i++) {
		const struct cli_change *c = &p->cli->changes[i];
		if (strcmp(c->option, "record") == 0)
			good = add_record(p, z, e, c);
		else if (strcmp(c->option, "remove") == 0)
			good = remove_record(p, z, e, c);
		else
			good = set_contact(p, e, c);
	}
	return good;
}

static bool edit(struct name_change *p, struct zone_text *z, struct zone_edit *e)
{
	const struct cli *cli = p->cli;

	if (cli->zone_file && !read_zone_file(p, z, e))
		return false;
	if (cli->info && !zone_edit_info(e, slice_str(cli->info))) {
		cli_error("%s: --info is too long, or no UTF-8", cli->command);
		return false;
	}
	if (!apply_changes(p, z, e))
		return false;
	zone_edit_write(e, &p->after);
	if (p->before.n)
		zone_dump(z, wr_done(&p->before), &p->lines_before);
	zone_dump(z, wr_done(&p->after), &p->lines_after);
	zone_diff(wr_done(&p->lines_before), wr_done(&p->lines_after), &p->diff);
	return true;
}

bool name_change_edit(struct name_change *p)
{
	struct zone_text *z = NULL;
	struct zone_edit *e = NULL;
	struct slice zone = name_zone(slice_str(p->name));
	/* An unknown zone is for the draft to refuse. */
	struct slice known = zone_is_known(zone) ? zone : slice_str("ygg");

	if (!p->tip.index) {
		cli_error("%s: there is no block yet to put one on", p->cli->command);
		return false;
	}
	enum err err = zone_text_new(slice_str(p->name), &z);
	if (!err)
		err = zone_edit_new(wr_done(&p->before), known, &e);
	if (err)
		cli_error("%s: what the name has now cannot be changed: %s", p->cli->command,
			err_name(err));
	bool good = !err && edit(p, z, e);
	zone_edit_free(e);
	zone_text_free(z);
	return good;
}

/* ---- the draft ---- */

struct draft *name_change_draft(struct name_change *p)
{
	struct draft_request r = {.name = slice_str(p->cli->args[0]),
		.data = wr_done(&p->after),
		.author = p->author.signing,
		.encryption = p->author.encryption,
		.author_name = p->author_name,
		.to_signing = slice_str(p->to_signing),
		.to_encryption = slice_str(p->to_encryption),
		.renewal = p->cli->renewal};
	struct draft *d;

	if (draft_open(&r, chain_view(p->o.chain), p->now, &d) == ERR_OK)
		return d;
	cli_error("%s: out of memory", p->cli->command);
	return NULL;
}

/* ---- begin and end ---- */

int name_change_begin(struct name_change *p, const struct cli *cli, struct config *config)
{
	p->cli = cli;
	p->config = config;
	if (!take_words(p))
		return EXIT_USAGE;
	offline_will_read();
	int status = offline_open(&p->o, config, true);
	if (status != EXIT_DONE)
		return status;
	p->now = chain_now(p->o.chain, clock_wall(&clock_system));
	if (!take_memory(p))
		return EXIT_TASK_FAILED;
	read_before(p);
	return EXIT_DONE;
}

int name_change_end(struct name_change *p, int status)
{
	give_memory(p);
	return p->o.chain ? offline_close(&p->o, status) : status;
}
