#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension RandomStream {
  /// A draw from the normal distribution of mean 0 and standard deviation 1 (Box–Muller).
  ///
  /// The second variate of the pair is dropped, so that a draw always consumes the same number of
  /// bits and streams stay easy to reason about.
  public mutating func normal() -> Float {
    // 1 - u lies in (0, 1]: the logarithm is finite.
    let radius = (-2 * log(1 - Double(uniform()))).squareRoot()
    let angle = 2 * Double.pi * Double(uniform())
    return Float(radius * cos(angle))
  }
}
