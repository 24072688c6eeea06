"""Mutants of whom a peer is taken for: ids, addresses that several share, and what a ban shuts."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

file("p2p/bans.c", "test_bans")
row("if (left > 0 && scope != e->scope)", "if (0)", "a wider ban goes before a longer one")
row("if (left > 0 && scope != e->scope)", "if (scope != e->scope)", "a ban that is over is not wider")
row("return scope > e->scope;", "return true;", "a narrow ban takes nothing from a wide one")
row("return e->scope >= scope;", "return true;", "a narrow ban leaves the rest open")
row("version == 1 ? BAN_HOST : rd_u8(r)", "version == 1 ? BAN_BY_HAND : rd_u8(r)",
    "a stored ban without a scope leaves configured peers alone")
row("if (version != 1 && rd_u8(&r) >= BAN_SCOPES) return false;", "if (version != 1) rd_u8(&r);",
    "a stored scope that is none")

file("p2p/p2p.c", "test_p2p_admin", "test_p2p", "test_shared_address")
row("e->at_fault = e->configured;", "", "a configured peer that breaks a rule rests", "test_p2p_admin")
row("if (e->configured) log_warn", "if (0) log_warn", "a configured peer is never banned")

file("p2p/p2p_book.c", "test_shared_address")
row("configured ? BAN_BY_HAND : BAN_HOST", "BAN_HOST", "only the operator shuts out a configured peer",
    equal="a configured peer's own faults ban nobody, and a chosen one's ban of the same host is rare")
row("configured ? BAN_BY_HAND : BAN_HOST", "BAN_INBOUND",
    "a ban that a stranger earned is no reason not to dial")
row("configured ? BAN_BY_HAND : BAN_HOST", "BAN_SCOPES", "the operator's ban is", "test_shared_address")

file("p2p/greeting.c", "test_shared_address")
row("&e->conn.addr, 0, BAN_INBOUND, what", "&e->conn.addr, 0, BAN_BY_HAND, what",
    "a ban that a stranger earned shuts nobody else out")

file("p2p/dialer.c", "test_dialer")
row("d->s.hooks.refuse(d->s.hooks.ctx, a, true)", "d->s.hooks.refuse(d->s.hooks.ctx, a, false)",
    "a configured peer is dialled where others are not")

file("p2p/target.c", "test_target")
row("i < t->faults && ms", "i < 1 && ms", "who breaks rules is asked ever later")
row("t->faults = 0;", "", "faults in a row count")
