/* A sealed key file: the public parts of a key in plain, its secrets sealed by a passphrase. Draws,
 * warnings and lists need the public parts alone. Pure; any thread may call these functions. Who
 * has the passphrase, the key process, opens it.
 *
 * The text has seven lines, in this order:
 *
 *   alfisd key 1                 the format and its version
 *   signing 64 hex digits        public keys
 *   encryption 64 hex digits
 *   argon2id 16384 40            KiB of memory, passes
 *   salt 32 hex digits
 *   nonce 48 hex digits
 *   sealed 160 hex digits        both secrets and a tag, by XChaCha20-Poly1305
 *
 * The first five lines are additional data of the seal: who changes one of them changes what the
 * passphrase opens, and it opens no more. */
#ifndef OWNER_KEY_FILE_H
#define OWNER_KEY_FILE_H

#include "base/err.h"
#include "base/cursor.h"

enum {
	KEY_NAME_MAX = 48,   /* bytes of a key's name */
	KEY_FILE_MAX = 1024, /* bytes of a sealed file */
	KEY_ERROR_MAX = 200, /* bytes of a line that says what is wrong, with its NUL */
	KEY_SALT_SIZE = 16,
	KEY_NONCE_SIZE = 24,
	KEY_SEALED_SIZE = 80,
};

/* What one try of a passphrase costs (argon2id). */
struct key_cost {
	uint32_t memory; /* KiB */
	uint32_t passes;
};

/* The public keys. */
struct key_public {
	uint8_t signing[32], encryption[32];
};

struct key_file {
	struct key_public pub;
	struct key_cost cost;
	uint8_t salt[KEY_SALT_SIZE], nonce[KEY_NONCE_SIZE], sealed[KEY_SEALED_SIZE];
};

/* Is this a name for a key: 1 … KEY_NAME_MAX letters, digits, '-', '_' and '.' of ASCII, the first
 * one a letter or a digit? Such a name is also safe in a file's name. */
bool key_name_is_valid(struct slice name);

/* Is each try dear enough (7 MiB × 5 passes, 12 MiB × 3 or 19 MiB × 2, or more of both)? And no
 * dearer than any machine would take? `why` gets a line when it is not. */
bool key_cost_is_allowed(struct key_cost cost, char why[KEY_ERROR_MAX]);

/* Reads the text of a sealed file. Hex digits may be of either case, and lines may end in CR LF.
 * ERR_MALFORMED and a line in `why` that names the text's line and what is wrong there: also when
 * the file is cut, of another version, or has a cost that key_cost_is_allowed() refuses. */
enum err key_file_decode(struct slice text, struct key_file *out, char why[KEY_ERROR_MAX]);

/* Appends the text of the file. It is the one form that key_file_decode() reads back as the same
 * struct; KEY_FILE_MAX bytes suffice. */
void key_file_encode(const struct key_file *f, struct wr *w);

/* Appends the first five lines: what the seal is bound to. */
void key_file_encode_public(const struct key_file *f, struct wr *w);

#endif
