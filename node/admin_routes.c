/* The paths of the admin interface and what answers them. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "node/admin.h"
#include "node/status.h"

static void health_json(struct node *n, struct wr *w)
{
	struct json_wr j = {.w = w};
	char reason[256];
	bool syncing;

	status_reason(n, reason, sizeof reason, &syncing);
	json_open(&j, NULL, '{');
	json_str(&j, "status", n->store_error || n->stopping ? "failing" : "ok");
	json_str(&j, "reason", reason);
	json_close(&j, '}');
}

static void stop_json(struct node *n, struct wr *w)
{
	struct json_wr j = {.w = w};

	log_info("told to stop over the admin socket");
	node_stop(n);
	json_open(&j, NULL, '{');
	json_bool(&j, "stopping", true);
	json_close(&j, '}');
}

static const struct route {
	const char *method, *path;
	admin_body body;
} routes[] = {
	{"GET", "/status", status_json},
	{"GET", "/limits", status_limits_json},
	{"GET", "/peers", status_peers_json},
	{"GET", "/health", health_json},
	{"POST", "/stop", stop_json},
};

int admin_route(const char *method, const char *path, admin_body *body)
{
	int status = 404;

	for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
		if (strcmp(routes[i].path, path) != 0)
			continue;
		*body = routes[i].body;
		if (strcmp(routes[i].method, method) == 0)
			return 200;
		status = 405;
	}
	return status;
}
