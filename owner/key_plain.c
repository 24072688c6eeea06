/* Role: key files of the network's own program, with their secrets in plain (protocol.md 9.3), and
 * the public halves of secrets.
 * Before: owner/keys_job.c, owner/keys_node.c. After: chain/keyfile.h, chain/ecies.h. */
#include "base/hex.h"
#include "chain/crypto.h"
#include "chain/ecies.h"
#include "chain/keyfile.h"
#include "owner/keys.h"

enum err key_plain_read(struct slice text, struct key_public *pub, struct key_secrets *out)
{
	struct key_pair k = {0};
	enum err err = keyfile_parse(text, &k);

	if (err == ERR_OK) {
		memcpy(out->signing, k.signing_secret, sizeof out->signing);
		memcpy(out->encryption, k.encryption_secret, sizeof out->encryption);
		memcpy(pub->signing, k.signing_public, sizeof pub->signing);
		memcpy(pub->encryption, k.encryption_public, sizeof pub->encryption);
	}
	key_wipe(&k, sizeof k);
	return err;
}

static void write_value(struct wr *w, const char *before, const uint8_t key[32])
{
	wr_slice(w, slice_str(before));
	hex_write(w, slice_of(key, 32));
	wr_u8(w, '"');
}

void key_plain_write(const struct key_public *pub, const struct key_secrets *secrets, struct wr *w)
{
	wr_slice(w, slice_str("encrypted = false\n\n[signing]\n"));
	write_value(w, "public = \"", pub->signing);
	write_value(w, "\nsecret = \"", secrets->signing);
	wr_slice(w, slice_str("\n\n[encryption]\n"));
	write_value(w, "public = \"", pub->encryption);
	write_value(w, "\nsecret = \"", secrets->encryption);
}

void key_public_of(const struct key_secrets *secrets, struct key_public *pub)
{
	crypto_public(secrets->signing, pub->signing);
	ecies_public(secrets->encryption, pub->encryption);
}
