// SPDX-License-Identifier: Apache-2.0
/* The guest's disk and the files on it. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

/* The disk is read from one end to the other: few large requests mean few exits. */
static void read_far_ahead(void)
{
	int fd = open("/sys/block/vda/queue/read_ahead_kb", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "1024", 4) != 4)
		dprintf(STDERR_FILENO, "init: the disk keeps its default read-ahead: %m\n");
	if (fd >= 0)
		close(fd);
}

int mount_data(void)
{
	read_far_ahead();
	mkdir("/data", 0755);
	if (mount("/dev/vda", "/data", "erofs", MS_RDONLY, NULL))
		return failed("cannot mount the disk /dev/vda on /data: %m");
	return 0;
}

int each_file(const char *dir, int (*visit)(const char *path, uint64_t bytes))
{
	struct dirent **names;
	int count = scandir(dir, &names, NULL, alphasort);
	int result = 0;

	if (count < 0)
		return failed("cannot list %s: %m", dir);
	for (int i = 0; i < count; i++) {
		char path[1024];
		struct stat info;

		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (!result && names[i]->d_name[0] != '.' && !lstat(path, &info)) {
			if (S_ISDIR(info.st_mode))
				result = each_file(path, visit);
			else if (S_ISREG(info.st_mode) && info.st_size > 0)
				result = visit(path, info.st_size);
		}
		free(names[i]);
	}
	free(names);
	return result;
}
