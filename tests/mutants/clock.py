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

file("node/node.c", "program test_wrong_clock")
row("n->chain, n->config->check_blocks, RULES_ANY_TIME, &height);",
    "n->chain, n->config->check_blocks, clock_wall(n->clock), &height);",
    "no stored block goes for what the clock says")
row("wrong_clock_look(&n->clock_wrong, n->chain, clock_wall(n->clock));", "",
    "a wrong clock is told at the start")

file("node/hub.c", "program test_wrong_clock")
row("wrong_clock_look(&n->clock_wrong, n->chain, clock_wall(n->clock));", "",
    "a clock that is right again is told")

file("node/wrong_clock.c", "program test_wrong_clock")
row("if (*wrong && !was)", "if (*wrong)", "one warning, until it is right")

file("node/verify_store.c", "program test_wrong_clock")
row("judge(v, b, f, chain_now(v->stored, clock_wall(&clock_system)))",
    "chain_submit(v->rebuilt, b, f, clock_wall(&clock_system), 0)",
    "what the clock alone speaks against is no damage")

file("node/import.c", "program test_wrong_clock")
row("if (o.action == CHAIN_NOTHING && chain_blames_clock(im->chain, b, f, now))", "if (0)",
    "a good file is not called bad")

file("node/health.c", "program test_wrong_clock")
row("if (h.f.tip.height && wall > h.f.tip.timestamp)", "if (h.f.tip.height)",
    "the age of the last block is no negative number")
