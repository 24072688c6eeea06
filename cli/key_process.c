/* Role: the command that the node runs itself as: the key process. It is in no list of commands,
 * since nobody types it.
 * Before: cli/main.c, executed by owner/keys_start.c. After: owner/keys_process.c. */
#include <sys/stat.h>

#include "cli/cli.h"
#include "owner/keys.h"
#include "owner/keys_start.h"

static bool is_of_kind(int fd, mode_t kind)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == kind;
}

int key_process(void)
{
	if (is_of_kind(KEYS_FD_NODE, S_IFSOCK) && is_of_kind(KEYS_FD_LISTENER, S_IFSOCK) &&
		is_of_kind(KEYS_FD_JOURNAL, S_IFREG))
		return keys_process(KEYS_FD_NODE, KEYS_FD_LISTENER, KEYS_FD_JOURNAL);
	cli_error("%s is what the node runs by itself, when it holds keys: nobody types it",
		KEYS_COMMAND);
	return EXIT_USAGE;
}
