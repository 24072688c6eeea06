/* A file of vectors as it lies on the disk, packed or not. */
#ifndef TESTS_REPLAY_FILE_H
#define TESTS_REPLAY_FILE_H

#include <stddef.h>
#include <stdint.h>

/* The whole file, unpacked; the caller frees it with mem_free(). NULL when it cannot be read. */
uint8_t *file_read_all(const char *file, size_t *n);

#endif
