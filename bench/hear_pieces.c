/*
 * Moonshine alone, for bench/stt.mjs: hear_pieces MODELS. Reads pieces from standard input, each a count
 * (32 bits, little-endian) and so many 32-bit floats at 16 kHz, and answers each with a line of JSON:
 * its text, its tokens, and how long it took.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/path.h"
#include "transcribe/cutter.h"
#include "transcribe/segment.h"

#define SAMPLES_MAX ((uint32_t)(MOONSHINE_SECONDS_MAX * MOONSHINE_RATE_HZ))

struct runner {
    struct ort *ort;
    struct vocabulary *vocabulary;
    struct moonshine *moonshine;
};

static bool open_runner(struct runner *r, const char *models, struct err *err)
{
    char *folder = path_join(models, "moonshine");
    char *vocabulary = path_join(folder, "llama-tokenizer.js");

    bool ok = (r->ort = ort_open(NULL, err)) &&
              (r->vocabulary = vocabulary_open(vocabulary, err)) &&
              (r->moonshine = moonshine_open(r->ort, folder, err));
    free(vocabulary);
    free(folder);
    return ok;
}

static void answer(const struct runner *r, const struct moonshine_tokens *tokens, double work_s)
{
    bool is_speech = true;
    const struct piece piece = { .is_speech = &is_speech, .frame_count = 1, .speech_frames = 1 };
    struct transcript_segment segment = { 0 };
    struct arena arena = ARENA;
    struct buf json = BUF(1 << 20);
    struct json_writer w = JSON_WRITER(&json);
    bool has_text = segment_make(r->vocabulary, &piece, tokens, &arena, &segment);

    json_write_object_begin(&w, NULL);
    json_write_text(&w, "text", has_text ? segment.text : "");
    json_write_int(&w, "tokens", (int64_t)tokens->count);
    json_write_number(&w, "work_s", work_s);
    json_write_object_end(&w);
    puts(json.data);
    fflush(stdout);
    buf_release(&json);
    arena_release(&arena);
}

/* False at the end of the input, or with err. */
static bool hear_next(const struct runner *r, float *samples, struct err *err)
{
    struct moonshine_tokens tokens;
    struct turn turn = TURN(NULL, NULL);
    uint32_t count;

    if (fread(&count, sizeof count, 1, stdin) != 1)
        return false;
    if (count > SAMPLES_MAX || fread(samples, sizeof *samples, count, stdin) != count)
        return err_set(err, ERR_INVALID, "That is no piece of %u samples at most.", SAMPLES_MAX);
    double from = clock_seconds();
    if (!moonshine_hear(r->moonshine, samples, count, &turn, &tokens, err))
        return false;
    answer(r, &tokens, clock_seconds() - from);
    moonshine_tokens_release(&tokens);
    return true;
}

int main(int argc, char **argv)
{
    struct runner r = { 0 };
    struct err err = { 0 };
    float *samples = xcalloc(SAMPLES_MAX, sizeof *samples);

    if (argc != 2)
        err_set(&err, ERR_INVALID, "hear_pieces MODELS");
    else if (open_runner(&r, argv[1], &err))
        while (hear_next(&r, samples, &err))
            continue;
    moonshine_close(r.moonshine);
    vocabulary_close(r.vocabulary);
    ort_close(r.ort);
    free(samples);
    if (err.kind != ERR_NONE)
        fprintf(stderr, "hear_pieces: %s\n", err.message);
    return err_exit_code(err.kind);
}
