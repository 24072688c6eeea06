"""Mutants of figures over time and their drawings, of the names that are noted for the page, and of the
forms of the page of peers."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

file("api/history.c", "test_history")
row("(all < most ? all : most) *", "(all < most ? most : most) *", "limits.history_bytes")
row("if (to - from > r->count)", "if (0)", "a gap that is longer than the ring",
    equal="only slower: the points are cleared several times")
row("for (; from < to; from++)", "for (; from + 1 < to; from++)", "what nobody saw is a gap")
row("if (number <= r->at + 1) put(r, now_ms, s);", "put(r, now_ms, s);", "a time that nobody saw is in no rate")
row("else if (!(more >= 0))", "else if (0)", "a total that began anew")
row("else if (ms >= RATE_MS)", "else if (ms >= RATE_MS / 1000)", "a rate over a moment",
    equal="the node takes a sample every five seconds")
row("if (now_ms < h->seen_ms) return;", "", "a time that goes back")
row("*place(&fresh, f, r->at - i) = *place(r, f, r->at - i);", "(void)i;",
    "a reload keeps the newest points")
row("bound_note(h->row, bytes);", "", "what is held is counted")

file("web/plot.c", "test_web_time")
row("t->low = f == HISTORY_HEIGHT ? t->least : 0;", "t->low = t->least;", "figures begin at 0")
row("t->high = (double)p->api->config->memory_budget;", "", "memory is drawn within its budget", "test_web_time")
row("if (t->high <= t->low)", "if (0)", "a figure that does not move")
row('on || next ? "" : "h.1"', 'on || next ? "" : ""', "a point without neighbours is seen")
row("return v < 0x1p63 ? (uint64_t)rint(v) : (uint64_t)1 << 63;", "return (uint64_t)rint(v);",
    "a number that no integer holds", equal="no counter of ours can come to that")

file("dns/asked_names.c", "test_dns_asked", "program test_web_resolver")
row("if (!dns_asked_is_kept(a)) return; pthread_mutex_lock(&a->lock); if (a->entries) {",
    "pthread_mutex_lock(&a->lock); if (a->entries) {", "nothing is locked while it is off",
    equal="there is no table then")
row("if (size != a->size) {", "if (size > a->size) {", "names are forgotten when it is switched off")
row("if (!questions) remove_at(a, i);", "", "an hour later a name is forgotten")
row("memset(&a->entries[i].part[number % PARTS], 0, sizeof a->entries[i].part[0]);", "(void)number;",
    "an hour later a question counts no more")
row("if (questions < least) {", "if (questions > least || !i) {", "the least asked name gives way")
row("dns_name_lower(&e->name);", "", "capitals are no other name", "program test_web_resolver")
row("while (at > 0 && weight(&to[at - 1], order) < weight(t, order))",
    "while (at > 0 && weight(&to[at - 1], order) <= 0)", "lists are in order")

file("dns/serve_query.c", "program test_web_resolver")
row("s->set.asked && t->client.kind != DNS_CLIENT_NODE &&", "s->set.asked &&",
    "what is asked by hand is no client's name")

file("web/peers_forms.c", "test_web_peers")
row("said->why = why(err);", "said->why = why(ERR_MALFORMED);", "each refusal has its reason")
row("said.wrong_time = true;", "", "the reason stands beside its field")
