/* Role: reads the key files of the network's own wallet program.
 * Before: tests and tools that make chains. After: config/toml.h, chain/ecies.c. */
#include "chain/crypto.h"
#include "domain/domain.h"
#include "chain/ecies.h"
#include "chain/keyfile.h"
#include "config/toml.h"

static const struct toml_entry *find(const struct toml_doc *d, const char *key, enum toml_kind kind)
{
	const struct toml_entry *e = toml_find(d, key);

	return e && e->kind == kind ? e : NULL;
}

/* Reads 32 bytes of hex in the lax form of protocol.md 2.2, without its check for an even length. A
 * backslash is refused here, because domain_hex_stripped() reads JSON and would take it for the
 * beginning of an escape. */
static bool read_key(const struct toml_doc *d, const char *key, uint8_t to[32])
{
	const struct toml_entry *e = find(d, key, TOML_TEXT);
	size_t n;

	return e && !memchr(e->text, '\\', e->text_size) &&
	       domain_hex_stripped(slice_of(e->text, e->text_size), to, 32, &n) && n == 32;
}

static bool read_all(const struct toml_doc *d, struct key_pair *out)
{
	return find(d, "encrypted", TOML_BOOL) && find(d, "signing.public", TOML_TEXT) &&
	       read_key(d, "signing.secret", out->signing_secret) &&
	       read_key(d, "encryption.public", out->encryption_public) &&
	       read_key(d, "encryption.secret", out->encryption_secret) &&
	       ecies_is_point(out->encryption_public);
}

enum err keyfile_parse(struct slice text, struct key_pair *out)
{
	struct toml_doc doc;
	struct toml_error e;
	enum err err = toml_parse((const char *)text.p, text.n, &doc, &e);

	if (err != ERR_OK)
		return err == ERR_NOMEM ? err : ERR_MALFORMED;
	if (!read_all(&doc, out))
		err = ERR_MALFORMED;
	else
		crypto_public(out->signing_secret, out->signing_public);
	toml_free(&doc);
	return err;
}
