/* Any bytes as jobs in the form in which the store keeps them, one after the other. One that is
 * taken is within its bounds and is the same job as its own form; several are in the order of their
 * numbers, each once; the rows have their bytes back. */
#include "owner/jobs.h"
#include "tests/fuzz/fuzz.h"

enum { LONGEST = 16384 };

static void must_be_same(const struct job *a, const struct job *b)
{
	must(a->id == b->id && a->state == b->state && a->renewal == b->renewal);
	must(a->paused == b->paused && a->asked == b->asked && a->ended == b->ended);
	must(a->hashes == b->hashes && a->block == b->block && a->difficulty == b->difficulty);
	must(memcmp(a->author, b->author, KEY_SIZE) == 0 && strcmp(a->line, b->line) == 0);
	must(slice_eq(a->name, b->name) && slice_eq(a->data, b->data));
	must(slice_eq(a->to_signing, b->to_signing));
	must(slice_eq(a->to_encryption, b->to_encryption));
}

static void play_one(const struct job *job, struct bound *row)
{
	static uint8_t space[JOB_BYTES_MAX];
	struct wr w = wr_of(space, sizeof space);
	struct job *again;

	must(job->name.n <= DRAFT_NAME_MAX && memchr(job->line, 0, sizeof job->line));
	must(job->state == JOB_WAITS || job_has_ended(job->state));
	must(job_state_name(job->state));
	job_encode(job, &w);
	must(!w.bad);
	must(job_decode(wr_done(&w), row, &again) == ERR_OK);
	must_be_same(job, again);
	job_free(again, row);
}

static void play_table(struct jobs *j, struct slice bytes)
{
	struct rd r = rd_of(bytes);

	while (r.left) {
		struct slice one = rd_bytes(&r, rd_be16(&r));
		uint8_t *copy = own_copy(one.p, one.n);
		jobs_restore(j, slice_of(copy, one.n));
		mem_free(copy);
		if (r.bad)
			break;
	}
	for (size_t i = 0; i < jobs_count(j); i++) {
		must(jobs_find(j, jobs_at(j, i)->id) == jobs_at(j, i));
		must(i == 0 || jobs_at(j, i)->id > jobs_at(j, i - 1)->id);
	}
	must(jobs_open(j) <= jobs_count(j));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bound count = {.name = "max_jobs", .max = 4};
	struct bound bytes = {.name = "job_bytes", .max = 8 * sizeof(struct job)};
	struct jobs_settings s = {.count = &count, .bytes = &bytes};
	uint8_t *copy = own_copy(data, size);
	struct job *job;

	if (size <= LONGEST && job_decode(slice_of(copy, size), &bytes, &job) == ERR_OK) {
		bytes.max = UINT32_MAX;
		play_one(job, &bytes);
		job_free(job, &bytes);
	}
	must(bytes.used == 0);
	struct jobs *j = jobs_new(&s);
	must(j);
	if (size <= LONGEST)
		play_table(j, slice_of(copy, size));
	jobs_free(j);
	mem_free(copy);
	must(count.used == 0 && bytes.used == 0 && mem_blocks() == 0);
	return 0;
}
