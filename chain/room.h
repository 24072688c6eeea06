/* How much room the disk has that the store lies on. Before: chain/store_disk.c says why a write
 * failed; node/room_wait.c waits for room. After: the operating system. */
#ifndef CHAIN_ROOM_H
#define CHAIN_ROOM_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes. With less, a disk is called full: a commit may find no place for its pages. */
enum { ROOM_WANTED = 64 * 1024 };

/* Free bytes for who is not root. False when that is not known, or when nothing can be written
 * there whatever is free. */
bool room_of(const char *dir, uint64_t *bytes);
bool room_of_fd(int fd, uint64_t *bytes);

#endif
