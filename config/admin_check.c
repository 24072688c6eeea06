/* Checks the settings of [admin], which decide who may ask over TCP, against each other and against
 * net.listen. Before: loader_check.c. After: http/server_tcp.c and http/access.c rely on it. */
#include <string.h>

#include "net/addr.h"
#include "net/listen_list.h"
#include "config/loader_internal.h"

static bool is_wrong(const struct config *c, enum config_key_id key)
{
	return c->from[key].wrong;
}

/* An address that other machines can reach needs admin.allow and admin.token_file; without them
 * only this machine may ask. */
static void check_reach(struct config *c)
{
	struct netaddr a;

	if (!netaddr_parse(slice_str(c->admin_listen), &a) || netaddr_is_loopback(&a) ||
		(c->admin_allow.count && c->admin_token_file[0]) || is_wrong(c, KEY_admin_allow) ||
		is_wrong(c, KEY_admin_token_file))
		return;
	config_fault_key(c, KEY_admin_listen,
		"%s can be reached from other machines: it needs admin.allow (networks that may "
		"ask) and admin.token_file besides; admin.metrics_listen needs neither",
		c->admin_listen);
}

/* An admin address must not be one that net.listen uses. If it is a default it is dropped with a
 * notice, else it is an error. */
static void check_peers_address(struct loader *l, enum config_key_id key, char *text)
{
	struct config *c = l->out;
	struct listen_entry plan[CONFIG_LIST_MAX];

	listen_list_plan(c->listen.ptr, c->listen.count, plan);
	int met = listen_list_meets(plan, c->listen.count, text);
	if (met < 0)
		return;
	if (c->from[key].source != SOURCE_DEFAULT) {
		config_fault_key(c, key,
			"%s cannot be used beside net.listen = %s: choose another port", text,
			plan[met].text);
		return;
	}
	loader_notice(l, "%s: none, because net.listen has %s", config_keys[key].path, text);
	text[0] = 0;
	c->from[key] = (struct config_origin){.source = SOURCE_TIED, .because = KEY_listen};
}

void loader_check_admin(struct loader *l)
{
	struct config *c = l->out;

	if (is_wrong(c, KEY_admin_listen) || is_wrong(c, KEY_admin_metrics_listen))
		return;
	if (c->admin_listen[0] && strcmp(c->admin_listen, c->admin_metrics_listen) == 0)
		config_fault_key(c, KEY_admin_metrics_listen,
			"%s is admin.listen too, which has the metrics already", c->admin_listen);
	check_reach(c);
	if (is_wrong(c, KEY_listen))
		return;
	check_peers_address(l, KEY_admin_listen, c->admin_listen);
	check_peers_address(l, KEY_admin_metrics_listen, c->admin_metrics_listen);
}
