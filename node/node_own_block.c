/* Blocks that the node's owner made. See node/node_own_block.h. */
#include "node/node_own_block.h"

#include "base/json.h"
#include "base/log.h"
#include "http/server.h"
#include "node/node.h"
#include "sync/sync_own_block.h"

enum { ANSWER_MAX = 512 };

enum err node_own_block_submit(struct node *n, uint64_t call, struct block_owned **block)
{
	node_foreign_made(n, (*block)->b.hash);
	return sync_own_block(n->sync, block, call);
}

void node_own_block_told(void *ctx, uint64_t number, const char *why)
{
	struct node *n = ctx;
	uint8_t text[ANSWER_MAX];
	struct wr w = wr_of(text, sizeof text);
	struct json_wr j = {.w = &w};
	struct chain_tip t;

	if (number == NODE_MINE_NUMBER) {
		node_mine_submitted(n, why);
		return;
	}
	chain_get_tip(n->chain, &t);
	json_open(&j, NULL, '{');
	if (why) {
		json_str(&j, "error", why);
		log_info("a block of ours was refused: %s", why);
	} else {
		json_str(&j, "done", "it is part of the chain, and peers are told");
		json_u64(&j, "index", t.height);
	}
	json_close(&j, '}');
	wr_u8(&w, '\n');
	if (n->http)
		http_server_answer(n->http, number, why ? 409 : 200, wr_done(&w));
}
