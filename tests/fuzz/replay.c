/* Plays kept inputs through one fuzz target, without libFuzzer: each FILE, and each file of a
 * folder. The name is written before, so that the last one is to blame when the target aborts. */
#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

enum { INPUT_MAX = 1 << 20 };

static unsigned long played, unreadable;

static void play_file(const char *path)
{
	static uint8_t bytes[INPUT_MAX];
	FILE *f = fopen(path, "rbe");

	printf("%s\n", path);
	fflush(stdout);
	if (!f) {
		unreadable++;
		return;
	}
	size_t n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	uint8_t *copy = malloc(n ? n : 1);
	must(copy && n < sizeof bytes);
	memcpy(copy, bytes, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
	played++;
}

static void play_folder(const char *path)
{
	struct dirent **entry;
	char file[PATH_MAX];
	int n = scandir(path, &entry, NULL, alphasort);

	unreadable += n < 0;
	for (int i = 0; i < n; i++) {
		snprintf(file, sizeof file, "%s/%s", path, entry[i]->d_name);
		if (entry[i]->d_name[0] != '.')
			play_file(file);
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
}

int main(int argc, char **argv)
{
	struct stat st;

	for (int i = 1; i < argc; i++) {
		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
			play_folder(argv[i]);
		else
			play_file(argv[i]);
	}
	printf("%lu passed, %lu failed\n", played, unreadable);
	return unreadable ? EXIT_FAILURE : EXIT_SUCCESS;
}
