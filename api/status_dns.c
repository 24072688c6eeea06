/* Writes the answer of GET /dns. Before: api/routes.c. After: api/figures.c for the numbers that
 * have no label, dns/figures.h for the others. */
#include "api/status_dns.h"

#include "base/mem.h"
#include "dns/name.h"

const char *status_dns_word(const struct api_dns *d)
{
	return d->figures ? "on" : d->why[0] ? d->why : "off";
}

struct dns_forwarder_told *status_dns_forwarders(const struct api *a, size_t *count)
{
	struct dns_forwarder_told *f = mem_alloc(CONFIG_LIST_MAX * sizeof *f);

	*count = f ? a->hooks.dns_forwarders(a->hooks.ctx, f, CONFIG_LIST_MAX) : 0;
	if (*count)
		return f;
	mem_free(f);
	return NULL;
}

static void put_addresses(const struct api_dns *d, struct json_wr *j)
{
	char text[NETADDR_TEXT_MAX];

	json_open(j, "listen", '[');
	for (size_t i = 0; i < d->addresses; i++)
		json_str(j, NULL, netaddr_text(&d->at[i], text));
	json_close(j, ']');
}

static uint64_t number(const _Atomic uint64_t *n)
{
	return atomic_load_explicit(n, memory_order_relaxed);
}

/* {"source":"chain","total":3} */
static void put_count(
	struct json_wr *j, const char *key, const char *what, const _Atomic uint64_t *total)
{
	json_open(j, NULL, '{');
	json_str(j, key, what);
	json_u64(j, "total", number(total));
	json_close(j, '}');
}

static void put_counts(const struct dns_figures *f, struct json_wr *j)
{
	char text[DNS_TYPE_TEXT_MAX];

	json_open(j, "answers", '[');
	for (int i = 0; i < DNS_SOURCES; i++)
		put_count(j, "source", dns_source_names[i], &f->source[i]);
	json_close(j, ']');
	json_open(j, "rcodes", '[');
	for (uint16_t i = 0; i < DNS_RCODES; i++)
		if (i <= DNS_RCODE_REFUSED || number(&f->rcode[i]))
			put_count(j, "rcode", dns_rcode_text(i, text), &f->rcode[i]);
	json_close(j, ']');
	json_open(j, "drops", '[');
	for (int i = 0; i < DNS_DROPS; i++)
		put_count(j, "reason", dns_drop_names[i], &f->drop[i]);
	json_close(j, ']');
}

/* How many answers took less than each time, and more than the one before. */
static void put_latency(const struct dns_figures *f, struct json_wr *j)
{
	json_open(j, "latency", '[');
	for (int i = 0; i < DNS_LATENCY_STEPS; i++) {
		json_open(j, NULL, '{');
		if (i < DNS_LATENCY_STEPS - 1)
			json_u64(j, "below_ms", dns_latency_ms[i]);
		else
			json_raw(j, "below_ms", slice_str("null"));
		json_u64(j, "answers", number(&f->latency[i]));
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void put_forwarder(const struct dns_forwarder_told *f, struct json_wr *j)
{
	json_open(j, NULL, '{');
	json_str(j, "forwarder", f->text);
	json_bool(j, "up", f->facts.up);
	json_u64(j, "round_trip_ms", f->facts.rtt_ms);
	json_u64(j, "asked_total", f->facts.asked);
	json_u64(j, "answered_total", f->facts.answered);
	json_u64(j, "timed_out_total", f->facts.timed_out);
	json_u64(j, "bad_total", f->facts.bad);
	json_str(j, "last_error", f->facts.last_error);
	json_close(j, '}');
}

static void put_forwarders(const struct api *a, struct json_wr *j)
{
	size_t count;
	struct dns_forwarder_told *f = status_dns_forwarders(a, &count);

	json_open(j, "forwarders", '[');
	for (size_t i = 0; i < count; i++)
		put_forwarder(&f[i], j);
	json_close(j, ']');
	mem_free(f);
}

void status_dns_json(const struct api *a, struct wr *w)
{
	struct json_wr j = {.w = w};
	struct figures f;

	figures_begin(&f, a);
	json_open(&j, NULL, '{');
	json_str(&j, "state", status_dns_word(&f.dns));
	json_bool(&j, "current", f.dns.current);
	put_addresses(&f.dns, &j);
	figures_put_part(&f, "dns", &j);
	if (f.dns.figures) {
		put_counts(f.dns.figures, &j);
		put_latency(f.dns.figures, &j);
	}
	put_forwarders(a, &j);
	json_close(&j, '}');
}

/* ---- names ---- */

static void put_names(
	const struct api *a, const char *key, enum dns_asked_order order, struct json_wr *j)
{
	struct dns_asked_told told[STATUS_NAMES];
	size_t n = a->hooks.dns_asked(a->hooks.ctx, order, told, STATUS_NAMES);
	char text[DNS_NAME_TEXT_MAX];

	json_open(j, key, '[');
	for (size_t i = 0; i < n; i++) {
		dns_name_text(&told[i].name, text);
		json_open(j, NULL, '{');
		json_str(j, "name", text);
		json_u64(j, "questions", told[i].questions);
		json_u64(j, "slowest_ms", told[i].slowest_ms);
		json_close(j, '}');
	}
	json_close(j, ']');
}

void status_dns_names_json(const struct api *a, struct wr *w)
{
	struct json_wr j = {.w = w};
	struct api_dns d;

	a->hooks.dns(a->hooks.ctx, &d);
	json_open(&j, NULL, '{');
	json_bool(&j, "kept", d.keeps_names);
	put_names(a, "busiest", DNS_ASKED_BUSIEST, &j);
	put_names(a, "slowest", DNS_ASKED_SLOWEST, &j);
	json_close(&j, '}');
}
