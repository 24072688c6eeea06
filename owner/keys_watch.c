/* Role: tells the command line how the search for a key goes, and what it came to.
 * Before: owner/keys_client.c asks, owner/keys_make.c has news. After: owner/keys_send.c. */
#include "owner/keys_process_internal.h"

static void answer_end(struct keys_process *p, struct keys_client *c, const struct keys_end *end)
{
	bool made = end->said == KEYS_DONE;

	c->watches = false;
	process_answers(p, c,
		&(struct keys_message){.said = end->said,
			.line = slice_str(end->line),
			.name = slice_str(end->name),
			.key = slice_of(&end->pub, made ? sizeof end->pub : 0)});
}

/* Whoever began the search and has not asked for its end yet will: an easy one may end before. */
void watch_end(struct keys_process *p, const struct keys_end *end)
{
	for (size_t i = 0; i < CLIENTS; i++) {
		struct keys_client *c = &p->clients[i];
		if (c->fd < 0)
			continue;
		if (c->watches) {
			answer_end(p, c, end);
		} else if (c->searches) {
			c->has_end = true;
			c->end = *end;
		}
		c->searches = false;
	}
}

void watch_search(struct keys_process *p, struct keys_client *c)
{
	static const struct keys_end none = {
		.said = KEYS_NO_SUCH_KEY, .line = "no search for a key is running"};

	c->asks = c->watches = !c->has_end && make_state(p).running;
	if (!c->watches)
		answer_end(p, c, c->has_end ? &c->end : &none);
	c->has_end = false;
}

void watch_progress(struct keys_process *p)
{
	uint8_t bytes[128];
	struct wr w = wr_of(bytes, sizeof bytes);
	struct keys_search_state state = make_state(p);

	keys_search_put(&w, &state);
	for (size_t i = 0; i < CLIENTS; i++)
		if (p->clients[i].fd >= 0 && p->clients[i].watches)
			process_tell_client(p, &p->clients[i],
				&(struct keys_message){.kind = KEYS_PROGRESS,
					.id = p->clients[i].m.id,
					.bytes = wr_done(&w)});
}
