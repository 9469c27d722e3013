#include "engine/cores.h"

#include <sched.h>
#include <stdio.h>

#include "base/alloc.h"

#define CPUS_MAX CPU_SETSIZE

/* A number in a file of sysfs; -1 when it is not there. */
static long read_number(const char *path)
{
    FILE *file = fopen(path, "re");
    long value = -1;

    if (!file)
        return -1;
    if (fscanf(file, "%ld", &value) != 1)
        value = -1;
    fclose(file);
    return value;
}

/* Two logical CPUs with the same package and core number are one physical core. */
static long core_key(int cpu)
{
    char *package_path =
        str_format("/sys/devices/system/cpu/cpu%d/topology/physical_package_id", cpu);
    char *core_path = str_format("/sys/devices/system/cpu/cpu%d/topology/core_id", cpu);
    long package = read_number(package_path), core = read_number(core_path);

    free(package_path);
    free(core_path);
    return core < 0 ? -1 : (package < 0 ? 0 : package) * 65536 + core;
}

static int count_allowed(void)
{
    cpu_set_t allowed;
    long seen[CPUS_MAX];
    int count = 0;

    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        return 1;
    for (int cpu = 0; cpu < CPUS_MAX; cpu++) {
        if (!CPU_ISSET(cpu, &allowed))
            continue;
        long key = core_key(cpu);
        bool is_new = true;

        for (int i = 0; i < count && key >= 0; i++)
            is_new = is_new && seen[i] != key;
        if (is_new)
            seen[count++] = key;
    }
    return count > 0 ? count : 1;
}

/* A container's CPU quota (cgroup v2: "200000 100000" is two CPUs) rounded up; 0: no limit. */
static int count_quota(void)
{
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
    long quota, period;
    int count = 0;

    if (!file)
        return 0;
    if (fscanf(file, "%ld %ld", &quota, &period) == 2 && quota > 0 && period > 0 &&
        quota / period < CPUS_MAX)
        count = (int)((quota + period - 1) / period);
    fclose(file);
    return count;
}

int cores_count(void)
{
    int allowed = count_allowed();
    int quota = count_quota();

    return quota > 0 && quota < allowed ? quota : allowed;
}
