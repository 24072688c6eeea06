"""Mutants of the owner's side: whose turn it is to sign, what a request for a name may ask, names of
one's own."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

file("owner/turn.c", "test_turn", "replay tables/sign-jobs*", "replay tables/*")
row("view_count(l->v, key, l->tip.index + 1) >", "view_count(l->v, key, l->tip.index) >",
    "the tip's author signed already")
row("> view_count(l->v, key, l->full.index);", "> view_count(l->v, key, l->full.index + 1);",
    "the author of the full block cannot sign it", "replay tables/sign-jobs-3000*")
row("if (draw_has(&l->draw, l->a->keys[i]) && !took_part(l, l->a->keys[i]))",
    "if (draw_has(&l->draw, l->a->keys[i]))", "a drawn key signs once", sample=True)
row("if (draw_has(&l->draw, l->a->keys[i]) && !took_part(l, l->a->keys[i]))",
    "if (!took_part(l, l->a->keys[i]))", "who is not drawn")
row("if (memcmp(l->a->keys[t->key[i]], l->a->keys[place], KEY_SIZE) == 0) return;", "",
    "a key that is held twice")
row("return l->tip.index - l->full.index >= SIGNERS_MIN;",
    "return l->tip.index - l->full.index > SIGNERS_MIN;", "from the fourth block on an anchor")
row("(!anchors && in_list(p->late, p->recent, key))", "in_list(p->late, p->recent, key)",
    "late standby keys do not help any more")
row("in_list(p->anchor, p->anchors, key) ||", "", "anchors are on standby too")
row("if (standby && !draw_has(&l->draw, key) && !took_part(l, key))",
    "if (standby && !draw_has(&l->draw, key))", "a standby key signs once",
    "replay tables/sign-jobs*")
row("if (standby && !draw_has(&l->draw, key) && !took_part(l, key))",
    "if (standby && !took_part(l, key))", "a drawn key as standby", equal="where healing is "
    "looked at, every drawn key of ours took part: else it would sign")
row("if (t->index <= l->v->params->healing_activation_height)",
    "if (t->index < l->v->params->healing_activation_height)", "healing begins above the height")
row("if (l->a->now < t->when)", "if (l->a->now <= t->when)", "healing from the second on")
row("t->when = plus(l->full.timestamp, signers_timeout(l->v, &l->full));",
    "t->when = plus(l->tip.timestamp, signers_timeout(l->v, &l->full));",
    "the time-out runs from the full block")
row("if (height < l->v->params->block_signers_start", "if (height <= l->v->params->block_signers_start",
    "the first height with signers")
row("if (height < a->max_height)", "if (height + 1 < a->max_height)", "one block behind")
row("if (signers_locked(l->v, &l->full, UINT64_MAX)) return TURN_LOCKED;", "",
    "a locked window is not signed")
row("if (plus(l->tip.timestamp, (uint64_t)a->wait) <= a->now)",
    "if (plus(l->tip.timestamp, (uint64_t)a->wait) < a->now)", "exactly a minute")
row("if (plus(l->tip.timestamp, (uint64_t)a->wait) <= a->now)",
    "if (plus(l->full.timestamp, (uint64_t)a->wait) <= a->now)", "the age is the tip's")
row("if (!t->n) heal(&l, t);", "heal(&l, t);", "signing goes before healing")

file("chain/ecies.c", "test_ecies")
row("rng_fill(rng, to + POINT, NONCE);", "memset(to + POINT, 0, NONCE);", "a fresh nonce")
row("in.n > INT16_MAX - ECIES_OVERHEAD || !ecies_is_point(public_key)",
    "in.n > INT16_MAX - ECIES_OVERHEAD", "a key that is no point",
    equal="the multiplication refuses it, too")

row("for (int i = 0; i < 3; i++) if (crypto_core_ed25519_add(sum, sum, sum) != 0) return false;", "",
    "a key of small order", "test_owner_line")

file("owner/draft.c", "test_draft", "test_draft_price", "replay tables/make-domain*", "replay tables/own-domains*")
row("utf8_valid(text) && !memchr(text.p, '\\\\', text.n) &&", "utf8_valid(text) &&",
    "an escape is no hex")
row("domain_hex(text, to, size, n) && *n > 0;", "domain_hex(text, to, size, n);",
    "a text of white space alone", equal="domain_hex() refuses it, and an empty one is no owner")
row("r->to_signing.n && r->to_encryption.n;", "r->to_signing.n || r->to_encryption.n;",
    "one key alone does not count", "replay tables/make-domain*")
row("encryption == KEY_SIZE && ecies_is_point(d->encryption);", "encryption == KEY_SIZE;",
    "a key that is no point", "replay tables/make-domain*", sample=True)
row("encryption == KEY_SIZE && ecies_is_point(d->encryption);", "ecies_is_point(d->encryption);",
    "a short key")
row("if (size > MAX_DATA_LEN)", "if (size >= MAX_DATA_LEN)", "a record of 255 bytes")
row("if (reading.records > MAX_RECORDS)", "if (reading.records >= MAX_RECORDS)", "thirty records")
row("if (!zone_is_yggdrasil_only(text.zone))", "if (zone_is_yggdrasil_only(text.zone))",
    "only those zones have rules")
row("view_domain(d->view, d->tx.identity, d->height + 1, &d->row)",
    "view_domain(d->view, d->tx.identity, d->height, &d->row)", "the tip's row has a price, too")
row("crypto_identity(d->name, d->tx.signing, d->identity, d->confirmation);",
    "crypto_identity(d->name, slice_of(d->author, KEY_SIZE), d->identity, d->confirmation);",
    "the new owner confirms", "replay tables/make-domain*")
row("b.index = b.nonce = UINT64_MAX;", "b.index = 1;", "the largest the block can become",
    "test_draft", "test_draft_price")
row("ecies_encrypt(d->encryption, d->name, rng, cipher)",
    "ecies_encrypt(d->encryption, slice_str(\"x\"), rng, cipher)", "the name is encrypted")

file("owner/draft_tests.c", "test_draft", "test_draft_price", "replay tables/make-domain*", "replay tables/own-domains*")
row("if (d->height < d->view->params->block_signers_start ||",
    "if (d->height <= d->view->params->block_signers_start ||", "the first height with signers",
    "replay tables/make-domain*")
row("signers_locked(d->view, &full, UINT64_MAX)) return false;", "full.index == 0) return false;",
    "a window that is locked")
row("return !d->fits || f->fault != NAME_FINE;", "return f->fault != NAME_FINE;",
    "a name that is too long")
row("if (domain_rules_available(d->view, &d->b, d->now) ||", "if (", "a name of one's own")
row("!view_domain(d->view, d->tx.identity, d->height, &row)) return false;",
    "!view_domain(d->view, d->tx.identity, d->height + 1, &row)) return false;",
    "whose row 12b looks at", equal="where 12b refuses, the tip's row, if it is the name's, "
    "would need a tip that is full and locked")
row("p->domain_lifetime + p->domain_renew_time + 1);", "p->domain_lifetime + 1);",
    "when a name is free")
row("if (domain_rules_cooled_down(d->view, &d->b) ||", "if (", "a key that may")
row("view_last_full_of(d->view, d->b.index, d->author, &last)",
    "view_last_full_of(d->view, d->height, d->author, &last)", "the tip's author must wait, too")
row("return d->parses && !d->block_bytes;", "return false;", "too large a block", sample=True)
row("return f->count != 2;", "return f->count > 2;", "a zone alone")
row("f->count <= DRAFT_LABEL_MAX; i++)", "f->count < DRAFT_LABEL_MAX; i++)", "a part of 64 characters")
row("return d->other_zone;", "return false;", "data of another zone")
row("key.n != KEY_SIZE || slice_zero(key)", "slice_zero(key)", "a key that is too short")
row("ecies_is_small_order(key.p) || ecies_is_small_order(d->encryption);", "ecies_is_small_order(d->encryption);",
    "a key that is nobody's")
row("ecies_is_small_order(key.p) || ecies_is_small_order(d->encryption);", "ecies_is_small_order(key.p);",
    "a name that everybody reads")
row("int end = rules_only ? DRAFT_RULES : DRAFT_WHYS;", "int end = DRAFT_RULES;",
    "what nobody could use")
row("return changed_last(d) && is_author(d, &d->row) &&", "return !d->has_row &&",
    "a name that the last block gave to us waits")
row("return !(changed_last(d) && is_author(d, &d->row)) &&", "return",
    "a name that the last block gave to us is not taken")
row("if (!changed_last(d) || is_author(d, &d->row) ||", "if (!d->has_row || is_author(d, &d->row) ||",
    "what another block is on top of is left to 12b")
row("[DRAFT_TAKEN] = taken,", "[DRAFT_TAKEN] = cooldown,", "a name that has an owner")
row("if (d->row.timestamp < plus(d->now, -params->domain_lifetime))",
    "if (d->row.timestamp <= plus(d->now, -params->domain_lifetime))", "exactly a year")
row("if (d->renewal && p->required < renewal)", "if (d->renewal)",
    "a renewal never costs less than is required")
row("if (d->renewal && p->required < renewal)", "if (p->required < renewal)", "only who asks for it")

file("owner/own_domains.c", "test_own_domains", "replay tables/own-domains*")
row("&& row.timestamp >= oldest)", "&& row.timestamp > oldest)", "exactly a year older")
row("o->b.difficulty + 1 >= p->domain_difficulty;", "o->b.difficulty + 2 >= p->domain_difficulty;",
    "what counts as a renewal", "replay tables/own-domains*")
row("n <= ECIES_OVERHEAD)", "n < ECIES_OVERHEAD)", "an empty name")
row("plus(d->until, p->domain_renew_time + 1);", "plus(d->until, p->domain_renew_time);",
    "when it is free")
row("d->fresh = row->id == view_height(v);", "d->fresh = false;", "a name of the tip")
row("if (!row->owned) return false;", "", "an owner of another length",
    equal="its key is kept as zeros, and no key of ours is zero")
row("if (++seen == most) break;", "", "in pieces", "test_own_domains", equal="the list is the same; "
    "only the time between two calls is not")
row("if (!plain.n || !utf8_valid(plain)) return OWN_NAME_UNKNOWN;", "", "what is no text",
    sample=True)
row("if (!slice_eq(d->identity, slice_of(identity, sizeof identity)) ||", "if (",
    "the identity of another name", equal="the confirmation holds the name, too")
row("!slice_eq(d->confirmation, slice_of(confirmation, sizeof confirmation)))", "false)",
    "a confirmation of another name")

file("chain/store_view.c", "test_own_domains")
row("struct store_key at = key_digest(digest, UINT64_MAX);",
    "struct store_key at = key_digest(digest, 0);", "each name once")

file("owner/zone_token.c", "test_zone_text", "fuzz_zone_text")
row("else if ((c & 0xC0) != 0x80)", "else", "a character of several bytes is one column")
row("if (!open) return zone_fail(e, at->line, at->column, \"no bracket is open\");", "",
    "a bracket too many")
row("(c == '\\n' && *open)", "false", "brackets go over lines")
row("if (c < 0 || c == '\\n')\n\t\t\treturn zone_fail(e, w->line", "if (c < 0)\n\t\t\treturn "
    "zone_fail(e, w->line", "quotes end with their line")

file("owner/zone_text.c", "test_zone_text", "test_zone_edit")
row("strcpy(z->origin, strcmp(relative, \"@\") == 0 ? \"\" : relative);", "", "$ORIGIN")
row("if (number > ZONE_TTL_MAX || sum > ZONE_TTL_MAX)", "if (number > UINT32_MAX)", "too long a TTL",
    equal="the sum is looked at in the end; here only an overflow is kept away")
row("return sum + number <= ZONE_TTL_MAX;", "return true;", "the longest TTL")
row("if (z->entry.indented && z->form == ZONE_FILE)", "if (false)", "the owner of the line before")
row("if (form == ZONE_LINE && entries == 1)", "if (false)", "two records in a line")
row("if (!h->type || !zone_type_has_text(h->type))", "if (!h->type)", "types without a text")

file("owner/zone_fields.c", "test_zone_text", "fuzz_zone_text")
row("label = c == '.' ? 0 : label + 1;", "label = 0;", "parts of 63 characters")
row("(char)(c >= 'A' && c <= 'Z' ? c + 32 : c);", "(char)c;", "names in capitals are never answered")
row("if (n < zone || memcmp(name + n - zone, z->name.p, zone) != 0)", "if (n < zone)",
    "names below the domain alone")
row("if (strchr(to, '*') && strcmp(to, \"*\") != 0)", "if (false)", "wildcards in part of a name")
row("if (z->form == ZONE_LINE && strchr(to, '.'))", "if (false)", "hosts without a dot at the end")
row("first->quoted && !h->has_ttl &&", "!h->has_ttl &&", "a text that is a number")
row("if (!utf8_valid(*json))", "if (false)", "texts are UTF-8")

file("owner/zone_write.c", "test_zone_text", "fuzz_zone_text")
row("if (!w->bad && reads_back(", "if (!w->bad || reads_back(", "lines that say something else",
    sample=True)
row("if (in_string + one.n > STRING_MAX)", "if (false)", "strings of 255 bytes")

file("owner/zone_edit.c", "test_zone_edit")
row("return slice_eq(without_ttl(a), without_ttl(b));", "return slice_eq(a, b);",
    "another TTL is the same record")
row("if (!named || (p->json.n && !same_record(line, p->json)))", "if (!named)", "one record of several")
row("wr_bytes(&w, \"\\\",\", 2); return wr_done(&w);", "return wr_done(&w);",
    "a name that begins with another")
row("if (!record_read(&rd, &r) || !zone_text_write(z, &r, &w))", "if (!record_read(&rd, &r))",
    "what no zone file has stays")
row("if (line.n > begin && memcmp(line.p, w.p, begin) == 0)", "if (false)", "a contact once")

file("owner/said.c", "test_said")
row("if (has(s, digest)) return false;", "", "told once")

file("owner/own_blocks.c", "test_own_blocks")
row("from = o->looked ? unchanged(o, v) : height;", "from = o->looked ? unchanged(o, v) : 0;",
    "what was there before is history")
row("from = o->looked ? unchanged(o, v) : height;", "from = o->looked ? o->looked : height;",
    "a branch took the place of what was looked at")
row("if (signed_here(&keys[i], h->hash) ||", "if (", "what the journal has was made here")

file("owner/reminders.c", "test_reminders")
row("if (!before || d->state == DOMAIN_FREE)", "if (d->state == DOMAIN_FREE)",
    "renewed only where it is asked for")

row("{1, REMIND_1_DAY}, {7, REMIND_7_DAYS},", "{7, REMIND_7_DAYS}, {1, REMIND_1_DAY},", "the nearest step")
row("now >= d->free_from && (uint64_t)now", "(uint64_t)now", "not before others may take it",
    equal="a time ahead of it wraps, and is too long")

file("owner/sign_warn.c", "test_sign_look")
row("if (late)", "if (late && l->healed)", "late by time alone")
row("else if (!a->on)", "else if (false)", "signing is off")
row("&& newest > a->vouched)", ")", "who vouched for it is not told again")
row("if (a->keys[key].locked)", "if (0)", "a drawn key that is locked")

file("owner/notify.c", "test_notify")
row("keys_close_from(3);", "", "descriptors of ours")
row("if (to->count && to->word[0][0] != '/')", "if (0)", "a program is not searched for")
row("if (to->count == NOTIFY_WORDS_MAX) return", "if (to->count > NOTIFY_WORDS_MAX) return", "words have their places")
row("kill(-pid, SIGKILL);", "", "what it has started ends, too", equal="a group of one in the tests")
row("if (got == 0 || (got < 0 && errno == EINTR)) return false;", "if (got < 0 && errno == EINTR) return false;",
    "one that runs has not ended")

file("owner/keys_relay.c", "test_keys_relay", "program test_signer")
row("if (a->node == a->relay->node) answer(", "answer(", "what another connection asked is nobody's")
row("hang_up(r, \"another connection takes its place\");", "", "one node at a time")
row("KEYS_FROM_AFAR, KEYS_FRAME_MAX, &m, &used);", "KEYS_FROM_NODE, KEYS_FRAME_MAX, &m, &used);",
    "a node far away asks for no more than it may")
row("if (!take(r)) hang_up", "if (!take(r) && false) hang_up", "what is no frame ends the connection")
row("if (!s.n) hang_up(r, \"it does", "if (false) hang_up(r, \"it does", "who does not read is left")
row("r->told = r->fd >= 0 && s->running && r->last == 0;", "r->told = r->fd >= 0 && s->running;",
    "while something waits a later state counts alone", equal="states that are told twice do no harm")
row("hang_up(r, \"the key process ended\");", "", "the node hears of the end")

file("cli/block_words.c", "test_block_words")
row("if (b->version != CHAIN_VERSION)", "if (0)", "another version")
row("b->index < 2 ||", "", "the first block is no name's")
row("!b->full || !block_is_domain(b)", "!b->full", "a block of another class")
row("memcmp(w->origin, w->params->origin, HASH_SIZE) != 0)", "false)", "another network")
row("if (hash_difficulty(b->hash) < (int64_t)b->difficulty)", "if (0)", "too few bits")
row("if (b->difficulty < domain_rules_least_difficulty(w->params, b, domain))", "if (0)", "too little work")
row("good = bytes.n && memcmp(hash[0], b->hash.p, HASH_SIZE) == 0;", "good = bytes.n;", "the hash of its content")
row("return owner_keys_check(&keys, why) ? NULL", "return true ? NULL", "keys that are nobody's")
row("return domain == DOMAIN_OK ? NULL : faults[domain];", "return NULL;", "data that the network does not take")
row("if (memcmp(identity, tx->identity.p, HASH_SIZE) != 0 ||", "if (", "the identity of another name")
row("memcmp(confirmation, tx->confirmation.p, HASH_SIZE) != 0)", "false)", "the confirmation of another name")
row("if (name_check(name) != NAME_FINE ||", "if (", "a name that is none")
row("memcmp(w->b->tx.encryption.p, w->pub.encryption, KEY_SIZE) != 0 ||", "", "a name for somebody else")
