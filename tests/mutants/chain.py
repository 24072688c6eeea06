"""Mutants of the chain: its rows in the store, what start looks at, fork choice."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

# ---- the chain and its rows ----

file("chain/chain.c", "test_chain", "replay consensus/first-*", "replay consensus/s03*",
     "replay consensus/s16*", "test_sync_branches", "test_sync")
row("if (b->full && c->has_full) n = signer_bans", "if (c->has_full) n = signer_bans", "a window is closed by a full block")
row("for (unsigned i = 0; i < n; i++) store_add_ban(c->store, &bans[i]);", "", "bans are kept")
row("forget_draws(c); split_forget", "split_forget", "what is remembered goes with its blocks")
row("chain_load_tip(c); if (c->committed >= from)", "if (c->committed >= from)", "the tip after a cut")
row("if (c->committed >= from)", "if (c->committed > from)", "what is durable after a cut")
row("b->index > 1 && (better || lagged)", "(better || lagged)", "block 1 is never replaced",
    "replay consensus/sp-genesis*")
row("b->index > 1 && (better || lagged)", "b->index > 1", "a worse branch", "test_sync_branches")
row("max_height > c->tip.index && max_height", "max_height", "who is behind us makes nobody lag")
row("max_height >= CONFIDENCE_DEPTH && b->index", "b->index", "a height below the depth")
row("b->index <= max_height - CONFIDENCE_DEPTH", "b->index < max_height - CONFIDENCE_DEPTH",
    "lagging exactly four blocks")
row("c->uncommitted >= l->commit_blocks.max", "c->uncommitted > l->commit_blocks.max",
    "limits.commit_blocks")
row("l->commit_bytes.used >= l->commit_bytes.max", "0", "limits.commit_bytes")
row("if (!o.err && c->read_only)", "if (0)", "a chain opened for reading")
row("c->has_full = view_last_full(&c->view, height + 1, &c->last_full);",
    "c->has_full = view_last_full(&c->view, height, &c->last_full);", "LF may be the tip")

file("chain/chain_read.c", "test_chain", "replay consensus/first-*", "replay consensus/s03*",
     "replay consensus/s16*", "test_sync_branches", "test_sync")
row("if (job->want_strength && !job->failed)", "if (job->want_strength)",
    "what was not computed is not remembered")
row("(is_key ? key_strength_cache_get(&c->key_strengths, b->pub_key.p) : 0)", "(is_key ? -1 : 0)",
    "strengths that are known")

file("chain/store_index.c", "test_store", "test_chain", "test_signers",
     "replay consensus/first-*", "replay consensus/s03*", "replay consensus/s[0-9]*")
row("summary_read(&s->own, b->index - 1, &below);", "", "the last full block below")
row("struct slice owner = b->tx.signing.n ? b->tx.signing : b->pub_key;",
    "struct slice owner = b->tx.signing;", "no owner named is the author")
row("if (owner.n == KEY_SIZE)", "if (1)", "an owner of another length")
row("delete_rank(s, b->pub_key.p, total); put_rank(s, b->pub_key.p, total + 1);",
    "put_rank(s, b->pub_key.p, total + 1);", "one place in the ranking")
row("delete_rank(s, b->pub_key.p, total + 1); put_rank(s, b->pub_key.p, total);",
    "delete_rank(s, b->pub_key.p, total + 1);", "the ranking after a cut")
row("row_delete(s, TABLE_BANNED, slice_of(author, KEY_SIZE));", "", "a ban goes with its block")
row("delete_bans(s, s->height);", "", "bans go with their block")
row("delete_domain(s, &o->b);", "", "a domain row goes with its block")
row("delete_author(s, &o->b);", "", "an author's row goes with its block")
row("row_delete(s, TABLE_HASHES, o->b.hash);", "", "a hash goes with its block")
row("wr_be(&w, b->full ? b->index : full, 8); row_put(s, TABLE_AUTHORS",
    "wr_be(&w, b->full ? b->index : 0, 8); row_put(s, TABLE_AUTHORS",
    "an author's last full block below an empty one")

file("chain/store_view.c", "test_store", "test_chain", "test_signers",
     "replay consensus/first-*", "replay consensus/s03*", "replay consensus/s[0-9]*")
row("index > 0 && index <= reader_height(v->reader) &&", "index > 0 &&",
    "nothing is above the height",
    equal="the rows of a block go with it: there is none above the height either")
row("uint64_t top = below == 0 ? 0 : below - 1;", "uint64_t top = below;", "strictly below")
row("slice_eq(found, slice_of(digest, 32))", "true", "the row of another identity")
row("(h->full || view_summary(v, h->last_full, h));", "h->full;",
    "the last full block below an empty one")

file("chain/store_reader.c", "test_store_reader", "test_two_loops")
row("if (is_own(r) && r->store->write)", "if (r->store->write)", "never the open group")
row("return is_own(r) ? r->store->height : r->height;", "return r->store->height;",
    "the height of one moment")
row("mdb_txn_reset(r->txn); r->live = false;", "", "no page is held between two scopes")
row("bound_take(s->readers, 1)", "true", "limits.max_store_readers")
row("if (s->scratch)", "if (0)", "a scratch store has no readers")
row("if (is_own(r)) return store_fail(r->store, err, what, why);",
    "return store_fail(r->store, err, what, why);", "a failure of its own")

file("chain/store.c", "test_store_reader", "test_two_loops")
row("atomic_fetch_add_explicit(&s->commits, 1, memory_order_release);", "",
    "readers learn of a commit")

file("chain/store_open.c", "test_store_reader")
row("if (refuse_while_read(s))", "if (0)", "the store is closed after its readers")

file("chain/startup.c", "test_startup", "replay consensus/s[0-9]*", "replay consensus/sp-*",
     "program test_disk test_stop")
row("if (index > 1 && s->has_tip && s->tip.full)", "if (s->has_tip && s->tip.full)",
    "block 1 is no last full block of the start-up check")
row("if (start > 1)", "if (0)", "the block below the first one judged")
row("stored > count ? stored - count + 1 : 1", "stored > count ? stored - count : 1",
    "how many are judged")
row("stored > count ? stored - count + 1 : 1", "stored > count ? stored - count + 2 : 1",
    "how many are judged")
row("if (verdict == VERDICT_GOOD) return; s->cut = b->index;",
    "if (verdict == VERDICT_GOOD || verdict == VERDICT_FORK) return; s->cut = b->index;",
    "each is judged as if it had just arrived",
    equal="T is the block right below: its successor is no fork of it")
row("if (verdict == VERDICT_GOOD) return; s->cut = b->index;", "return;", "what is bad is cut off")
row("err = chain_truncate(c, s.cut);", "err = chain_truncate(c, s.cut + 1);",
    "the bad block itself goes")
row("if (!err) err = chain_commit(c); } *height", "} *height", "the cut is durable")
row("if (p->has_origin && slice_eq(b->hash, slice_of(p->origin, HASH_SIZE)))", "if (1)",
    "a store of another network")
row("if (count == 0 || stored == 0)", "if (stored == 0)", "no check asked for",
    equal="the last 0 blocks begin behind the tip: none is looked at")
row("enum { GROUP = 16,", "enum { GROUP = 5,", "how many are hashed at once",
    equal="it changes the speed alone")

file("chain/store_compare.c", "test_compare", "program test_disk test_import_export")
row("t < TABLE_META && same", "t + 1 < TABLE_META && same", "every table is compared")
row("if (!slice_eq(x.value, y.value))", "if (0)", "values are compared")
row("if (!more_x) return differ(t, y.key, \"missing\", what, size);", "if (!more_x) return true;",
    "rows that are missing")
row("if (!more_y || (more_x && !slice_eq(x.key, y.key)))", "if (!more_y)", "rows of other keys")

file("chain/key_strength_cache.c", "test_chain", "test_verify", "test_limits")
row("if (bits < 0) return;", "", "an unknown strength is not remembered")
row("forget_one(s);", "", "limits.max_key_strengths: the newest has a place")
row("bound_hit(s->known.bound);", "", "limits.max_key_strengths counts its hits")

# ---- fork choice ----

file("sync/sync_fork.c", "test_sync_forks", "test_sync_fork_choice", "test_sync_branches", "test_sync", "program test_sync")
row("sync_walk_end(np); memset(np->sync.probed", "memset(np->sync.probed",
    "a lost answer ends the walk")
row("memset(np->sync.probed, 0, sizeof np->sync.probed);", "",
    "after a lost answer the tip is looked at again")
row("drop_undecided(s, np); sync_walk_end(np); if (p->height <= tip)",
    "sync_walk_end(np); if (p->height <= tip)",
    "blocks of a branch that nobody follows do not hide another one")
row("p->retry_ms = sync_now(s) + ((uint64_t)RETRY_MS << p->retries) + np->id % STEPS * STEP_MS;", "",
    "a branch that another's blocks hid is looked at again without being told")
row("if (p->retries == RETRIES) return;", "", "a branch that stays too short is left")
row("drop_undecided(s, np); sync_walk_end(np); sync_fork_shown",
    "sync_walk_end(np); sync_fork_shown",
    "blocks of a branch that left ours too deep do not hide another one")
row("b->index + CONFIDENCE_DEPTH <= tip;", "b->index + CONFIDENCE_DEPTH < tip;",
    "they lag exactly four blocks")
row("bool they_lag = theirs < tip &&", "bool they_lag =", "who is as high as we does not lag")
row("bool we_lag = theirs > tip &&", "bool we_lag = theirs >= tip &&",
    "who is as high as they does not lag",
    equal="chain_submit() asks again whether that branch is higher, and leaves ours alone")
row("bool we_lag = theirs > tip && b->index + CONFIDENCE_DEPTH <= theirs;",
    "bool we_lag = theirs > tip && b->index + CONFIDENCE_DEPTH < theirs;",
    "we lag exactly four blocks")
row("bool we_lag = theirs > tip && b->index + CONFIDENCE_DEPTH <= theirs;", "bool we_lag = false;",
    "a branch four blocks ahead wins")
row("if (!(better && !they_lag) && !we_lag)", "if (!better && !we_lag)",
    "a better block of a branch that lags")
row("if (!(better && !they_lag) && !we_lag)", "if (!we_lag)", "a better block of a branch as high")
row("&& links(next, top)", "", "what waits must be of that branch")
row("if (low && links(low, root))", "if (low)", "what was walked over stands on the root")
row("if (err == ERR_NOMEM) sync_walk_lost(np);", "if (0) sync_walk_lost(np);",
    "a walk that has no memory begins again")
row("if (low && !links(low, b)) {", "if (0) {", "a block above a walk is none of it", "test_sync_branches")
row("sync_reset_window(s, waits, top);", "sync_reset_window(s, waits, 0);",
    "what waits on top of the chosen branch stays")
row("follow(s, w);", "", "a chosen branch is followed whole")
row("if (f.block->b.index == sync_tip_height(s) + 1) sync_apply_run", "if (1) sync_apply_run",
    "above a gap nothing is tried, and nobody is blamed")
row("fork_walk_free(w); }", "}", "a walk that was chosen is given back")
row("p->height = tip; if (p->retries", "if (p->retries",
    "a branch that was left is not walked again at once")
row("low->index == b->index + 1 && !links(low, b)", "0",
    "a peer that changes its branch during the walk")
row("height + CONFIDENCE_DEPTH < t.height", "height + CONFIDENCE_DEPTH <= t.height",
    "a probe exactly four blocks down")
row("if (memcmp(mark, np->sync.probed, sizeof mark) == 0) return;", "",
    "a tip is looked at once")
row("|| chain_has(s->s.chain, height, slice_of(hash, HASH_SIZE))", "", "a tip of our own chain is not asked for")
row("o.verdict == VERDICT_BAD && b->index + CONFIDENCE_DEPTH < tip", "0",
    "who is on a deep fork is no enemy")
row("sync_reset_window(s, waits, top);", "",
    "what waits belongs to the branch that was left")
row("b->prev_hash.n == HASH_SIZE && b->index > 1;", "b->prev_hash.n == HASH_SIZE;",
    "a walk ends at block 1",
    equal="nothing lies below block 1, so that the check never says rewind of it")
row("return np->sync.walk != NULL;", "return false;", "one walk a peer", "test_sync_branches")
row("s->replaced = true;", "", "the feed hears of a replacement")
