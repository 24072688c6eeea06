/* Any text as an owner line: what is taken is two keys that somebody can own, and their line is
 * taken as the same. */
#include "owner/owner_line.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *text = own_copy(data, size);
	char why[KEY_ERROR_MAX] = "", line[OWNER_LINE_SIZE];
	struct key_public keys, again;

	if (owner_line_read(slice_of(text, size), &keys, why)) {
		must(!why[0] && owner_keys_check(&keys, why));
		owner_line_write(&keys, line);
		must(strlen(line) == OWNER_LINE_SIZE - 1);
		must(owner_line_read(slice_str(line), &again, why));
		must(memcmp(&keys, &again, sizeof keys) == 0);
		line[OWNER_LINE_SIZE - 2] ^= 1; /* another digit of the check, or none */
		must(!owner_line_read(slice_str(line), &again, why));
	} else {
		must(why[0] && strlen(why) < sizeof why);
	}
	mem_free(text);
	must(mem_blocks() == 0);
	return 0;
}
