/* Role: keeps addresses that could not be listened on at the start, where the node may run without
 * them, and tries them again every minute and when the network changes.
 * Before: p2p_listen() in p2p/p2p_reload.c failed. After: net/listener.c. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "net/listener.h"
#include "p2p/p2p_internal.h"

void p2p_listen_drop(struct p2p *p)
{
	mem_free(p->later.text);
	p->later = (struct listen_later){0};
}

const char *p2p_not_listening(const struct p2p *p)
{
	return p->later.why;
}

bool p2p_listen_later(struct p2p *p, const struct p2p_settings *s)
{
	struct listen_later *l = &p->later;

	*l = (struct listen_later){.base = s->base,
		.text = mem_alloc(s->listen_count * sizeof *l->text),
		.count = s->listen_count};
	if (!l->text)
		return false;
	for (size_t i = 0; i < l->count; i++)
		snprintf(l->text[i], sizeof l->text[i], "%s", s->listen[i]);
	snprintf(l->why, sizeof l->why, "%s", p->why);
	log_warn("%s; the node runs without it and tries again every minute", l->why);
	return true;
}

void p2p_listen_again(struct p2p *p)
{
	struct listener_owner owner = {p2p_accepted, p};
	struct listen_later *l = &p->later;

	if (!l->text || p->stopping)
		return;
	const char **texts = mem_alloc(l->count * sizeof *texts);
	if (!texts)
		return;
	for (size_t i = 0; i < l->count; i++)
		texts[i] = l->text[i];
	const struct listen_wish wish = {
		.key = "net.listen", .type = SOCK_STREAM, .addresses = texts, .count = l->count};
	p->listener = listener_open(l->base, &wish, &owner, l->why, sizeof l->why);
	mem_free(texts);
	if (!p->listener)
		return;
	log_info("listening on %s now", l->text[0]);
	p2p_listen_drop(p);
}
