/// What an operation takes as a function of its bytes: `seconds = latency + bytes * secondsPerByte`.
public struct AlphaBetaModel: Sendable, Equatable {
  /// The time however few bytes there are, in seconds: alpha.
  public var latency: Double
  /// The time of one byte more, in seconds: beta.
  public var secondsPerByte: Double
  /// The root of the mean squared relative error over the points that were fitted; nil where nothing
  /// was fitted.
  public var residual: Double?

  /// A model with these parameters.
  public init(latency: Double, secondsPerByte: Double, residual: Double? = nil) {
    self.latency = latency
    self.secondsPerByte = secondsPerByte
    self.residual = residual
  }

  /// The model nearest to measured points: least squares of the relative errors, since lengths from
  /// a few bytes to many millions are to count alike; neither parameter below zero. Nil for fewer
  /// than two lengths.
  ///
  /// - Parameter points: bytes and seconds; seconds above zero.
  public init?(fitting points: [(bytes: Int, seconds: Double)]) {
    guard Set(points.map(\.bytes)).count > 1, points.allSatisfy({ $0.seconds > 0 }) else {
      return nil
    }
    // Rows (1, n) / t against 1: the normal equations of two unknowns.
    var (aa, ab, bb, a, b) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for point in points {
      let (x, y) = (1 / point.seconds, Double(point.bytes) / point.seconds)
      aa += x * x
      ab += x * y
      bb += y * y
      a += x
      b += y
    }
    let determinant = aa * bb - ab * ab
    var (latency, slope) = ((a * bb - b * ab) / determinant, (b * aa - a * ab) / determinant)
    // On the edge of what makes sense, one parameter is left.
    if latency < 0 { (latency, slope) = (0, b / bb) }
    if slope < 0 { (latency, slope) = (a / aa, 0) }
    self.latency = latency
    secondsPerByte = slope
    let squares = points.map { point in
      let error = (latency + slope * Double(point.bytes)) / point.seconds - 1
      return error * error
    }
    residual = (squares.reduce(0, +) / Double(points.count)).squareRoot()
  }

  /// The seconds that the model says.
  public func seconds(bytes: Double) -> Double { latency + bytes * secondsPerByte }

  /// Bytes a second of what is long.
  public var bandwidth: Double { secondsPerByte > 0 ? 1 / secondsPerByte : .infinity }
}
