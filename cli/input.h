/* The bytes of a file, a pipe or standard input, from the front, once. What is packed with gzip is
 * unpacked on the way. Opened once: who looks at its first bytes takes nothing from who reads. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct input;

/* `name` "-" is standard input. Waits at a named pipe for its writer. NULL with a line in `error`
 * (`size` bytes), which is empty when a signal ended the waiting. */
struct input *input_open(const char *name, char *error, size_t size);
void input_close(struct input *in); /* NULL is allowed */

/* ---- reading: ERR_OK, also at the end; ERR_STOPPING after a signal; ERR_NOMEM or ERR_MALFORMED
 * with input_why(), as often as it is asked ---- */

/* Bytes at the front that stay there; fewer than `want` only at the end. *n = how many. */
enum err input_peek(struct input *in, size_t want, const uint8_t **p, size_t *n);

/* *n < size only at the end. */
enum err input_read(struct input *in, void *to, size_t size, size_t *n);

/* Up to a line feed, which comes along, to the end, or to `size` bytes. *n = 0 = the end. */
enum err input_line(struct input *in, uint8_t *to, size_t size, size_t *n);

/* Back to the front. False when it is not a regular file. */
bool input_rewind(struct input *in);

bool input_is_file(const struct input *in); /* a regular one */
bool input_is_packed(const struct input *in);
int input_fd(const struct input *in); /* borrowed */

/* What a failure of the functions above is, for the user. Static or valid until the next call. */
const char *input_why(const struct input *in);

/* From here on as if it came from a pipe: for tests. */
void input_forget_file(struct input *in);

#endif
