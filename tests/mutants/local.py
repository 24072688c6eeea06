"""Mutants of what the local machine may do to the node: owners, links, locks, damaged files, sockets
of the service manager."""

from mutant import Table

TABLE = Table()
file, row = TABLE.file, TABLE.row

# ---- root in somebody else's directory ----

file("cli/become.c", "program test_privilege")
row("if (!find(c->data_dir, &p) || p.uid == 0) {", "if (1) { p.fd = -1;",
    "root becomes the owner of the directory")
row("rc == 0 && setresgid(u->gid, u->gid, u->gid) == 0 &&", "rc == 0 &&", "its group, too")
row('if (p->fd < 0 && errno == ENOENT) p->fd = open_parent(path, p->below);', "",
    "a directory that is to be made belongs to the owner of its folder")
row("if (same) { close_place(p); return true; }", "close_place(p); return true;",
    "a folder above may be closed to the owner")
row("rc = u->name[0] ? initgroups(u->name, u->gid) : setgroups(0, NULL);", "rc = 0;",
    "no group of root stays")

file("cli/export.c", "program test_privilege")
row("if (due && !open_target(cli, e, c, true)) return EXIT_TASK_FAILED;",
    "due = false;", "the file is opened before root becomes another user")
file("cli/export_file.c", "program test_privilege")
row("t->through || export_file_helper_start(t, put_in_place);", "true;",
    "the snapshot gets its name with the rights of before")

file("chain/store_lock.c", "program test_store_locks", "program test_privilege")
row("if (fstat(o->s->lock_fd, &s) != 0 || !is_plain(&s)) return say_planted(o, path);", "",
    "a second name of the lock file", equal="opened as its owner, it does no harm")
row("return is_plain(&s) ? ERR_OK : say_planted(o, path);", "return ERR_OK;",
    "a link in the place of LMDB's lock file", "program test_privilege")
row("return o->s->data_fd < 0 ? ERR_OK : take(o, o->s->data_fd, o->file);", "return ERR_OK;",
    "the store itself is locked")
row("if (!o->set->read_only || !is_written_to(o)) {", "if (1) {",
    "a reader that the node would not see")

# ---- two containers ----

file("chain/store_open.c", "program test_store_locks")
row("if (rc == EAGAIN || rc == EACCES) return store_say(o, ERR_BUSY,",
    "if (rc == EAGAIN || rc == EACCES) return store_say(o, ERR_IO,",
    "another process has the number")
file("cli/offline.c", "program test_store_locks")
row("i < TRIES; i++)", "i < 0; i++)", "whoever reads takes another number")
row("if (getpid() == 1) child_goes_on();", "", "the first number is left to the node")
file("cli/child.c", "program test_store_locks")
row("if (child_pid > 0) kill((pid_t)child_pid, number);", "", "signals are passed on")
row("if (WIFEXITED(status)) _exit(WEXITSTATUS(status));", "if (WIFEXITED(status)) _exit(0);",
    "the status is passed on")

# ---- damaged stores ----

file("chain/store_pages.c", "test_store_pages", "program test_damage")
row("if (offset < u16_at(bytes + AT_UPPER) || offset > p->size - ROW_HEAD)",
    "if (offset > p->size - ROW_HEAD)", "a row in the free room")
row("if (offset < u16_at(bytes + AT_UPPER) || offset > p->size - ROW_HEAD)",
    "if (offset < u16_at(bytes + AT_UPPER))", "a row outside", sample=True)
row("if (word_at(bytes) != page ||", "if (", "a page that changed places with another")
row("lower > upper || upper > p->size)", "lower > upper)", "bounds beyond the page")
row("key > KEY_MOST || value > room || here > room - value", "key > KEY_MOST || value > room",
    "a value that is longer than its page")
row("return is_page(p, child_of(row), 1) || say(", "return true || say(",
    "a branch that leads out of the file", equal="the page is not read either when it is visited")
row("u32_at(head + AT_LOWER) == count) ||", "1) ||", "a long value of another length")
row("in_order(p, row_of(bytes, i - 1), row_of(bytes, i))", "1", "keys ascend")
file("chain/store_index.c", "program test_damage")
row("if (b->index != s->height + 1) {", "if (0) {", "the row of the last block says another height",
    equal="it takes two pages that changed places, which the look at the pages finds")
file("cli/fault.c", "program test_damage")
row("if (number == SIGBUS || store_is_read_here()) {", "if (number == SIGBUS) {", "a fault while the store is read")
file("chain/store.c", "program test_damage")
row("if (!s->offline) log_error", "log_error", "one line for one failure")
file("cli/export.c", "program test_damage")
row("err == ERR_BUSY && !chain_has_writer(e->chain) ? ERR_CORRUPT : err;", "err;",
    "without a node nobody replaces blocks")

# ---- stop ----

file("cli/ctl_stop.c", "program test_stop", "program test_store_locks")
row("while (!has_ended(r)) {", "while (0) {", "stop waits")
row("if (!unlocked && !is_locked(r)) {", "if (!unlocked) {",
    "the lock tells of a process that is not to be seen", "program test_store_locks")

# ---- commands and their requests ----

file("cli/ctl_request.c", "test_commands")
row("put_arguments(&q, cli, keys, in_path ? 1 : 0);", "put_arguments(&q, cli, keys, 0);",
    "what is in the path is not in the query, too")
row("command_has_word(sends, o->name) && cli_option_given(cli, o)", "cli_option_given(cli, o)",
    "only what the row names is sent")
row("if (!first_is_good(cli, cmd)) return false;", "", "no empty address, none with spaces")
file("cli/commands.c", "test_commands")
row("(at[n] == ' ' || !at[n])", "1", "a word of a list is a whole word")
row("*least += !optional;", "++*least;", "an argument in brackets may be left out")

# ---- sockets of the service manager ----

file("net/socket_activation.c", "program test_inherited")
row("used[fd - FIRST] = true;", "", "what is used is not told of")
row("(memcmp(&own, address, size) == 0 || is_same_file((const struct sockaddr *)&own, address));",
    "memcmp(&own, address, size) == 0;", "two paths of one socket")
row("port_of((const struct sockaddr *)&own) != port) continue;", "0) continue;",
    "the one in the way has the same port")

file("chain/store_file.c", "program test_damage")
row("if (!S_ISREG(s.st_mode)) return store_say(o, ERR_REFUSED,",
    "if (0) return store_say(o, ERR_REFUSED,", "a pipe in the place of the store")
