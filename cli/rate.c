/* Asks or measures how fast blocks are searched for. See cli/rate.h. */
#include "cli/rate.h"

#include "cli/ctl.h"
#include "cli/print.h"
#include "mine/rate.h"

double rate_measured(const struct config *c)
{
	struct bound row = {.name = "mine_scratch_bytes", .max = c->limits.mine_scratch_bytes.max};
	const struct search_settings s = {.threads = search_threads_wanted(c->mining_threads),
		.scratch_bytes = (size_t)row.max,
		.scratch = &row,
		.lower = c->mining_lower};

	return mine_rate(&s, RATE_MS);
}

double rate_here(const struct config *c)
{
	struct ctl_answer a;
	double rate = 0;

	if (ctl_request(c, "GET /jobs", &a) == CTL_ANSWERED && a.status == 200)
		rate = print_number(a.body, "hashes_a_second");
	ctl_answer_free(&a);
	return rate > 0 ? rate : rate_measured(c);
}
