/* Any text as a zone file, as a line of the command line and as a pattern: each record that is
 * taken is domain data, is written as a line, and that line is read as the same record. An error
 * has a place within the text. And any text as domain data: what is written of it is read back, and
 * a change that changes nothing leaves the data as it is. */
#include "owner/zone_edit.h"
#include "tests/fuzz/fuzz.h"

enum { LONGEST = 8192 };

struct round {
	struct zone_text *again; /* another reader, since the first one is at work */
	struct zone_edit *edit;
	unsigned records;
};

static void must_be_same(void *ctx, struct slice json)
{
	struct slice *wanted = ctx;

	must(slice_eq(json, *wanted));
	wanted->n = 0;
}

static void take(void *ctx, struct slice json)
{
	static uint8_t line[ZONE_RECORD_MAX];
	struct round *round = ctx;
	struct wr w = wr_of(line, sizeof line);
	struct rd r = rd_of(json);
	struct dns_record record;
	struct zone_error e;

	round->records++;
	must(record_read(&r, &record) && rd_done(&r));
	bool written = zone_text_write(round->again, &record, &w);
	if (w.bad)
		return;
	must(written);
	must(zone_text_read(round->again, wr_done(&w), ZONE_FILE, must_be_same, &json, &e));
	must(json.n == 0);
}

static void add(void *ctx, struct slice json)
{
	struct round *round = ctx;

	zone_edit_add(round->edit, json);
}

static void play_text(struct zone_text *z, struct round *round, struct slice text)
{
	struct zone_error e = {.line = 0};
	struct zone_pattern p;
	unsigned lines = 1;

	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	for (int form = ZONE_FILE; form <= ZONE_LINE; form++)
		if (!zone_text_read(z, text, (enum zone_form)form, take, round, &e))
			must(e.text[0] && e.line > 0 && e.line <= lines && e.column > 0 &&
				e.column <= text.n + 1);
	if (zone_text_pattern(z, text, &p, &e)) {
		must(p.type && p.owner.n);
		zone_text_read(z, text, ZONE_LINE, add, round, &e);
		zone_edit_remove(round->edit, &p);
	}
}

static void play_data(struct zone_text *z, struct slice data)
{
	static uint8_t first[8 * LONGEST], second[8 * LONGEST], changed[8 * LONGEST];
	struct wr a = wr_of(first, sizeof first), b = wr_of(second, sizeof second);
	struct wr c = wr_of(changed, sizeof changed);
	struct zone_edit *e;

	if (zone_edit_new(data, slice_str("ygg"), &e)) {
		must(!e);
		return;
	}
	zone_edit_write(e, &c);
	must(zone_dump(z, data, &a) || !data.n);
	must(c.bad || zone_dump(z, wr_done(&c), &b));
	must(a.bad || b.bad || !data.n || slice_eq(wr_done(&a), wr_done(&b)));
	zone_edit_free(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice name = slice_str("example.ygg");
	struct round round = {.records = 0};
	struct zone_text *z;

	if (size > LONGEST)
		return 0;
	must(!zone_text_new(name, &z) && !zone_text_new(name, &round.again));
	must(!zone_edit_new(slice_of(NULL, 0), slice_str("ygg"), &round.edit));
	uint8_t *own = own_copy(data, size);
	play_text(z, &round, slice_of(own, size));
	play_data(z, slice_of(own, size));
	mem_free(own);
	zone_edit_free(round.edit);
	zone_text_free(round.again);
	zone_text_free(z);
	must(mem_blocks() == 0);
	return 0;
}
