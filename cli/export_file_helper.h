/* Renames a snapshot into place on behalf of a process that has given up root's rights since it
 * opened it. */
#ifndef CLI_EXPORT_FILE_HELPER_H
#define CLI_EXPORT_FILE_HELPER_H

#include "cli/export_file.h"

/* Forks a process that keeps the rights of now and can do one thing with them: call `put` when it
 * is told to. It ends with this process at the latest. False with t->error. */
bool export_file_helper_start(struct export_file *t, bool (*put)(struct export_file *t));

/* Tells it to call `put`, and waits for the result. False with t->error. */
bool export_file_helper_ask(struct export_file *t);

/* Ends it and waits for that. It removes the temporary file if it is still there. */
void export_file_helper_end(struct export_file *t);

#endif
