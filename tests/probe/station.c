/* Role: begin and end of the station, its clock, and what it holds. */
#include "tests/probe/station.h"

#include <dirent.h>
#include <ftw.h>

#include "chain/crypto.h"
#include "api/routes.h"
#include "node/node_api.h"

enum { SETS_MAX = 32, FILES_SEEN = 64 };

static uint64_t ahead_mono(void *ctx)
{
	return mono() + ((struct station *)ctx)->ahead_ms;
}

static int64_t ahead_wall(void *ctx)
{
	return clock_wall(&clock_system) + (int64_t)(((struct station *)ctx)->ahead_ms / 1000);
}

/* ---- life ---- */

static void configure(struct station *s, const char *const *sets)
{
	char dir[128];
	const char *all[SETS_MAX] = {dir, "chain.network=devnet", "net.listen=127.0.0.1:0",
		"admin.listen=", "net.peers=[]", "node.verify_threads=1"};
	size_t count = 6;
	const char *const no_env[] = {NULL};

	snprintf(s->folder, sizeof s->folder, "/tmp/alfprobeXXXXXX");
	assert_non_null(mkdtemp(s->folder));
	snprintf(dir, sizeof dir, "node.data_dir=%s", s->folder);
	for (; sets && *sets && count < SETS_MAX; sets++)
		all[count++] = *sets;
	if (config_load("/dev/null", all, count, no_env, &s->config) != ERR_OK)
		fail_msg("%s", s->config.errors[0].text);
}

static void start_parts(struct station *s)
{
	struct chain_error e;
	struct chain_settings c = {.dir = s->folder,
		.params = &s->n.params,
		.limits = &s->config.limits,
		.no_sync = true};
	struct p2p_settings p = {.base = s->r.base,
		.clock = &s->clock,
		.rng = &rng_system,
		.limits = &s->config.limits,
		.listen = s->config.listen.ptr,
		.listen_count = s->config.listen.count,
		.is_public = true,
		.allow_local = true,
		.events = dispatch_events(&s->n)};

	struct http_settings h = {.base = s->r.base,
		.clock = &s->clock,
		.limits = &s->config.limits,
		.route = api_route,
		.admit = api_admit};

	memcpy(p.origin, s->config.origin, sizeof p.origin);
	s->n.chain = chain_open(&c, &e);
	assert_non_null(s->n.chain);
	s->n.p2p = p2p_create(&p);
	assert_non_null(s->n.p2p);
	assert_true(engines_start(&s->n));
	assert_true(p2p_open(s->n.p2p, &p));
	node_api_fill(&s->n);
	h.ctx = &s->n.api;
	s->n.http = http_server_start(&h, &s->config, &s->n.status);
	assert_non_null(s->n.http);
}

/* The loop keeps 16 bytes for each file number that it ever watched. Let it see them all now, not
 * when a dial and a visit happen to coincide. */
static void show_files(struct event_base *base)
{
	struct event *seen[FILES_SEEN];
	int fd[FILES_SEEN];

	for (int i = 0; i < FILES_SEEN; i++) {
		fd[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		seen[i] = event_new(base, fd[i], EV_READ, on_wake, NULL);
		assert_true(fd[i] >= 0 && seen[i] && event_add(seen[i], NULL) == 0);
	}
	for (int i = 0; i < FILES_SEEN; i++) {
		event_free(seen[i]);
		close(fd[i]);
	}
}

void station_begin(struct station *s, const char *const *sets)
{
	memset(s, 0, sizeof *s);
	rig_begin(&s->r);
	show_files(s->r.base);
	configure(s, sets);
	s->clock = (struct clock){ahead_wall, ahead_mono, s};
	s->n = (struct node){.config = &s->config,
		.clock = &s->clock,
		.rng = &rng_system,
		.base = s->r.base,
		.wake_fd = -1};
	assert_true(node_params(&s->config, &s->n.params) && crypto_init());
	start_parts(s);
	assert_int_equal(p2p_listening(s->n.p2p, &s->at, 1), 1);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

void station_end(struct station *s)
{
	if (s->finish)
		s->finish(s);
	p2p_quiesce(s->n.p2p);
	sync_quiesce(s->n.sync);
	http_server_free(s->n.http);
	p2p_disconnect(s->n.p2p);
	engines_free(&s->n);
	p2p_free(s->n.p2p);
	assert_int_equal(chain_close(s->n.chain), ERR_OK);
	assert_unused(&s->config.limits);
	rig_end(&s->r);
	nftw(s->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- time ---- */

void station_later(struct station *s, uint64_t ms)
{
	s->ahead_ms += ms;
}

void station_expire(struct station *s)
{
	event_active(s->n.p2p->minute, EV_TIMEOUT, 0);
	turn(&s->r);
}

static bool settled(const struct station *s)
{
	const struct limits *l = &s->config.limits;

	return p2p_connections(s->n.p2p) == 0 && l->max_admin_clients.used == 0 &&
	       l->max_lookups.used == 0 && sync_idle(s->n.sync);
}

void station_settle(struct station *s)
{
	UNTIL(&s->r, settled(s));
}

/* ---- what it holds ---- */

static size_t open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

/* What grows with the chain is meant to stay. */
static bool of_the_chain(size_t row)
{
	return row == LIMIT_ROW_store_map_bytes || row == LIMIT_ROW_max_key_strengths ||
	       row == LIMIT_ROW_max_draws;
}

struct held station_held(struct station *s)
{
	struct held h = {mem_bytes(), mem_blocks(), open_files(), 0};

	for (size_t i = 0; i < LIMIT_ROWS; i++)
		h.rows += of_the_chain(i) ? 0 : limits_bound_const(&s->config.limits, i)->used;
	return h;
}

void station_say_rows(struct station *s)
{
	for (size_t i = 0; i < LIMIT_ROWS; i++) {
		const struct bound *b = limits_bound_const(&s->config.limits, i);
		if (b->used)
			printf("  %s %llu\n", b->name, (unsigned long long)b->used);
	}
}
