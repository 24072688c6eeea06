/* How much free space the file system of the store has. Before: chain/store_disk.c explains why a
 * write failed; node/room_wait.c waits for space. After: the operating system. */
#ifndef CHAIN_ROOM_H
#define CHAIN_ROOM_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes. With less, a disk is called full: a commit may find no place for its pages. */
enum { ROOM_WANTED = 64 * 1024 };

/* Writes the free bytes, not counting what is reserved for root, to *bytes. False when they cannot
 * be found out, or when nothing can be written there for another reason, such as a read-only file
 * system. */
bool room_of(const char *dir, uint64_t *bytes);
bool room_of_fd(int fd, uint64_t *bytes);

#endif
