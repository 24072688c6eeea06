/* Reads a file, a pipe or standard input from front to end, once, and unpacks gzip on the way.
 * input_peek() shows the first bytes without consuming them, so that the caller can tell what kind
 * of file it is. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct input;

/* Opens `name`; "-" is standard input. Opening a named pipe waits for its writer. Returns NULL with
 * a line in `error` (`size` bytes), which is empty when a signal interrupted it. The caller frees
 * it with input_close(). */
struct input *input_open(const char *name, char *error, size_t size);
void input_close(struct input *in); /* NULL is allowed */

/* ---- reading. ERR_OK: also at the end. ERR_STOPPING: after a signal. ERR_NOMEM, ERR_MALFORMED:
 * input_why() says why, and a later call fails again. ---- */

/* Points *p to the next bytes without consuming them; valid until the next call. At least `want` of
 * them (when they are fewer than 65536) unless the input ends before, or is packed. *n = how many.
 */
enum err input_peek(struct input *in, size_t want, const uint8_t **p, size_t *n);

/* Copies the next `size` bytes; *n = how many, fewer only at the end. */
enum err input_read(struct input *in, void *to, size_t size, size_t *n);

/* Copies a line including its line feed; stops at the end of the input or after `size` bytes. *n =
 * its length, 0 = the end. */
enum err input_line(struct input *in, uint8_t *to, size_t size, size_t *n);

/* Starts again at the front. False when it is not a regular file or cannot be rewound. */
bool input_rewind(struct input *in);

bool input_is_file(const struct input *in);   /* a regular file? */
bool input_is_packed(const struct input *in); /* by gzip? */
int input_fd(const struct input *in);         /* borrowed */

/* Why one of the functions above failed, in words for the user. Static, or valid until the next
 * call. */
const char *input_why(const struct input *in);

/* Treats a file as a pipe from now on. For tests. */
void input_forget_file(struct input *in);

#endif
