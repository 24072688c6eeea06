/* Takes from the key process what it does not need: core files, the eyes of other processes, new
 * rights, files, the network, other programs. In the process alone, while it has one thread. */
#ifndef OWNER_KEYS_SANDBOX_H
#define OWNER_KEYS_SANDBOX_H

#include "owner/keys_state.h"

/* No core file, and no other process of this user may look into this one or stop it with ptrace.
 * Before any secret is here. False with errno when the kernel refuses. */
bool sandbox_hide(void);

/* From now on nothing can be opened, connected or executed, by a filter of system calls (seccomp)
 * and by Landlock; what is open stays usable, threads and memory can be had. guard->filter and
 * guard->files say what is missing on this machine; guard->memory whether pages cannot be locked. A
 * program that was built with a sanitizer, or runs under valgrind, has no filter, because those
 * need more calls. It cannot be undone. */
void sandbox_enter(struct keys_guard *guard);

#endif
