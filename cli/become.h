/* Root in a directory that belongs to somebody else becomes that user before anything in it is
 * opened: whoever owns a directory can put links into it. */
#ifndef CLI_BECOME_H
#define CLI_BECOME_H

#include "config/config.h"

enum { BECOME_NAME_MAX = 64 };

/* Is this root, and does node.data_dir belong to somebody else? A directory that is not there
 * belongs to the owner of the one it will be made in; one behind a link to whoever made the link.
 */
bool become_is_due(const struct config *c);

/* Where it is due: may the owner read the file, so that root need not? True where it is not. */
bool become_can_read(const struct config *c, const char *path);

/* Becomes the owner for good, where that is due. `who` gets a name for the log, "" when there was
 * nothing to do. When the owner cannot reach the directory by its path, c->data_dir names it
 * by a descriptor that stays open. False with a line for the user in `why`. */
bool become_owner(struct config *c, char who[BECOME_NAME_MAX], char *why, size_t size);

#endif
