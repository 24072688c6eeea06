/* Any bytes as a message: what is taken has an encoding that is taken again as the same message,
 * and that encoding is a fixed point. */
#include "p2p/wire.h"
#include "tests/fuzz/fuzz.h"

static void same(const struct message *a, const struct message *b)
{
	must(a->type == b->type && a->version == b->version && a->is_public == b->is_public);
	must(a->height == b->height && a->index == b->index && a->peer_count == b->peer_count);
	must(slice_eq(a->app_version, b->app_version) && slice_eq(a->origin, b->origin));
	must(slice_eq(a->rand_id, b->rand_id) && slice_eq(a->hash, b->hash));
	must(slice_eq(a->block, b->block));
	for (size_t i = 0; i < a->peer_count; i++)
		must(slice_eq(a->peers[i], b->peers[i]));
}

static void play(const struct message *m)
{
	static uint8_t space[2][1 << 20];
	struct wr first = wr_of(space[0], sizeof space[0]),
		  second = wr_of(space[1], sizeof space[1]);
	uint8_t *scratch;
	struct message again;

	message_encode(m, &first);
	must(!first.bad);
	if (m->type == MSG_BLOCK)
		must(message_block_size(m->index, m->block) == first.n);
	if (m->peer_count > PEERS_MAX) /* the rest is not kept */
		return;
	scratch = mem_alloc(first.n);
	must(message_decode(wr_done(&first), &again, scratch, first.n) == ERR_OK);
	same(m, &again);
	message_encode(&again, &second);
	must(slice_eq(wr_done(&first), wr_done(&second)));
	mem_free(scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *scratch = mem_alloc(size);
	struct message m;

	if (size <= MESSAGE_MAX &&
		message_decode(slice_of(data, size), &m, scratch, size) == ERR_OK) {
		play(&m);
		app_version_acceptable(m.app_version);
	}
	app_version_acceptable(slice_of(data, size));
	mem_free(scratch);
	must(mem_blocks() == 0);
	return 0;
}
