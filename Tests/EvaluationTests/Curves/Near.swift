/// Whether a value is there and near another.
func isNear(_ value: Double?, _ target: Double, within tolerance: Double) -> Bool {
  guard let value else { return false }
  return (value - target).magnitude <= tolerance
}

/// Whether values are there and near others, one by one.
func isNear(_ values: [Double]?, _ targets: [Double], within tolerance: Double) -> Bool {
  guard let values, values.count == targets.count else { return false }
  return zip(values, targets).allSatisfy { isNear($0, $1, within: tolerance) }
}
