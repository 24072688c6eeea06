/* The only allocator of the program. It counts bytes and blocks in use, so that the clean-up audit
 * can prove that nothing is left, and can fail the n-th request, so that tests can walk every
 * out-of-memory path. libevent is told to use it too.
 *
 * Threads: any may call any of these, and may free what another one allocated; the counts move in
 * one step each. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed memory, or NULL. The caller owns it and gives it back with mem_free(). */
void *mem_alloc(size_t size);

/* Like realloc(3); on failure the old block stays. New bytes are not zeroed. */
void *mem_realloc(void *p, size_t size);

/* NULL is fine. */
void mem_free(void *p);

size_t mem_bytes(void);  /* in use, without the allocator's own overhead */
size_t mem_blocks(void); /* in use */
size_t mem_peak(void);   /* highest mem_bytes() so far */

/* The same for a library that keeps memory for itself until it is told to clean up, as libcrypto
 * does: counted apart, so that mem_blocks() is what the program itself holds. mem_fail_nth() does
 * not count these. realloc(p, 0) does not free. */
void *mem_library_alloc(size_t size);
void *mem_library_realloc(void *p, size_t size);
void mem_library_free(void *p);
size_t mem_library_bytes(void);
size_t mem_library_blocks(void);

/* The n-th allocation from now on (1 = the next) fails, once; 0 turns it off. Returns how many were
 * to come before an earlier one failed, 0 = none. For tests. */
uint64_t mem_fail_nth(uint64_t n);

#endif
