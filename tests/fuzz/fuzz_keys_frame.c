/* Any bytes as what comes by a socket of the key process: the first byte says from whom. Frames are
 * cut off one after the other; each that is taken is the same when it is written again, and what is
 * in some of them, the state, the settings and the search, likewise. */
#include "owner/keys_frame.h"
#include "tests/fuzz/fuzz.h"

static uint8_t *out;

static void must_be_written_the_same(const struct keys_message *m, struct slice frame)
{
	struct wr w = wr_of(out, KEYS_FRAME_MAX);

	keys_frame_put(&w, m);
	must(slice_eq(wr_done(&w), frame));
}

static void play_state(struct slice bytes)
{
	static struct keys_row rows[KEYS_MAX];
	static struct keys_state s;
	struct wr w = wr_of(out, KEYS_FRAME_MAX);

	if (!keys_state_get(bytes, &s, rows, KEYS_MAX)) {
		must(s.count <= KEYS_MAX);
		return;
	}
	keys_state_put(&w, &s);
	must(slice_eq(wr_done(&w), bytes));
}

static void play_settings(struct slice bytes)
{
	struct wr w = wr_of(out, KEYS_FRAME_MAX);
	struct keys_settings s;

	if (!keys_settings_get(bytes, &s))
		return;
	must(s.search_threads > 0 && s.max_keys <= KEYS_MAX);
	keys_settings_put(&w, &s);
	must(slice_eq(wr_done(&w), bytes));
}

static void play_search(struct slice bytes)
{
	struct wr w = wr_of(out, KEYS_FRAME_MAX);
	struct keys_search_state s;

	if (!keys_search_get(bytes, &s))
		return;
	keys_search_put(&w, &s);
	must(slice_eq(wr_done(&w), bytes));
}

static void play(struct slice in, enum keys_sender from)
{
	struct keys_message m;
	size_t used = 0;

	while (keys_frame_cut(in, from, KEYS_FRAME_MAX, &m, &used) == KEYS_CUT) {
		must(used >= KEYS_HEAD && used <= in.n);
		must_be_written_the_same(&m, slice_of(in.p, used));
		play_state(m.bytes);
		play_settings(m.bytes);
		play_search(m.bytes);
		in = slice_of(in.p + used, in.n - used);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum keys_sender senders[] = {
		KEYS_FROM_NODE, KEYS_FROM_USER, KEYS_FROM_PROCESS, KEYS_FROM_AFAR};

	if (!size || size > KEYS_FRAME_MAX)
		return 0;
	uint8_t *copy = own_copy(data + 1, size - 1);
	out = mem_alloc(KEYS_FRAME_MAX);
	must(out);
	play(slice_of(copy, size - 1), senders[data[0] % 4]);
	mem_free(out);
	mem_free(copy);
	return 0;
}
