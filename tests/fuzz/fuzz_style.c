/* Any bytes as a file of voices: the names in it, and the table of each. */

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/style.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void load(const char *path, const struct style_pick *pick)
{
    struct err err = { 0 };

    style_table_destroy(style_load(path, pick, &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = { 0 };
    struct style_names names;
    int fd = memfd_create("voices", MFD_CLOEXEC);

    if (fd < 0)
        return 0;
    char *path = str_format("/proc/self/fd/%d", fd);
    if (write(fd, data, size) == (ssize_t)size) {
        load(path, &(struct style_pick){ .name = "af" });
        load(path, &(struct style_pick){ 0 });
        load(path, &(struct style_pick){ .rows = 1, .index = 2 });
        if (style_list(path, &names, &err)) {
            if (names.count > 0)
                load(path, &(struct style_pick){ .name = names.items[0] });
            style_names_release(&names);
        }
    }
    free(path);
    close(fd);
    return 0;
}
