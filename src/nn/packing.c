#include "nn/packing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "base/sha256.h"
#include "nn/matrix.h"
#include "nn/onnx_weights.h"

/*
 * A walk goes over the network three times at most: it measures and compares
 * shapes, so that a model of another architecture fails before anything is
 * written; it writes; and it binds to the mapping, which alone happens when the
 * file is there already. A digest over what each walk asked for shows that the
 * three, and the walk that once made the file, were the same.
 */

#define MAGIC "PARLANDO" /* 8 bytes and no NUL */
#define BYTE_ORDER_MARK 0x01020304U
#define HASHED 65536      /* bytes at either end of the source */
#define ARRAY_ALIGN 16    /* floats: 64 bytes */
#define HEADER_SIZE 4096U /* bytes: the arrays begin on a page of their own */

/* Which file the weights are from. */
struct source_identity {
    uint64_t size;
    int64_t seconds, nanoseconds; /* when it was changed */
    char ends[SHA256_HEX - 1];    /* digest of its first and last bytes */
};

struct header {
    char magic[8];
    uint32_t version, byte_order;
    struct source_identity source;
    uint64_t count; /* floats behind the header */
    uint64_t walk;  /* digest of what the walk asked for */
};

_Static_assert(sizeof(struct header) == 8 + 8 + 88 + 16, "no padding, which would be undefined");
_Static_assert(sizeof(struct header) <= HEADER_SIZE, "the arrays begin behind the header");

enum packing_mode { PACKING_MEASURES, PACKING_WRITES, PACKING_BINDS };

struct packing {
    enum packing_mode mode;
    const struct onnx_weights *weights; /* unless it binds */
    FILE *file;                         /* when it writes, and its name in messages */
    const char *path;
    const float *arrays; /* when it binds */
    uint64_t limit;      /* floats there are when it binds */

    uint64_t count; /* floats so far, each array rounded up */
    uint64_t walk;
    bool fits;      /* only when it binds: the file has what is asked for */
    struct err err; /* the first */
};

struct packed_file {
    struct file_map map;
};

/* --- the walk --- */

/* FNV-1a (Fowler, Noll, Vo; RFC 9923), 64 bits. */
#define FNV_OFFSET 0xcbf29ce484222325U
#define FNV_PRIME 0x100000001b3U

static void digest_bytes(uint64_t *digest, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < length; i++)
        *digest = (*digest ^ at[i]) * FNV_PRIME;
}

static void digest_number(uint64_t *digest, uint64_t number)
{
    digest_bytes(digest, &number, sizeof number);
}

/* What a layer asks for. */
struct wish {
    const char *name; /* of a node, or of an initializer */
    bool is_node;
    size_t input;
    const size_t *dims;
    size_t rank, count;
    packing_pack *pack;
};

static void digest_wish(uint64_t *digest, const struct wish *wish)
{
    digest_bytes(digest, wish->name, strlen(wish->name) + 1);
    digest_number(digest, wish->is_node ? wish->input + 1 : 0);
    digest_number(digest, wish->rank);
    for (size_t i = 0; i < wish->rank; i++)
        digest_number(digest, wish->dims[i]);
    digest_number(digest, wish->count);
}

/* "[512, 128]". The caller's. */
static char *shape_text(const size_t *dims, size_t rank)
{
    char *text = xstrdup("[");

    for (size_t i = 0; i < rank; i++) {
        char *longer = str_format("%s%s%zu", text, i ? ", " : "", dims[i]);
        free(text);
        text = longer;
    }
    char *whole = str_format("%s]", text);
    free(text);
    return whole;
}

static bool has_shape(const struct onnx_tensor *tensor, const size_t *dims, size_t rank)
{
    size_t front = tensor->rank < rank ? 0 : tensor->rank - rank;

    if (tensor->rank != front + rank)
        return false;
    for (size_t i = 0; i < tensor->rank; i++)
        if (tensor->dims[i] != (i < front ? 1 : dims[i - front]))
            return false;
    return true;
}

static bool find_tensor(struct packing *packing, const struct wish *wish,
                        struct onnx_tensor *tensor)
{
    bool found = wish->is_node
                     ? onnx_weights_get_input(packing->weights, wish->name, wish->input, tensor,
                                              &packing->err)
                     : onnx_weights_get(packing->weights, wish->name, tensor, &packing->err);

    if (!found || has_shape(tensor, wish->dims, wish->rank))
        return found;
    char *got = shape_text(tensor->dims, tensor->rank);
    char *expected = shape_text(wish->dims, wish->rank);
    err_set(&packing->err, ERR_UNSUPPORTED, "%s has weights of the shape %s instead of %s.",
            wish->name, got, expected);
    free(expected);
    free(got);
    return false;
}

static size_t round_up(size_t count)
{
    return (count + ARRAY_ALIGN - 1) / ARRAY_ALIGN * ARRAY_ALIGN;
}

static void write_array(struct packing *packing, const struct wish *wish,
                        const struct onnx_tensor *tensor)
{
    size_t rounded = round_up(wish->count);
    float *source = try_alloc(tensor->count, sizeof *source);
    float *packed = try_alloc(rounded, sizeof *packed);

    if (source && packed) {
        onnx_tensor_floats(tensor, source);
        wish->pack(source, wish->dims, packed);
        if (fwrite(packed, sizeof *packed, rounded, packing->file) != rounded)
            err_system(&packing->err, "write", packing->path);
    } else {
        err_set(&packing->err, ERR_INTERNAL, "There is no memory to pack the weights of %s.",
                wish->name);
    }
    free(packed);
    free(source);
}

static const float *next_array(struct packing *packing, const struct wish *wish)
{
    uint64_t start = packing->count, rounded = round_up(wish->count);
    struct onnx_tensor tensor;

    if (packing->err.kind != ERR_NONE || !packing->fits)
        return NULL;
    digest_wish(&packing->walk, wish);
    if (packing->mode == PACKING_BINDS) {
        packing->fits = rounded <= packing->limit - start;
        if (!packing->fits)
            return NULL;
        packing->count += rounded;
        return packing->arrays + start;
    }
    packing->count += rounded;
    if (find_tensor(packing, wish, &tensor) && packing->mode == PACKING_WRITES)
        write_array(packing, wish, &tensor);
    return NULL;
}

const float *packing_next(struct packing *packing, const char *node, size_t input,
                          const size_t *dims, size_t rank, size_t count, packing_pack *pack)
{
    return next_array(packing, &(struct wish){ node, true, input, dims, rank, count, pack });
}

const float *packing_next_named(struct packing *packing, const char *initializer,
                                const size_t *dims, size_t rank, size_t count, packing_pack *pack)
{
    return next_array(packing, &(struct wish){ initializer, false, 0, dims, rank, count, pack });
}

/* What lies behind the values is zero already. */
static void pack_vector(const float *source, const size_t *dims, float *packed)
{
    memcpy(packed, source, dims[0] * sizeof *packed);
}

const float *packing_vector(struct packing *packing, const char *node, size_t input, size_t count)
{
    return packing_next(packing, node, input, &count, 1, matrix_stride(count), pack_vector);
}

const float *packing_vector_named(struct packing *packing, const char *initializer, size_t count)
{
    return packing_next_named(packing, initializer, &count, 1, matrix_stride(count), pack_vector);
}

/* dims: rows, columns */
static void pack_rows(const float *source, const size_t *dims, float *packed)
{
    memcpy(packed, source, dims[0] * dims[1] * sizeof *packed);
}

const float *packing_rows(struct packing *packing, const char *node, size_t input, size_t rows,
                          size_t columns)
{
    return packing_next(packing, node, input, (size_t[]){ rows, columns }, 2, rows * columns,
                        pack_rows);
}

/* --- the source --- */

/* length bytes from offset; fewer at the end of the file. */
static bool read_at(int fd, uint8_t *bytes, size_t length, off_t offset, size_t *got)
{
    *got = 0;
    while (*got < length) {
        ssize_t n = pread(fd, bytes + *got, length - *got, offset + (off_t)*got);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (n == 0)
            break;
        *got += (size_t)n;
    }
    return true;
}

static bool hash_ends(int fd, off_t size, char out[SHA256_HEX])
{
    uint8_t *bytes = xmalloc((size_t)2 * HASHED);
    size_t first, last;

    bool ok = read_at(fd, bytes, HASHED, 0, &first) &&
              read_at(fd, bytes + first, HASHED, size > HASHED ? size - HASHED : 0, &last);
    if (ok)
        sha256_bytes(bytes, first + last, out);
    free(bytes);
    return ok;
}

static bool identify(const char *source, struct source_identity *out, struct err *err)
{
    char ends[SHA256_HEX];
    struct stat info;
    bool ok = false;

    int fd = open(source, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_system(err, "open", source);
    if (fstat(fd, &info) != 0 || !hash_ends(fd, info.st_size, ends)) {
        err_system(err, "read", source);
    } else {
        *out = (struct source_identity){
            .size = (uint64_t)info.st_size,
            .seconds = info.st_mtim.tv_sec,
            .nanoseconds = info.st_mtim.tv_nsec,
        };
        memcpy(out->ends, ends, sizeof out->ends);
        ok = true;
    }
    close(fd);
    return ok;
}

/* --- the file --- */

static struct header new_header(const struct source_identity *source, uint64_t count, uint64_t walk)
{
    struct header header = {
        .version = PACKING_VERSION,
        .byte_order = BYTE_ORDER_MARK,
        .source = *source,
        .count = count,
        .walk = walk,
    };

    memcpy(header.magic, MAGIC, sizeof header.magic);
    return header;
}

/* Is it a whole file of this source? */
static bool is_of(const struct file_map *map, const struct source_identity *source,
                  struct header *header)
{
    if (map->length < HEADER_SIZE)
        return false;
    memcpy(header, map->bytes, sizeof *header);
    struct header expected = new_header(source, header->count, header->walk);
    uint64_t bytes = map->length - HEADER_SIZE;
    return memcmp(header, &expected, sizeof expected) == 0 && bytes % sizeof(float) == 0 &&
           header->count == bytes / sizeof(float);
}

/* Binds network to map, which it takes over. NULL where it does not fit source or walk. */
static struct packed_file *bind_map(struct file_map map, const struct source_identity *source,
                                    packing_walk *walk, void *network)
{
    struct header header;

    if (is_of(&map, source, &header)) {
        struct packing packing = {
            .mode = PACKING_BINDS,
            .arrays = (const float *)(const void *)(map.bytes + HEADER_SIZE),
            .limit = header.count,
            .walk = FNV_OFFSET,
            .fits = true,
        };

        walk(&packing, network);
        if (packing.fits && packing.count == header.count && packing.walk == header.walk) {
            struct packed_file *file = xcalloc(1, sizeof *file);

            file->map = map;
            return file;
        }
    }
    file_unmap(&map);
    return NULL;
}

/* NULL where there is none, or one that does not fit. */
static struct packed_file *bind_present(const char *path, const struct source_identity *source,
                                        packing_walk *walk, void *network)
{
    struct err ignored = { 0 };
    struct file_map map;

    return file_map(&map, path, &ignored) ? bind_map(map, source, walk, network) : NULL;
}

static bool has_room(const char *path, const char *folder, uint64_t count, struct err *err)
{
    double needed = HEADER_SIZE + (double)count * sizeof(float);
    struct statvfs info;

    if (statvfs(folder, &info) != 0)
        return err_system(err, "look at", folder);
    double free_bytes = (double)info.f_bavail * (double)info.f_frsize;
    return free_bytes >= needed ||
           err_set(err, ERR_DISK_FULL,
                   "The packed weights %s need %.0f MB of disk space; there are %.0f MB left.",
                   path, needed / 1e6, free_bytes / 1e6);
}

/* A folder and a new file in it. Why it may not be is a matter of the disk, whatever it is. */
static bool begin_file(struct file_out *out, const char *path, uint64_t count, struct err *err)
{
    char *folder = xstrndup(path, (size_t)(path_base(path) - path));
    const char *where = *folder ? folder : ".";

    bool ok = directory_create(where, err) && has_room(path, where, count, err) &&
              file_out_begin(out, path, err);
    if (!ok && err->kind != ERR_DISK_FULL)
        err->kind = ERR_IO;
    free(folder);
    return ok;
}

/* Writes what measured counted. */
static bool write_file(FILE *file, const char *path, const struct packing *measured,
                       const struct source_identity *source, packing_walk *walk, void *network,
                       struct err *err)
{
    struct header header = new_header(source, measured->count, measured->walk);
    uint8_t page[HEADER_SIZE] = { 0 };
    struct packing packing = {
        .mode = PACKING_WRITES,
        .weights = measured->weights,
        .file = file,
        .path = path,
        .walk = FNV_OFFSET,
        .fits = true,
    };

    memcpy(page, &header, sizeof header);
    if (fwrite(page, 1, sizeof page, file) != sizeof page)
        return err_system(err, "write", path);
    walk(&packing, network);
    if (packing.err.kind != ERR_NONE) {
        *err = packing.err;
        return false;
    }
    if (packing.count != measured->count || packing.walk != measured->walk)
        return err_set(err, ERR_INTERNAL, "Two walks over one network asked for other weights.");
    return fflush(file) == 0 || err_system(err, "write", path);
}

static bool measure(struct packing *packing, packing_walk *walk, void *network, struct err *err)
{
    walk(packing, network);
    if (packing->err.kind != ERR_NONE)
        *err = packing->err;
    return packing->err.kind == ERR_NONE;
}

/* The new file is mapped before it gets its name: from then on another process may replace it. */
static bool make_file(const char *path, const struct source_identity *source,
                      const struct onnx_weights *weights, packing_walk *walk, void *network,
                      struct file_map *map, struct err *err)
{
    struct packing measured = {
        .mode = PACKING_MEASURES,
        .weights = weights,
        .walk = FNV_OFFSET,
        .fits = true,
    };
    struct file_out out = { 0 };

    bool ok = measure(&measured, walk, network, err) &&
              begin_file(&out, path, measured.count, err) &&
              write_file(out.file, path, &measured, source, walk, network, err) &&
              file_map(map, out.temp, err);
    if (ok && !file_out_commit(&out, err)) {
        file_unmap(map);
        ok = false;
    }
    file_out_release(&out);
    return ok;
}

struct packed_file *packed_file_open(const char *path, const char *source, packing_walk *walk,
                                     void *network, struct err *err)
{
    struct source_identity identity;
    struct file_map map;

    if (!identify(source, &identity, err))
        return NULL;
    struct packed_file *file = bind_present(path, &identity, walk, network);
    if (file)
        return file;
    struct onnx_weights *weights = onnx_weights_open(source, err);
    if (!weights)
        return NULL;
    bool made = make_file(path, &identity, weights, walk, network, &map, err);
    onnx_weights_close(weights);
    if (!made)
        return NULL;
    file = bind_map(map, &identity, walk, network);
    if (!file)
        err_set(err, ERR_CORRUPT, "%s is not as it was just written. Is its disk sound?", path);
    return file;
}

void packed_file_close(struct packed_file *file)
{
    if (!file)
        return;
    file_unmap(&file->map);
    free(file);
}

void packed_file_forget(struct packed_file *file)
{
    /* Clean copies of the file: the next access maps them again. */
    madvise((void *)(uintptr_t)file->map.bytes, file->map.length, MADV_DONTNEED);
}
