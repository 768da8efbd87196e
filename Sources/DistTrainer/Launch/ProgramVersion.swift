/// Which segmpi this is.
public enum ProgramVersion {
  /// The version's number, as `segmpi --version` prints it and `provenance.json` keeps it. Builds of
  /// one version are told apart by their contents.
  public static let number = "0.1.0"
}
