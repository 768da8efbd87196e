// Exists because Swift's Glibc module leaves malloc.h out.
#include <malloc.h>

/// Bytes of this process's heap that are in use.
static inline size_t cmalloc_bytes_in_use(void) {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}
