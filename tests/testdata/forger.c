// SPDX-License-Identifier: Apache-2.0
/*
 * An emulator that emulates nothing: it writes the records that lie beside its firmware into the shared
 * memory, as the agent would, and says that all is done. See hostile_pack_test.ts.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER_BYTES 4096
#define DONE 1

/* What follows a word in the arguments, up to a comma. */
static char *valueOf(int argc, char **argv, const char *word)
{
	for (int i = 1; i < argc; i++) {
		char *found = strstr(argv[i], word);

		if (found != NULL) {
			found = strdup(found + strlen(word));
			found[strcspn(found, ",")] = '\0';
			return found;
		}
	}
	exit(3);
}

static char *firmware(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], "-L") == 0)
			return argv[i + 1];
	exit(4);
}

int main(int argc, char **argv)
{
	unsigned long header[3] = { 0, 0, DONE };
	char path[4096];
	struct stat info;
	char *records;
	int from, to;

	snprintf(path, sizeof(path), "%s/records", firmware(argc, argv));
	from = open(path, O_RDONLY);
	if (from < 0 || fstat(from, &info) != 0)
		return 5;
	records = malloc(info.st_size);
	if (read(from, records, info.st_size) != info.st_size)
		return 6;
	memcpy(&header[0], "SAMEPAGE", 8);
	header[1] = info.st_size;
	to = open(valueOf(argc, argv, "mem-path="), O_WRONLY);
	if (to < 0 || pwrite(to, records, info.st_size, HEADER_BYTES) != info.st_size)
		return 7;
	return pwrite(to, header, sizeof(header), 0) == sizeof(header) ? 0 : 8;
}
