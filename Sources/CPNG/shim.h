// libpng reports errors by longjmp, which must not cross Swift frames: these functions catch it where
// it lands, and return libpng's words instead. Its simplified interface would spare them, but turns
// samples by the file's gamma, and voxels must come out as they went in.
#include <png.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/// What a PNG file's header says, and libpng's words where something failed.
typedef struct {
  uint32_t width;
  uint32_t height;
  /// PNG's color type: a sum of PNG_COLOR_MASK_PALETTE, _COLOR and _ALPHA.
  int color;
  /// Bits a sample in the file: 1, 2, 4, 8 or 16.
  int depth;
  char message[128];
} segmpi_png_info;

/// Bytes that are read from front to back.
typedef struct {
  const uint8_t *bytes;
  size_t count;
  size_t position;
} segmpi_png_source;

/// Bytes that are written; `bytes` is freed by segmpi_png_free.
typedef struct {
  uint8_t *bytes;
  size_t count;
  size_t capacity;
} segmpi_png_sink;

static inline void segmpi_png_fail(png_structp png, png_const_charp words) {
  segmpi_png_info *info = (segmpi_png_info *)png_get_error_ptr(png);
  strncpy(info->message, words, sizeof info->message - 1);
  png_longjmp(png, 1);
}

static inline void segmpi_png_ignore(png_structp png, png_const_charp words) {
  (void)png;
  (void)words;
}

static inline void segmpi_png_pull(png_structp png, png_bytep target, size_t count) {
  segmpi_png_source *source = (segmpi_png_source *)png_get_io_ptr(png);
  if (count > source->count - source->position) png_error(png, "the file ends too early");
  memcpy(target, source->bytes + source->position, count);
  source->position += count;
}

static inline void segmpi_png_push(png_structp png, png_bytep bytes, size_t count) {
  segmpi_png_sink *sink = (segmpi_png_sink *)png_get_io_ptr(png);
  if (count > sink->capacity - sink->count) {
    size_t capacity = 2 * sink->capacity + count;
    uint8_t *grown = (uint8_t *)realloc(sink->bytes, capacity);
    if (!grown) png_error(png, "out of memory");
    sink->bytes = grown;
    sink->capacity = capacity;
  }
  memcpy(sink->bytes + sink->count, bytes, count);
  sink->count += count;
}

static inline void segmpi_png_flush(png_structp png) { (void)png; }

/// Reads the header of the `count` bytes at `bytes` and, where `target` is given, the samples too:
/// rows top to bottom without padding, the channels that the file has (alpha stripped, palettes as
/// indices), a byte a sample or two with the most significant first. Returns 0, or -1 with a message.
static inline int segmpi_png_read(
  const uint8_t *bytes, size_t count, segmpi_png_info *info, uint8_t *target, size_t capacity
) {
  segmpi_png_source source = {bytes, count, 0};
  memset(info, 0, sizeof *info);
  png_structp png = png_create_read_struct(
    PNG_LIBPNG_VER_STRING, info, segmpi_png_fail, segmpi_png_ignore);
  png_infop details = png ? png_create_info_struct(png) : NULL;
  if (!details) {
    png_destroy_read_struct(&png, NULL, NULL);
    strncpy(info->message, "out of memory", sizeof info->message - 1);
    return -1;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &details, NULL);
    return -1;
  }
  png_set_read_fn(png, &source, segmpi_png_pull);
  png_set_user_limits(png, 1 << 20, 1 << 20);
  // Texts, profiles and the like are of no use here: no memory for them.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
  png_set_chunk_cache_max(png, 1);
  png_set_chunk_malloc_max(png, 1 << 16);
  png_read_info(png, details);
  info->width = png_get_image_width(png, details);
  info->height = png_get_image_height(png, details);
  info->color = png_get_color_type(png, details);
  info->depth = png_get_bit_depth(png, details);
  if (target) {
    png_set_packing(png);
    png_set_strip_alpha(png);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, details);
    size_t row = png_get_rowbytes(png, details);
    if (row == 0 || capacity / row < info->height) png_error(png, "the image has changed");
    for (int pass = 0; pass < passes; ++pass) {
      for (uint32_t y = 0; y < info->height; ++y) png_read_row(png, target + y * row, NULL);
    }
    png_read_end(png, NULL);
  }
  png_destroy_read_struct(&png, &details, NULL);
  return 0;
}

/// Writes an image of `width` x `height`, gray or RGB by `color`, `depth` 8 or 16, rows without
/// padding at `pixels`. Returns 0, or -1 with a message; `sink` then still wants to be freed.
static inline int segmpi_png_write(
  const uint8_t *pixels, uint32_t width, uint32_t height, int color, int depth,
  segmpi_png_info *info, segmpi_png_sink *sink
) {
  memset(info, 0, sizeof *info);
  png_structp png = png_create_write_struct(
    PNG_LIBPNG_VER_STRING, info, segmpi_png_fail, segmpi_png_ignore);
  png_infop details = png ? png_create_info_struct(png) : NULL;
  if (!details) {
    png_destroy_write_struct(&png, NULL);
    strncpy(info->message, "out of memory", sizeof info->message - 1);
    return -1;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &details);
    return -1;
  }
  png_set_write_fn(png, sink, segmpi_png_push, segmpi_png_flush);
  png_set_user_limits(png, 1 << 20, 1 << 20);
  png_set_IHDR(
    png, details, width, height, depth, color, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
    PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, details);
  size_t row = png_get_rowbytes(png, details);
  for (uint32_t y = 0; y < height; ++y) png_write_row(png, pixels + y * row);
  png_write_end(png, details);
  png_destroy_write_struct(&png, &details);
  return 0;
}

/// Frees what segmpi_png_write wrote.
static inline void segmpi_png_free(segmpi_png_sink *sink) { free(sink->bytes); }
