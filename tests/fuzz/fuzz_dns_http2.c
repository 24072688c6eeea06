/* Any bytes as what a server of HTTP/2 sends, to questions that are asked and taken back meanwhile:
 * each question has one reply at most, none after it was taken back; a reply has a message or a
 * reason; what the session holds and says is bounded, and nothing is left.
 *
 * Steps of one byte: the low two bits say ask, take back, bytes, or bytes cut into pieces of one;
 * the rest is the number of bytes, times four. */
#include "dns/http2.h"
#include "dns/message.h"
#include "tests/fuzz/fuzz.h"

enum { ASKERS = 8, STEPS = 60, ROW = 1 << 19, SAID_MAX = 65536 };

struct asker {
	struct dns_http2_stream *stream; /* NULL = not asked */
};

struct world {
	struct bound row;
	struct dns_http2 *h;
	struct asker askers[ASKERS];
	size_t asked;
	const char *why;
	uint8_t body[DNS_MESSAGE_MAX];
};

static void take_replies(struct world *w)
{
	struct dns_http2_reply r;

	while (dns_http2_next(w->h, &r, w->body)) {
		struct asker *k = r.asker;
		must(k->stream);
		k->stream = NULL;
		must(r.has_message == !r.why[0]);
		must(!r.has_message || (r.status == 200 && r.size && r.size <= DNS_MESSAGE_MAX));
	}
}

/* What one input of this size makes it say. */
static void hear(struct world *w)
{
	struct slice bytes;
	size_t said = 0;

	while (!(w->why = dns_http2_take(w->h, &bytes)) && bytes.n)
		said += bytes.n;
	must(said <= SAID_MAX);
	take_replies(w);
}

static void ask(struct world *w)
{
	static const uint8_t question[32] = {0, 0, 1, 0, 0, 1};
	struct asker *k = &w->askers[w->asked % ASKERS];

	if (k->stream || w->why || !dns_http2_has_room(w->h))
		return;
	if (dns_http2_ask(w->h, slice_of(question, sizeof question), k, &k->stream) != ERR_OK) {
		k->stream = NULL;
		return;
	}
	w->asked++;
	hear(w);
}

static void take_back(struct world *w, uint8_t which)
{
	struct asker *k = &w->askers[which % ASKERS];

	if (!k->stream)
		return;
	dns_http2_cancel(k->stream);
	k->stream = NULL;
	hear(w);
}

static void put(struct world *w, struct slice bytes, size_t piece)
{
	bool heard = false;

	for (size_t at = 0; at < bytes.n && !w->why; at += piece) {
		size_t n = bytes.n - at < piece ? bytes.n - at : piece;
		uint8_t *copy = own_copy(bytes.p + at, n);
		w->why = dns_http2_put(w->h, slice_of(copy, n), &heard);
		mem_free(copy);
		take_replies(w);
	}
	if (!w->why)
		hear(w);
	must(w->row.used <= w->row.max);
}

static void step(struct world *w, struct rd *r)
{
	uint8_t op = rd_u8(r);
	size_t n = (size_t)(op >> 2) * 4;

	switch (op & 3) {
	case 0:
		ask(w);
		break;
	case 1:
		take_back(w, op >> 2);
		break;
	default:
		put(w, rd_bytes(r, n < r->left ? n : r->left), op & 1 ? 1 : SIZE_MAX / 2);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	struct rd r = rd_of(slice_of(data, size));

	memset(&w, 0, sizeof w);
	w.row.max = ROW;
	const struct dns_http2_settings s = {.authority = slice_str("dns.example"),
		.path = slice_str("/dns-query"),
		.bytes = &w.row};
	w.h = dns_http2_new(&s);
	must(w.h);
	hear(&w);
	for (int i = 0; i < STEPS && r.left; i++)
		step(&w, &r);
	dns_http2_free(w.h);
	must(w.row.used == 0);
	must(mem_blocks() == 0);
	return 0;
}
