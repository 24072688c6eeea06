/* Drops root's rights for a data directory of another user. Whoever owns a directory can put links
 * into it, and root would follow them anywhere. So root becomes that user, for good, before it
 * opens anything there. */
#ifndef CLI_BECOME_H
#define CLI_BECOME_H

#include "config/config.h"

enum { BECOME_NAME_MAX = 64 };

/* True when we run as root and node.data_dir belongs to another user. A directory that does not
 * exist yet counts as its parent's owner's. One that is reached by a link belongs to the owner of
 * the link, unless that is root. */
bool become_is_due(const struct config *c);

/* Where become_is_due(): true when the owner of node.data_dir may read the file at `path`, so that
 * the command can give up root's rights before it opens the file. Else true, and also for "-".
 * Forks a child to find out. */
bool become_can_read(const struct config *c, const char *path);

/* Becomes the owner of node.data_dir for good, where become_is_due(). Writes the user's name for
 * the log into `who`, "" when there was nothing to do. When that user cannot reach the directory by
 * its path, c->data_dir is changed to /proc/self/fd/N, whose descriptor stays open. False with a
 * line for the user in `why` (`size` bytes). */
bool become_owner(struct config *c, char who[BECOME_NAME_MAX], char *why, size_t size);

#endif
