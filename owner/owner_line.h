/* The owner line, by which one owner names another: `alfis1:SIGNING:ENCRYPTION:CHECK`. Both public
 * keys as 64 hex digits, then the first 8 hex digits of the SHA-256 of what stands before them in
 * upper case, so that a slip of the pen does not give a domain to nobody. Pure; any thread. */
#ifndef OWNER_OWNER_LINE_H
#define OWNER_OWNER_LINE_H

#include "owner/key_file.h"

enum { OWNER_LINE_SIZE = 6 + 1 + 64 + 1 + 64 + 1 + 8 + 1 /* with its NUL */ };

/* Writes the line of these keys. */
void owner_line_write(const struct key_public *keys, char to[OWNER_LINE_SIZE]);

/* Reads a line, or the two keys alone with a colon or spaces between them; hex digits may be of
 * either case, and there may be spaces around it. Checks the keys as owner_keys_check() does. False
 * and a line in `why` that says what is wrong. */
bool owner_line_read(struct slice text, struct key_public *out, char why[KEY_ERROR_MAX]);

/* Can somebody own these keys: are both points of the curve, and none of small order? False and a
 * line in `why`. */
bool owner_keys_check(const struct key_public *keys, char why[KEY_ERROR_MAX]);

/* Are these keys of somebody who is not the owner of `own`? Nobody gets one key of an owner and one
 * of another: then the line was put together by mistake, and the name would be lost. `author`: nor
 * both of `own`, who has the name already. False and a line in `why`. */
bool owner_is_another(const struct key_public *keys, const struct key_public *own, bool author,
	char why[KEY_ERROR_MAX]);

#endif
