import Testing

/// The built program, as users run it. One test at a time: each starts as many ranks as it likes.
@Suite("End to end", .serialized)
enum EndToEnd {}
