"""Mutants of what holds when this machine's clock is wrong."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

file("chain/chain.c", "test_chain", "program test_wrong_clock")
row("least = c->tip.timestamp - FUTURE_TOLERANCE;", "least = c->tip.timestamp;",
    "with the tip's time as the clock each block could be a minute ahead of the one below")
row("return least > wall ? least : wall;", "return wall;", "the tip's time is a lower bound of now")
row("chain_check(c, b, f, RULES_ANY_TIME).verdict != VERDICT_BAD;", "true;",
    "what is bad at any time is not the clock's fault")

file("node/start_check.c", "program test_wrong_clock")
row("n->config->check_blocks, RULES_ANY_TIME, &watch,",
    "n->config->check_blocks, clock_wall(n->clock), &watch,",
    "no stored block goes for what the clock says")

file("node/node.c", "program test_wrong_clock")
row("wrong_clock_tick(&n->clock_wrong, n->chain, clock_wall(n->clock));", "",
    "a wrong clock is told at the start")

file("node/engines.c", "program test_wrong_clock")
row("wrong_clock_tick(&n->clock_wrong, n->chain, clock_wall(n->clock));", "",
    "a clock that is right again is told")

file("sync/wrong_clock.c", "test_sync_clock", "program test_wrong_clock")
row("if (*wrong && !was)", "if (*wrong)", "one warning, until it is right")

file("cli/verify.c", "program test_wrong_clock")
row("judge(v, block, f, chain_now(v->stored, clock_wall(&clock_system)))",
    "chain_submit(v->rebuilt, block, f, clock_wall(&clock_system), 0)",
    "what the clock alone speaks against is no damage")

file("cli/import.c", "program test_wrong_clock")
row("if (o.action == CHAIN_NOTHING && chain_blames_clock(im->chain, b, f, now))", "if (0)",
    "a good file is not called bad")

file("api/health.c", "program test_wrong_clock")
row("if (h.f.tip.height && wall > h.f.tip.timestamp)", "if (h.f.tip.height)",
    "the age of the last block is no negative number")

file("sync/sync_ahead.c", "test_sync_clock", "test_sync_forks", "test_sync_fork_choice", "program test_wrong_clock")
row("if (b->timestamp <= latest(s) || bad_at_any_time(s, np, f))", "if (b->timestamp <= latest(s))",
    "what would be bad at any time is bad")
row("say > 1 ? 2 * say >= all : all == 1 && c->outbound", "say > 1 || c->outbound",
    "who is silent about the clock counts against those who say that it is behind")
row("say > 1 ? 2 * say >= all : all == 1 && c->outbound", "say >= 1",
    "one network's word is no proof")
row("if (np->sync.height >= index) np->sync.height = index - 1;", "",
    "who sent it is not asked for it again at once")
row("if (is_far && !info.outbound && !doubted)", "if (is_far && !info.outbound && (!doubted || 1))",
    "nobody is closed for a clock of ours that is behind")
row("if (is_far && !info.outbound && !doubted)", "if (0)", "who holds a place for a far time gives it up")
row("np->sync.height = sync_believed_height(s, np, info.height);", "",
    "when its time has come the block is asked for")

file("sync/ahead.c", "test_sync_clock")
row("key[AHEAD_KEY - 1] = who->outbound;", "key[AHEAD_KEY - 1] = 0;",
    "what a stranger does is not charged to whom we dialled")
row("bound_hit(a->blocks.bound); drop_furthest(a);", "bound_hit(a->blocks.bound);",
    "limits.max_ahead_blocks: the furthest goes")
row("bound_hit(a->hosts.bound); drop_oldest(a);", "bound_hit(a->hosts.bound);",
    "limits.max_ahead_hosts: the oldest goes")
row("if (held && held < index)", "if (0)", "the lowest of its blocks counts")

file("sync/sync_check.c", "test_sync_clock")
row("if (sync_known_ahead(s, np, &block->b))", "if (0)", "it is not checked twice")

file("p2p/kept_time.c", "test_kept_time", "program test_wrong_clock")
row("if (!may_be_right(wall, 0) || is_near(t)) return 0;", "return 0;",
    "address book and bans follow a clock that was set")
row("if (!may_be_right(wall, 0) || is_near(t)) return 0;", "if (is_near(t)) return 0;",
    "a clock in 1970 is not followed")
row("right && may_be_right(wall, least);", "may_be_right(wall, least);",
    "what was kept by a wrong clock says nothing about how long it is ago")
row("if (told >= 0 && (rebooted || told < least))", "if (told >= 0)",
    "a machine that has been running for a minute was not off for a day")
row("bool rebooted = now_ms < saved_ms;", "bool rebooted = false;",
    "the monotonic clock begins with the machine")
row("is_near(t) && may_be_right(clock_wall(t->under), least)", "1",
    "a clock that is behind the last block is wrong")

file("p2p/bans.c", "test_kept_time")
row("e->until = kept_time_move(e->until, by);", "", "bans move with the clock")

file("p2p/addrbook.c", "test_kept_time")
row("e->last_seen = kept_time_move(e->last_seen, by);", "", "addresses move with the clock")

file("node/persist.c", "program test_wrong_clock")
row("save_time(c, p);", "", "the time of keeping is kept")

file("api/health.c", "program test_wrong_clock")
row("wrong_clock_proved(a->chain, wall) || sync_clock_is_behind(a->sync, &claims),", "false,",
    "status --check tells of a wrong clock")
