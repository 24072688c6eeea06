/* Role: the DNS server as the node sees it: start, stop, commands and replies. Before:
 * node/node_dns.c. After: dns/server_loop.c, the thread. */
#include "dns/server.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"
#include "dns/server_internal.h"
#include "net/listen_sockets.h"

void dns_command_drop(void *command)
{
	struct dns_command *c = command;

	mem_free(c->setup);
	dns_hosts_free(c->hosts);
	mem_free(c->q);
	mem_free(c->trace);
}

void dns_reply_drop(void *reply)
{
	struct dns_reply *r = reply;

	mem_free(r->message);
	mem_free(r->trace);
}

/* ---- start ---- */

/* UDP first: with port 0 the system chooses one, which TCP then has, too. */
static bool open_udp(struct dns_server *d, const struct dns_server_settings *s)
{
	const struct listen_wish wish = {.key = "dns.listen",
		.type = SOCK_DGRAM,
		.addresses = s->listen,
		.count = s->listen_count,
		.privilege = DNS_PRIVILEGE};

	d->udp_sockets = listen_sockets_open(&wish, d->why, sizeof d->why);
	if (!d->udp_sockets)
		return false;
	for (size_t i = 0; i < d->udp_sockets->count && i < CONFIG_LIST_MAX; i++)
		if (listen_socket_address(d->udp_sockets->fd[i], &d->at[d->at_count]))
			d->at_count++;
	return true;
}

/* Starts the thread and waits until it has made its parts. It frees them itself. */
static bool start_thread(struct dns_server *d, const struct dns_server_settings *s)
{
	char text[CONFIG_LIST_MAX][NETADDR_TEXT_MAX];
	const char *chosen[CONFIG_LIST_MAX];
	bool any_port = false;

	for (size_t i = 0; i < d->at_count; i++)
		chosen[i] = netaddr_text(&d->at[i], text[i]);
	for (size_t i = 0; i < s->listen_count; i++)
		any_port = any_port || strcmp(s->listen[i] + strlen(s->listen[i]) - 2, ":0") == 0;
	d->tcp_listen = any_port ? chosen : s->listen;
	d->tcp_count = any_port ? d->at_count : s->listen_count;
	if (!thread_start(&d->thread, dns_server_loop, d)) {
		snprintf(d->why, sizeof d->why, "dns: no thread can be started");
		dns_server_free_parts(d);
		return false;
	}
	while (sem_wait(&d->ready) != 0)
		;
	d->set.listen = d->tcp_listen = NULL;
	if (!d->good)
		pthread_join(d->thread, NULL); /* it has freed its parts */
	return d->good;
}

static struct dns_server *make(const struct dns_server_settings *s)
{
	struct dns_server *d = mem_alloc(sizeof *d);

	if (!d)
		return NULL;
	d->set = *s;
	d->commands = loop_queue_new(
		&s->limits->dns_commands, sizeof(struct dns_command), dns_command_drop);
	d->replies =
		loop_queue_new(&s->limits->dns_replies, sizeof(struct dns_reply), dns_reply_drop);
	d->asked = dns_asked_new(&s->limits->dns_page_names);
	pthread_mutex_init(&d->lock, NULL);
	sem_init(&d->ready, 0, 0);
	return d;
}

static void unmake(struct dns_server *d)
{
	loop_queue_free(d->commands);
	loop_queue_free(d->replies);
	dns_asked_free(d->asked);
	pthread_mutex_destroy(&d->lock);
	sem_destroy(&d->ready);
	mem_free(d);
}

/* Opens and starts; frees the parts when that fails. */
static bool start(struct dns_server *d, const struct dns_server_settings *s)
{
	if (d->commands && d->replies && d->asked && open_udp(d, s))
		return start_thread(d, s);
	dns_server_free_parts(d);
	return false;
}

struct dns_server *dns_server_start(const struct dns_server_settings *s, struct dns_setup *setup,
	struct dns_hosts *hosts, char *why, size_t size)
{
	struct dns_server *d = make(s);

	if (!d) {
		mem_free(setup);
		dns_hosts_free(hosts);
		snprintf(why, size, "dns: out of memory");
		return NULL;
	}
	d->setup = setup;
	d->hosts = hosts;
	if (start(d, s))
		return d;
	snprintf(why, size, "%s", d->why[0] ? d->why : "dns: out of memory");
	unmake(d);
	return NULL;
}

void dns_server_stop(struct dns_server *d)
{
	if (!d)
		return;
	loop_queue_close(d->commands);
	pthread_join(d->thread, NULL);
	unmake(d);
}

/* ---- what the node asks and tells ---- */

size_t dns_server_addresses(const struct dns_server *d, struct netaddr *to, size_t max)
{
	size_t n = d->at_count < max ? d->at_count : max;

	memcpy(to, d->at, n * sizeof *to);
	return n;
}

void dns_server_set_current(struct dns_server *d, bool current)
{
	atomic_store_explicit(&d->is_current, current, memory_order_relaxed);
}

const struct dns_figures *dns_server_figures(const struct dns_server *d)
{
	return &d->figures;
}

size_t dns_server_forwarders(struct dns_server *d, struct dns_forwarder_told *to, size_t max)
{
	pthread_mutex_lock(&d->lock);
	size_t n = d->fact_count < max ? d->fact_count : max;
	memcpy(to, d->facts, n * sizeof *to);
	pthread_mutex_unlock(&d->lock);
	return n;
}

void dns_server_count_forwarders(struct dns_server *d, size_t *all, size_t *up)
{
	*up = 0;
	pthread_mutex_lock(&d->lock);
	*all = d->fact_count;
	for (size_t i = 0; i < d->fact_count; i++)
		*up += d->facts[i].facts.up;
	pthread_mutex_unlock(&d->lock);
}

size_t dns_server_asked(
	struct dns_server *d, enum dns_asked_order order, struct dns_asked_told *to, size_t max)
{
	return dns_asked_list(d->asked, order, clock_mono(d->set.clock), to, max);
}

bool dns_server_keeps_names(const struct dns_server *d)
{
	return dns_asked_is_kept(d->asked);
}

void dns_server_forget_asked(struct dns_server *d)
{
	dns_asked_forget(d->asked, clock_mono(d->set.clock));
}

bool dns_server_reload(struct dns_server *d, struct dns_setup *setup)
{
	const struct dns_command c = {.kind = DNS_COMMAND_RELOAD, .setup = setup};

	return loop_queue_put(d->commands, &c) == ERR_OK;
}

bool dns_server_set_hosts(struct dns_server *d, struct dns_hosts *hosts)
{
	const struct dns_command c = {.kind = DNS_COMMAND_HOSTS, .hosts = hosts};

	return loop_queue_put(d->commands, &c) == ERR_OK;
}

bool dns_server_flush(struct dns_server *d, const struct dns_name *name)
{
	struct dns_command c = {.kind = DNS_COMMAND_FLUSH};

	if (name && !(c.q = mem_alloc(sizeof *c.q)))
		return false;
	if (name)
		c.q->name = *name;
	if (loop_queue_put(d->commands, &c) == ERR_OK)
		return true;
	dns_command_drop(&c);
	return false;
}

bool dns_server_network_changed(struct dns_server *d)
{
	const struct dns_command c = {.kind = DNS_COMMAND_RESET};

	return loop_queue_put(d->commands, &c) == ERR_OK;
}

bool dns_server_ask(struct dns_server *d, const struct dns_query *q, bool trace, uint64_t number)
{
	struct dns_command c = {.kind = DNS_COMMAND_ASK, .number = number};

	c.q = mem_alloc(sizeof *c.q);
	c.trace = trace ? mem_alloc(sizeof *c.trace) : NULL;
	if (c.q && (c.trace || !trace)) {
		*c.q = *q;
		if (loop_queue_put(d->commands, &c) == ERR_OK)
			return true;
	}
	dns_command_drop(&c);
	return false;
}

int dns_server_reply_fd(const struct dns_server *d)
{
	return loop_queue_fd(d->replies);
}

bool dns_server_take_reply(struct dns_server *d, struct dns_reply *out)
{
	if (loop_queue_take(d->replies, out) != ERR_OK)
		return false;
	atomic_fetch_sub(&d->reply_bytes, out->size);
	return true;
}
