/* A text of vectors: its first line names the format, which says who plays the others. See
 * tests/replay/play.h. */
#include <stdarg.h>

#include "base/json.h"
#include "tests/replay/play.h"
#include "tests/replay/session.h"
#include "tests/replay/tables_crypto.h"
#include "tests/replay/tables_dns.h"
#include "tests/replay/tables_json.h"
#include "tests/replay/tables_owner.h"
#include "tests/replay/tables_wire.h"

enum { WHAT_SIZE = 4096 };

/* A row: either a player of the whole file or of one line, which explains a difference in `what`.
 */
struct format {
	const char *name;
	void (*file)(struct play *p, struct slice header);
	bool (*line)(struct slice line, char *what, size_t what_size);
};

static const struct format formats[] = {
	{"alfis-consensus-script", play_consensus, NULL},
	{"alfis-chain", play_chain, NULL},
	{"alfis-session", NULL, play_session},
	{"alfis-block-cbor", NULL, play_block_cbor},
	{"alfis-message-cbor", NULL, play_message_cbor},
	{"alfis-frames", NULL, play_frames},
	{"alfis-aead-open", NULL, play_aead_open},
	{"alfis-x25519", NULL, play_x25519},
	{"alfis-app-version", NULL, play_app_version},
	{"alfis-difficulty", NULL, play_difficulty},
	{"alfis-better-than", NULL, play_better_than},
	{"alfis-encryption-public-key", NULL, play_encryption_public_key},
	{"alfis-ecies-decrypt", NULL, play_ecies_decrypt},
	{"alfis-key-file", NULL, play_key_file},
	{"alfis-domain-data", NULL, play_domain_data},
	{"alfis-json-accept", NULL, play_json_accept},
	{"alfis-bytes-from-hex", NULL, play_bytes_from_hex},
	{"alfis-addresses", NULL, play_addresses},
	{"alfis-domain-names", NULL, play_domain_names},
	{"alfis-transaction-json", NULL, play_transaction_json},
	{"alfis-blakeout", NULL, play_blakeout},
	{"alfis-ed25519-verify", NULL, play_ed25519_verify},
	{"alfis-ed25519-sign", NULL, play_ed25519_sign},
	{"alfis-identity", NULL, play_identity},
	{"alfis-dns-answers", play_dns_answers, NULL},
	{"alfis-own-domains", play_owner, NULL},
	{"alfis-make-domain", play_owner, NULL},
	{"alfis-sign-jobs", play_owner, NULL},
};

bool play_next(struct play *p, struct slice *line)
{
	if (p->rest.n == 0)
		return false;
	const uint8_t *end = memchr(p->rest.p, '\n', p->rest.n);
	size_t n = end ? (size_t)(end - p->rest.p) : p->rest.n;
	*line = slice_of(p->rest.p, n);
	n += end != NULL;
	p->rest = slice_of(p->rest.p + n, p->rest.n - n);
	p->line++;
	return true;
}

void play_say(struct play *p, unsigned long line, const char *fmt, ...)
{
	va_list args;

	fprintf(p->out, "%s:%lu: ", p->file, line);
	va_start(args, fmt);
	vfprintf(p->out, fmt, args);
	va_end(args);
	fputc('\n', p->out);
}

static const struct format *find_format(struct slice header)
{
	struct slice value;
	uint8_t name[64];
	size_t n;

	if (!json_find(header, "format", &value) || !json_get_text(value, name, sizeof name, &n))
		return NULL;
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (slice_is(slice_of(name, n), formats[i].name))
			return &formats[i];
	return NULL;
}

static void play_table(struct play *p, const struct format *f)
{
	struct slice line;
	char what[WHAT_SIZE];

	while (play_next(p, &line)) {
		if (line.n == 0)
			continue;
		snprintf(what, sizeof what, "differs");
		if (f->line(line, what, sizeof what)) {
			p->passed++;
			continue;
		}
		p->failed++;
		play_say(p, p->line, "%s", what);
	}
}

void play_text(struct play *p, struct slice text)
{
	struct slice header;
	const struct format *f = NULL;

	p->rest = text;
	if (play_next(p, &header))
		f = find_format(header);
	if (!f) {
		play_say(p, p->line, "unknown format");
		p->failed++;
	} else if (f->file) {
		f->file(p, header);
	} else {
		play_table(p, f);
	}
}
