/* Writes the node's numbers in the text format of Prometheus, and the reference of them. Before:
 * api/figures.c and tables of other folders have them. After: api/routes.c answers with the text.
 */
#include "api/metrics.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "api/figures.h"
#include "api/process_facts.h"
#include "api/status.h"
#include "api/status_dns.h"
#include "base/mem.h"

/* The metrics of alfisd_ that have labels, and so are no rows of figures.def. */
static const struct metric {
	const char *name, *kind, *help;
} others[] = {
	{"info", "gauge", "Always 1; the label says which program this is."},
	{"syncing", "gauge", "1 while blocks are being downloaded."},
	{"limit_used", "gauge", "What a row of [limits] counts now."},
	{"limit_peak", "gauge", "The most that it counted."},
	{"limit_max", "gauge", "Its bound."},
	{"limit_hits_total", "counter", "How often its bound was met."},
	{"messages_total", "counter", "Messages by type and direction."},
	{"connections_closed_total", "counter", "Connections that ended, by reason."},
	{"verdicts_total", "counter", "Blocks judged, by verdict."},
	{"store_entries", "gauge", "Rows of the store, by table."},
	{"dns_answers_total", "counter", "Answers of the DNS server, by where they are from."},
	{"dns_rcodes_total", "counter", "Its answers, by code."},
	{"dns_drops_total", "counter", "Questions that it did not answer, by reason."},
	{"dns_latency_seconds", "histogram", "Time from a question to its answer."},
	{"dns_forwarder_up", "gauge", "0 when a forwarder did not answer three times in a row."},
	{"dns_forwarder_round_trip_seconds", "gauge",
		"Of its answers, smoothed; 0 = not measured."},
	{"dns_forwarder_asked_total", "counter", "Questions to it."},
	{"dns_forwarder_answered_total", "counter", "Its answers."},
	{"dns_forwarder_timed_out_total", "counter", "Questions that it did not answer in time."},
	{"dns_forwarder_bad_total", "counter", "Its answers that could not be used."},
};

/* Metrics that Prometheus' client libraries have under the same names, in the order in which
 * put_process() writes them. */
static const struct metric process[] = {
	{"process_cpu_seconds_total", "counter", "Processor time of the process."},
	{"process_start_time_seconds", "gauge", "When it started, in seconds since 1970."},
	{"process_resident_memory_bytes", "gauge", "Memory of the process, files included."},
	{"process_virtual_memory_bytes", "gauge",
		"Address space of the process: the store is mapped."},
	{"process_open_fds", "gauge", "Open descriptors of the process."},
	{"process_max_fds", "gauge", "The most descriptors that it may have open."},
	{"process_threads", "gauge", "Threads of the process."},
};

static void put_head(struct wr *w, const char *prefix, const struct metric *m)
{
	wr_format(w, "# HELP %s%s %s\n# TYPE %s%s %s\n", prefix, m->name, m->help, prefix, m->name,
		m->kind);
}

/* Writes the head of a metric of `others`. `name` must be among them. */
static const struct metric *other(struct wr *w, const char *name)
{
	const struct metric *m = others;

	while (strcmp(m->name, name) != 0)
		m++;
	put_head(w, "alfisd_", m);
	return m;
}

static void put_figures(const struct api *a, struct wr *w)
{
	struct figures f;

	figures_begin(&f, a);
	for (int i = 0; i < FIGURES; i++) {
		const struct figure_row *r = &figure_rows[i];
		put_head(w, "alfisd_", &(struct metric){r->name, r->kind, r->help});
		wr_format(w, "alfisd_%s %.15g\n", r->name, figures_value(&f, i));
	}
}

/* The format wants all lines of a metric together, so the rows of limits.def are walked once for
 * each of the four numbers. */
static void put_limits(const struct api *a, struct wr *w)
{
	static const struct {
		const char *name;
		size_t offset;
	} columns[] = {
		{"limit_used", offsetof(struct bound, used)},
		{"limit_peak", offsetof(struct bound, peak)},
		{"limit_max", offsetof(struct bound, max)},
		{"limit_hits_total", offsetof(struct bound, hits)},
	};

	for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++) {
		other(w, columns[c].name);
		for (size_t i = 0; i < LIMIT_ROWS; i++) {
			const struct bound *b = limits_bound_const(&a->config->limits, i);
			const void *number = (const char *)b + columns[c].offset;
			wr_format(w, "alfisd_%s{row=\"%s\"} %llu\n", columns[c].name, b->name,
				(unsigned long long)bound_read(number));
		}
	}
}

static void put_network(const struct api *a, struct wr *w)
{
	struct p2p_stats p;

	p2p_stats(a->p2p, &p);
	other(w, "messages_total");
	for (int t = 0; t < MSG_COUNT; t++)
		wr_format(w,
			"alfisd_messages_total{type=\"%s\",direction=\"in\"} %llu\n"
			"alfisd_messages_total{type=\"%s\",direction=\"out\"} %llu\n",
			message_name((enum message_type)t), (unsigned long long)p.messages_in[t],
			message_name((enum message_type)t), (unsigned long long)p.messages_out[t]);
	other(w, "connections_closed_total");
	for (int r = CLOSE_NONE + 1; r < CLOSE_REASONS; r++)
		wr_format(w, "alfisd_connections_closed_total{reason=\"%s\"} %llu\n",
			close_reason_name((enum close_reason)r), (unsigned long long)p.closed[r]);
}

static void put_chain(const struct api *a, struct wr *w)
{
	struct sync_stats s;
	const char *name;
	uint64_t rows;

	sync_get_stats(a->sync, &s);
	other(w, "verdicts_total");
	for (int v = 0; v < VERDICTS; v++)
		wr_format(w, "alfisd_verdicts_total{verdict=\"%s\"} %llu\n",
			verdict_name((enum verdict)v), (unsigned long long)s.verdicts[v]);
	other(w, "store_entries");
	for (unsigned t = 0; chain_table(a->chain, t, &name, &rows); t++)
		wr_format(w, "alfisd_store_entries{table=\"%s\"} %llu\n", name,
			(unsigned long long)rows);
}

/* ---- the DNS server ---- */

static uint64_t number(const _Atomic uint64_t *n)
{
	return atomic_load_explicit(n, memory_order_relaxed);
}

static void put_dns_counts(const struct dns_figures *f, struct wr *w)
{
	char text[DNS_TYPE_TEXT_MAX];

	other(w, "dns_answers_total");
	for (int i = 0; f && i < DNS_SOURCES; i++)
		wr_format(w, "alfisd_dns_answers_total{source=\"%s\"} %llu\n", dns_source_names[i],
			(unsigned long long)number(&f->source[i]));
	other(w, "dns_rcodes_total");
	for (uint16_t i = 0; f && i < DNS_RCODES; i++)
		if (i <= DNS_RCODE_REFUSED || number(&f->rcode[i]))
			wr_format(w, "alfisd_dns_rcodes_total{rcode=\"%s\"} %llu\n",
				dns_rcode_text(i, text), (unsigned long long)number(&f->rcode[i]));
	other(w, "dns_drops_total");
	for (int i = 0; f && i < DNS_DROPS; i++)
		wr_format(w, "alfisd_dns_drops_total{reason=\"%s\"} %llu\n", dns_drop_names[i],
			(unsigned long long)number(&f->drop[i]));
}

/* A bucket of Prometheus has all that is below its end. */
static void put_dns_latency(const struct dns_figures *f, struct wr *w)
{
	uint64_t all = 0;

	other(w, "dns_latency_seconds");
	for (int i = 0; f && i < DNS_LATENCY_STEPS - 1; i++) {
		all += number(&f->latency[i]);
		wr_format(w, "alfisd_dns_latency_seconds_bucket{le=\"%.15g\"} %llu\n",
			(double)dns_latency_ms[i] / 1000, (unsigned long long)all);
	}
	if (!f)
		return;
	all += number(&f->latency[DNS_LATENCY_STEPS - 1]);
	wr_format(w,
		"alfisd_dns_latency_seconds_bucket{le=\"+Inf\"} %llu\n"
		"alfisd_dns_latency_seconds_sum %.15g\nalfisd_dns_latency_seconds_count %llu\n",
		(unsigned long long)all, (double)number(&f->latency_sum_ms) / 1000,
		(unsigned long long)all);
}

/* The value of a label: what would end it is escaped. */
static void put_label(struct wr *w, const char *text)
{
	for (; *text; text++)
		wr_format(w, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
}

/* One metric of all forwarders. */
static void put_forwarders(
	struct wr *w, const char *name, const struct dns_forwarder_told *f, size_t count, int which)
{
	other(w, name);
	for (size_t i = 0; i < count; i++) {
		const struct dns_forwarder_facts *x = &f[i].facts;
		const double values[] = {x->up, (double)x->rtt_ms / 1000, (double)x->asked,
			(double)x->answered, (double)x->timed_out, (double)x->bad};
		wr_format(w, "alfisd_%s{forwarder=\"", name);
		put_label(w, f[i].text);
		wr_format(w, "\"} %.15g\n", values[which]);
	}
}

static void put_dns(const struct api *a, struct wr *w)
{
	static const char *const names[] = {"dns_forwarder_up", "dns_forwarder_round_trip_seconds",
		"dns_forwarder_asked_total", "dns_forwarder_answered_total",
		"dns_forwarder_timed_out_total", "dns_forwarder_bad_total"};
	struct api_dns d;
	size_t count;

	a->hooks.dns(a->hooks.ctx, &d);
	put_dns_counts(d.figures, w);
	put_dns_latency(d.figures, w);
	struct dns_forwarder_told *f = status_dns_forwarders(a, &count);
	for (int i = 0; i < (int)(sizeof names / sizeof names[0]); i++)
		put_forwarders(w, names[i], f, count, i);
	mem_free(f);
}

/* ---- the process ---- */

static void put_process(struct wr *w)
{
	struct process_facts f;

	process_facts(&f);
	const double values[] = {f.cpu_seconds, f.start_seconds, (double)f.resident_bytes,
		(double)f.virtual_bytes, (double)f.open_fds, (double)f.max_fds, (double)f.threads};
	static_assert(sizeof values / sizeof values[0] == sizeof process / sizeof process[0],
		"one value each");
	for (size_t i = 0; i < sizeof process / sizeof process[0]; i++) {
		put_head(w, "", &process[i]);
		wr_format(w, "%s %.15g\n", process[i].name, values[i]);
	}
}

void metrics_put(const struct api *a, struct wr *w)
{
	char reason[256];
	bool syncing;

	status_reason(a, reason, sizeof reason, &syncing);
	other(w, "info");
	wr_format(w, "alfisd_info{version=\"%s\",network=\"%s\"} 1\n", a->version,
		a->config->network);
	other(w, "syncing");
	wr_format(w, "alfisd_syncing %d\n", syncing);
	put_figures(a, w);
	put_limits(a, w);
	put_network(a, w);
	put_chain(a, w);
	put_dns(a, w);
	put_process(w);
}

/* ---- the reference ---- */

static void describe(struct wr *w, const char *prefix, const struct metric *m)
{
	wr_format(w, "| `%s%s` | %s | %s |\n", prefix, m->name, m->kind, m->help);
}

void metrics_describe(struct wr *w)
{
	wr_format(w, "# Metrics\n\n"
		     "`GET /metrics`, in the text format of Prometheus. "
		     "The names without `alfisd_` are the fields of\n`GET /status`. Written by "
		     "`alfisd metrics-reference`.\n\n"
		     "| metric | kind | meaning |\n|---|---|---|\n");
	for (int i = 0; i < FIGURES; i++)
		describe(w, "alfisd_",
			&(struct metric){
				figure_rows[i].name, figure_rows[i].kind, figure_rows[i].help});
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		describe(w, "alfisd_", &others[i]);
	for (size_t i = 0; i < sizeof process / sizeof process[0]; i++)
		describe(w, "", &process[i]);
}
