#include "../check.h"

#include <float.h>
#include <math.h>

#include "nn/source.h"

#define WORKSPACE_LIMIT ((size_t)256 << 20)
#define HARMONICS 9
#define PITCH_SAMPLES 300
#define POINTS 20
#define HOP 5
#define EDGE 10
#define FREQUENCIES 11
#define PI 3.14159265358979323846
#define FLOAT_PI 3.14159274f

/* Kokoro's. */
static const float mix[HARMONICS] = {
    -0.081541866f, -0.18519667f, -0.18263398f, -0.17837206f, -0.098738946f,
    0.082640395f,  0.08743999f,  -0.39068547f, -0.54774433f,
};
#define BIAS (-0.02945026010274887f)

struct fixture {
    struct nn nn;
    struct source source;
    float window[POINTS];
};

static void fixture_init(struct fixture *f, int threads)
{
    struct err err = { 0 };

    *f = (struct fixture){ .nn = { .kernel = nn_kernel_best() } };
    f->nn.pool = pool_create(threads, &err);
    check_ok(f->nn.pool, &err);
    f->nn.workspace = workspace_create(WORKSPACE_LIMIT, &err);
    check_ok(f->nn.workspace, &err);
    for (size_t i = 0; i < POINTS; i++)
        f->window[i] = (float)(0.5 - 0.5 * cos(2 * PI * (double)i / POINTS));
    f->source = (struct source){ .mix = mix, .bias = BIAS, .window = f->window };
}

static void fixture_release(struct fixture *f)
{
    pool_destroy(f->nn.pool);
    workspace_destroy(f->nn.workspace);
}

/* In the fixture's workspace; what lies behind the columns is no number. */
static struct matrix run(const struct fixture *f, const float *f0, size_t count)
{
    struct matrix out = workspace_matrix(f->nn.workspace, 60 * count + 1, SOURCE_COLUMNS);

    for (size_t i = 0; i < out.rows * out.stride; i++)
        out.data[i] = NAN;
    source_run(&f->nn, &f->source, f0, count, &out);
    return out;
}

/* --- the definition --- */

/* Between two values, as the mean of four lines for the last harmonic, of two for the others: each sum is
 * rounded, and that is heard. */
static float interpolated(float left, float right, float share, size_t harmonic)
{
    int lines = harmonic == HARMONICS - 1 ? 4 : 2;
    float sum = 0;

    for (int i = 0; i < lines; i++) {
        sum += (1 - share) / (float)lines * left;
        sum += share / (float)lines * right;
    }
    return sum;
}

/* Phases are sums of floats: how they are rounded is heard. The rest is exact. */
static void sum_phases(const float *f0, size_t count, float *phases)
{
    float sums[HARMONICS] = { 0 };

    for (size_t t = 0; t < count; t++)
        for (size_t h = 0; h < HARMONICS; h++) {
            float turns = f0[t] * (float)(h + 1) / 24000;

            turns -= floorf(turns);
            sums[h] += interpolated(turns, turns, 0.5f, h);
            phases[t * HARMONICS + h] = sums[h] * 2 * FLOAT_PI * PITCH_SAMPLES;
        }
}

static double exact_sample(const float *f0, const float *phases, size_t count, size_t i)
{
    float position = ((float)i + 0.5f) / PITCH_SAMPLES - 0.5f;
    double sum = (double)BIAS;

    if (f0[i / PITCH_SAMPLES] <= 10)
        return tanh(sum);
    position = fminf(fmaxf(position, 0), (float)(count - 1));
    size_t left = (size_t)position, right = left + 1 < count ? left + 1 : left;
    float share = left == right ? 0.5f : position - (float)left;
    for (size_t h = 0; h < HARMONICS; h++) {
        float phase =
            interpolated(phases[left * HARMONICS + h], phases[right * HARMONICS + h], share, h);

        sum += 0.1 * sin((double)phase) * (double)mix[h];
    }
    return tanh(sum);
}

static double *exact_signal(const float *f0, size_t count)
{
    size_t samples = count * PITCH_SAMPLES;
    double *out = (double *)xcalloc(samples + 2 * EDGE, sizeof *out), *signal = out + EDGE;
    float *phases = (float *)xcalloc(count * HARMONICS, sizeof *phases);

    sum_phases(f0, count, phases);
    for (size_t i = 0; i < samples; i++)
        signal[i] = exact_sample(f0, phases, count, i);
    for (size_t i = 1; i <= EDGE; i++) {
        out[EDGE - i] = signal[i];
        signal[samples - 1 + i] = signal[samples - 1 - i];
    }
    free(phases);
    return out;
}

/* How far a spectrum is from what its samples have. */
static double spectrum_error(const struct fixture *f, const double *samples, const float *row)
{
    double worst = 0;

    for (size_t k = 0; k < FREQUENCIES; k++) {
        double real = 0, imaginary = 0, magnitude = (double)row[k];
        double angle = (double)row[FREQUENCIES + k];

        for (size_t n = 0; n < POINTS; n++) {
            double turn = 2 * PI * (double)(k * n) / POINTS;

            real += samples[n] * (double)f->window[n] * cos(turn);
            imaginary -= samples[n] * (double)f->window[n] * sin(turn);
        }
        double error = hypot(magnitude * cos(angle) - real, magnitude * sin(angle) - imaginary);
        if (!(error <= worst))
            worst = error;
    }
    return worst;
}

static void check_pitch(const char *name, const float *f0, size_t count, int threads,
                        double tolerance)
{
    struct fixture f;

    fixture_init(&f, threads);
    struct matrix out = run(&f, f0, count);
    double *signal = exact_signal(f0, count), worst = 0;
    for (size_t row = 0; row < out.rows; row++) {
        double error = spectrum_error(&f, signal + row * HOP, matrix_row(&out, row));

        if (!(error <= worst))
            worst = error;
    }
    if (!(worst < tolerance))
        fail_msg("%s: a spectrum is off by %g", name, worst);
    free(signal);
    fixture_release(&f);
}

/* --- tests --- */

static void test_spectra_are_of_nine_harmonics_where_there_is_a_pitch(void **state)
{
    static const float f0[] = { 112.26f, -0.5f, 0, 196.02f, 210.42f, 9.99f, 10, 10.01f, 540, 300 };

    (void)state;
    for (int threads = 1; threads <= 3; threads += 2)
        for (size_t count = 1; count <= sizeof f0 / sizeof *f0; count++) {
            char *name = str_format("%zu values, %d threads", count, threads);

            check_pitch(name, f0, count, threads, 1e-5);
            free(name);
        }
}

/* Angles of the highest harmonic come to 250,000. */
static void test_long_sounds_stay_in_tune(void **state)
{
    enum { COUNT = 800 };
    float *f0 = (float *)xcalloc(COUNT, sizeof *f0);

    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        f0[i] = 440 + 20 * sinf((float)i / 9);
    check_pitch("ten seconds", f0, COUNT, 2, 1e-5);
    free(f0);
}

/* Units in the last place between two numbers of one sign. */
static uint32_t apart(float a, float b)
{
    uint32_t x, y;

    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    return x > y ? x - y : y - x;
}

/* The angles of silence are those of rounding errors, and the network hears them: what ONNX Runtime 1.30
 * gives for Kokoro's weights. */
static void test_the_spectrum_of_silence_has_the_rounding_errors_of_the_reference(void **state)
{
    static const float expected[SOURCE_COLUMNS] = {
        0x1.2d7bc4p-2f,  0x1.2d7bc6p-3f,  0x1.e02044p-26f,  0x1.6339acp-25f, 0x1.17ce9cp-24f,
        0x1.3da6ccp-24f, 0x1.6b8a92p-24f, 0x1.467972p-24f,  0x1.9fa256p-27f, 0x1.6fb51ap-24f,
        0x1.18f54ap-23f, 0x1.921fb2p+1f,  -0x1.1d4f24p-20f, 0x1.3ec42cp+1f,  -0x1.100cfep+1f,
        0x1.964156p-1f,  -0x1.10885p+1f,  0x1.624088p-3f,   0x1.76a158p+1f,  -0x1.584e26p+0f,
        0x1.5e3462p+1f,  -0x1.8bfddep+0f,
    };
    static const float f0[2] = { 0, -1 };
    struct fixture f;

    (void)state;
    fixture_init(&f, 1);
    struct matrix out = run(&f, f0, 2);
    for (size_t row = 0; row < out.rows; row++)
        for (size_t i = 0; i < SOURCE_COLUMNS; i++)
            if (apart(matrix_row(&out, row)[i], expected[i]) > (i < FREQUENCIES ? 0u : 2u))
                fail_msg("spectrum %zu, column %zu: %a instead of %a", row, i,
                         (double)matrix_row(&out, row)[i], (double)expected[i]);
    fixture_release(&f);
}

static void test_threads_change_nothing(void **state)
{
    static const float f0[] = { 0, 120, 130, 140, 0, 0, 0, 150, 160, 5, 90, 95, 105 };
    const size_t count = sizeof f0 / sizeof *f0;
    struct fixture one, three;

    (void)state;
    fixture_init(&one, 1);
    fixture_init(&three, 3);
    struct matrix a = run(&one, f0, count), b = run(&three, f0, count);
    for (size_t row = 0; row < a.rows; row++)
        assert_memory_equal(matrix_row(&a, row), matrix_row(&b, row),
                            SOURCE_COLUMNS * sizeof(float));
    fixture_release(&one);
    fixture_release(&three);
}

/* Without a bias silence is nothing at all, which has no angle. */
static void test_nothing_has_the_angle_zero(void **state)
{
    static const float f0[2] = { 0 };
    struct fixture f;

    (void)state;
    fixture_init(&f, 1);
    f.source.bias = 0;
    struct matrix out = run(&f, f0, 2);
    for (size_t row = 0; row < out.rows; row++)
        for (size_t i = 0; i < SOURCE_COLUMNS; i++)
            assert_true(matrix_row(&out, row)[i] == 0);
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spectra_are_of_nine_harmonics_where_there_is_a_pitch),
        cmocka_unit_test(test_long_sounds_stay_in_tune),
        cmocka_unit_test(test_the_spectrum_of_silence_has_the_rounding_errors_of_the_reference),
        cmocka_unit_test(test_threads_change_nothing),
        cmocka_unit_test(test_nothing_has_the_angle_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
