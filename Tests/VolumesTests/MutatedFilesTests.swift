import Foundation
import ProcessTestSupport
import Testing

@Suite("Mutated files")
struct MutatedFilesTests {
  /// In a program of its own, so that a crash has a name and memory is that of the readers alone.
  @Test(
    "a hundred thousand files, or a minute of them: no crash, no memory beyond what they declare")
  func mutations() throws {
    let corpus = TestProducts.root.appending(path: "Tests/Fuzzing/corpus").path
    let run = try ProgramRun.run(
      TestProducts.path(of: "ReaderProbe"), [corpus, "100000", "60"], timeoutSeconds: 150)
    try #require(run.status == 0, "\(run.errors.suffix(2000))")
    let report = run.output.split(whereSeparator: \.isWhitespace)
    func figure(_ name: String) throws -> Int {
      let word = try #require(report.first { $0.hasPrefix(name + "=") })
      return try #require(Int(word.dropFirst(name.count + 1)))
    }
    // Both ends of what mutations do are reached, on a busy machine too.
    #expect(try figure("read") > 500)
    #expect(try figure("refused") > 500)
    // Two threads, each with twice what the largest file can yield, and what the heap keeps by itself.
    let bound = try 2 * 2 * 1032 * (figure("largest") + 1) + 32 << 20
    #expect(try figure("grown") <= bound)
    print("Mutated files: \(run.output)", terminator: "")
  }
}
