// zlib's initializers are macros; these give them addresses.
#include <zlib.h>

/// Prepares `stream` to read; `bits` as inflateInit2 takes them: 31 for gzip, 15 for zlib, -15 for
/// deflate without a frame.
static inline int segmpi_inflate_init(z_stream *stream, int bits) {
  return inflateInit2(stream, bits);
}

/// Prepares `stream` to write deflate without a frame.
static inline int segmpi_deflate_init(z_stream *stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
}
