/* Role: the names of what the key process says. Before: everybody who shows them. After: nothing.
 */
#include "owner/keys_state.h"

const char *keys_said_name(enum keys_said said)
{
	static const char *const names[KEYS_SAID_COUNT] = {
		[KEYS_DONE] = "done",
		[KEYS_BAD_REQUEST] = "bad-request",
		[KEYS_WRONG_PASSPHRASE] = "wrong-passphrase",
		[KEYS_LOCKED] = "locked",
		[KEYS_NO_SUCH_KEY] = "no-such-key",
		[KEYS_EXISTS] = "exists",
		[KEYS_FULL] = "full",
		[KEYS_TOO_DEAR] = "too-dear",
		[KEYS_WEAK] = "weak",
		[KEYS_BAD_FILE] = "bad-file",
		[KEYS_BUSY] = "busy",
		[KEYS_NOT_STORED] = "not-stored",
		[KEYS_BAD_BLOCK] = "bad-block",
		[KEYS_SIGNED_OTHER] = "signed-other",
		[KEYS_RESTORED] = "restored",
		[KEYS_NO_JOURNAL] = "no-journal",
		[KEYS_NOT_OURS] = "not-ours",
		[KEYS_CANCELLED] = "cancelled",
		[KEYS_NO_MEMORY] = "no-memory",
		[KEYS_GONE] = "gone",
	};

	return said < KEYS_SAID_COUNT ? names[said] : "unknown";
}
