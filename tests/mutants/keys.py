"""Mutants of owners' keys: what a key never signs twice, what opens a file, who gets a secret."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

file("owner/keys_journal.c", "test_keys_journal", "test_keys_sign")
row("for (int full = 0; full < 2; full++) { const struct entry *e = look(j, b->key, full); same |=",
    "for (int full = 0; full < 1; full++) { const struct entry *e = look(j, b->key, b->full); same |=",
    "a full and an empty block for one place are two blocks")
row("other |= is_place(&e->newer, &b->place) || is_place(&e->older, &b->place);",
    "other |= is_place(&e->newer, &b->place);", "the last but one counts, too", sample=True)
row("other |= is_place(&e->newer, &b->place) || is_place(&e->older, &b->place);",
    "other |= is_place(&e->older, &b->place);", "the last one counts")
row("return same ? JOURNAL_SAME : JOURNAL_OTHER;", "return JOURNAL_SAME;", "another block is another")
row("return same ? JOURNAL_SAME : JOURNAL_OTHER;", "return JOURNAL_OTHER;", "the same may be signed again")
row(">= b->place.index ? JOURNAL_REWIND : JOURNAL_NEW", "> b->place.index ? JOURNAL_REWIND : JOURNAL_NEW",
    "an index as high was signed: a rewind")
row("return k->number && k->what.index == place->index &&", "return k->number &&", "of this index")
row("memcmp(k->what.prev_hash, place->prev_hash, sizeof place->prev_hash) == 0;", "true;",
    "on another previous hash it may be signed")
row("return fdatasync(fd) == 0;", "return true;", "synced before the signature leaves",
    equal="only a power cut shows it")
row("if (!write_place(j->fd, place, record)) return false;", "write_place(j->fd, place, record);",
    "what is not written is not signed", "test_keys_sign")
row("memcmp(sum, from + JOURNAL_RECORD - SUM, SUM) == 0;", "true;", "a damaged record does not count")
row("if (n == JOURNAL_RECORD && get_record(record, &b, &number))", "if (get_record(record, &b, &number))",
    "a record that was cut does not count")
row("if (number <= e->older.number) return;", "", "the order of the file says nothing",
    equal="a file of ours has two records of a key and kind at most")
row("if (j->entries[i].newer.number < found->newer.number)", "if (j->entries[i].newer.number > found->newer.number)",
    "the key that has not signed for longest is forgotten")

file("owner/keys_sign.c", "test_keys_sign")
row("if (!hash_is_right(p, &b)) return", "if (0) return", "the hash is recomputed", sample=True)
row("if (verdict == JOURNAL_OTHER) {", "if (0) {", "the journal is obeyed", sample=True)
row("if (!journal_write(p->journal, &place, clock_wall(p->clock))) {", "if (0) {", "the journal is written")
row("if (!b->full && is_to_wait(p, k, m, line))", "if (0)", "a restored backup signs nothing")
row("if (m->number <= known || m->flag)", "if (m->number <= known)", "the user may allow it")
row("if (m->second > k->waits_for)", "if (m->second >= k->waits_for)", "not for this full block")
row("if (!k->secrets) return KEYS_LOCKED;", "if (!k->secrets) return KEYS_DONE;", "locked is locked")
row("if (verdict == JOURNAL_REWIND) process_says(p, true,", "if (0) process_says(p, true,", "a rewind is told")

file("owner/key_seal.c", "test_key_seal")
row("public_lines.p, public_lines.n, f->nonce, by->key) != 0", "public_lines.p, 0, f->nonce, by->key) != 0",
    "the public lines are bound")
row("*out = (struct key_cost){memory, (uint32_t)(passes > least ? passes : least)};",
    "*out = (struct key_cost){memory, (uint32_t)passes};", "never less than is allowed")
row("rng_fill(rng, out->nonce, sizeof out->nonce);", "", "each seal has a nonce of its own")
row("rng_fill(rng, out->salt, sizeof out->salt);", "", "and a salt")

file("owner/key_file.c", "test_key_file")
row("if (c.memory > MEMORY_MOST || c.passes > PASSES_MOST) {", "if (0) {", "an absurd cost is refused")
row("c.memory >= least[i].memory && c.passes >= least[i].passes", "c.memory >= least[i].memory",
    "a cheap one is refused")
row("if (!l.r.bad && l.r.left) {", "if (0) {", "nothing stands behind the last line")

file("owner/keys_try.c", "test_keys_process", "test_keys_busy")
row("if (w->file.cost.memory > w->memory_most) {", "if (0) {", "a file that needs too much memory is refused")
row("if (!w->pass_size) {", "if (0) {", "no key without a passphrase")

file("owner/keys_job.c", "test_keys_process", "test_keys_busy")
row("wait *= 2;", "wait *= 1;", "each wrong passphrase makes the next wait longer", "program test_key_process")
row("return tries(&c->m) ? p->not_before : 0;", "return 0;", "a wrong passphrase makes the next wait",
    "program test_key_process")

file("owner/keys_request.c", "test_keys_process", "test_keys_busy")
row("if (c->m.flag && !k->plain) {", "if (c->m.flag && !k->plain && !k->secrets) {",
    "an open key does not go out in plain without its passphrase")
row("if (said == KEYS_DONE && (p->attempt.overruled || !k)) {", "if (said == KEYS_DONE && !k) {",
    "who locks a key while its passphrase is tried has the last word")

file("owner/key_ring.c", "test_keys_process", "test_keys_busy")
row("if (key->plain || !key->secrets) return false;", "if (!key->secrets) return false;", "a plain key is never locked")
row("if (r->keys[i].until && r->keys[i].until <= now)", "if (0)", "the time runs out")

file("owner/keys_store.c", "test_keys_process", "test_keys_busy")
row("if (m->said != KEYS_DONE) {", "if (0) {", "what is not on disk is not told as made")

file("owner/keys_filter.c", "test_keys_sandbox")
row("if_call_has(f, __NR_clone, CLONE_FLAGS, CLONE_THREAD, true);", "if_equal(f, __NR_clone, SECCOMP_RET_ALLOW);",
    "threads, no processes")
row("if_call_has(f, __NR_mprotect, 2, PROT_EXEC, false);", "if_equal(f, __NR_mprotect, SECCOMP_RET_ALLOW);",
    "no code is made")
row("if_call_is(f, __NR_tgkill, 0, (uint32_t)getpid());", "if_equal(f, __NR_tgkill, SECCOMP_RET_ALLOW);",
    "no signal to others")

file("owner/keys_make.c", "test_keys_process", "test_keys_busy")
row(".gives_way = gives_way,", "", "a search for a key pauses")
row("if (now >= s->pause_ends) atomic_store(&s->pauses, false);", "", "and goes on by itself")
row("if (ms > KEYS_PAUSE_MAX_MS) ms = KEYS_PAUSE_MAX_MS;", "", "nobody ends it so")
