/* Switches from root to the owner of the data directory. Before: the commands that open
 * node.data_dir. After: the operating system. */
#include "cli/become.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PASSWD_MAX = 8192 }; /* bytes of a user's passwd entry; a longer one counts as missing */

/* The data directory, or its parent when it does not exist yet. */
struct place {
	int fd;                      /* the directory or its parent; −1 = neither can be opened */
	char below[CONFIG_TEXT_MAX]; /* its name in the parent; "" = `fd` is the directory itself */
	struct stat st;              /* of `fd` */
	/* the user to become: its owner, or the owner of a link to it */
	uid_t uid;
	gid_t gid;
};

struct user {
	uid_t uid;
	gid_t gid;
	char name[BECOME_NAME_MAX]; /* "" = the system knows no name for `uid` */
};

static int open_directory(const char *path)
{
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Opens the parent: "a/b/" gives "a" and `below` = "b"; "b" gives ".". */
static int open_parent(const char *path, char below[CONFIG_TEXT_MAX])
{
	char folder[CONFIG_TEXT_MAX];
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	size_t from = n;
	while (from > 0 && path[from - 1] != '/')
		from--;
	snprintf(below, CONFIG_TEXT_MAX, "%.*s", (int)(n - from), path + from);
	snprintf(folder, sizeof folder, "%.*s", (int)from, path);
	return open_directory(from ? folder : ".");
}

/* Finds the directory and its owner. Whoever owns a link to it decides where it leads, so the owner
 * of the link counts, unless that is root. */
static bool find(const char *path, struct place *p)
{
	struct stat link;

	*p = (struct place){.fd = open_directory(path)};
	if (p->fd < 0 && errno == ENOENT)
		p->fd = open_parent(path, p->below);
	if (p->fd < 0 || fstat(p->fd, &p->st) != 0)
		return false;
	p->uid = p->st.st_uid;
	p->gid = p->st.st_gid;
	if (!p->below[0] && lstat(path, &link) == 0 && S_ISLNK(link.st_mode) && link.st_uid != 0) {
		p->uid = link.st_uid;
		p->gid = link.st_gid;
	}
	return true;
}

static void close_place(struct place *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

bool become_is_due(const struct config *c)
{
	struct place p;
	bool due = geteuid() == 0 && find(c->data_dir, &p) && p.uid != 0;

	if (geteuid() == 0)
		close_place(&p);
	return due;
}

/* Finds the user's name and group. A user without an entry gets the group of the directory. */
static void look_up(const struct place *p, struct user *u)
{
	char space[PASSWD_MAX];
	struct passwd row, *found = NULL;

	*u = (struct user){.uid = p->uid, .gid = p->gid};
	if (getpwuid_r(p->uid, &row, space, sizeof space, &found) != 0 || !found)
		return;
	u->gid = found->pw_gid;
	snprintf(u->name, sizeof u->name, "%s", found->pw_name);
}

static bool become(const struct user *u)
{
	int rc = u->name[0] ? initgroups(u->name, u->gid) : setgroups(0, NULL);

	return rc == 0 && setresgid(u->gid, u->gid, u->gid) == 0 &&
	       setresuid(u->uid, u->uid, u->uid) == 0;
}

/* Asks in a child, because a process that has given up root's rights cannot get them back. */
static bool may_read(const struct user *u, const char *path)
{
	int status = 1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(become(u) && access(path, R_OK) == 0 ? 0 : 1);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && status == 0;
}

bool become_can_read(const struct config *c, const char *path)
{
	struct place p;
	struct user u;

	if (!become_is_due(c) || strcmp(path, "-") == 0 || !find(c->data_dir, &p))
		return true;
	look_up(&p, &u);
	close_place(&p);
	return may_read(&u, path);
}

static void name_of(const struct user *u, char who[BECOME_NAME_MAX])
{
	if (u->name[0])
		snprintf(who, BECOME_NAME_MAX, "%s", u->name);
	else
		snprintf(who, BECOME_NAME_MAX, "user %u", (unsigned)u->uid);
}

/* Makes sure that the new user can still reach the directory. A parent may be closed to it, as
 * /root is; the path then goes through the open descriptor. */
static bool reach(struct config *c, struct place *p)
{
	char path[CONFIG_TEXT_MAX];
	struct place seen;
	bool same = find(c->data_dir, &seen) && seen.st.st_dev == p->st.st_dev &&
		    seen.st.st_ino == p->st.st_ino;

	close_place(&seen);
	if (same) {
		close_place(p);
		return true;
	}
	int n = snprintf(
		path, sizeof path, "/proc/self/fd/%d%s%s", p->fd, p->below[0] ? "/" : "", p->below);
	if (n < 0 || (size_t)n >= sizeof path)
		return false;
	memcpy(c->data_dir, path, (size_t)n + 1);
	return p->below[0] || access(path, X_OK) == 0;
}

bool become_owner(struct config *c, char who[BECOME_NAME_MAX], char *why, size_t size)
{
	struct place p;
	struct user u;

	who[0] = 0;
	if (geteuid() != 0)
		return true;
	if (!find(c->data_dir, &p) || p.uid == 0) {
		close_place(&p);
		return true; /* if something is wrong, opening the store reports it */
	}
	look_up(&p, &u);
	name_of(&u, who);
	if (!become(&u)) {
		snprintf(why, size,
			"node.data_dir: %s belongs to %s, whom root becomes before it opens "
			"anything there, and that failed: %s; start alfisd as %s",
			c->data_dir, who, strerror(errno), who);
		close_place(&p);
		return false;
	}
	if (reach(c, &p))
		return true;
	snprintf(why, size, "node.data_dir: %s belongs to %s, who cannot reach it: %s", c->data_dir,
		who, strerror(errno));
	close_place(&p);
	return false;
}
