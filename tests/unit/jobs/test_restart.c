/*
 * Processes that are killed while they work, and others that go on. What a unit
 * does is a letter in a file: small when its run began, capital when its end was
 * stored, both by O_APPEND, which a kill does not take back.
 */
#include "../check.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/path.h"
#include "jobs/jobs.h"

#define LETTERS "abcdefghijklmnop"
#define WORKERS 2

enum point { POINT_BEGAN, POINT_RAN, POINT_STORED, POINT_CHANGED, POINT_NONE };

static const char *const point_names[] = { "before its run", "after its run",
                                           "after its end was stored", "when a job has changed",
                                           "never" };

/* One life of the program. It is killed when it passes the point for the count-th time. */
struct life {
    const char *folder;
    enum point point;
    int count;
    char fatal; /* a subject that ends the process whenever it runs; or 0 */

    int log;
    atomic_int passed;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t news; /* protected by lock */
};

static void pass(struct life *life, enum point point)
{
    if (point == life->point && atomic_fetch_add(&life->passed, 1) + 1 == life->count)
        kill(getpid(), SIGKILL);
}

static void write_letter(struct life *life, char letter)
{
    if (write(life->log, &letter, 1) != 1)
        _exit(3);
}

static bool run(void *state, const struct unit *unit, struct arena *arena, struct cancel *cancel,
                struct unit_end *end, struct err *err)
{
    struct life *life = state;

    (void)arena, (void)cancel, (void)end, (void)err;
    write_letter(life, unit->subject[0]);
    if (unit->subject[0] == life->fatal)
        kill(getpid(), SIGKILL);
    pass(life, POINT_BEGAN);
    pass(life, POINT_RAN);
    return true;
}

static void ended(void *state, const struct unit *unit, const struct unit_end *end)
{
    struct life *life = state;

    if (end->state == UNIT_DONE)
        write_letter(life, (char)(unit->subject[0] - 'a' + 'A'));
    pass(life, POINT_STORED);
}

static void changed(void *state, const char *job_id)
{
    struct life *life = state;

    (void)job_id;
    pass(life, POINT_CHANGED);
    pthread_mutex_lock(&life->lock);
    life->news++;
    pthread_cond_broadcast(&life->changed);
    pthread_mutex_unlock(&life->lock);
}

static bool start_job(struct jobs *jobs, struct arena *arena, struct err *err)
{
    const char *subjects[sizeof LETTERS - 1];
    const struct new_job job = { .id = "book",
                                 .kind = "letter",
                                 .priority = PRIORITY_BULK,
                                 .subjects = subjects,
                                 .count = COUNT(subjects) };
    const char *existing;

    for (size_t i = 0; i < COUNT(subjects); i++)
        subjects[i] = arena_strndup(arena, &LETTERS[i], 1);
    return jobs_start_job(jobs, arena, &job, &existing, err);
}

static bool wait_for_end(struct life *life, struct jobs *jobs, struct arena *arena, struct err *err)
{
    for (;;) {
        struct job job;

        pthread_mutex_lock(&life->lock);
        uint64_t news = life->news;
        pthread_mutex_unlock(&life->lock);
        if (!jobs_get(jobs, arena, "book", &job, err))
            return false;
        if (job.finished_at > 0)
            return true;
        pthread_mutex_lock(&life->lock);
        while (life->news == news)
            pthread_cond_wait(&life->changed, &life->lock);
        pthread_mutex_unlock(&life->lock);
    }
}

/* Starts the job unless an earlier life has, and works until it has ended. */
static bool live(struct life *life, struct err *err)
{
    const struct unit_kind kind = { .name = "letter", .run = run, .ended = ended, .state = life };
    char *path = path_join(life->folder, STORE_FILE), *log = path_join(life->folder, "log");
    struct arena arena = ARENA;
    struct job job;

    pthread_mutex_init(&life->lock, NULL);
    pthread_cond_init(&life->changed, NULL);
    life->log = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct store *store = store_open(path, &clock_system, err);
    const struct jobs_options options = { .store = store,
                                          .kinds = &kind,
                                          .kind_count = 1,
                                          .workers = WORKERS,
                                          .clock = clock_system,
                                          .changed = changed,
                                          .changed_state = life };
    struct jobs *jobs = store ? jobs_create(&options, err) : NULL;
    bool ok = jobs && jobs_start(jobs, err) &&
              (jobs_get(jobs, &arena, "book", &job, err) || start_job(jobs, &arena, err)) &&
              wait_for_end(life, jobs, &arena, err);
    jobs_destroy(jobs);
    store_close(store);
    arena_release(&arena);
    free(path);
    free(log);
    return ok;
}

/* True when it came to its own end. */
static bool live_in_process(struct life *life)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        struct err err = { 0 };

        if (live(life, &err))
            _exit(0);
        fprintf(stderr, "%s\n", err.message);
        _exit(2);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status))
        assert_int_equal(WEXITSTATUS(status), 0);
    else
        assert_int_equal(WTERMSIG(status), SIGKILL);
    return WIFEXITED(status);
}

static size_t read_log(const char *folder, char *out, size_t size)
{
    char *path = path_join(folder, "log");
    FILE *file = fopen(path, "re");
    size_t length = 0;

    if (file) {
        length = fread(out, 1, size - 1, file);
        fclose(file);
    }
    out[length] = '\0';
    free(path);
    return length;
}

static int count_letter(const char *text, char letter)
{
    int count = 0;

    for (; *text; text++)
        count += *text == letter;
    return count;
}

static void read_job(const char *folder, struct arena *arena, struct job *job,
                     struct unit_list *units)
{
    char *path = path_join(folder, STORE_FILE);
    struct err err = { 0 };

    struct store *store = store_open(path, &clock_system, &err);
    if (!store)
        fail_msg("%s", err.message);
    check_ok(store_job_get(store, arena, "book", job, &err), &err);
    check_ok(store_units(store, arena, "book", -1, units, &err), &err);
    store_close(store);
    free(path);
}

/* Whatever was done before the kill was done once; all the rest was done after it. */
static void check_killed_once(enum point point, int count)
{
    struct life first = { .folder = temp_folder(), .point = point, .count = count };
    struct life second = { .folder = first.folder, .point = POINT_NONE };
    char *name = str_format("killed %s, time %d", point_names[point], count);
    struct arena arena = ARENA;
    struct unit_list units;
    char log[256];
    struct job job;

    check_case(name, !live_in_process(&first));
    size_t before = read_log(first.folder, log, sizeof log);
    check_case(name, live_in_process(&second));
    read_log(first.folder, log, sizeof log);
    read_job(first.folder, &arena, &job, &units);
    check_case(name, job.state == JOB_DONE && job.done == (int64_t)strlen(LETTERS));
    for (const char *letter = LETTERS; *letter; letter++) {
        char capital = (char)(*letter - 'a' + 'A');
        const char *done = strchr(log, capital);

        /* A kill between the store and the log leaves one out, but none is there twice. */
        check_case(name, count_letter(log, capital) <= 1);
        check_case(name, count_letter(log, *letter) >= 1);
        if (done && done < log + before)
            check_case(name, count_letter(log + before, *letter) == 0);
        check_case(name, count_letter(log, *letter) <= 2);
    }
    arena_release(&arena);
    free(name);
    temp_folder_remove((char *)(uintptr_t)first.folder);
}

static void test_a_killed_process_is_continued_without_loss_or_repetition(void **state)
{
    (void)state;
    for (enum point point = POINT_BEGAN; point < POINT_NONE; point++)
        for (int count = 1; count <= 13; count += 4)
            check_killed_once(point, count);
}

static void test_many_lives_do_it_together(void **state)
{
    struct arena arena = ARENA;
    char *folder = temp_folder();
    struct unit_list units;
    struct job job;
    int lives = 0;

    (void)state;
    for (bool is_alive = false; !is_alive; lives++) {
        struct life life = { .folder = folder, .point = POINT_STORED, .count = 2 };

        assert_true(lives < 30);
        is_alive = live_in_process(&life);
    }
    assert_true(lives > 4);
    read_job(folder, &arena, &job, &units);
    assert_int_equal(job.state, JOB_DONE);
    assert_int_equal(job.done + job.failed, strlen(LETTERS));
    assert_int_equal(job.failed, 0);
    arena_release(&arena);
    temp_folder_remove(folder);
}

static void test_a_unit_that_ends_the_process_each_time_is_given_up(void **state)
{
    struct arena arena = ARENA;
    char *folder = temp_folder();
    struct unit_list units;
    struct job job;
    char log[256];

    (void)state;
    for (int i = 0; i <= JOB_DEATHS_MAX; i++) {
        struct life life = { .folder = folder, .point = POINT_NONE, .fatal = 'c' };

        assert_int_equal(live_in_process(&life), i == JOB_DEATHS_MAX);
    }
    read_log(folder, log, sizeof log);
    assert_int_equal(count_letter(log, 'c'), JOB_DEATHS_MAX);
    read_job(folder, &arena, &job, &units);
    assert_int_equal(job.state, JOB_DONE);
    assert_int_equal(units.items[2].state, UNIT_FAILED);
    assert_non_null(strstr(units.items[2].error, "ended 10 times"));
    assert_int_equal(job.failed + job.done, strlen(LETTERS));
    arena_release(&arena);
    temp_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_killed_process_is_continued_without_loss_or_repetition),
        cmocka_unit_test(test_many_lives_do_it_together),
        cmocka_unit_test(test_a_unit_that_ends_the_process_each_time_is_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
