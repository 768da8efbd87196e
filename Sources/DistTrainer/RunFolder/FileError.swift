/// A file that could not be written, and what to do about it.
public struct FileError: Error, Equatable, CustomStringConvertible {
  /// The file.
  public let path: String
  /// One sentence: what failed, where, and the remedy.
  public let description: String

  init(path: String, description: String) {
    self.path = path
    self.description = description
  }

  /// What the system refused while doing something with a file.
  init(_ action: String, _ path: String, _ error: SystemError, kept: Bool = false) {
    let consequence = kept ? "; what was saved under that name before is kept" : ""
    self.init(
      path: path,
      description: "Cannot \(action) \(path) (\(error.text)): \(error.remedy)\(consequence).")
  }
}
