/* Any bytes as a sealed key file. One that is taken has an allowed cost, and is the same key as its
 * own text, which is taken again and is as short as its bound; one that is refused says why in one
 * line. */
#include "owner/key_file.h"
#include "tests/fuzz/fuzz.h"

static void must_be_stable(const struct key_file *f)
{
	char text[KEY_FILE_MAX], why[KEY_ERROR_MAX];
	struct wr w = wr_of(text, sizeof text);
	struct key_file again;

	must(key_cost_is_allowed(f->cost, why));
	key_file_encode(f, &w);
	must(wr_done(&w).n > 0);
	must(key_file_decode(wr_done(&w), &again, why) == ERR_OK);
	must(memcmp(&again, f, sizeof again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = own_copy(data, size);
	char why[KEY_ERROR_MAX];
	struct key_file f;

	memset(why, 'x', sizeof why);
	if (key_file_decode(slice_of(copy, size), &f, why) == ERR_OK)
		must_be_stable(&f);
	else
		must(*why && memchr(why, '\0', sizeof why) && !strchr(why, '\n'));
	key_name_is_valid(slice_of(copy, size));
	mem_free(copy);
	return 0;
}
