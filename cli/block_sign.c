/* The command `block sign`: a block that was searched is signed where its author's key is. What
 * can be known without the chain is tested, and what is signed is shown; the journal of signatures
 * has the last word. Before: cli/main.c. After: cli/block_words.c; the key process. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "chain/crypto.h"
#include "cli/block_io.h"
#include "cli/block_words.h"
#include "cli/key.h"
#include "cli/passphrase.h"
#include "cli/signer.h"
#include "node/node.h"

/* ---- the key ---- */

static int refuse(const struct cli *cli, const char *why)
{
	cli_error("%s: %s: %s", cli->command, cli->args[0], why);
	return EXIT_REFUSED;
}

/* The key must be the author's. */
static int take_key(const struct cli *cli, struct keys_user *u, struct block_words *w)
{
	struct keys_reply r;
	char hex[2 * KEY_SIZE + 1];

	if (!keys_user_show(u, cli->key, &r))
		return key_refused(cli, &r);
	w->key = cli->key;
	w->pub = r.pub;
	if (memcmp(r.pub.signing, w->b->pub_key.p, KEY_SIZE) == 0)
		return EXIT_DONE;
	hex_upper(w->b->pub_key, hex);
	cli_error("%s: the block is not of key %s: its author is %s", cli->command, cli->key, hex);
	return EXIT_REFUSED;
}

/* Reads what the name is, where it is encrypted for this key. False after printing why the key
 * process cannot. */
static bool read_name(const struct cli *cli, struct keys_user *u, struct block_words *w)
{
	uint8_t cipher[BLOCK_WORDS_CIPHER];
	struct slice sealed = block_words_cipher(w, cipher);
	struct keys_reply r;

	if (!sealed.n)
		return true;
	if (keys_user_decrypt(u, w->pub.encryption, sealed, &r) && r.size < sizeof w->name) {
		memcpy(w->name, r.bytes, r.size);
		w->name_size = r.size;
	} else if (r.said != KEYS_DONE && r.said != KEYS_NOT_OURS) {
		key_refused(cli, &r);
		return false;
	}
	return true;
}

/* ---- the signature ---- */

static bool signature_is_right(const struct block *b, struct slice signature)
{
	struct wr w = wr_of(mem_alloc(PREIMAGE_MAX), PREIMAGE_MAX);

	if (w.p)
		block_preimage(b, PREIMAGE_SIGNATURE, &w);
	bool good = w.p && crypto_verify(b->pub_key, wr_done(&w), signature);
	mem_free(w.p);
	return good;
}

static int sign(const struct cli *cli, struct keys_user *u, const struct block_file *f)
{
	struct block b = f->block->b;
	struct keys_reply r;

	if (!keys_user_sign(u, f->block->canonical, &r)) {
		key_refused(cli, &r);
		return r.said == KEYS_BAD_BLOCK || r.said == KEYS_SIGNED_OTHER ? EXIT_REFUSED
									       : EXIT_TASK_FAILED;
	}
	b.signature = slice_of(r.bytes, r.size);
	if (!signature_is_right(&b, b.signature)) {
		cli_error("%s: the key process gave no signature of this block", cli->command);
		return EXIT_TASK_FAILED;
	}
	return block_io_write(cli, f->origin, &b) ? EXIT_DONE : EXIT_TASK_FAILED;
}

/* ---- the command ---- */

static int tests(const struct cli *cli, const struct block_words *w)
{
	const char *why = block_words_fault(w);

	return why ? refuse(cli, why) : EXIT_DONE;
}

static int look_and_sign(const struct cli *cli, struct keys_user *u, const struct block_file *f,
	struct block_words *w)
{
	int status = take_key(cli, u, w);

	if (status != EXIT_DONE)
		return status;
	if (!read_name(cli, u, w))
		return EXIT_TASK_FAILED;
	status = tests(cli, w);
	if (!cli->json)
		block_words_print(w);
	if (status == EXIT_DONE && !cli->dry_run)
		status = sign(cli, u, f);
	if (status == EXIT_DONE)
		block_words_done(cli, w);
	return status;
}

/* Where no key process runs, one is started for this: the passphrase opens the key there, and its
 * journal is the one that every other has to keep. */
static bool open_key(const struct cli *cli, struct keys_user *u)
{
	struct keys_reply r;
	struct passphrase p = {.n = 0};

	bool good = passphrase_read(cli, "passphrase", &p);
	bool opened = good && keys_user_unlock(u, cli->key, passphrase_slice(&p), 0, &r);
	passphrase_wipe(&p);
	if (good && !opened)
		key_refused(cli, &r);
	return opened;
}

static int with_process(
	const struct cli *cli, struct config *c, const struct block_file *f, struct block_words *w)
{
	struct signer_child child = {.pid = -1, .end = -1};
	bool runs = key_process_is_there(c);
	struct keys_user u;
	int status = EXIT_TASK_FAILED;

	if (!runs)
		passphrase_guard();
	if (!runs && !signer_begin(cli, c, &child))
		return status;
	if (key_connect_to_sign(cli, c, &u)) {
		if (runs || open_key(cli, &u))
			status = look_and_sign(cli, &u, f, w);
		keys_user_close(&u);
	}
	signer_end(&child);
	return status;
}

static bool is_ready(const struct cli *cli, const struct block_file *f)
{
	enum block_file_state state = block_file_state(&f->block->b);

	if (state == BLOCK_SEARCHED)
		return true;
	cli_error("%s: %s is %s", cli->command, cli->args[0],
		state == BLOCK_SIGNED ? "signed already: alfisd block submit"
				      : "not searched yet: alfisd block search");
	return false;
}

int cmd_block_sign(const struct cli *cli, struct config *c)
{
	struct block_words w = {.name_size = 0};
	struct chain_params params;
	struct block_file f;
	int status = EXIT_TASK_FAILED;

	if (!cli->key) {
		cli_error("%s: with which key? --key NAME", cli->command);
		return EXIT_USAGE;
	}
	if (!node_params(c, &params) || !block_io_read(cli, &f))
		return status;
	w.b = &f.block->b;
	w.params = &params;
	w.origin = f.origin;
	if (is_ready(cli, &f) && (status = tests(cli, &w)) == EXIT_DONE)
		status = with_process(cli, c, &f, &w);
	mem_free(f.block);
	return status;
}
