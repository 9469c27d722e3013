#include "api/generate.h"
#include "api/tasks.h"
#include "check.h"

static void test_a_job_is_seen_in_four_states(void **state)
{
    static const struct {
        const char *name;
        struct job job;
        enum task_status status;
    } cases[] = {
        { "queued", { .state = JOB_QUEUED, .total = 2 }, TASK_PENDING },
        { "running", { .state = JOB_RUNNING, .total = 2 }, TASK_PROCESSING },
        { "paused", { .state = JOB_PAUSED, .total = 2 }, TASK_PROCESSING },
        { "done", { .state = JOB_DONE, .total = 2, .done = 2 }, TASK_COMPLETED },
        { "one of two failed",
          { .state = JOB_DONE, .total = 2, .done = 1, .failed = 1 },
          TASK_COMPLETED },
        { "all of two failed", { .state = JOB_DONE, .total = 2, .failed = 2 }, TASK_COMPLETED },
        { "the only one failed", { .state = JOB_DONE, .total = 1, .failed = 1 }, TASK_FAILED },
        { "could not run", { .state = JOB_FAILED, .total = 2, .cancelled = 2 }, TASK_FAILED },
        { "cancelled", { .state = JOB_CANCELLED, .total = 1, .cancelled = 1 }, TASK_COMPLETED },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_text(cases[i].name, task_status_names[task_status_of(&cases[i].job)],
                   task_status_names[cases[i].status]);
}

static void test_the_message_tells_what_is_left_out_and_why(void **state)
{
    static const struct {
        struct narrator_task task;
        const char *message;
    } cases[] = {
        { { .segments_to_process = 3 }, "Bulk audio generation started" },
        { { .skipped_locked = 2 }, "Bulk audio generation started (2 segments skipped: locked)" },
        { { .skipped_ready = 1 },
          "Bulk audio generation started (1 segment skipped: already with audio)" },
        { { .skipped_locked = 1, .skipped_ready = 2, .skipped_empty = 3, .skipped_running = 4 },
          "Bulk audio generation started (10 segments skipped: 1 locked, 2 already with audio, 3 "
          "without text, 4 being generated)" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena arena = ARENA;

        check_text("message", generate_all_message(&arena, &cases[i].task), cases[i].message);
        arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_job_is_seen_in_four_states),
        cmocka_unit_test(test_the_message_tells_what_is_left_out_and_why),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
