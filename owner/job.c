/* The record of a job. See owner/job.h. */
#include "owner/job.h"

#include "base/mem.h"

enum { VERSION = 3 };

const char *job_state_name(enum job_state s)
{
	static const char *const names[JOB_STATES] = {
		"waits", "searches", "signs", "checks", "done", "failed", "cancelled"};

	return names[s];
}

bool job_has_ended(enum job_state s)
{
	return s == JOB_DONE || s == JOB_FAILED || s == JOB_CANCELLED;
}

/* ---- made and freed ---- */

static struct slice keep(struct wr *w, struct slice text)
{
	size_t from = w->n;

	wr_slice(w, text);
	return slice_of(w->p + from, text.n);
}

enum err job_new(const struct draft_request *r, uint64_t id, int64_t now, struct bound *row,
	struct job **out)
{
	size_t texts = r->name.n + r->data.n + r->to_signing.n + r->to_encryption.n;
	struct job *job;

	*out = NULL;
	if (r->name.n > DRAFT_NAME_MAX || texts > JOB_BYTES_MAX - 1024)
		return ERR_TOO_BIG;
	if (!bound_take(row, sizeof *job + texts))
		return ERR_FULL;
	job = mem_alloc(sizeof *job + texts);
	if (!job) {
		bound_give(row, sizeof *job + texts);
		return ERR_NOMEM;
	}
	struct wr w = wr_of(job->space, texts);
	job->id = id;
	job->asked = now;
	job->renewal = r->renewal;
	job->threads = r->threads;
	memcpy(job->author, r->author, KEY_SIZE);
	job->name = keep(&w, r->name);
	job->data = keep(&w, r->data);
	job->to_signing = keep(&w, r->to_signing);
	job->to_encryption = keep(&w, r->to_encryption);
	*out = job;
	return ERR_OK;
}

void job_free(struct job *job, struct bound *row)
{
	if (!job)
		return;
	bound_give(row,
		sizeof *job + job->name.n + job->data.n + job->to_signing.n + job->to_encryption.n);
	mem_free(job);
}

struct draft_request job_request(const struct job *job)
{
	return (struct draft_request){.name = job->name,
		.data = job->data,
		.author = job->author,
		.to_signing = job->to_signing,
		.to_encryption = job->to_encryption,
		.threads = job->threads,
		.renewal = job->renewal};
}

/* ---- on disk ---- */

static void put_text(struct wr *w, struct slice text)
{
	wr_be(w, text.n, 4);
	wr_slice(w, text);
}

static struct slice take_text(struct rd *r)
{
	return rd_bytes(r, rd_be32(r));
}

void job_encode(const struct job *job, struct wr *w)
{
	wr_u8(w, VERSION);
	wr_u8(w, (uint8_t)job->state);
	wr_u8(w, (uint8_t)(job->renewal | job->paused << 1));
	wr_be(w, job->threads, 2);
	wr_be(w, job->id, 8);
	wr_be(w, (uint64_t)job->asked, 8);
	wr_be(w, (uint64_t)job->ended, 8);
	wr_be(w, job->hashes, 8);
	wr_be(w, job->block, 8);
	wr_bytes(w, job->hash, HASH_SIZE);
	wr_be(w, job->difficulty, 8);
	wr_bytes(w, job->author, KEY_SIZE);
	put_text(w, slice_str(job->line));
	put_text(w, job->name);
	put_text(w, job->data);
	put_text(w, job->to_signing);
	put_text(w, job->to_encryption);
}

enum err job_decode(struct slice bytes, struct bound *row, struct job **out)
{
	struct rd r = rd_of(bytes);
	struct job head = {.state = JOB_WAITS};

	*out = NULL;
	bool version = rd_u8(&r) == VERSION;
	unsigned state = rd_u8(&r), flags = rd_u8(&r);
	head.threads = rd_be16(&r);
	head.id = rd_be64(&r);
	head.asked = (int64_t)rd_be64(&r);
	head.ended = (int64_t)rd_be64(&r);
	head.hashes = rd_be64(&r);
	head.block = rd_be64(&r);
	rd_copy(&r, head.hash, HASH_SIZE);
	head.difficulty = rd_be64(&r);
	rd_copy(&r, head.author, KEY_SIZE);
	struct slice line = take_text(&r);
	struct draft_request q = {
		.author = head.author, .threads = head.threads, .renewal = flags & 1};
	q.name = take_text(&r);
	q.data = take_text(&r);
	q.to_signing = take_text(&r);
	q.to_encryption = take_text(&r);
	if (!version || !rd_done(&r) || state >= JOB_STATES || flags > 3 ||
		line.n >= sizeof head.line || memchr(line.p, 0, line.n))
		return ERR_MALFORMED;
	enum err err = job_new(&q, head.id, head.asked, row, out);
	if (err != ERR_OK)
		return err;
	struct job *job = *out;
	job->state = job_has_ended((enum job_state)state) ? (enum job_state)state : JOB_WAITS;
	job->paused = flags & 2;
	job->ended = head.ended;
	job->hashes = head.hashes;
	job->block = head.block;
	memcpy(job->hash, head.hash, HASH_SIZE);
	job->difficulty = head.difficulty;
	if (job_has_ended(job->state))
		memcpy(job->line, line.p, line.n);
	return ERR_OK;
}
