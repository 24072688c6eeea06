/* Role: the key process: hides, shuts itself in, then serves the node and the command line.
 * Before: cli/key_process.c. After: owner/keys_node.c, owner/keys_client.c, owner/keys_job.c,
 * owner/keys_make.c. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"
#include "chain/crypto.h"
#include "chain/ecies.h"
#include "owner/keys_process_internal.h"
#include "owner/keys_filter.h"
#include "owner/keys_sandbox.h"

enum {
	FIXED = 4, /* descriptors beside those of the command line */
	ALIGNMENT = 64,
	SECOND = 1000,   /* ms */
	TELL = 10000,    /* ms between two states while some key's time runs */
	LONGEST = 60000, /* ms without looking at the clock */
};

/* ---- start and end ---- */

/* Memory of fixed sizes; false when it runs out. */
static bool allocate(struct keys_process *p)
{
	size_t scratch = blakeout_scratch_size(1, 0) + ALIGNMENT;

	p->space = mem_alloc(sizeof *p->space);
	p->scratch_memory = mem_alloc(scratch);
	if (!p->space || !p->scratch_memory)
		return false;
	p->ring = &p->space->ring;
	p->scratch =
		(uint8_t *)p->scratch_memory + ALIGNMENT - (uintptr_t)p->scratch_memory % ALIGNMENT;
	return true;
}

struct keys_process *process_new(
	int node, int listener, int journal, const struct clock *clock, const struct rng *rng)
{
	struct keys_process *p = mem_alloc(sizeof *p);

	if (!p)
		return NULL;
	*p = (struct keys_process){.clock = clock,
		.rng = rng,
		.node = node,
		.listener = listener,
		.journal_fd = journal,
		.search.wake = {-1, -1},
		.search.rng = &rng_system,
		.attempt.wake = {-1, -1}};
	for (size_t i = 0; i < CLIENTS; i++)
		p->clients[i].fd = -1;
	pthread_mutex_init(&p->search.lock, NULL);
	if (allocate(p) && pipe2(p->search.wake, O_CLOEXEC | O_NONBLOCK) == 0 &&
		pipe2(p->attempt.wake, O_CLOEXEC | O_NONBLOCK) == 0)
		p->journal = journal_read(journal, p->guard.journal);
	if (p->journal)
		return p;
	process_free(p);
	return NULL;
}

static void close_all(struct keys_process *p)
{
	for (size_t i = 0; i < CLIENTS; i++)
		client_close(p, &p->clients[i]);
	while (p->handed_count)
		close(p->handed[--p->handed_count]);
	close(p->node);
	close(p->listener);
	close(p->journal_fd);
	for (int i = 0; i < 2; i++) {
		if (p->search.wake[i] >= 0)
			close(p->search.wake[i]);
		if (p->attempt.wake[i] >= 0)
			close(p->attempt.wake[i]);
	}
}

void process_free(struct keys_process *p)
{
	try_free(p);
	make_free(p);
	if (p->ring)
		ring_clear(p->ring);
	key_memory_free(p->store.secrets);
	close_all(p);
	journal_free(p->journal);
	pthread_mutex_destroy(&p->search.lock);
	mem_free(p->space);
	mem_free(p->scratch_memory);
	mem_free(p);
}

/* ---- what several parts need ---- */

uint64_t process_until(const struct keys_process *p, uint64_t seconds)
{
	uint64_t most = UINT32_MAX;

	if (!seconds)
		seconds = p->settings.unlock_for;
	return seconds ? clock_mono(p->clock) + (seconds < most ? seconds : most) * SECOND : 0;
}

/* A key is judged first and becomes one of the ring then: it is hashed once. */
void process_key_hash(struct keys_process *p, const uint8_t signing[32], uint8_t hash[32])
{
	struct slice in = slice_of(signing, 32);
	uint8_t fresh[1][BLAKEOUT_SIZE];

	if (memcmp(p->hashed.key, signing, 32) != 0) {
		blakeout_lanes(&in, 1, fresh, p->scratch, blakeout_scratch_size(1, 0));
		memcpy(p->hashed.key, signing, 32);
		memcpy(p->hashed.hash, fresh[0], BLAKEOUT_SIZE);
	}
	memcpy(hash, p->hashed.hash, BLAKEOUT_SIZE);
}

int process_strength(struct keys_process *p, const uint8_t signing[32])
{
	uint8_t hash[BLAKEOUT_SIZE];

	process_key_hash(p, signing, hash);
	return key_difficulty(slice_of(hash, BLAKEOUT_SIZE));
}

enum keys_said process_judges(struct keys_process *p, const struct key_public *pub, int *strength,
	char line[KEYS_TEXT_MAX])
{
	*strength = process_strength(p, pub->signing);
	if (*strength >= (int)p->settings.strength)
		return KEYS_DONE;
	snprintf(line, KEYS_TEXT_MAX,
		"the key is too weak for this network: %d zero bits, it asks for %u", *strength,
		(unsigned)p->settings.strength);
	return KEYS_WEAK;
}

/* ---- a turn ---- */

/* When the node shall hear how much time the open keys have left; UINT64_MAX: there is none. */
static uint64_t next_telling(const struct keys_process *p)
{
	return ring_next_end(p->ring) == UINT64_MAX ? UINT64_MAX : p->told + TELL;
}

static int time_left(struct keys_process *p, int most)
{
	uint64_t now = clock_mono(p->clock), next = ring_next_end(p->ring), left = LONGEST;

	if (job_next(p) < next)
		next = job_next(p);
	if (make_next(p) < next)
		next = make_next(p);
	if (next_telling(p) < next)
		next = next_telling(p);
	if (p->changed || next <= now)
		left = 0;
	else if (next - now < left)
		left = next - now;
	return most >= 0 && (uint64_t)most < left ? most : (int)left;
}

void process_turn(struct keys_process *p, int most)
{
	struct pollfd fds[FIXED + CLIENTS] = {{p->node, POLLIN, 0}, {p->listener, POLLIN, 0},
		{p->search.wake[0], POLLIN, 0}, {p->attempt.wake[0], POLLIN, 0}};

	for (size_t i = 0; i < CLIENTS; i++) /* poll() leaves −1 out */
		fds[FIXED + i] = (struct pollfd){p->clients[i].fd, POLLIN, 0};
	if (poll(fds, FIXED + CLIENTS, time_left(p, most)) < 0 && errno != EINTR)
		p->ends = true;
	if (fds[0].revents)
		node_read(p);
	for (size_t i = 0; i < CLIENTS; i++)
		if (fds[FIXED + i].revents && p->clients[i].fd == fds[FIXED + i].fd)
			client_read(p, &p->clients[i]);
	if (fds[1].revents)
		clients_accept(p);
	job_step(p);
	make_look(p);
	p->changed |= ring_expire(p->ring, clock_mono(p->clock));
	p->changed |= clock_mono(p->clock) >= next_telling(p);
	if (p->changed && p->is_set)
		process_tell_state(p);
	key_wipe_stack();
}

/* ---- the process ---- */

/* Libraries read files of their own when they are used first: now, while that is possible. */
static bool warm_up(void)
{
	static const uint8_t secret[32] = {1};
	uint8_t sealed[ECIES_OVERHEAD] = {1}, name[ECIES_OVERHEAD];
	size_t n;

	if (!crypto_init())
		return false;
	ecies_decrypt(secret, slice_of(sealed, sizeof sealed), name, &n);
	return true;
}

static void shut_in(struct keys_process *p)
{
	char journal[KEYS_TEXT_MAX];

	memcpy(journal, p->guard.journal, sizeof journal);
	sandbox_enter(&p->guard);
	memcpy(p->guard.journal, journal, sizeof journal);
}

int keys_process(int node, int listener, int journal)
{
#ifdef M_PERTURB
	/* The C library overwrites what is freed: parsers of plain files leave copies there. */
	mallopt(M_PERTURB, 0xA5);
#endif
	if (!sandbox_hide() || !warm_up())
		return EXIT_TASK_FAILED;
	struct keys_process *p = process_new(node, listener, journal, &clock_system, &rng_system);
	if (!p)
		return EXIT_TASK_FAILED;
	shut_in(p);
	while (!p->ends)
		process_turn(p, -1);
	process_free(p);
	filter_show_at_end();
	return EXIT_DONE;
}
