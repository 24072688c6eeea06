/* Reads hosts files for the DNS server: at the start, and by a worker when they have changed, so
 * that the loop does not wait for a disk. Before: node/node_dns.c. After: dns/hosts_load.c;
 * dns/server.c is given them. */
#include "node/node_dns.h"

#include <stdatomic.h>
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/thread.h"
#include "dns/server.h"
#include "node/node.h"

enum { AGAIN_MS = 100 };

/* Hosts files that a worker reads, so that the loop does not wait for a disk. */
struct dns_hosts_job {
	pthread_t thread;
	struct dns_server *server;
	uint64_t most;
	size_t count;
	char files[CONFIG_LIST_MAX][CONFIG_TEXT_MAX];
	atomic_bool done;
};

static const char *const *pointers(const struct dns_hosts_job *j, const char *to[CONFIG_LIST_MAX])
{
	for (size_t i = 0; i < j->count; i++)
		to[i] = j->files[i];
	return to;
}

static struct dns_hosts *load(
	const char *const *files, size_t count, uint64_t most, char *why, size_t size)
{
	uint64_t bytes = 0;
	struct dns_hosts *h = dns_hosts_load(files, count, most, &bytes, why, size);

	if (h)
		log_info("dns.hosts: %zu names in %llu bytes", dns_hosts_names(h),
			(unsigned long long)dns_hosts_bytes(h));
	return h;
}

static void *job_main(void *ctx)
{
	struct dns_hosts_job *j = ctx;
	const char *files[CONFIG_LIST_MAX];
	char why[512];
	struct dns_hosts *h = load(pointers(j, files), j->count, j->most, why, sizeof why);

	if (!h)
		log_error("%s; the names that were read before stay", why);
	else if (!dns_server_set_hosts(j->server, h)) {
		log_error("dns.hosts: the DNS server is too busy; the names that were read before "
			  "stay");
		dns_hosts_free(h);
	}
	atomic_store(&j->done, true);
	return NULL;
}

void node_dns_hosts_end(struct node_dns *d)
{
	if (d->loading)
		pthread_join(d->loading->thread, NULL);
	mem_free(d->loading);
	d->loading = NULL;
}

/* The names that are answered now stay until the others are read. */
static uint64_t left_for_hosts(const struct bound *row)
{
	uint64_t max = bound_read(&row->max), used = bound_read(&row->used);

	return used < max ? max - used : 0;
}

void node_dns_hosts_begin(struct node *n, const struct config *c)
{
	struct node_dns *d = &n->dns;

	if (d->loading && !atomic_load(&d->loading->done)) {
		d->load_again = true;
		engines_schedule(n, AGAIN_MS);
		return;
	}
	node_dns_hosts_end(d);
	d->load_again = false;
	struct dns_hosts_job *j = mem_alloc(sizeof *j);
	if (j) {
		j->server = d->server;
		j->most = left_for_hosts(&n->config->limits.dns_hosts_bytes);
		j->count = c->dns_hosts.count;
		for (size_t i = 0; i < j->count; i++)
			snprintf(j->files[i], sizeof j->files[i], "%s", c->dns_hosts.ptr[i]);
		if (thread_start(&j->thread, job_main, j)) {
			d->loading = j;
			return;
		}
	}
	mem_free(j);
	log_error("dns.hosts: out of memory or threads; the names that were read before stay");
}

/* Which files can be read, one by one, and what is wrong with the others. */
static size_t usable_hosts(const struct node *n, const char *files[CONFIG_LIST_MAX])
{
	const struct config *c = n->config;
	size_t count = 0;

	for (size_t i = 0; i < c->dns_hosts.count; i++) {
		char why[512];
		uint64_t bytes;
		struct dns_hosts *h = dns_hosts_load(&c->dns_hosts.ptr[i], 1,
			c->limits.dns_hosts_bytes.max, &bytes, why, sizeof why);
		if (h)
			files[count++] = c->dns_hosts.ptr[i];
		else
			log_warn("%s; the node runs without it", why);
		dns_hosts_free(h);
	}
	return count;
}

bool node_dns_hosts_load(struct node *n, struct dns_hosts **out)
{
	const struct config *c = n->config;
	uint64_t most = c->limits.dns_hosts_bytes.max;
	const char *files[CONFIG_LIST_MAX];
	size_t count = c->dns_hosts.count;
	char *why = n->dns.why;

	*out = NULL;
	if (count == 0)
		return true;
	*out = load(c->dns_hosts.ptr, count, most, why, sizeof n->dns.why);
	if (*out || !c->reference)
		return *out != NULL;
	why[0] = 0;
	count = usable_hosts(n, files);
	if (count == 0)
		return true;
	*out = load(files, count, most, why, sizeof n->dns.why);
	return *out != NULL;
}
