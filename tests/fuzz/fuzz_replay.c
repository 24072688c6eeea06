/* Any text as a file of vectors, of any format: played to its end; every failure is told, and
 * nothing is left. The player reads what others recorded, with the decoders of the node. */
#include "base/log.h"
#include "chain/crypto.h"
#include "tests/fuzz/fuzz.h"
#include "tests/replay/play.h"

enum { LONGEST = 20000 };

static void setup(void)
{
	static const struct log_settings quiet = {.level = LOG_ERROR, .file = "/dev/null"};

	must(log_setup(&quiet) && crypto_init());
	setenv("TMPDIR", "/dev/shm", 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *told = NULL;
	size_t n, lines = 0;
	struct play p = {.file = "-", .out = open_memstream(&told, &n)};

	setup();
	must(p.out);
	uint8_t *text = own_copy(data, size < LONGEST ? size : LONGEST);
	play_text(&p, slice_of(text, size < LONGEST ? size : LONGEST));
	mem_free(text);
	fclose(p.out);
	for (size_t i = 0; i < n; i++)
		lines += told[i] == '\n';
	must(lines >= p.failed);
	free(told);
	must(mem_blocks() == 0);
	return 0;
}
