/*
 * A disk that keeps exactly what was fsynced, as a journal of what a program does to one folder.
 *
 * Loaded with LD_PRELOAD. Everything below GENKAN_DISK is written as always, and noted in order in GENKAN_JOURNAL; fsync and
 * fdatasync are only noted. What is written to the file GENKAN_REPORTS is noted as a promise. The test replays the journal up
 * to any record, which is a power cut at that moment. sync_file_range promises nothing, as on a real disk.
 *
 * A record: op, inode, number, two lengths, two byte strings; little-endian.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE = 1, TRUNCATE, CREATE, MKDIR, UNLINK, RMDIR, RENAME, FSYNC, FSYNC_FOLDER, REPORT, UNKNOWN };

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static const char *disk, *reports;
static size_t disk_length;
static int journal = -1;

__attribute__((constructor)) static void begin(void) {
    disk = getenv("GENKAN_DISK");
    reports = getenv("GENKAN_REPORTS");
    const char *path = getenv("GENKAN_JOURNAL");
    if (!disk || !reports || !path) return;
    disk_length = strlen(disk);
    journal = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int ours(const char *path) {
    return journal >= 0 && path && strncmp(path, disk, disk_length) == 0
        && (path[disk_length] == '/' || path[disk_length] == 0);
}

/* The path behind a descriptor, or NULL when it is none of ours. */
static const char *path_of(int fd, char buffer[PATH_MAX]) {
    char link[64];
    if (journal < 0 || fd == journal) return NULL;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, buffer, PATH_MAX - 1);
    if (length <= 0) return NULL;
    buffer[length] = 0;
    return ours(buffer) || strcmp(buffer, reports) == 0 ? buffer : NULL;
}

static void note(uint8_t op, uint64_t inode, uint64_t number, const void *first, uint32_t first_length,
                 const void *second, uint32_t second_length) {
    char head[25];
    head[0] = (char)op;
    memcpy(head + 1, &inode, 8);
    memcpy(head + 9, &number, 8);
    memcpy(head + 17, &first_length, 4);
    memcpy(head + 21, &second_length, 4);
    struct iovec parts[3] = {{head, sizeof head}, {(void *)first, first_length}, {(void *)second, second_length}};
    if (syscall(SYS_writev, journal, parts, 3) != (long)(sizeof head + first_length + second_length)) abort();
}

static void note_path(uint8_t op, const char *path) { note(op, 0, 0, path, (uint32_t)strlen(path), "", 0); }

static uint64_t inode_of(int fd) {
    struct stat about;
    if (fstat(fd, &about) != 0) abort();
    return about.st_ino;
}

static void note_write(int fd, const char *path, uint64_t at, const void *bytes, size_t length) {
    if (strcmp(path, reports) == 0) note(REPORT, 0, 0, bytes, (uint32_t)length, "", 0);
    else note(WRITE, inode_of(fd), at, bytes, (uint32_t)length, "", 0);
}

static int open_noted(int at, const char *path, int flags, mode_t mode) {
    if (!ours(path)) return (int)syscall(SYS_openat, at, path, flags, mode);
    pthread_mutex_lock(&one_at_a_time);
    int there = access(path, F_OK) == 0;
    int fd = (int)syscall(SYS_openat, at, path, flags, mode);
    int error = errno;
    if (fd >= 0 && !there) note(CREATE, inode_of(fd), 0, path, (uint32_t)strlen(path), "", 0);
    if (fd >= 0 && there && flags & O_TRUNC) note(TRUNCATE, inode_of(fd), 0, "", 0, "", 0);
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return fd;
}

#define MODE mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }
int open(const char *path, int flags, ...) { MODE return open_noted(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE return open_noted(AT_FDCWD, path, flags | O_LARGEFILE, mode); }
int openat(int at, const char *path, int flags, ...) { MODE return open_noted(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE return open_noted(at, path, flags | O_LARGEFILE, mode); }

ssize_t write(int fd, const void *bytes, size_t length) {
    char buffer[PATH_MAX];
    const char *path = path_of(fd, buffer);
    if (!path) return syscall(SYS_write, fd, bytes, length);
    pthread_mutex_lock(&one_at_a_time);
    off_t at = fcntl(fd, F_GETFL) & O_APPEND ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR);
    ssize_t written = syscall(SYS_write, fd, bytes, length);
    int error = errno;
    if (written > 0) note_write(fd, path, (uint64_t)at, bytes, (size_t)written);
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return written;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
    char buffer[PATH_MAX];
    const char *path = path_of(fd, buffer);
    if (!path) return syscall(SYS_pwrite64, fd, bytes, length, at);
    pthread_mutex_lock(&one_at_a_time);
    ssize_t written = syscall(SYS_pwrite64, fd, bytes, length, at);
    int error = errno;
    if (written > 0) note_write(fd, path, (uint64_t)at, bytes, (size_t)written);
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return written;
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return pwrite64(fd, bytes, length, at); }

int ftruncate64(int fd, off64_t length) {
    char buffer[PATH_MAX];
    const char *path = path_of(fd, buffer);
    if (!path) return (int)syscall(SYS_ftruncate, fd, length);
    pthread_mutex_lock(&one_at_a_time);
    int result = (int)syscall(SYS_ftruncate, fd, length);
    if (result == 0) note(TRUNCATE, inode_of(fd), (uint64_t)length, "", 0, "", 0);
    pthread_mutex_unlock(&one_at_a_time);
    return result;
}
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

static int synced(int fd, int *result) {
    char buffer[PATH_MAX];
    const char *path = path_of(fd, buffer);
    if (!path) return 0;
    pthread_mutex_lock(&one_at_a_time);
    struct stat about;
    if (fstat(fd, &about) != 0) abort();
    if (S_ISDIR(about.st_mode)) note_path(FSYNC_FOLDER, path);
    else note(FSYNC, about.st_ino, 0, "", 0, "", 0);
    pthread_mutex_unlock(&one_at_a_time);
    *result = 0;
    return 1;
}
int fsync(int fd) { int r; return synced(fd, &r) ? r : (int)syscall(SYS_fsync, fd); }
int fdatasync(int fd) { int r; return synced(fd, &r) ? r : (int)syscall(SYS_fdatasync, fd); }

/* Whatever changes names: done and noted as one. */
#define NAMED(op, call, path) \
    if (!ours(path)) return call; \
    pthread_mutex_lock(&one_at_a_time); \
    int result = call; \
    int error = errno; \
    if (result == 0) note_path(op, path); \
    pthread_mutex_unlock(&one_at_a_time); \
    errno = error; \
    return result;
int unlink(const char *path) { NAMED(UNLINK, (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0), path) }
int rmdir(const char *path) { NAMED(RMDIR, (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR), path) }
int mkdir(const char *path, mode_t mode) { NAMED(MKDIR, (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode), path) }

int rename(const char *from, const char *to) {
    if (!ours(from) && !ours(to)) return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    pthread_mutex_lock(&one_at_a_time);
    int result = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    int error = errno;
    if (result == 0) note(RENAME, 0, 0, from, (uint32_t)strlen(from), to, (uint32_t)strlen(to));
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return result;
}

/* Calls that this disk does not model: their use below the folder fails the test instead of passing unnoticed. */
#define UNMODELLED(fd, name, call) \
    char buffer[PATH_MAX]; \
    if (path_of(fd, buffer)) { \
        pthread_mutex_lock(&one_at_a_time); \
        note_path(UNKNOWN, name); \
        pthread_mutex_unlock(&one_at_a_time); \
    } \
    return call;
ssize_t writev(int fd, const struct iovec *parts, int count) { UNMODELLED(fd, "writev", syscall(SYS_writev, fd, parts, count)) }
int fallocate64(int fd, int mode, off64_t at, off64_t length) { UNMODELLED(fd, "fallocate", (int)syscall(SYS_fallocate, fd, mode, at, length)) }
int posix_fallocate64(int fd, off64_t at, off64_t length) { UNMODELLED(fd, "posix_fallocate", REAL(posix_fallocate64)(fd, at, length)) }
ssize_t copy_file_range(int in, off64_t *in_at, int out, off64_t *out_at, size_t length, unsigned flags) {
    UNMODELLED(out, "copy_file_range", syscall(SYS_copy_file_range, in, in_at, out, out_at, length, flags))
}
ssize_t sendfile64(int out, int in, off64_t *at, size_t length) { UNMODELLED(out, "sendfile", syscall(SYS_sendfile, out, in, at, length)) }
