/* Role: the route of the figures of /api. Before: web/routes.c. After: web/api_status.h. */
#include "base/json.h"
#include "web/api_events.h"
#include "web/api_status.h"
#include "web/routes.h"

int call_status(const struct api *a, struct http_call *c)
{
	struct json_wr j = {.w = c->answer};
	struct web_status s;

	web_status(a, a->web ? web_events_names(a->web) : NULL, &s);
	json_open(&j, NULL, '{');
	json_str(&j, "version", a->version);
	json_u64(&j, "blocks", s.blocks);
	json_u64(&j, "domains", s.domains);
	json_u64(&j, "keys", s.keys);
	json_u64(&j, "nodes", s.nodes);
	json_bool(&j, "mining", s.mining);
	json_bool(&j, "syncing", s.syncing);
	json_u64(&j, "synced_blocks", s.blocks);
	json_u64(&j, "sync_height", s.sync_height);
	json_number(&j, "speed", s.speed);
	json_str(&j, "text", s.text);
	json_close(&j, '}');
	return 200;
}
