/* Passphrases: from --passphrase-fd, from a credential of the service manager, or from the
 * terminal, without showing them. They are never in an argument or a variable of the environment,
 * where other processes could read them. */
#ifndef CLI_PASSPHRASE_H
#define CLI_PASSPHRASE_H

#include "base/slice.h"
#include "cli/cli.h"
#include "owner/keys_state.h"

/* The file within $CREDENTIALS_DIRECTORY (LoadCredential= of systemd) that has the passphrase. */
#define PASSPHRASE_CREDENTIAL "alfisd.passphrase"

struct passphrase {
	char text[PASSPHRASE_MAX + 1];
	size_t n; /* bytes */
};

/* Before the first secret: no core file of this process. */
void passphrase_guard(void);

/* Reads one: a line of --passphrase-fd, each call the next one; else the credential; else it asks
 * at the terminal with `prompt`. False after printing an error: nowhere to read it from, empty, too
 * long. Wipe it with passphrase_wipe(). */
bool passphrase_read(const struct cli *cli, const char *prompt, struct passphrase *p);

/* The same for a new one, which the terminal asks for twice. */
bool passphrase_read_new(const struct cli *cli, const char *prompt, struct passphrase *p);

/* Overwrites it. */
void passphrase_wipe(struct passphrase *p);

/* Borrowed. */
struct slice passphrase_slice(const struct passphrase *p);

/* Asks at the terminal, and takes "yes" or "y" for yes. False when there is none to ask, or for any
 * other answer. */
bool passphrase_confirm(const char *question);

#endif
