#include "api/peaks.h"

#include <math.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "api/uuid.h"
#include "audio/peaks.h"
#include "base/file.h"
#include "base/number.h"
#include "http/request.h"
#include "http/response.h"
#include "http/validator.h"
#include "store/segments.h"

#define COUNT_USUAL 400
#define COUNT_MAX 4000

struct segment_peaks {
    const char *segment_id;
    double duration;
    struct number_items peaks;
};

#define AT(member) .offset = offsetof(struct segment_peaks, member)

static const struct field segment_peaks_fields[] = {
    { "segment_id", FIELD_UUID, AT(segment_id) },
    { "duration", FIELD_NUMBER, AT(duration), .about = "Seconds." },
    { "peaks", FIELD_NUMBER_LIST, AT(peaks), .items_max = COUNT_MAX,
      .about = "The greatest magnitude of each of so many equal parts, 0 to 1; of a recording with "
               "fewer frames than were asked for, one for each frame." },
};

const struct shape segment_peaks_shape =
    SHAPE("SegmentPeaks", "The outline of a recording, for drawing its waveform.", SHAPE_ANSWER,
          segment_peaks_fields, struct segment_peaks);

static bool parse_count(const struct request *request, size_t *count, struct err *err)
{
    const char *text = request_query(request, "count");
    int64_t wanted = COUNT_USUAL;

    if (text && !number_parse_int(text, "count", 1, COUNT_MAX, &wanted, err))
        return false;
    *count = (size_t)wanted;
    return true;
}

/* The recording as it is now, which may be replaced or removed while it is read. A descriptor. */
static int open_recording(struct request *request, const char *id, const char **path,
                          struct err *err)
{
    const struct api *api = request_context(request);
    struct arena *arena = request_arena(request);
    struct segment segment;

    if (!store_segment_get(api->store, arena, id, &segment, err))
        return -1;
    if (!segment.audio_file) {
        err_set(err, ERR_NOT_FOUND, "The segment has no audio.");
        return -1;
    }
    *path = media_audio_path(arena, segment.project_id, segment.id);
    return file_open_beneath(media_data_folder(api->media), *path, err);
}

/* Tags the answer after the recording and count. True when the client has it already. */
static bool is_known(struct request *request, struct response *response, const struct stat *st,
                     size_t count)
{
    const char *known = request_header(request, "If-None-Match");
    char tag[ETAG_OF_FILE_SIZE];

    etag_of_file(st, tag);
    const char *of_count = arena_format(request_arena(request), "%s-%zu", tag, count);
    response_etag(response, of_count);
    response_header(response, "Cache-Control", "private, no-cache");
    return known &&
           etag_in_list(known, arena_format(request_arena(request), "\"%s\"", of_count), ETAG_WEAK);
}

/* Magnitudes as they are answered: three decimals show on any screen. */
static struct number_items round_peaks(struct arena *arena, const float *peaks, size_t count)
{
    double *items = arena_alloc(arena, count * sizeof *items);

    for (size_t i = 0; i < count; i++)
        items[i] = round(fmin(peaks[i], 1.0) * 1000) / 1000;
    return (struct number_items){ items, count };
}

static bool write_peaks(struct request *request, struct response *response, const char *id,
                        struct wav_reader *recording, size_t count, struct err *err)
{
    const struct wav_info *info = wav_reader_info(recording);
    float peaks[COUNT_MAX];

    if (!peaks_read(recording, peaks, &count, err))
        return false;
    const struct segment_peaks answer = {
        .segment_id = id,
        .duration = (double)info->frames / info->rate_hz,
        .peaks = round_peaks(request_arena(request), peaks, count),
    };
    shape_write(response_json(response), NULL, &segment_peaks_shape, &answer);
    return true;
}

static bool get_peaks(struct request *request, struct response *response, struct err *err)
{
    const char *id = request_uuid(request), *path;
    struct stat st;
    size_t count;

    if (!parse_count(request, &count, err))
        return false;
    int fd = open_recording(request, id, &path, err);
    if (fd < 0)
        return false;
    if (fstat(fd, &st) != 0) {
        err_system(err, "read", path);
        close(fd);
        return false;
    }
    if (is_known(request, response, &st, count)) {
        response_status(response, 304);
        close(fd);
        return true;
    }
    struct wav_reader *recording = wav_open_descriptor(fd, path, err);
    bool ok = recording && write_peaks(request, response, id, recording, count, err);
    wav_close(recording);
    if (!ok && err->kind == ERR_UNSUPPORTED) /* what is in the file, not what was sent */
        err->kind = ERR_CORRUPT;
    return ok;
}

static const struct route_query peaks_query[] = {
    { "count", "integer", "How many parts, 1 to 4000; 400 when not given." },
    { 0 },
};

const struct route peaks_routes[] = {
    { "GET", "/api/segments/{id}/peaks/", get_peaks, NULL, 0, .operation = "getSegmentPeaks",
      .about = "The outline of a segment's recording, for a waveform. With ETag.",
      .statuses = "200 SegmentPeaks, 304, 400 FieldErrors, 404 Detail", .query = peaks_query },
};
