/* Reads files of vectors. See tests/replay/file.h. */
#include <zlib.h>

#include "base/mem.h"
#include "tests/replay/file.h"

enum { FILE_MAX_BYTES = 1 << 29, READ_STEP = 1 << 20 };

uint8_t *file_read_all(const char *file, size_t *n)
{
	gzFile in = gzopen(file, "rb");
	uint8_t *text = NULL;
	size_t size = 0;
	int got = 0;

	*n = 0;
	if (!in)
		return NULL;
	do {
		if (*n + READ_STEP > size) {
			uint8_t *more = mem_realloc(text, size ? size * 2 : READ_STEP * 2);
			if (!more || size > FILE_MAX_BYTES) {
				mem_free(more ? more : text);
				gzclose(in);
				return NULL;
			}
			text = more;
			size = size ? size * 2 : READ_STEP * 2;
		}
		got = gzread(in, text + *n, READ_STEP);
		*n += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	if (gzclose(in) != Z_OK || got < 0) {
		mem_free(text);
		return NULL;
	}
	return text;
}
