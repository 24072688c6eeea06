/* The command `block prepare`: makes the block of a name, new or changed, by the chain as it is
 * now, and writes it to a file that is searched, signed and brought back elsewhere. No secret is
 * needed: the signature comes after the search. Before: cli/main.c. After: owner/zone_edit.h and
 * owner/draft.h; cli/block.c searches. */
#include <stdio.h>

#include "base/hex.h"
#include "base/human.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "chain/crypto.h"
#include "cli/cli.h"
#include "cli/offline.h"
#include "cli/print.h"
#include "cli/small_file.h"
#include "mine/block_file.h"
#include "owner/draft.h"
#include "owner/owner_line.h"
#include "owner/zone_edit.h"

enum { TEXT_MAX = 64 * 1024, LINES_MAX = 4 * TEXT_MAX, HEX_KEY = 2 * KEY_SIZE + 1 };

struct prepare {
	const struct cli *cli;
	struct offline o;
	int64_t now;
	struct key_public author, to;
	char to_signing[HEX_KEY], to_encryption[HEX_KEY]; /* "" = the author */
	char name[DRAFT_NAME_MAX + 1];                    /* lower case */
	struct block_summary tip;
	/* The data before and after; the same as lines; the zone file; each owned, of its size. */
	struct wr before, after, lines_before, lines_after, diff, file;
};

/* ---- what was typed ---- */

static bool take_owner(
	const struct cli *cli, const char *option, const char *text, struct key_public *keys)
{
	char why[KEY_ERROR_MAX];

	if (owner_line_read(slice_str(text), keys, why))
		return true;
	cli_error("%s: --%s: %s", cli->command, option, why);
	return false;
}

static bool take_words(struct prepare *p)
{
	const struct cli *cli = p->cli;
	struct wr w = wr_of(p->name, sizeof p->name - 1);

	if (!cli->key) {
		cli_error("%s: whose block? --key takes an owner line, or two public keys",
			cli->command);
		return false;
	}
	if (!cli->dry_run && !cli->output) {
		cli_error("%s: where to? --output FILE, or --dry-run", cli->command);
		return false;
	}
	if (utf8_valid(slice_str(cli->args[0])))
		name_lower(slice_str(cli->args[0]), &w);
	p->name[w.bad ? 0 : w.n] = 0;
	if (!take_owner(cli, "key", cli->key, &p->author) ||
		(cli->to && !take_owner(cli, "to", cli->to, &p->to)))
		return false;
	if (cli->to) {
		hex_upper(slice_of(p->to.signing, KEY_SIZE), p->to_signing);
		hex_upper(slice_of(p->to.encryption, KEY_SIZE), p->to_encryption);
	}
	return true;
}

static bool take_memory(struct prepare *p)
{
	struct wr *const all[] = {
		&p->before, &p->after, &p->lines_before, &p->lines_after, &p->diff, &p->file};
	bool good = true;

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		*all[i] = wr_of(mem_alloc(LINES_MAX), LINES_MAX);
		good &= all[i]->p != NULL;
	}
	if (!good)
		cli_error("%s: out of memory", p->cli->command);
	return good;
}

static void give_memory(struct prepare *p)
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
static void read_before(struct prepare *p)
{
	struct view *v = chain_view(p->o.chain);
	struct block_owned *o = NULL;
	uint8_t identity[32];
	struct domain_row row;

	crypto_identity(slice_str(p->name), slice_of(NULL, 0), identity, NULL);
	view_begin(v);
	if (view_summary(v, view_height(v), &p->tip) &&
		view_domain(v, slice_of(identity, sizeof identity), UINT64_MAX, &row) &&
		row.owned && memcmp(row.owner, p->author.signing, KEY_SIZE) == 0)
		o = view_block(v, row.id);
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

static bool read_zone_file(struct prepare *p, struct zone_text *z, struct zone_edit *e)
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

static bool edit(struct prepare *p, struct zone_text *z, struct zone_edit *e)
{
	const struct cli *cli = p->cli;

	if (cli->zone_file && !read_zone_file(p, z, e))
		return false;
	if (cli->info && !zone_edit_info(e, slice_str(cli->info))) {
		cli_error("%s: --info is too long, or no UTF-8", cli->command);
		return false;
	}
	zone_edit_write(e, &p->after);
	if (p->before.n)
		zone_dump(z, wr_done(&p->before), &p->lines_before);
	zone_dump(z, wr_done(&p->after), &p->lines_after);
	zone_diff(wr_done(&p->lines_before), wr_done(&p->lines_after), &p->diff);
	return true;
}

static bool make_data(struct prepare *p)
{
	struct zone_text *z = NULL;
	struct zone_edit *e = NULL;
	struct slice zone = name_zone(slice_str(p->name));
	/* An unknown zone is for the draft to refuse. */
	struct slice known = zone_is_known(zone) ? zone : slice_str("ygg");
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

/* Every test that fails, a line each. */
static bool refused(const struct draft *d)
{
	struct draft_refusal f;
	char text[DRAFT_WORDS_MAX];
	bool any = false;

	for (int why = DRAFT_FINE + 1; why < DRAFT_WHYS; why++) {
		if (!draft_test(d, (enum draft_why)why, &f))
			continue;
		any = true;
		cli_error("%s", cli_printable(draft_say(d, &f, text)));
		if (why == DRAFT_NAME || why == DRAFT_ZONE)
			break;
	}
	return any;
}

static void tell_json(const struct draft *d, const struct draft_price *price)
{
	uint8_t *space = mem_alloc(LINES_MAX);
	struct wr w = wr_of(space, space ? LINES_MAX : 0);
	struct json_wr j = {.w = &w};

	json_open(&j, NULL, '{');
	json_text(&j, "name", d->name);
	json_u64(&j, "index", d->b.index);
	json_u64(&j, "difficulty", price->difficulty);
	json_str(&j, "difficulty_reason", draft_reason_name(price->reason));
	json_number(&j, "mean_hashes", draft_mean_hashes(price->difficulty));
	json_u64(&j, "block_bytes", d->block_bytes);
	json_text(&j, "data", d->tx.data);
	json_close(&j, '}');
	print_json(stdout, wr_done(&w));
	mem_free(space);
}

static void tell(struct prepare *p, const struct draft *d, const struct draft_price *price)
{
	char text[DRAFT_WORDS_MAX], hashes[HUMAN_MAX], bytes[HUMAN_MAX], date[HUMAN_MAX];
	struct rd lines = rd_of(wr_done(&p->diff));

	if (p->cli->json) {
		tell_json(d, price);
		return;
	}
	while (lines.left) {
		const uint8_t *end = memchr(lines.p, '\n', lines.left);
		struct slice line = rd_bytes(&lines, end ? (size_t)(end - lines.p) : lines.left);
		rd_bytes(&lines, end ? 1 : 0);
		char *copy = mem_alloc(line.n + 1);
		if (copy && line.n)
			memcpy(copy, line.p, line.n);
		printf("%s\n", copy ? cli_printable(copy) : "");
		mem_free(copy);
	}
	printf("%s, %s hashes on average; at most %s\n", draft_say_price(price, text),
		human_count((uint64_t)(draft_mean_hashes(price->difficulty) + 0.5), hashes),
		human_bytes(d->block_bytes, bytes));
	printf("on top of block %s of %s, and good until another one follows it\n",
		human_count(p->tip.index, hashes), human_date(p->tip.timestamp, date));
	if (!p->cli->dry_run)
		printf("next: alfisd block search %s\n", cli_printable(p->cli->output));
}

static int write_block(struct prepare *p, struct draft *d, const struct draft_price *price)
{
	struct block b = d->b;
	char why[SMALL_FILE_WHY];
	enum err err = draft_seal(d, &rng_system);

	if (err) {
		cli_error("%s: %s", p->cli->command, err_name(err));
		return EXIT_TASK_FAILED;
	}
	b.difficulty = (uint32_t)price->difficulty;
	b.prev_hash = slice_of(p->tip.hash, HASH_SIZE);
	p->file.n = 0;
	block_file_write(p->o.params.origin, &b, &p->file);
	if (!small_file_write(p->cli->output, wr_done(&p->file), 0644, why)) {
		cli_error("%s: %s %s", p->cli->command, p->cli->output, why);
		return EXIT_TASK_FAILED;
	}
	return EXIT_DONE;
}

static int finish(struct prepare *p, struct draft *d)
{
	struct draft_price price;
	int status = refused(d) ? EXIT_REFUSED : EXIT_DONE;

	draft_price(d, &price);
	if (status == EXIT_DONE && !p->cli->dry_run)
		status = write_block(p, d, &price);
	if (status == EXIT_DONE || p->cli->dry_run)
		tell(p, d, &price);
	return status;
}

static int prepare(struct prepare *p)
{
	struct draft_request r = {.name = slice_str(p->cli->args[0]),
		.author = p->author.signing,
		.encryption = p->author.encryption,
		.to_signing = slice_str(p->to_signing),
		.to_encryption = slice_str(p->to_encryption),
		.renewal = p->cli->renewal};
	struct draft *d;

	read_before(p);
	if (!p->tip.index) {
		cli_error("%s: there is no block yet to put one on", p->cli->command);
		return EXIT_TASK_FAILED;
	}
	if (!make_data(p))
		return EXIT_TASK_FAILED;
	r.data = wr_done(&p->after);
	if (draft_open(&r, chain_view(p->o.chain), p->now, &d)) {
		cli_error("%s: out of memory", p->cli->command);
		return EXIT_TASK_FAILED;
	}
	int status = finish(p, d);
	draft_free(d);
	return status;
}

int cmd_block_prepare(const struct cli *cli, struct config *c)
{
	struct prepare p = {.cli = cli};
	int status = EXIT_USAGE;

	if (!take_words(&p))
		return status;
	offline_will_read();
	status = offline_open(&p.o, c, true);
	if (status != EXIT_DONE)
		return status;
	p.now = chain_now(p.o.chain, clock_wall(&clock_system));
	status = take_memory(&p) ? prepare(&p) : EXIT_TASK_FAILED;
	give_memory(&p);
	return offline_close(&p.o, status);
}
