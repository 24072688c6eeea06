/* The only allocator of the program. It counts bytes and blocks in use, so that the audit at the
 * end can prove that everything was freed. For tests it can make the n-th request fail, so that
 * every out-of-memory path can be walked. libevent uses it too.
 *
 * Threads: any thread may call any of these, and may free what another thread allocated; the counts
 * are atomic. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Tells the C library to give large blocks back to the system when they are freed. To be called
 * before anything is allocated; without it the program is right, but keeps more. */
void mem_begin(void);

/* Returns zeroed memory, or NULL. The caller owns it and frees it with mem_free(). */
void *mem_alloc(size_t size);

/* The same, not zeroed: pages of a large block that are not used yet cost no memory. */
void *mem_alloc_unset(size_t size);

/* Like realloc(3): on failure it returns NULL and the old block stays valid. New bytes are not
 * zeroed. */
void *mem_realloc(void *p, size_t size);

/* Frees memory of these. NULL is allowed. */
void mem_free(void *p);

/* While it is on, this thread overwrites what mem_free() and mem_realloc() give back: for a library
 * that keeps copies of secrets. Returns what it was before, to be set again afterwards. */
bool mem_wipe_freed(bool on);

/* For a call of a library that would crash when memory ran out: sets some blocks aside. Until
 * mem_spare_end(), which frees what is left, mem_alloc() and mem_realloc(NULL, …) of this thread
 * take one of them instead of failing; MEM_SPARES of MEM_SPARE_SIZE bytes at most. False when
 * memory ran out: the call must not be made, and there is nothing to end. */
enum { MEM_SPARES = 16, MEM_SPARE_SIZE = 1024 };
bool mem_spare_begin(void);
void mem_spare_end(void);

/* Bytes that the C library set aside for this block, its word before the block included: more than
 * was asked for. For a row that bounds memory as it is allocated. */
size_t mem_usable(void *p);

/* Bytes that were asked for. */
size_t mem_size(const void *p);

size_t mem_bytes(void);  /* bytes in use, without the allocator's overhead */
size_t mem_blocks(void); /* blocks in use */
size_t mem_peak(void);   /* highest mem_bytes() so far */

/* The same for a library that keeps memory until it is told to clean up, as libcrypto does. Counted
 * apart, so that mem_blocks() is what the program itself holds. mem_fail_nth() does not affect
 * these. realloc(p, 0) does not free. */
void *mem_library_alloc(size_t size);
void *mem_library_realloc(void *p, size_t size);
void mem_library_free(void *p);
size_t mem_library_bytes(void);
size_t mem_library_blocks(void);

/* What the calling thread alone has taken of it so far, less what it gave back. Only the difference
 * of two readings says something: what was done in between holds that many bytes more. */
size_t mem_library_taken(void);

/* Makes the n-th allocation from now on fail, once (1 = the next); 0 = none. Returns how many
 * allocations an earlier call was still waiting for, 0 = none. For tests. */
uint64_t mem_fail_nth(uint64_t n);

#endif
