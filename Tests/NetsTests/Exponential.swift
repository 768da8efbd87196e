#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The exponential function in double precision.
func exponential(_ x: Double) -> Double { exp(x) }
