/* `status --check`, in the convention of plug-ins for Nagios, Icinga and Zabbix: one line, and the
 * exit status says how bad it is. Before: cli/ctl.c. After: GET /health of the node. */
#include <errno.h>
#include <stdio.h>

#include "cli/ctl.h"
#include "cli/print.h"

enum plugin_status {
	PLUGIN_OK,
	PLUGIN_WARNING,
	PLUGIN_CRITICAL,
	PLUGIN_UNKNOWN = EXIT_CHECK_UNKNOWN
};

static const char *const words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

static const char *reason_of(enum ctl_end end, const struct config *c)
{
	if (end == CTL_NO_MEMORY)
		return "out of memory";
	if (end == CTL_NO_ANSWER)
		return "it hangs, or is being stopped";
	return c->admin_socket[0] ? strerror(errno) : "admin.socket is empty";
}

/* No node listening, or one that does not answer, is the worst state (critical). Being unable to
 * ask, for want of rights or of a socket's name, says nothing about the node (unknown). */
static int say_failure(const struct cli *cli, const struct config *c, enum ctl_end end)
{
	const char *what = end == CTL_NOBODY ? "no node answers" : "the node gave no answer";
	const char *reason = reason_of(end, c);
	bool asked = end == CTL_NOBODY && c->admin_socket[0] && errno != EACCES;
	int status = asked || end == CTL_NO_ANSWER ? PLUGIN_CRITICAL : PLUGIN_UNKNOWN;

	if (cli->json) /* both texts are ours or the C library's: nothing needs escaping */
		printf("{\"status\":\"%s\",\"ready\":false,\"reason\":\"%s\"}\n", what, reason);
	else
		printf("ALFISD %s: %s: %s\n", words[status], what, reason);
	return status;
}

/* A node that is not ready is a warning, an HTTP error is critical. An answer without a status is
 * not from a node. */
static int judge(const struct ctl_answer *a)
{
	char status[PRINT_TEXT_MAX];

	print_text(a->body, "status", status);
	if (!status[0])
		return PLUGIN_UNKNOWN;
	if (a->status != 200)
		return PLUGIN_CRITICAL;
	return print_bool(a->body, "ready") ? PLUGIN_OK : PLUGIN_WARNING;
}

static void print_health(int status, const struct ctl_answer *a)
{
	char reason[PRINT_TEXT_MAX];
	struct out o = {.f = stdout};
	unsigned long long height = print_u64(a->body, "height"),
			   peers = print_u64(a->body, "peers"),
			   best = print_u64(a->body, "best_height");

	out_line(&o,
		"ALFISD %s: %s; height %llu, %llu peers | height=%llu best_height=%llu peers=%llu",
		words[status], print_text(a->body, "reason", reason), height, peers, height, best,
		peers);
}

int ctl_check(const struct cli *cli, const struct config *c)
{
	struct ctl_answer a;
	enum ctl_end end = ctl_request(c, "GET /health", &a);
	int status = end == CTL_ANSWERED ? judge(&a) : say_failure(cli, c, end);

	if (end == CTL_ANSWERED && cli->json)
		print_json(stdout, a.body);
	else if (end == CTL_ANSWERED)
		print_health(status, &a);
	ctl_answer_free(&a);
	return status;
}
