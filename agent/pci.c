// SPDX-License-Identifier: Apache-2.0
/* Devices that the emulated machine has for the agent: found and mapped through sysfs. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"

#define DEVICES "/sys/bus/pci/devices"

static bool has_number(const char *device, const char *name, unsigned int wanted)
{
	char path[PATH_BYTES], text[32];
	unsigned int number;

	snprintf(path, sizeof(path), DEVICES "/%s/%s", device, name);
	return file_read(path, text, sizeof(text)) && sscanf(text, "0x%x", &number) == 1 &&
	       number == wanted;
}

static bool find(unsigned int vendor, unsigned int device, char *name, size_t bytes)
{
	struct path p;
	DIR *dir = opendir(rooted(&p, DEVICES));
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		found = has_number(entry->d_name, "device", device) &&
			has_number(entry->d_name, "vendor", vendor);
		snprintf(name, bytes, "%s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* Until it is enabled, a device does not answer. */
static bool enable(const char *name)
{
	char path[PATH_BYTES];
	int fd;
	bool enabled;

	snprintf(path, sizeof(path), DEVICES "/%s/enable", name);
	fd = file_open(path, O_WRONLY);
	enabled = fd >= 0 && write(fd, "1", 1) == 1;
	if (fd >= 0)
		close(fd);
	return enabled;
}

void *pci_map(unsigned int vendor, unsigned int device, int bar, size_t *bytes)
{
	char name[256], path[PATH_BYTES];
	void *map = MAP_FAILED;
	struct stat info;
	int fd;

	if (!find(vendor, device, name, sizeof(name)) || !enable(name))
		return NULL;
	snprintf(path, sizeof(path), DEVICES "/%s/resource%d", name, bar);
	fd = file_open(path, O_RDWR);
	if (fd < 0)
		return NULL;
	if (!fstat(fd, &info)) {
		*bytes = info.st_size;
		map = mmap(NULL, *bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	}
	close(fd);
	return map == MAP_FAILED ? NULL : map;
}
