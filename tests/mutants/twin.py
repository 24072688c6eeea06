"""Mutants of what is done about a full block that was signed twice."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

file("chain/copy.c", "test_sync_twin")
row("other.tail = tail;", "", "what is offered must fit the other copy")
row("return may_sign(c, &other, o);", "return true;", "a copy alone moves nothing")
row("if (!may_sign(c, &other, &ours)) return false;", "", "our blocks between must fit it, too",
    equal="they are those of who offers, and it checked them: an offer above unfit ones is refused after the exchange")
row("b->index + CONFIDENCE_DEPTH < c->tip.index ||", "", "four blocks down at most",
    equal="twin.c asks before")

file("chain/signers.c", "test_sync_twin", "test_sync_bounds")
row("strncmp(why, \"14b\", 3) == 0 &&", "", "other refusals are proof")
row("why != too_few &&", "", "a full block upon a full one is proof")

file("chain/split.c", "test_split")
row("&& bits != 0 && bits != (1U << FIELDS) - 1;", "&& bits != 0;", "with all its fields there is one way to read it")
row("found |= field[i].n > 0 && slice_eq(field[i], identity);", "found |= i == 0 && slice_eq(field[i], identity);",
    "the name may stand in any place of our copy")
row("bool found = identity.n == 0;", "bool found = false;", "no name may be the network's reading")
row("block_is_domain(b) && (strncmp", "(true || strncmp", "other refusals are proof")
row("tail ^ ((uint64_t)places(b) << 32)", "tail", "copies with one signature are told apart")
row("|| h.index < seen->below", "", "each block is looked at once")
row("now.index[now.count++] = below;", "(void)below;", "a block that can be read in several ways is found")
row("index < below ? store_block", "true ? store_block", "what lies above is not the root")
row("seen->count -= gone;", "", "what was cut off is not looked for")

file("chain/chain.c", "test_split")
row("split_forget(&c->seen, from);", "(void)from;", "blocks that come in the place of others are looked at")

file("chain/store_index.c", "test_split")
row("delete_domain(s, &old->b); put_encoding(s, o); put_domain(s, b);", "put_encoding(s, o);", "the owner goes with the copy")
row("!slice_eq(old->b.signature, b->signature)", "false", "a copy with another signature has another draw")

file("sync/twin.c", "test_sync_twin")
row("if (np->sync.height > tip) np->sync.height = tip;", "", "whose block is refused is not asked for it again at once",
    equal="twin_bars() keeps it from being asked as well")
row("return h->refused > sync_tip_height(s) && index", "return false && index",
    "whose block is refused is not asked again for a minute")
row("&& index >= h->refused &&", "&& index == h->refused &&", "nor for the blocks above it")
row("s->twin.branch++;", "", "on another branch the host is asked again")
row("np->twin.tail != t->tail) now_sure", "true) now_sure", "another signature makes it sure")
row("2 * c.firm <= c.all", "2 * c.theirs <= c.all", "a network with a silent host has not spoken")
row("c.silent && sync_now(s) < t->decide_ms && 2 * c.firm <= c.all", "c.silent", "silence ends")
row("return c.more && !waits", "return !waits", "the majority of networks")
row("&& rested(s) &&", "&&", "exchanges come less and less often")
row("<< doublings", "", "each exchange makes the next one wait longer")
row("t->index + CONFIDENCE_DEPTH >= t->stuck_at &&", "", "not more than four down",
    equal="chain_take_copy() refuses it as well")
row("explains(s, &root, c.tail);", "true;", "what is offered fits the copy")
row("twin_branch_changed(s); raise_all(s);", "raise_all(s);", "after an exchange all may be asked")
row("np->sync.height = sync_believed_height(s, np, info.height);", "(void)np;", "and their blocks are wanted again")

file("sync/twin_count.c", "test_sync_twin")
row("if (!repeats(v, &one))", "", "a host is one voice")
row("is_first(v, i, true) && speaks_for_its_network(v, &v->all[i], outbound_only);",
    "speaks_for_its_network(v, &v->all[i], outbound_only);", "a network is one voice")
row("hosts_for(v, other, other->tail, outbound_only) >= hosts", "hosts_for(v, other, other->tail, outbound_only) > hosts",
    "a network of two minds shows neither")
row("c->theirs > c->ours ||", "c->theirs >= c->ours ||", "a tie changes nothing")
row("(c->theirs && c->theirs == c->ours && dialled > networks_for(v, ours, true))", "false",
    "in a tie those that we dialled decide")

file("sync/sync_fork.c", "test_sync_branches", "test_sync_forks", "test_sync_fork_choice")
row("if (np) probe_told(s, np);", "", "the tip that was told meanwhile is looked at")
row("|| is_asked(np) ||", "||", "one question about a branch at a time")
