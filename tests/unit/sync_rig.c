/* The sync engine among model peers: the network that it sees, time, chains, life. */
#include "tests/unit/sync_rig.h"

#include <unistd.h>

#include "base/mem.h"
#include "chain/blakeout.h"

/* Several stores are open at once, also where addresses have 32 bits. */
enum { STORE_MAP_BYTES = 64 << 20 };

/* ---- the model network ---- */

static enum send_result model_send(void *ctx, peer_id id, const struct message *m)
{
	struct rig *r = ctx;

	if (!r->model[id].there)
		return SEND_GONE;
	if (r->model[id].full)
		return SEND_FULL;
	assert_true(r->sent_count < RIG_SENT);
	r->sent[r->sent_count++] = (struct sent){id, m->type, m->index, m->height};
	r->model[id].info.get_peers_sent += m->type == MSG_GET_PEERS;
	return SEND_OK;
}

static uint64_t model_send_delay_ms(void *ctx, peer_id id)
{
	(void)ctx;
	(void)id;
	return 0;
}

static bool model_info(void *ctx, peer_id id, struct peer_info *out)
{
	struct rig *r = ctx;

	*out = r->model[id].info;
	out->line = r->line;
	return r->model[id].there;
}

static void model_close(void *ctx, peer_id id, enum close_reason why)
{
	struct rig *r = ctx;

	(void)why;
	r->model[id].closed = true;
}

static void model_ban(void *ctx, peer_id id, const char *what)
{
	struct rig *r = ctx;

	(void)what;
	r->model[id].banned = true;
}

static void model_height(void *ctx, peer_id id, uint64_t height)
{
	struct rig *r = ctx;

	r->model[id].info.height = height;
}

static void model_rtt(void *ctx, peer_id id, uint64_t ms)
{
	(void)ctx;
	(void)id;
	(void)ms;
}

static void model_credit(void *ctx, peer_id id)
{
	struct rig *r = ctx;

	r->model[id].credits++;
}

/* ---- time and callbacks ---- */

static int64_t wall(void *ctx)
{
	return ((struct rig *)ctx)->wall;
}

static uint64_t mono(void *ctx)
{
	return ((struct rig *)ctx)->mono;
}

static void wake(void *ctx)
{
	(void)ctx; /* the rig asks by itself */
}

static void new_tip(void *ctx, bool replaced)
{
	struct rig *r = ctx;

	r->new_tips++;
	r->told_replaced |= replaced;
	announce_new_tip(&r->announce, replaced);
}

static void fatal(void *ctx, enum err err)
{
	(void)err;
	((struct rig *)ctx)->fatal = true;
}

static void own_block(void *ctx, uint64_t number, const char *why)
{
	struct rig *r = ctx;

	r->own_told++;
	r->own_number = number;
	snprintf(r->own_why, sizeof r->own_why, "%s", why ? why : "");
}

/* ---- chains ---- */

static void remove_dir(const char *dir)
{
	static const char *const names[] = {
		"chain.mdb", "chain.mdb-lock", "chain.new", "chain.new-lock", "lock"};
	char file[128];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(file, sizeof file, "%s/%s", dir, names[i]);
		unlink(file);
	}
	rmdir(dir);
}

/* A new store when `dir` is empty. */
static struct chain *open_chain(struct rig *r, char dir[64], struct limits *l)
{
	struct chain_settings s = {.dir = dir,
		.params = &r->params,
		.limits = l,
		.no_sync = true,
		.settles_later = true};
	struct chain_error e;

	l->store_map_bytes.max = STORE_MAP_BYTES;
	if (!dir[0]) {
		snprintf(dir, 64, "/tmp/alfisd-sync-XXXXXX");
		assert_non_null(mkdtemp(dir));
	}
	return chain_open(&s, &e);
}

static struct slice keep(const struct block *b)
{
	uint8_t *bytes = malloc(BLOCK_MAX_ENCODED);
	struct wr w = wr_of(bytes, BLOCK_MAX_ENCODED);

	block_encode(b, &w);
	return wr_done(&w);
}

static void set_params(struct chain_params *p)
{
	*p = params_mainnet;
	p->origin_difficulty = p->domain_difficulty = p->signer_difficulty = 1;
	p->keystore_difficulty = 1;
	p->block_signers_start = 12;
	p->healing_activation_height = 16;
	p->ban_activation_height = 20;
	p->new_domains_interval = 600;
	p->has_origin = false;
}

static void make_maker(struct rig *r)
{
	size_t size = MINING_SCRATCH;

	r->scratch = mem_alloc(size + 64);
	r->maker = mem_alloc(sizeof *r->maker);
	r->maker->scratch = r->scratch + (64 - (uintptr_t)r->scratch % 64);
	r->maker->rng = r->rng;
	r->maker->params = r->params;
}

/* The maker's store holds what the branch has up to `at`. */
static void maker_load(struct rig *r, struct limits *l, const struct branch *from, uint64_t at)
{
	struct block_owned *b;

	limits_default(l);
	r->maker->limits = l;
	r->maker->chain = open_chain(r, r->maker_dir, l);
	assert_non_null(r->maker->chain);
	r->maker->full_count = 0;
	for (uint64_t i = 1; i <= at; i++) {
		assert_int_equal(block_decode_owned(from->block[i], &b), ERR_OK);
		assert_true(maker_append_owned(r->maker, b));
		r->maker->full_count += b->b.full;
		r->maker->time = b->b.timestamp + 200;
		mem_free(b);
	}
}

static void maker_unload(struct rig *r)
{
	chain_close(r->maker->chain);
	r->maker->chain = NULL;
	remove_dir(r->maker_dir);
	r->maker_dir[0] = 0;
}

void rig_branch(struct rig *r, struct branch *out, const struct branch *from, uint64_t at,
	uint64_t number, uint64_t more)
{
	struct limits *l = mem_alloc(sizeof *l);
	struct block b;

	*out = *from;
	r->maker->branch = number;
	maker_load(r, l, from, at);
	r->maker->time += r->later;
	for (uint64_t i = at + 1; i <= at + more; i++) {
		assert_true(maker_next(r->maker, &b));
		out->block[i] = keep(&b);
	}
	out->height = at + more;
	maker_unload(r);
	mem_free(l);
}

void rig_sign_again(struct rig *r, struct branch *b, const struct branch *from, uint64_t number)
{
	struct block_owned *last;

	*b = *from;
	assert_int_equal(block_decode_owned(from->block[from->height], &last), ERR_OK);
	maker_sign_again(r->maker, &last->b, number);
	b->block[from->height] = keep(&last->b);
	mem_free(last);
}

void branch_free(struct branch *b, uint64_t from)
{
	for (uint64_t i = from; i <= b->height; i++)
		free((void *)(uintptr_t)b->block[i].p);
}

/* ---- life ---- */

static struct branch first; /* block 1, shared by all branches of a rig */

/* What every test of a program would make alike is made for the first of them: strong keys and
 * blocks are costly. The random numbers go on as if it had been made again. */
static struct {
	struct authors authors;
	struct slice origin;
	struct chain_params params; /* with the hash of the origin */
	struct rng_seeded seed;
	bool is_made;
} made_first;

static struct {
	struct branch branch;
	struct rng_seeded seed;
} made_branch;

static struct slice copy_of(struct slice s)
{
	uint8_t *bytes = malloc(s.n);

	memcpy(bytes, s.p, s.n);
	return slice_of(bytes, s.n);
}

static void make_first(struct rig *r)
{
	struct block origin;

	authors_make(&r->maker->authors, 5, 16, 1, r->maker->scratch);
	r->maker->time = 1600000000;
	maker_genesis(r->maker, &origin);
	made_first.authors = r->maker->authors;
	made_first.origin = keep(&origin);
	made_first.params = r->maker->params;
	made_first.seed = r->seed;
	made_first.is_made = true;
}

/* Authors and the origin. */
static void begin_maker(struct rig *r, struct branch *b)
{
	make_maker(r);
	if (!made_first.is_made)
		make_first(r);
	r->maker->authors = made_first.authors;
	r->params = r->maker->params = made_first.params;
	r->seed = made_first.seed;
	b->block[1] = copy_of(made_first.origin);
	b->height = 1;
}

static void free_engines(struct rig *r)
{
	sync_free(r->sync);
	serve_free(&r->serve);
	sync_peers_clear(&r->peers);
	r->sync = NULL;
}

static bool start_engines(struct rig *r)
{
	sync_peers_init(&r->peers, &r->limits, 3);
	struct net net = {model_send, model_send_delay_ms, model_info, model_close, model_ban,
		model_height, model_rtt, model_credit, r};
	struct sync_settings s = {.chain = r->chain,
		.params = &r->params,
		.limits = &r->limits,
		.clock = &r->clock,
		.rng = &r->rng,
		.peers = &r->peers,
		.net = net,
		.threads = 1,
		.wake = wake,
		.new_tip = new_tip,
		.fatal = fatal,
		.own_block = own_block,
		.ctx = r};
	r->serve = (struct serve){0};
	r->sync = sync_start(&s);
	if (!r->sync || !serve_init(&r->serve, r->chain, net)) {
		free_engines(r);
		return false;
	}
	announce_init(&r->announce, r->chain, &r->peers, net, &r->clock, &r->rng);
	return true;
}

bool rig_start(struct rig *r)
{
	limits_default(&r->limits);
	r->fatal = false;
	r->sent_count = 0;
	r->chain = open_chain(r, r->dir, &r->limits);
	bool good = r->chain && start_engines(r);
	if (!good && r->chain)
		assert_int_equal(chain_close(r->chain), ERR_OK);
	assert_true(good || r->failing);
	return good;
}

void rig_begin(struct rig *r)
{
	*r = (struct rig){.mono = 1000, .wall = 1700000000};
	r->clock = (struct clock){wall, mono, r};
	r->rng = rng_from_seed(&r->seed, 1);
	set_params(&r->params);
	begin_maker(r, &first);
	rig_start(r);
}

static void limits_are_empty(struct rig *r)
{
	for (size_t i = 0; i < LIMIT_ROWS; i++) {
		const struct bound *b = limits_bound(&r->limits, i);
		if (b->used)
			fail_msg("%s still counts %llu", b->name, (unsigned long long)b->used);
	}
}

void rig_stop(struct rig *r)
{
	sync_quiesce(r->sync);
	rig_settle(r);
	for (peer_id id = 1; id <= RIG_PEERS; id++)
		if (r->model[id].there)
			rig_leave(r, id);
	free_engines(r);
	enum err err = chain_close(r->chain);
	assert_true(err == ERR_OK || r->fatal || r->failing);
	assert_true(!r->fatal || r->failing);
	limits_are_empty(r);
}

void rig_forget(struct rig *r)
{
	remove_dir(r->dir);
	r->dir[0] = 0;
}

void rig_restart(struct rig *r)
{
	rig_stop(r);
	rig_forget(r);
	rig_start(r);
}

void rig_end(struct rig *r)
{
	rig_stop(r);
	rig_forget(r);
	mem_free(r->maker);
	mem_free(r->scratch);
	free((void *)(uintptr_t)first.block[1].p);
	assert_int_equal(mem_blocks(), 0);
}

void rig_begin_with(struct rig *r, struct branch *b, uint64_t height)
{
	rig_begin(r);
	if (made_branch.branch.height != height) {
		branch_free(&made_branch.branch, 2);
		rig_branch(r, &made_branch.branch, rig_origin(), 1, 1, height - 1);
		made_branch.seed = r->seed;
	}
	r->seed = made_branch.seed;
	b->height = height;
	b->block[1] = first.block[1];
	for (uint64_t i = 2; i <= height; i++)
		b->block[i] = copy_of(made_branch.branch.block[i]);
}

void rig_end_with(struct rig *r, struct branch *b)
{
	rig_end(r);
	branch_free(b, 2);
}

const struct branch *rig_origin(void)
{
	return &first;
}
