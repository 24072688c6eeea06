/* build/probe TABLE N [NAME]: repeats each kind of work N times in one process, as a test: prints
 * what the node held before and after, and fails when something was left. */
#include "chain/crypto.h"
#include "tests/probe/probe.h"

enum { WORKS_MAX = 64 };

static struct station station;
static uint64_t times;

static void repeat(const struct work *k, uint64_t n)
{
	if (k->begin)
		k->begin(&station);
	for (uint64_t i = 0; i < n; i++)
		k->once(&station, i);
	if (k->end)
		k->end(&station);
	station_settle(&station);
}

static void say(const struct work *k, const struct held *a, const struct held *b)
{
	printf("%-24s %6llu times: heap %zu -> %zu bytes, delta %lld in %lld blocks; "
	       "files %+lld; bounds %+lld\n",
		k->name, (unsigned long long)times, a->bytes, b->bytes,
		(long long)(b->bytes - a->bytes), (long long)(b->blocks - a->blocks),
		(long long)(b->files - a->files), (long long)(b->rows - a->rows));
	fflush(stdout);
	if (a->rows != b->rows)
		station_say_rows(&station);
}

/* A station for each kind, so that one does not hide what another left. */
static void leaves_nothing(void **state)
{
	const struct work *k = *state;

	station_begin(&station, k->sets);
	station.work = k->number;
	repeat(k, k->warm);
	struct held a = station_held(&station);
	repeat(k, times);
	struct held b = station_held(&station);
	say(k, &a, &b);
	assert_int_equal(a.bytes, b.bytes);
	assert_int_equal(a.blocks, b.blocks);
	assert_int_equal(a.files, b.files);
	assert_true(b.rows <= a.rows); /* what went meanwhile was on its way out */
	station_end(&station);
}

static const struct work *table_of(const char *name)
{
	static const struct {
		const char *name;
		const struct work *table;
	} tables[] = {{"retries", retries}, {"churn", churns}, {"endings", endings},
		{"lookups", lookups}, {"clients", dns_clients}, {"questions", questions}};

	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		if (strcmp(name, tables[i].name) == 0)
			return tables[i].table;
	return NULL;
}

int main(int argc, char **argv)
{
	const struct work *k = argc < 3 ? NULL : table_of(argv[1]);
	struct CMUnitTest tests[WORKS_MAX];
	size_t count = 0;

	times = k ? strtoull(argv[2], NULL, 10) : 0;
	if (!crypto_count_memory() || !times || rig_setup() != 0) {
		fprintf(stderr, "usage: probe retries|churn|endings|lookups|clients|questions N "
				"[NAME]\n");
		return 2;
	}
	for (; k->name && count < WORKS_MAX; k++)
		if (argc < 4 || strcmp(argv[3], k->name) == 0)
			tests[count++] = (struct CMUnitTest){
				k->name, leaves_nothing, NULL, NULL, (void *)(uintptr_t)k};
	return _cmocka_run_group_tests("probe", tests, count, NULL, NULL);
}
