"""Mutants of the server side of HTTP: requests, connections, places, answers."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

# ---- a request ----

file("http/request_line.c", "test_http", "program test_bad_input")
row("if (text.n >= size || !is_text(text)) return false;", "if (text.n > size || !is_text(text)) return false;",
    "a text that fits exactly")
row("if (text.p[i] <= ' ' || text.p[i] >= 0x7F) return false;", "", "control characters in a request")
row("if (text.n != 8 || memcmp", "if (memcmp", "a version that is longer")
row("|| text.p[7] < '0' || text.p[7] > '9')", ")", "a version that is no digit")
row("q->minor = text.p[7] > '0';", "q->minor = 1;", "HTTP/1.0 is no HTTP/1.1")

file("http/request.c", "test_http", "test_http_args", "test_http_conn", "program test_http test_bad_input")
row("q->from_page = q->other_site && !q->navigates;", "", "requests that a browser calls foreign",
    "program test_access")
row("q->keep = !q->says_close && (q->minor > 0 || q->says_keep);",
    "q->keep = q->minor > 0 || q->says_keep;", "Connection: close")
row("q->keep = !q->says_close && (q->minor > 0 || q->says_keep);",
    "q->keep = !q->says_close && q->minor > 0;", "Connection: keep-alive")
row('if (q->length && strcmp(q->method, "POST") != 0)', "if (0)", "only a POST has a body")
row("if (q->length && q->other_body)", "if (0)", "a body that is no form")
row("if (q->length > most)", "if (q->length > most + 1)", "limits.http_body_bytes")
row("if (body.p[i] <= ' ' || body.p[i] >= 0x7F)", "if (0)", "control characters in a form")

file("http/request_headers.c", "test_http", "test_http_args", "test_http_conn", "program test_http test_bad_input")
row("if (q->has_host || !http_copy_text", "if (!http_copy_text", "two Hosts")
row("if (q->has_length || !value.n)", "if (!value.n)", "two lengths of a body")
row("if (q->length <= LENGTH_MOST)", "", "a length that overflows")
row("if (!is_name(name) || has_control(line))", "if (!is_name(name))", "control characters in a header")
row("if (!is_name(name) || has_control(line))", "if (!n || has_control(line))",
    "headers that can be read in two ways")
row('return http_refuse(q, 411, "a body needs a Content-Length, Transfer-Encoding is not taken");',
    "return true;", "two ways to say how long a body is")
row("if (q->has_cookie)", "if (0)", "two Cookie headers")
row("if (value.n >= sizeof q->cookie)", "if (value.n > sizeof q->cookie)", "a Cookie header that fits exactly")
row("q->origin = true;", "", "requests of foreign pages")
row("q->other_accept = !found && (!q->has_accept || q->other_accept);", "q->other_accept = !found;",
    "one Accept of two is enough")
row("q->expects = q->minor > 0;", "q->expects = true;", "HTTP/1.0 expects nothing")

file("http/request_args.c", "test_http_args", "program test_api")
row("if (used + 1 >= size || !take_char", "if (used > size || !take_char", "a value longer than its place")
row("return byte >= 0x20 && byte != 0x7F;", "return byte != 0x7F;", "escaped control characters")
row("return a.value.n && decode", "return decode", "an empty value")
row("if (!known) tell_unknown", "if (0) tell_unknown", "unknown arguments")
row("else if (count(q, a->key) > 1)", "else if (0)", "an argument that is there twice")
row("else if (length >= size && !any_length)", "else if (length > size && !any_length)", "an argument that fits exactly")

file("http/request_cookie.c", "test_http_args")
row("if (i >= HTTP_COOKIES_MAX || (value.p && found.p))", "if (i >= HTTP_COOKIES_MAX)",
    "a cookie that is there twice")
row("if (i >= HTTP_COOKIES_MAX || (value.p && found.p))", "if (value.p && found.p)", "many cookies")
row("if (!found.p || found.n >= size)", "if (!found.p || found.n > size)", "a cookie that fits exactly")
row("|| pair.p[n] != '=')", ")", "a cookie whose name begins like this one")

file("http/request_body.c", "test_http_conn", "program test_http.Bodies")
row("size = b->size ? 2 * b->size : FIRST_BYTES;", "size = whole;", "what is told costs nothing")
row("if (b->total && !bound_take(b->total, size - b->size))", "if (0)", "limits.http_body_total_bytes")
row("give(b, size - b->size); return ERR_NOMEM;", "return ERR_NOMEM;",
    "room that was not taken is given back", "test_http_places")
row("give(b, b->size); mem_free", "mem_free", "a body's room is given back")

# ---- a connection ----

file("http/http_conn.c", "test_http_conn", "test_http_places", "program test_admin_bounds test_http",
     "program test_bad_input test_stop test_settings")
row("return mem_wipe_freed(c->door == DOOR_WEB);", "return mem_wipe_freed(false);", "a password in freed memory",
    "test_http_secrets")
row("else if (n >= limits_of(c)->admin_request_bytes.max)", "else if (0)", "limits.admin_request_bytes")
row("bound_give(http_conns_places(c->all, c->door), 1);", "",
    "limits.max_admin_clients: a place is given back")
row("c->all->by_tcp -= c->door == DOOR_READ || c->door == DOOR_METRICS;", "", "places of TCP clients are given back")
row("if (!c->deadline || !set_deadline(c, &limits_of(c)->admin_timeout)) return false;",
    "if (!c->deadline) return false;", "limits.admin_timeout")
row("if (c->phase == PHASE_AWAITS && c->requests &&", "if (0 &&", "limits.admin_timeout of the second request")
row("if (c->phase == PHASE_AWAITS && c->requests &&", "if (c->requests &&", "dribbling prolongs no time")
row("if (!set_deadline(c, &limits_of(c)->http_idle_timeout) ||", "if (", "limits.http_idle_timeout")
row("c->keep = q->keep && !c->last && c->requests < l->max_http_requests.max;",
    "c->keep = q->keep && !c->last;", "limits.max_http_requests")
row("evbuffer_drain(input_of(c), q.head); take_head", "take_head", "a request is read once")
row("size_t here = evbuffer_get_length(input_of(c)), n = here < left ? here : left;",
    "size_t here = evbuffer_get_length(input_of(c)), n = here;", "the next request is no part of a body")
row("bufferevent_write(c->bev, go_on, sizeof go_on - 1);", "", "100 Continue")
row("else if (c->unread) leave(c);", "", "who is refused sees the answer", "program test_http.Bodies")
row("if (c->keep && !c->last)", "if (c->keep)", "a reload closes strangers behind a long answer", "test_http_places")
row("bound_next_read(c, UINT64_MAX); read_head(c);", "bound_next_read(c, UINT64_MAX);",
    "requests that came with the one before")
row("c->body.total = c->stranger ? NULL : &l->http_body_total_bytes;", "c->body.total = &l->http_body_total_bytes;",
    "strangers' bodies take no room of others", "test_http_strangers")
row("else if (c->stranger && q->length > STRANGER_BODY_MAX)", "else if (0)", "a stranger's body is no longer than a log-in",
    "test_http_strangers")

file("http/http_conns.c", "test_http_places", "program test_http.Places test_access test_admin_bounds")
row("return goes && bound_has(places, 1);", "return bound_has(places, 1);",
    "strangers leave a quarter of the places")
row("if (!crowd && bound_has(places, 1))", "if (!crowd)", "limits.max_admin_clients")
row("(c->phase == PHASE_AWAITS && c->requests) ||", "", "an idle client makes room")
row("(c->phase == PHASE_AWAITS && c->requests) ||", "c->phase == PHASE_AWAITS ||",
    "who has not asked yet is not idle")
row("now - c->since_ms >= SLOW_MS", "1", "a stranger has a second")
row("return c->door != DOOR_LOCAL ? 3 : 2;", "return 2;", "strangers go first")
row("if (strangers && c->door == DOOR_LOCAL)", "if (0)", "strangers take no place of the owner's")
row("(its == most && c->since_ms <= found->since_ms)", "(its == most && c->since_ms > found->since_ms)", "who has been idle for longest goes")
row("if (!goes || !is_idle(goes))", "if (1)", "an idle client's place is no bound that was hit")
row("if (is_idle(c)) http_conn_free(c);", "", "a reload closes idle strangers", "program test_http.KeepAlive")

row("goes = other ? other : goes;", "", "a crowded network makes room at webui.listen",
    "test_http_strangers")
row("is_unheard(c) || c->phase == PHASE_ANSWERS;", "is_unheard(c);", "who reads nothing makes room",
    "test_http_strangers")
row("return !other || is_unheard(c);", "return !other;", "who is silent goes before who reads nothing",
    "test_http_strangers")
row("if (!goes && is_known(all, from)) goes = a_stranger(all);", "", "strangers do not keep out who is known",
    "test_http_strangers")

file("web/session.c", "test_web_session", "program test_web_login")
row("now - s->used_ms >= bound_read(&all->idle_ms->max) ||", "", "limits.web_session_idle")
row("|| now - s->began_ms >= bound_read(&all->life_ms->max)", "", "limits.web_session_life")
row("make_room(all);", "", "limits.web_sessions")
row("s->next = all->first; all->first = s; s->used_ms", "s->next = all->first; all->first = s; s->began_ms",
    "a session that is used does not end")

file("web/login_queue.c", "test_web_session", "program test_web_login")
row("a->known != b->known ? a->known :", "", "who logged in before goes first")
row("waiting_of(q, network) >= step_of(n)->places ||", "", "places of a network")
row("return passed < pause ? pause - passed : 0;", "return 0;", "a network that failed is slowed")
row("return of_crowd ? of_crowd : last;", "return last;", "a crowd gives way")
row("(found && (oldest || !goes_before(n, its)))", "(found && !goes_before(n, its))", "nobody waits for ever")

file("web/token.c", "test_web_token", "program test_web_login")
row("script && !q->origin &&", "script &&", "a page is no script")
row("(q->json || (!q->length && !q->has_type))", "1", "a script sends JSON")

file("http/http_reply.c", "test_http_conn", "test_http_places", "program test_http test_access test_admin_bounds")
row("else if (w.bad) {", "else if (0) {", "limits.admin_response_bytes",
    "program test_admin_bounds")
row("if (call.stays && c->door != DOOR_LOCAL && q->other_accept)", "if (0)",
    "an image is no subscriber", "program test_access")
row("c->keep = false; /* a refused client may send the body anyway, so close after the refusal */", "",
    "the body of a request that was refused is no request")
row("c->keep && !c->last && !a.endless;", "c->keep && !a.endless;", "a reload closes strangers after their answer",
    "test_http_places")
row("else if (call.waits_ms) http_later_begin(c, call.number, call.waits_ms, call.again ? q : NULL);", "",
    "an answer may come later", "test_http_later")

file("http/http_error.c", "test_http_conn", "test_http_places", "program test_http test_access test_admin_bounds")
row("c->keep = false; c->unread = true;", "c->unread = true;", "nothing is read behind what was refused")
row("http_conn_drop_request(c); http_error_send", "http_error_send", "a refused body's room is given back")

file("http/http_later.c", "test_http_later", "program test_dns_told")
row("c->phase != PHASE_WAITS || c->number != number", "c->phase != PHASE_WAITS", "each gets its own answer")
row("c->phase != PHASE_WAITS || c->number != number", "c->number != number", "nobody is answered twice")
row("if (held < c->all->s.limits->admin_request_bytes.max)", "if (1)", "limits.admin_request_bytes")
row("admin_timeout.max + waits_ms", "admin_timeout.max * 1000 + waits_ms", "who waits has a deadline")
row("c->number = number;", "", "the number of the request")
