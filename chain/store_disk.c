/* Role: asks the operating system about the store's file: why a write failed, and whether the file
 * was deleted.
 * Before: chain/store.c commits. After: the operating system. */
#include <errno.h>
#include <lmdb.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/human.h"
#include "chain/room.h"
#include "chain/store_internal.h"

enum { PROBE = 4096 };

/* Writes a page after the end of the file and removes it again. Returns 0 or the errno of the
 * write. Nothing reads there, because LMDB knows where its pages end. */
static int probe(int fd, off_t end)
{
	static const char page[PROBE];
	size_t done = 0;
	int error = 0;

	while (done < sizeof page && !error) {
		ssize_t n = pwrite(fd, page + done, sizeof page - done, end + (off_t)done);
		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			error = n == 0 ? ENOSPC : errno;
	}
	/* If this fails the page stays, which does no harm. */
	int ignored = ftruncate(fd, end);
	(void)ignored;
	return error;
}

int store_write_error(struct store *s, int rc)
{
	mdb_filehandle_t fd;
	struct stat st;
	uint64_t room;

	if (rc != EIO || mdb_env_get_fd(s->env, &fd) != 0 || fstat(fd, &st) != 0)
		return rc;
	int error = probe(fd, st.st_size);
	if (error)
		return error;
	if (room_of_fd(fd, &room) && room < ROOM_WANTED)
		return ENOSPC;
	return rc;
}

/* The text of an error. For a full disk it adds the free space, not counting what is reserved for
 * root. */
static void room_text(struct store *s, int error, char *to, size_t size)
{
	mdb_filehandle_t fd;
	uint64_t room;
	char free_text[HUMAN_MAX];

	if (error == ENOSPC && mdb_env_get_fd(s->env, &fd) == 0 && room_of_fd(fd, &room))
		snprintf(to, size, "%s, %s are free", store_text_of(error),
			human_bytes(room, free_text));
	else
		snprintf(to, size, "%s", store_text_of(error));
}

void store_fail_write(struct store *s, int rc, const char *what)
{
	int error = store_write_error(s, rc);
	char text[128];

	room_text(s, error, text, sizeof text);
	store_fail(s, store_err_of(error), what, text);
}

bool store_has_writer(struct store *s)
{
	mdb_filehandle_t fd;

	if (mdb_env_get_fd(s->env, &fd) != 0)
		return false;
	if (flock(fd, LOCK_SH | LOCK_NB) != 0)
		return errno == EWOULDBLOCK;
	flock(fd, LOCK_UN);
	return false;
}

bool store_is_deleted(struct store *s)
{
	mdb_filehandle_t fd;
	struct stat st;

	return mdb_env_get_fd(s->env, &fd) == 0 && fstat(fd, &st) == 0 && st.st_nlink == 0;
}
