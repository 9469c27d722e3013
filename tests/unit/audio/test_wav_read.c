/* WAV files of other programs and of nobody's: built here chunk by chunk. */

#include "audio/wav.h"
#include "base/file.h"
#include "base/path.h"
#include "check.h"

#define FMT(tag, channels, rate, frame, bits)                                                      \
    "fmt \x10\0\0\0" tag channels rate "\0\0\0\0" frame bits
#define RATE_24K "\xc0\x5d\0\0"
#define MONO16 FMT("\1\0", "\1\0", RATE_24K, "\2\0", "\x10\0")
#define GUID_TAIL "\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71"
#define EXTENSIBLE(bits, frame, subtag, tail)                                                      \
    "fmt \x28\0\0\0\xfe\xff\1\0" RATE_24K "\0\0\0\0" frame bits "\x16\0" bits "\4\0\0\0" subtag tail
#define RIFF(size) "RIFF" size "WAVE"
#define RIFF_ANY RIFF("\x64\0\0\0")
#define SAMPLES "\0\x40\0\xc0" /* 0.5, -0.5 */
#define DATA "data\4\0\0\0" SAMPLES

/* A literal with its length, without the NUL. */
#define BYTES(literal) literal, sizeof(literal) - 1

static const struct {
    const char *name;
    const char *bytes;
    size_t length;
} good[] = {
    { "plain", BYTES(RIFF("\x28\0\0\0") MONO16 DATA) },
    { "a RIFF size that lies", BYTES(RIFF("\xff\xff\0\0") MONO16 DATA) },
    { "a LIST of odd length first", BYTES(RIFF_ANY "LIST\5\0\0\0INFO!\0" MONO16 DATA) },
    { "chunks between", BYTES(RIFF_ANY MONO16 "cue \0\0\0\0"
                                              "fact\4\0\0\0\2\0\0\0" DATA) },
    { "something behind the samples", BYTES(RIFF_ANY MONO16 DATA "LIST\4\0\0\0abcd") },
    { "fmt of 18 bytes",
      BYTES(RIFF_ANY "fmt \x12\0\0\0\1\0\1\0" RATE_24K "\0\0\0\0\2\0\x10\0\0\0" DATA) },
    { "extensible", BYTES(RIFF_ANY EXTENSIBLE("\x10\0", "\2\0", "\1\0", GUID_TAIL) DATA) },
    { "streamed: all ones", BYTES(RIFF("\xff\xff\xff\xff") MONO16 "data\xff\xff\xff\xff" SAMPLES) },
    { "streamed: zeros", BYTES(RIFF("\0\0\0\0") MONO16 "data\0\0\0\0" SAMPLES) },
    { "streamed: header's own size", BYTES(RIFF("\x24\0\0\0") MONO16 "data\0\0\0\0" SAMPLES) },
    { "streamed: sox", BYTES(RIFF("\x24\xf0\xff\x7f") MONO16 "data\0\xf0\xff\x7f" SAMPLES) },
    { "streamed: cut inside a frame",
      BYTES(RIFF("\xff\xff\xff\xff") MONO16 "data\xff\xff\xff\xff" SAMPLES "\1") },
    { "float", BYTES(RIFF_ANY FMT("\3\0", "\1\0", RATE_24K, "\4\0",
                                  "\x20\0") "data\x8\0\0\0\0\0\0\x3f\0\0\0\xbf") },
    { "extensible float",
      BYTES(RIFF_ANY EXTENSIBLE("\x20\0", "\4\0", "\3\0",
                                GUID_TAIL) "data\x8\0\0\0\0\0\0\x3f\0\0\0\xbf") },
    { "24-bit", BYTES(RIFF_ANY FMT("\1\0", "\1\0", RATE_24K, "\3\0",
                                   "\x18\0") "data\x6\0\0\0\0\0\x40\0\0\xc0") },
};

static const struct {
    const char *name;
    const char *bytes;
    size_t length;
    enum err_kind kind;
    const char *says;
} bad[] = {
    { "empty", BYTES(""), ERR_CORRUPT, "0 bytes" },
    { "four bytes", BYTES("RIFF"), ERR_CORRUPT, "4 bytes" },
    { "text", BYTES("This is not a WAV file at all."), ERR_CORRUPT, "RIFF" },
    { "an MP3", BYTES("ID3\4\0\0\0\0\0\0\0\0\xff\xfb\x90\0"), ERR_CORRUPT, "RIFF" },
    { "an AVI", BYTES("RIFF\x24\0\0\0AVI LIST\0\0\0\0"), ERR_CORRUPT, "RIFF" },
    { "big-endian", BYTES("RIFX\0\0\0\x24WAVE"), ERR_UNSUPPORTED, "RIFX" },
    { "64-bit", BYTES("RF64\xff\xff\xff\xffWAVE"), ERR_UNSUPPORTED, "RF64" },
    { "RIFF only", BYTES(RIFF_ANY), ERR_CORRUPT, "no samples" },
    { "cut in a chunk's head", BYTES(RIFF_ANY "fmt \x10\0"), ERR_CORRUPT, "no samples" },
    { "cut in fmt", BYTES(RIFF_ANY "fmt \x10\0\0\0\1\0\1\0"), ERR_CORRUPT, "cut off" },
    { "fmt too short", BYTES(RIFF_ANY "fmt \x8\0\0\0\1\0\1\0\xc0\x5d\0\0" DATA), ERR_CORRUPT,
      "fmt chunk" },
    { "no data", BYTES(RIFF_ANY MONO16), ERR_CORRUPT, "no samples" },
    { "no fmt", BYTES(RIFF_ANY DATA), ERR_CORRUPT, "fmt" },
    { "fmt behind data", BYTES(RIFF_ANY DATA MONO16), ERR_CORRUPT, "fmt" },
    { "a chunk over the end", BYTES(RIFF_ANY "LIST\xff\xff\xff\x7f" MONO16 DATA), ERR_CORRUPT,
      "no samples" },
    { "a chunk of all ones", BYTES(RIFF_ANY "LIST\xff\xff\xff\xff" MONO16 DATA), ERR_CORRUPT,
      "no samples" },
    { "data cut off", BYTES(RIFF_ANY MONO16 "data\x8\0\0\0" SAMPLES), ERR_CORRUPT, "cut off" },
    { "data of 3 GB", BYTES(RIFF_ANY MONO16 "data\0\0\0\xc0" SAMPLES), ERR_CORRUPT, "cut off" },
    { "data ends inside a frame", BYTES(RIFF_ANY MONO16 "data\3\0\0\0\1\2\3\0"), ERR_CORRUPT,
      "inside a frame" },
    { "no channels", BYTES(RIFF_ANY FMT("\1\0", "\0\0", RATE_24K, "\0\0", "\x10\0") DATA),
      ERR_CORRUPT, "0 channels" },
    { "65535 channels", BYTES(RIFF_ANY FMT("\1\0", "\xff\xff", RATE_24K, "\2\0", "\x10\0") DATA),
      ERR_CORRUPT, "65535 channels" },
    { "rate 0", BYTES(RIFF_ANY FMT("\1\0", "\1\0", "\0\0\0\0", "\2\0", "\x10\0") DATA), ERR_CORRUPT,
      "0 Hz" },
    { "rate 4294967295",
      BYTES(RIFF_ANY FMT("\1\0", "\1\0", "\xff\xff\xff\xff", "\2\0", "\x10\0") DATA), ERR_CORRUPT,
      "4294967295 Hz" },
    { "frames of 0 bytes", BYTES(RIFF_ANY FMT("\1\0", "\1\0", RATE_24K, "\0\0", "\x10\0") DATA),
      ERR_CORRUPT, "bytes a frame" },
    { "frames too wide", BYTES(RIFF_ANY FMT("\1\0", "\1\0", RATE_24K, "\4\0", "\x10\0") DATA),
      ERR_CORRUPT, "bytes a frame" },
    { "0 bits", BYTES(RIFF_ANY FMT("\1\0", "\1\0", RATE_24K, "\2\0", "\0\0") DATA), ERR_UNSUPPORTED,
      "0-bit" },
    { "8 bits", BYTES(RIFF_ANY FMT("\1\0", "\1\0", RATE_24K, "\1\0", "\x8\0") DATA),
      ERR_UNSUPPORTED, "8-bit" },
    { "A-law", BYTES(RIFF_ANY FMT("\6\0", "\1\0", RATE_24K, "\1\0", "\x8\0") DATA), ERR_UNSUPPORTED,
      "kind 6" },
    { "16-bit float", BYTES(RIFF_ANY FMT("\3\0", "\1\0", RATE_24K, "\2\0", "\x10\0") DATA),
      ERR_UNSUPPORTED, "16-bit" },
    { "another GUID",
      BYTES(RIFF_ANY EXTENSIBLE("\x10\0", "\2\0", "\1\0", "\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe")
                DATA),
      ERR_UNSUPPORTED, "kind -1" },
    { "extensible without its extension",
      BYTES(RIFF_ANY FMT("\xfe\xff", "\1\0", RATE_24K, "\2\0", "\x10\0") DATA), ERR_UNSUPPORTED,
      "kind 65534" },
};

static char *temp_file(const char *folder, const void *bytes, size_t length)
{
    char *path = path_join(folder, "in.wav");
    struct err err;

    check_ok(file_write(path, bytes, length, &err), &err);
    return path;
}

static void test_files_of_other_programs_are_read(void **state)
{
    char *folder = temp_folder();

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        char *path = temp_file(folder, good[i].bytes, good[i].length);
        struct pcm pcm;
        struct err err = { 0 };

        if (!wav_read(path, 100, &pcm, &err))
            fail_msg("%s: %s", good[i].name, err.message);
        check_case(good[i].name, pcm.frames == 2 && pcm.channels == 1 && pcm.rate_hz == 24000);
        check_case(good[i].name, pcm.samples[0] == 0.5f && pcm.samples[1] == -0.5f);
        pcm_release(&pcm);
        free(path);
    }
    temp_folder_remove(folder);
}

static void test_bad_files_are_refused_with_their_name_and_fault(void **state)
{
    char *folder = temp_folder();

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        char *path = temp_file(folder, bad[i].bytes, bad[i].length);
        struct wav_info info;
        struct pcm pcm;
        struct err err = { 0 };

        check_case(bad[i].name, !wav_info(path, &info, &err));
        check_case(bad[i].name, !wav_read(path, 100, &pcm, &err));
        check_case(bad[i].name, pcm.samples == NULL && pcm.frames == 0);
        if (err.kind != bad[i].kind || !strstr(err.message, bad[i].says) ||
            !strstr(err.message, path))
            fail_msg("%s: [%s] %s", bad[i].name, err_kind_name(err.kind), err.message);
        free(path);
    }
    temp_folder_remove(folder);
}

static void test_an_honest_empty_data_chunk_is_empty(void **state)
{
    static const char bytes[] = RIFF("\x30\0\0\0") MONO16 "data\0\0\0\0LIST\4\0\0\0abcd";
    char *folder = temp_folder(), *path = temp_file(folder, BYTES(bytes));
    struct pcm pcm;
    struct err err;

    (void)state;
    check_ok(wav_read(path, 100, &pcm, &err), &err);
    assert_int_equal(pcm.frames, 0);
    pcm_release(&pcm);
    free(path);
    temp_folder_remove(folder);
}

static void test_every_prefix_of_a_file_is_refused(void **state)
{
    static const char whole[] = RIFF_ANY "LIST\5\0\0\0INFO!\0" MONO16 DATA;
    char *folder = temp_folder();

    (void)state;
    for (size_t length = 0; length < sizeof whole - 1; length++) {
        char *path = temp_file(folder, whole, length);
        struct pcm pcm;
        struct err err = { 0 };

        if (wav_read(path, 100, &pcm, &err) || err.kind != ERR_CORRUPT)
            fail_msg("%zu bytes: %s", length, err.message);
        free(path);
    }
    temp_folder_remove(folder);
}

static void test_a_file_of_nothing_but_chunks_is_given_up(void **state)
{
    char *folder = temp_folder();
    struct buf bytes = BUF(1 << 20);
    struct pcm pcm;
    struct err err;

    (void)state;
    buf_append(&bytes, BYTES(RIFF_ANY));
    for (int i = 0; i < 5000; i++)
        buf_append(&bytes, BYTES("junk\0\0\0\0"));
    buf_append(&bytes, BYTES(MONO16 DATA));
    char *path = temp_file(folder, bytes.data, bytes.len);
    assert_false(wav_read(path, 100, &pcm, &err));
    assert_non_null(strstr(err.message, "chunks before"));
    buf_release(&bytes);
    free(path);
    temp_folder_remove(folder);
}

static void test_longer_than_allowed_is_too_large(void **state)
{
    char *folder = temp_folder(), *path = temp_file(folder, BYTES(RIFF_ANY MONO16 DATA));
    struct pcm pcm;
    struct err err;

    (void)state;
    assert_false(wav_read(path, 1, &pcm, &err));
    assert_int_equal(err.kind, ERR_TOO_LARGE);
    assert_null(pcm.samples);
    free(path);
    temp_folder_remove(folder);
}

static void test_what_is_no_file_is_refused(void **state)
{
    char *folder = temp_folder(), *none = path_join(folder, "none.wav");
    struct pcm pcm;
    struct err err;

    (void)state;
    assert_false(wav_read(none, 1, &pcm, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_false(wav_read(folder, 1, &pcm, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    free(none);
    temp_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_of_other_programs_are_read),
        cmocka_unit_test(test_bad_files_are_refused_with_their_name_and_fault),
        cmocka_unit_test(test_an_honest_empty_data_chunk_is_empty),
        cmocka_unit_test(test_every_prefix_of_a_file_is_refused),
        cmocka_unit_test(test_a_file_of_nothing_but_chunks_is_given_up),
        cmocka_unit_test(test_longer_than_allowed_is_too_large),
        cmocka_unit_test(test_what_is_no_file_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
