/* Writes the answers of GET /status and GET /limits. Before: api/routes.c, api/events.c. After:
 * api/figures.c, api/reason.c. */
#include <string.h>

#include "base/json.h"
#include "net/addr.h"
#include "api/figures.h"
#include "api/status.h"
#include "api/status_dns.h"
#include "api/status_keys.h"

static void put_object(const struct figures *f, const char *part, struct json_wr *j)
{
	json_open(j, part, '{');
	figures_put_part(f, part, j);
	if (strcmp(part, "network") == 0)
		json_str(j, "last_dial_error", f->net.last_dial_error);
	if (strcmp(part, "dns") == 0)
		json_str(j, "state", status_dns_word(&f->dns));
	if (strcmp(part, "keys") == 0)
		status_keys_short(f->api, j);
	json_close(j, '}');
}

/* The owner's page: is it open, and what should its owner see to? */
static void put_web(const struct config *c, struct json_wr *j)
{
	struct netaddr at;

	json_open(j, "web", '{');
	json_str(j, "state", c->limits.web ? "on" : "off");
	json_u64(j, "sessions", bound_read(&c->limits.web_sessions.used));
	json_open(j, "warnings", '[');
	if (c->limits.web && c->webui_password[0])
		json_str(j, NULL,
			"webui.password stands in the settings in plain: `alfisd web-password`");
	if (c->limits.web && netaddr_parse(slice_str(c->webui_listen), &at) &&
		!netaddr_is_loopback(&at))
		json_str(j, NULL,
			"webui.listen can be reached from other machines: TLS in front of it");
	json_close(j, ']');
	json_close(j, '}');
}

void status_json(const struct api *a, struct wr *w)
{
	struct json_wr j = {.w = w};
	struct figures f;
	char reason[256];
	bool syncing;

	figures_begin(&f, a);
	enum reason state = status_reason(a, reason, sizeof reason, &syncing);
	json_open(&j, NULL, '{');
	json_str(&j, "version", a->version);
	json_str(&j, "chain", a->config->network);
	json_str(&j, "origin", a->config->origin);
	json_bool(&j, "syncing", syncing);
	json_str(&j, "state", reason_word(state));
	json_str(&j, "reason", reason);
	json_hex(&j, "tip", slice_of(f.tip.hash, f.tip.height ? HASH_SIZE : 0));
	figures_put_part(&f, "", &j);
	put_object(&f, "loop", &j);
	put_object(&f, "sync", &j);
	put_object(&f, "network", &j);
	put_object(&f, "store", &j);
	put_object(&f, "dns", &j);
	put_object(&f, "keys", &j);
	put_object(&f, "jobs", &j);
	put_web(a->config, &j);
	json_close(&j, '}');
}

bool status_has_current(size_t row)
{
	switch (row) {
	case LIMIT_ROW_max_per_address:
	case LIMIT_ROW_max_per_group:
	case LIMIT_ROW_conn_receive_bytes:
	case LIMIT_ROW_conn_unasked_bytes:
	case LIMIT_ROW_conn_send_bytes:
	case LIMIT_ROW_max_requests_per_peer:
	case LIMIT_ROW_max_served:
	case LIMIT_ROW_max_get_blocks:
	case LIMIT_ROW_admin_request_bytes:
	case LIMIT_ROW_admin_response_bytes:
	case LIMIT_ROW_subscriber_bytes:
	case LIMIT_ROW_key_process_bytes: /* another process counts its own */
	case LIMIT_ROW_key_search_scratch_bytes:
		return false;
	default:
		return limit_rows[row].unit != UNIT_MS;
	}
}

void status_limits_json(const struct api *a, struct wr *w)
{
	static const char *const unit[] = {"count", "bytes", "ms"};
	struct json_wr j = {.w = w};

	json_open(&j, NULL, '{');
	json_open(&j, "limits", '[');
	for (size_t i = 0; i < LIMIT_ROWS; i++) {
		const struct bound *b = limits_bound_const(&a->config->limits, i);
		json_open(&j, NULL, '{');
		json_str(&j, "row", b->name);
		json_str(&j, "unit", unit[limit_rows[i].unit]);
		json_u64(&j, "used", b->used);
		json_u64(&j, "peak", b->peak);
		json_u64(&j, "max", b->max);
		json_u64(&j, "hits_total", b->hits);
		json_u64(&j, "worst_bytes", limits_worst_bytes(&a->config->limits, i));
		json_bool(&j, "at_bound", limit_rows[i].unit != UNIT_MS && b->used >= b->max);
		json_bool(&j, "current", status_has_current(i));
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
}
