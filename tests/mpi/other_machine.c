/* Preloaded by startup_test.py: makes a process believe that it runs on another machine with a shared file system.
 *
 * CW_HOST    the name of the machine
 * CW_HIDDEN  a folder that does not exist for the ranks other than 0
 * CW_LOG     gets a line for each refused call
 *
 * flock fails, as on a file system without locks. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int (*real_open(void))(const char*, int, ...) { return (int (*)(const char*, int, ...))dlsym(RTLD_NEXT, "open"); }

static void note(const char* what, const char* path) {
  const char* log = getenv("CW_LOG");
  if (!log) return;
  const int file = real_open()(log, O_WRONLY | O_CREAT | O_APPEND, 0666);
  dprintf(file, "%s %s\n", what, path);
  close(file);
}

static int hidden(const char* path) {
  const char* folder = getenv("CW_HIDDEN");
  const char* rank = getenv("OMPI_COMM_WORLD_RANK");
  if (!folder || !rank || strcmp(rank, "0") == 0 || strncmp(path, folder, strlen(folder)) != 0) return 0;
  note("hidden", path);
  errno = ENOENT;
  return 1;
}

int flock(int descriptor, int operation) {
  (void)descriptor;
  (void)operation;
  note("flock", "");
  errno = ENOLCK;
  return -1;
}

int gethostname(char* name, size_t size) {
  const char* host = getenv("CW_HOST");
  if (!host) return ((int (*)(char*, size_t))dlsym(RTLD_NEXT, "gethostname"))(name, size);
  snprintf(name, size, "%s", host);
  return 0;
}

#define OPEN(NAME)                                                                                     \
  int NAME(const char* path, int flags, ...) {                                                         \
    va_list rest;                                                                                      \
    va_start(rest, flags);                                                                             \
    const int mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, int) : 0;                          \
    va_end(rest);                                                                                      \
    return hidden(path) ? -1 : ((int (*)(const char*, int, ...))dlsym(RTLD_NEXT, #NAME))(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define FOPEN(NAME)                                                                                             \
  FILE* NAME(const char* path, const char* mode) {                                                              \
    return hidden(path) ? NULL : ((FILE * (*)(const char*, const char*)) dlsym(RTLD_NEXT, #NAME))(path, mode); \
  }
FOPEN(fopen)
FOPEN(fopen64)

DIR* opendir(const char* path) { return hidden(path) ? NULL : ((DIR * (*)(const char*)) dlsym(RTLD_NEXT, "opendir"))(path); }
