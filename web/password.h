/* The password of the owner: argon2id, and a comparison that tells nothing. Any thread may ask. */
#ifndef WEB_PASSWORD_H
#define WEB_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

enum { PASSWORD_HASH_MAX = 128 };

/* Is it the password of this hash? Takes a while, and the memory that the hash names; false, too,
 * when there is not so much. */
bool password_is_of(const char *password, const char *hash);

/* Compares two texts of fewer than 256 bytes in a time that does not depend on them. */
bool password_is(const char *password, const char *wanted);

/* Makes the hash of a password with a random salt, at the cost that a log-in has room for. False
 * when memory runs out. */
bool password_hash(const char *password, char hash[PASSWORD_HASH_MAX]);

#endif
