"""Mutants of whom the node believes: what is known of hosts, whom it asks, and whose word counts."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

file("sync/hosts.c", "test_hosts", "test_sync_choose")
row("if (!idle(one) || now - one->seen_ms < HOST_GOOD_MS)", "if (!idle(one))",
    "who was away for less than an hour is remembered")
row("key[HOST_KEY - 3] = who->outbound;", "", "strangers of a host are not the one that we dialled")
row("uint16_t port = who->configured ? who->addr.port : 0;", "uint16_t port = who->addr.port;",
    "a host has one row, whatever the port")
row("bool bad_a = a->doubt || a->score, bad_b = b->doubt || b->score;",
    "bool bad_a = false, bad_b = false;", "who did wrong cannot wash itself")
row("n += idle(&h->rows[i]) && h->rows[i].group_id == of->group_id;", "n += 1;",
    "a crowd drives out its own")
row("if (!idle(one)) continue;", "if (!one->used) continue;", "who is here keeps its row")
row("h->aged_ms += ages * AGE_MS;", "h->aged_ms = now;", "halves of a minute are not lost")
row("h->doubt = less(h->doubt, ages);", "", "doubts fade")
row("ages * SCORE_AN_AGE", "ages", "points fade")
row("return by < n ? n - (unsigned)by : 0;", "return n - (unsigned)by;", "no less than none")
row("h->rtt_ms = h->rtt_ms ? h->rtt_ms : 1;", "", "who answered at once is known")
row("h->doubt + more < HOST_DOUBT_MAX ? h->doubt + more : HOST_DOUBT_MAX;", "h->doubt + more;",
    "a bad day is over after some minutes")

file("sync/sync_choose.c", "test_sync_choose", "test_sync_bounds")
row("(h->rtt_ms ? 0U : h->ours ? 1U : 2U)", "0U", "who was never measured is none of the best")
row("h->ours ? 1U : 2U", "2U", "of unknown ones first the one that we dialled")
row("(late && group_was_asked(slot, h)) * 8U", "0U", "a late block is asked in another network")
row("(late && !known) * 4U", "0U", "a late block is asked of one that delivered")
row("sync_slot_was_asked(slot, h) * 16U", "0U", "each host once")
row("if (!np->host->rtt_ms && useful > FIRST_WINDOW) useful = FIRST_WINDOW;", "",
    "an unknown host gets little")
row("h->doubt * DOUBT_MS", "0", "who let us wait is asked last")
row("return np->host->in_flight < window_of(s, np) &&",
    "return np->sync.requests.count < window_of(s, np) &&", "connections of a host share")
row("if (h->in_flight || !due ||", "if (!due ||", "an unknown host is measured with one block")

file("sync/sync_fetch.c", "test_sync_choose", "test_sync_lines")
row("if (i == first) take_back_from_silent(s, now);", "",
    "who lets all wait keeps nothing")
row("slot->lates < 3 ? 1U << slot->lates : AT_ONCE_MAX", "1", "one, two, four, eight")

file("sync/sync_kick.c", "test_sync_choose", "test_sync_lines")
row("host_doubt(np->host, SYNC_DOUBT_SILENT);", "", "who answers nothing is doubted")

file("sync/sync_check.c", "test_sync_choose")
row("withheld += out->index < index;", "withheld += 1;", "what is above may not be there")
row("np->own_kind ? SYNC_SCORE_WITHHELD : SYNC_SCORE_DROPPED", "SYNC_SCORE_WITHHELD",
    "release 0.10 may find its database locked")
row("passed_over(s, np, withheld);", "", "what was passed over was withheld")

file("sync/sync_claims.c", "test_sync_claims")
row("if (height > near + PLAUSIBLE) height = near;", "", "a height that nobody has")
row("if (c->top[i].ours) height", "height", "strangers alone are not believed")
row("return height > c->named ? height : c->named;", "return height;", "the operator's peer is")
row("if (one->height <= c->top[i].height) return;", "return;", "the best of each network")
row("now - m->at_ms < FORK_MS", "true", "a fork is told for an hour")
row("groups += m->named ? FORK_GROUPS : 1;", "groups += FORK_GROUPS;", "two networks show a fork")
row("groups += m->named ? FORK_GROUPS : 1;", "groups += 1;", "or one that the operator named")
row("if (s->forks[i].index && s->forks[i].group == group)", "if (0)", "a network has one mark")

file("sync/sync.c", "test_sync_claims", "test_sync_choose")
row("sync_forget_forks(s);", "", "our branch goes on")
row("hosts_leave(np->host, sync_now(s));", "", "a row is free when its host is gone")
