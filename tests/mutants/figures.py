"""Mutants of what the node tells of itself. Each row of api/figures.def is told wrong by one, and the
places that count are broken where a figure would still be there, but not right."""

import re
from pathlib import Path

from mutant import Table

ROOT = Path(__file__).resolve().parent.parent.parent
TABLE = Table()
file, row = TABLE.file, TABLE.row

# ---- every row ----

file("api/figures.def", "test_figures", "test_sync_figures")
for part, name, kind, value in re.findall(
    r'^FIGURE\("(\w*)", (\w+), (\w+), (.*), ".*?"\)$',
    (ROOT / "api/figures.def").read_text("utf-8"), re.M,
):
    found = f'FIGURE("{part}", {name}, {kind}, {value},'
    row(found, f'FIGURE("{part}", {name}, {kind}, 1 + (double)({value}),', f"{name} is right",
        "test_figures" if part == "network" else "test_sync_figures")

# ---- the places that count ----

file("sync/sync_commit.c", "test_sync_figures")
row("s->commit_ms += now - begun;", "s->commit_ms = now - begun;",
    "the time of all commits, not of the last")

file("sync/sync.c", "test_sync_figures")
row("s->blocks_appended++;", "s->blocks_appended += 2;", "a block counts once")

file("sync/sync_check.c", "test_sync_figures")
row("s->blocks_received++;", "", "every block that came counts")
row("s->blocks_unsolicited++;", "", "blocks that nobody asked for count")

file("sync/sync_stats.c", "test_api", "test_sync_figures")
row("count += np->sync.height > height;", "count += np->sync.height >= height;", "peers that have more blocks")
row("np->sync.requests.count, np->host->score", "0, np->host->score", "requests in flight of a peer")
row(".appended = s->blocks_appended,", ".appended = s->blocks_received,", "appended is not received")

file("api/reason.c", "test_api_reason", "program test_lines")
row("if (s->quiet_ms < STALLED_MS)", "if (1)", "a block that does not come is told of")
row("if (state->store_error)", "if (0)", "a store that failed is told of")

file("http/server.c", "test_server")
row("open_local(h, old);", "", "the old socket comes back when the new one cannot be had")

file("node/loop_lag.c", "test_sync_figures")
row("h->samples++;", "", "each measurement counts")
row("if (ms > h->max_ms) h->max_ms = ms;", "h->max_ms = ms;", "the latest, not the last")
row("* 1000 < h->samples * thousandths", "* 100 < h->samples * thousandths", "quantiles of all samples")
row("put(&l->own, loop_lag_own(late_ms, since));", "put(&l->own, late_ms);", "without what others took")

file("chain/store.c", "test_sync_figures")
row("((uint64_t)info.me_last_pgno + 1) * stat.ms_psize", "(uint64_t)info.me_last_pgno + 1",
    "bytes of the store, not pages")

file("config/memory.c", "test_sync_figures")
row("MEMORY_FIXED_THREAD", "0", "threads have a stack each", "test_sync_figures")

file("p2p/p2p_stats.c", "test_figures")
row("out->half_open += !peer->ready && !c->outbound;", "out->half_open += !peer->ready;",
    "what we dial is no connection from others")
row("out->inbound += !c->outbound;", "out->inbound += 1;", "connections that others opened")
row("if (!conn_alive(c)) continue;", "", "connections that are over do not count", "test_figures",
    equal="they leave the list in the same turn of the loop")
row(".bytes_in = p->pool.bytes_in,", ".bytes_in = p->pool.bytes_out,", "bytes in are not bytes out")
