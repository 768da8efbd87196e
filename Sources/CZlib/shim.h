// zlib's initializers are macros; these give them addresses.
#include <zlib.h>

/// Prepares `stream` to read gzip (and nothing else).
static inline int segmpi_inflate_init_gzip(z_stream *stream) {
  return inflateInit2(stream, 15 + 16);
}

/// Prepares `stream` to write gzip without a file name or a time, so that equal content is equal bytes.
static inline int segmpi_deflate_init_gzip(z_stream *stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}
