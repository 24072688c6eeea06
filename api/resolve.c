/* Asks the DNS server for a name, and writes what it answered. Before: api/routes.c. After: the
 * hooks of api/api.h; node/node_dns_ask.c has the reply; dns/text.c. */
#include "api/resolve.h"

#include <stdio.h>

#include "api/routes.h"
#include "api/status_dns.h"
#include "base/mem.h"
#include "dns/text.h"

enum { NAME_ARG_MAX = 1024, WHY_MAX = 640 };

/* ---- the question ---- */

/* What the error of a hook means. */
static int refuse(const struct api *a, struct http_call *c, enum err err)
{
	char text[WHY_MAX];
	struct api_dns d;

	if (err != ERR_NOT_FOUND)
		return api_error(c, 503, "the DNS server has too much to do, or memory ran out");
	a->hooks.dns(a->hooks.ctx, &d);
	snprintf(text, sizeof text, "the DNS server does not run: %s",
		d.why[0] ? d.why : "dns.listen is not set");
	return api_error(c, 503, text);
}

static bool take_name(const struct http_request *r, struct dns_name *to)
{
	char text[NAME_ARG_MAX];

	return http_arg(r, "name", text, sizeof text) && dns_name_from_text(slice_str(text), to);
}

static bool take_type(const struct http_request *r, uint16_t *to)
{
	char text[NAME_ARG_MAX];

	*to = DNS_TYPE_A;
	return !http_has_arg(r, "type") ||
	       (http_arg(r, "type", text, sizeof text) && dns_type_parse(slice_str(text), to));
}

enum resolve_wrong resolve_question(const struct http_request *r, struct dns_query *out)
{
	*out = (struct dns_query){.rd = true, .has_question = true, .klass = DNS_CLASS_IN};
	if (!take_name(r, &out->name))
		return RESOLVE_NO_NAME;
	return take_type(r, &out->type) ? RESOLVE_GOOD : RESOLVE_NO_TYPE;
}

static int refuse_question(struct http_call *c, enum resolve_wrong wrong)
{
	return api_error(c, 400,
		wrong == RESOLVE_NO_NAME
			? "this is no name: labels of 1 to 63 bytes with dots between, 255 in all at most"
			: "there is no such type: A, AAAA, TXT and so on, or a number");
}

int get_resolve(const struct api *a, struct http_call *c)
{
	struct dns_query q;
	enum resolve_wrong wrong = resolve_question(c->request, &q);

	if (wrong != RESOLVE_GOOD)
		return refuse_question(c, wrong);
	enum err err =
		a->hooks.resolve(a->hooks.ctx, c->number, &q, http_has_arg(c->request, "trace"));
	if (err != ERR_OK)
		return refuse(a, c, err);
	c->waits_ms = a->config->limits.dns_query_time.max;
	return 200;
}

int post_dns_flush(const struct api *a, struct http_call *c)
{
	bool one = http_has_arg(c->request, "name");
	struct dns_name name;

	if (one && !take_name(c->request, &name))
		return refuse_question(c, RESOLVE_NO_NAME);
	enum err err = a->hooks.dns_flush(a->hooks.ctx, one ? &name : NULL);
	if (err != ERR_OK)
		return refuse(a, c, err);
	return api_done(c, "flushed");
}

/* ---- the answer ---- */

static void put_record(
	const struct dns_text_record *r, struct slice message, struct wr *data, struct json_wr *j)
{
	char type[DNS_TYPE_TEXT_MAX], name[DNS_NAME_TEXT_MAX + 1];
	struct wr w = wr_of(name, sizeof name);

	dns_text_name(&r->name, &w);
	data->n = 0;
	dns_text_data(r, message, data);
	json_open(j, NULL, '{');
	json_text(j, "name", wr_done(&w));
	json_u64(j, "ttl", r->ttl);
	json_str(j, "type", dns_type_text(r->type, type));
	json_text(j, "data", wr_done(data));
	json_close(j, '}');
	j->w->bad |= data->bad;
}

/* The text of one record's data is at most four times as long as a message. */
static void put_answers(struct rd r, size_t count, struct slice message, struct json_wr *j)
{
	size_t size = 4 * message.n + 64;
	struct wr data = wr_of(mem_alloc(size), size);
	struct dns_text_record rec;

	json_open(j, "answers", '[');
	while (data.p && count-- > 0 && dns_text_next(&r, message, &rec))
		put_record(&rec, message, &data, j);
	json_close(j, ']');
	j->w->bad |= !data.p;
	mem_free(data.p);
}

static void put_trace(const struct dns_trace *t, struct json_wr *j)
{
	const char *at = t->text, *end;

	json_open(j, "trace", '[');
	for (; (end = strchr(at, '\n')) != NULL; at = end + 1)
		json_text(j, NULL, slice_of(at, (size_t)(end - at)));
	json_close(j, ']');
}

/* The question, as the answer has it. */
static void put_question(struct rd *r, struct slice message, struct json_wr *j)
{
	char type[DNS_TYPE_TEXT_MAX], name[DNS_NAME_TEXT_MAX] = "";
	struct rd q = *r;
	struct dns_name n;

	rd_bytes(&q, DNS_HEADER_SIZE);
	if (dns_name_read(&q, message, &n))
		dns_name_text(&n, name);
	json_str(j, "name", name);
	json_str(j, "type", dns_type_text(rd_be16(&q), type));
}

static const char *reason(uint16_t rcode, bool records)
{
	switch (rcode) {
	case DNS_RCODE_NOERROR:
		return records ? "" : "the name has no records of this type";
	case DNS_RCODE_NXDOMAIN:
		return "there is no such name";
	case DNS_RCODE_SERVFAIL:
		return "no answer could be had; with trace it is told why";
	default:
		return "the question is refused";
	}
}

static void put_reply(const struct dns_reply *reply, struct json_wr *j)
{
	struct slice message = slice_of(reply->message, reply->size);
	const uint8_t *head = reply->message;
	char text[DNS_TYPE_TEXT_MAX];
	struct rd r = rd_of(message);
	uint16_t rcode = head[3] & 15, count = (uint16_t)(head[6] << 8 | head[7]);

	json_open(j, NULL, '{');
	put_question(&r, message, j);
	json_str(j, "rcode", dns_rcode_text(rcode, text));
	json_bool(j, "authoritative", head[2] & DNS_FLAG_AA >> 8);
	json_bool(j, "found", rcode == DNS_RCODE_NOERROR && count);
	json_str(j, "reason", reason(rcode, count));
	if (!dns_text_skip_questions(&r, message))
		count = 0;
	put_answers(r, count, message, j);
	if (reply->trace)
		put_trace(reply->trace, j);
	json_close(j, '}');
}

int resolve_answer(const struct dns_reply *r, struct wr *w)
{
	struct json_wr j = {.w = w};
	bool good = r->size >= DNS_HEADER_SIZE;

	if (good)
		put_reply(r, &j);
	else {
		json_open(&j, NULL, '{');
		json_str(&j, "error", "the DNS server has no place for this question, or ended");
		json_close(&j, '}');
	}
	wr_u8(w, '\n');
	return good ? 200 : 503;
}
