/* Any bytes as requests about keys, names and jobs, each a line with method and path, then a line
 * with its form, or with JSON for what is below /api. What is answered is one JSON object, and an
 * error has a sentence; only names of keys that are good ones reach the node; what is asked for
 * becomes a job that the table can hold.
 */
#include "api/routes.h"
#include "chain/ecies.h"
#include "owner/jobs.h"
#include "tests/fuzz/owner_world.h"
#include "web/routes.h"

enum { LONGEST = 8192, ANSWER = 1 << 20 };

struct node {
	struct owner_world w;
	struct rng_seeded seed;
	struct rng rng;
	struct jobs *jobs; /* of one input */
	bool searching;
};

static struct node node;

/* ---- what the routes ask ---- */

static bool need(void *ctx, char *said, size_t size)
{
	(void)ctx;
	snprintf(said, size, "no");
	return true;
}

static struct api_said rename_key(void *ctx, uint64_t call, const char *name, const char *to)
{
	(void)ctx, (void)call;
	must(key_name_is_valid(slice_str(name)) && key_name_is_valid(slice_str(to)));
	return (struct api_said){.status = 0};
}

static struct api_said remove_key(void *ctx, uint64_t call, const char *name)
{
	(void)ctx, (void)call;
	must(key_name_is_valid(slice_str(name)));
	return (struct api_said){.status = 200, .text = "gone"};
}

static struct api_said lock_key(void *ctx, uint64_t call, const char *name)
{
	(void)ctx, (void)call;
	must(!*name || key_name_is_valid(slice_str(name)));
	return (struct api_said){.status = 404, .text = "there is none"};
}

static enum err names(void *ctx, uint64_t call, const char *key)
{
	(void)ctx;
	(void)call;
	must(strlen(key) <= KEY_NAME_MAX + 1);
	return key[0] ? ERR_NOT_FOUND : ERR_OK;
}

static struct api_said secret(void *ctx, uint64_t call, const struct keys_order *o)
{
	(void)ctx, (void)call;
	must(o->passphrase.n && o->passphrase.n <= PASSPHRASE_MAX && o->old.n <= PASSPHRASE_MAX &&
		o->file.n <= KEYS_ORDER_FILE_MAX && strlen(o->name) <= KEY_NAME_MAX);
	must(!*o->name || key_name_is_valid(slice_str(o->name)));
	return (struct api_said){.status = 0};
}

static bool key_cancel(void *ctx)
{
	(void)ctx;
	return true;
}

static enum err key_file(void *ctx, const char *name, uint8_t bytes[KEY_FILE_MAX + 1], size_t *n,
	char why[KEY_WHY_SIZE])
{
	(void)ctx, (void)bytes, (void)n;
	must(key_name_is_valid(slice_str(name)));
	snprintf(why, KEY_WHY_SIZE, "there is none");
	return ERR_NOT_FOUND;
}

static bool key_chosen(void *ctx, uint8_t signing[KEY_SIZE])
{
	(void)ctx;
	memcpy(signing, node.w.rows[1].pub.signing, KEY_SIZE);
	return true;
}

static enum err key_choose(void *ctx, const uint8_t signing[KEY_SIZE])
{
	(void)ctx, (void)signing;
	return ERR_OK;
}

static void key_name(void *ctx, const uint8_t signing[KEY_SIZE], char to[KEY_NAME_MAX + 1])
{
	(void)ctx;
	(void)signing;
	to[0] = 0;
}

static const struct jobs *told_jobs(void *ctx)
{
	(void)ctx;
	return node.jobs;
}

static enum err job_add(
	void *ctx, const struct draft_request *r, uint64_t *id, char *said, size_t size)
{
	enum err err = jobs_add(node.jobs, r, id);

	(void)ctx;
	must(r->author && r->encryption);
	snprintf(said, size, "%s", err_name(err));
	if (err == ERR_OK)
		jobs_tick(node.jobs);
	return err;
}

static enum err job_change(void *ctx, uint64_t id, enum api_job_change what)
{
	(void)ctx;
	must(what < API_SIGN_ON ? id > 0 : id == 0);
	if (what == API_SIGN_STOP)
		return jobs_stop_signature(node.jobs) ? ERR_OK : ERR_NOT_FOUND;
	if (what >= API_SIGN_ON)
		jobs_sign(node.jobs, what == API_SIGN_ON);
	else if (what == API_JOB_CANCEL)
		return jobs_cancel(node.jobs, id);
	else
		return jobs_pause(node.jobs, id, what == API_JOB_PAUSE);
	return ERR_OK;
}

/* ---- what the jobs ask ---- */

static bool ready(void *ctx, char line[DRAFT_WORDS_MAX])
{
	(void)ctx, (void)line;
	return true;
}

static enum job_key key(void *ctx, const uint8_t signing[KEY_SIZE], uint8_t encryption[KEY_SIZE])
{
	(void)ctx;
	for (size_t i = 0; i < OWNER_KEYS; i++)
		if (memcmp(node.w.rows[i].pub.signing, signing, KEY_SIZE) == 0)
			memcpy(encryption, node.w.rows[i].pub.encryption, KEY_SIZE);
	return JOB_KEY_OPEN;
}

static size_t open_keys(void *ctx, uint8_t (*to)[KEY_SIZE], size_t max)
{
	(void)ctx, (void)to, (void)max;
	return 0;
}

static uint64_t max_height(void *ctx)
{
	(void)ctx;
	return 0;
}

/* What is searched would be a block that others can read. */
static enum err search(void *ctx, const struct block *b, unsigned threads)
{
	struct block_owned *copy = block_copy(b);

	(void)threads;
	(void)ctx;
	must(copy && b->index == OWNER_HEIGHT + 1 && b->tx.data.n);
	mem_free(copy);
	node.searching = true;
	return ERR_OK;
}

static void cancel(void *ctx)
{
	(void)ctx;
	must(node.searching);
	node.searching = false;
}

static bool sign(void *ctx, const struct block *b, uint64_t window)
{
	(void)ctx, (void)b, (void)window;
	return true;
}

static enum err submit(void *ctx, struct block_owned **b)
{
	(void)ctx;
	mem_free(*b);
	*b = NULL;
	return ERR_OK;
}

static uint64_t hashes(void *ctx)
{
	(void)ctx;
	return 7;
}

static void keep(void *ctx, const struct job *job)
{
	static uint8_t space[JOB_BYTES_MAX];
	struct wr w = wr_of(space, sizeof space);

	(void)ctx;
	job_encode(job, &w);
	must(!w.bad);
}

static void forget(void *ctx, uint64_t id)
{
	(void)ctx;
	must(id > 0);
}

static bool keep_found(void *ctx, uint64_t id, const struct block *b)
{
	(void)ctx;
	(void)id;
	(void)b;
	return true;
}

static enum err read_found(void *ctx, uint64_t id, struct block_owned **out)
{
	(void)ctx;
	(void)id;
	*out = NULL;
	return ERR_NOT_FOUND;
}

/* ---- made once ---- */

static void begin(void)
{
	owner_world_begin(&node.w);
	struct api_hooks *h = &node.w.api.hooks;
	h->keys_need = need;
	h->key_rename = rename_key;
	h->key_remove = remove_key;
	h->key_lock = lock_key;
	h->jobs = told_jobs;
	h->job_hashes = hashes;
	h->names = names;
	h->job_add = job_add;
	h->job_change = job_change;
	h->web_names = names;
	h->secret = secret;
	h->key_cancel = key_cancel;
	h->key_file = key_file;
	h->key_chosen = key_chosen;
	h->key_choose = key_choose;
	node.w.config.webui_unlock = true;
}

static void new_jobs(void)
{
	struct jobs_settings s = {.chain = node.w.api.chain,
		.params = node.w.api.params,
		.clock = &node.w.clock,
		.rng = &node.rng,
		.count = &node.w.limits.max_jobs,
		.bytes = &node.w.limits.job_bytes,
		.hooks = {.ready = ready,
			.key = key,
			.open_keys = open_keys,
			.max_height = max_height,
			.search = search,
			.cancel = cancel,
			.sign = sign,
			.submit = submit,
			.hashes = hashes,
			.key_name = key_name,
			.keep = keep,
			.forget = forget,
			.keep_found = keep_found,
			.read_found = read_found}};

	node.rng = rng_from_seed(&node.seed, 1);
	node.searching = false;
	node.jobs = jobs_new(&s);
	must(node.jobs);
}

/* ---- a request ---- */

static bool is_owners(const char *path)
{
	return strncmp(path, "/keys", 5) == 0 || strncmp(path, "/job", 4) == 0 ||
	       strncmp(path, "/sign", 5) == 0 || strcmp(path, "/domains/new") == 0 ||
	       strcmp(path, "/domains") == 0;
}

static bool is_web(const char *path)
{
	return strncmp(path, "/api/", 5) == 0 && strcmp(path, "/api/status") != 0 &&
	       strcmp(path, "/api/status/") != 0 && !strstr(path, "log");
}

static void must_be_answer(int status, const struct http_call *c)
{
	struct slice answer = wr_done(c->answer), error;

	must(!c->answer->bad && (answer.n || c->waits_ms));
	must(status == 200 || status == 400 || status == 403 || status == 404 || status == 405 ||
		status == 409 || status == 503);
	if (c->waits_ms)
		return;
	must(answer.p[0] == '{' && !memchr(answer.p, 0, answer.n));
	must(status == 200 || (json_find(answer, "error", &error) && error.n > 2));
}

static void ask(struct slice line, struct slice form)
{
	static uint8_t space[ANSWER];
	static char head[1024];
	struct wr w = wr_of(space, sizeof space);
	struct http_request q;
	bool json = memmem(line.p, line.n, " /api/", 6) != NULL;
	int n = snprintf(head, sizeof head,
		"%.*s HTTP/1.0\r\nContent-Length: %zu\r\nContent-Type: application/%s\r\n\r\n",
		(int)line.n, (const char *)line.p, form.n, json ? "json" : "x-www-form-urlencoded");

	if (n < 0 || (size_t)n >= sizeof head ||
		http_parse(slice_of(head, (size_t)n), &q) != HTTP_DONE ||
		!(json ? is_web(q.path) : is_owners(q.path)) || !http_may_have_body(&q, LONGEST) ||
		!http_take_body(&q, form))
		return;
	struct http_call c = {.request = &q,
		.right = RIGHT_STEER,
		.token = "",
		.answer = &w,
		.number = 5,
		.type = HTTP_JSON,
		.policy = "",
		.more = ""};
	if (json) {
		c.right = RIGHT_OWN;
		c.door = DOOR_WEB;
		must_be_answer(web_route(&node.w.api, &c), &c);
	} else {
		must_be_answer(api_route(&node.w.api, &c), &c);
	}
}

static struct slice take_line(struct slice *from)
{
	const uint8_t *end = from->n ? memchr(from->p, '\n', from->n) : NULL;
	struct slice line = slice_of(from->p, end ? (size_t)(end - from->p) : from->n);
	size_t taken = line.n + (end != NULL);

	*from = slice_of(from->p + taken, from->n - taken);
	return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice left = slice_of(data, size);

	if (size > LONGEST)
		return 0;
	if (!node.w.api.chain)
		begin();
	size_t before = mem_blocks();
	new_jobs();
	while (left.n) {
		struct slice line = take_line(&left), form = take_line(&left);
		uint8_t *copy = own_copy(form.p, form.n);
		ask(line, slice_of(copy, form.n));
		mem_free(copy);
	}
	jobs_free(node.jobs);
	must(node.w.limits.max_jobs.used == 0 && node.w.limits.job_bytes.used == 0);
	must(mem_blocks() == before);
	return 0;
}
