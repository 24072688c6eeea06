/* Role: tells the owner of a thing, once. Before: node/node_sign.c and whatever else looks after
 * his names and keys. After: the log, api/events.c,
 * node/node_notify.c; owner/said.h, kept in the store. */
#include "node/node_say.h"

#include "api/events.h"
#include "base/log.h"
#include "base/mem.h"
#include "node/node.h"

static const char VALUE[] = "owner-said";

static void begin(struct node *n)
{
	struct node_say *s = &n->say;
	struct bound *row = &n->config->limits.max_said;
	size_t size = (size_t)row->max * 8, have = 0;

	if (s->begun)
		return;
	s->begun = true;
	said_init(&s->said, row);
	uint8_t *space = mem_alloc_unset(size);
	if (space && chain_get_value(n->chain, VALUE, space, size, &have) == ERR_OK)
		said_decode(&s->said, slice_of(space, have));
	mem_free(space);
}

bool node_say_first(struct node *n, struct slice what, bool lasting)
{
	uint8_t space[NODE_SAY_KEY_MAX];
	struct wr w = wr_of(space, sizeof space);

	begin(n);
	if (!lasting) /* the same thing of another run is another one */
		wr_be(&w, n->started_ms, 8);
	wr_slice(&w, what);
	if (w.bad || !said_first(&n->say.said, wr_done(&w)))
		return false;
	n->say.unkept |= lasting;
	return true;
}

bool node_say_before(struct node *n, struct slice what)
{
	begin(n);
	return said_before(&n->say.said, what);
}

void node_say(struct node *n, const char *kind, const char *line)
{
	log_warn("owner: %s", line);
	events_owner(n->events, kind, line);
	node_notify(n, kind, line);
}

void node_say_keep(struct node *n)
{
	struct node_say *s = &n->say;

	if (!s->unkept)
		return;
	size_t size = s->said.digests.count * 8;
	struct wr w = wr_of(mem_alloc_unset(size), size);
	if (w.p) {
		said_encode(&s->said, &w);
		s->unkept = chain_put_value(n->chain, VALUE, wr_done(&w)) != ERR_OK;
		sync_commit_soon(n->sync);
	}
	mem_free(w.p);
}

void node_say_end(struct node *n)
{
	if (n->say.begun)
		said_clear(&n->say.said);
	n->say.begun = false;
}
