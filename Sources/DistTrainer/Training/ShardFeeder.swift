internal import CounterRandom
internal import Volumes

/// Makes the inputs of one shard: a few patches of a few subjects.
///
/// What a shard holds is a function of seed, fold, step and shard alone.
struct ShardFeeder {
  private let subjects: [PreparedSubject]
  private let pipeline: PatchPipeline
  private let shape: PatchShape
  private let channels: Int
  private let shards: Int
  private let shardSize: Int
  private let seed: UInt64
  private let fold: Int
  private var order: SubjectOrder
  private var labelPatch: [UInt8]

  /// The images of the shard that was filled last, `[shardSize, C, spatial…]`.
  private(set) var images: [Float]
  /// Their classes on the network's output, `[shardSize, spatial…]`.
  private(set) var labels: [UInt8]

  init(_ experiment: Experiment, subjects: [PreparedSubject], fold: Int) throws {
    let training = experiment.configuration.training
    self.subjects = subjects
    shape = experiment.patch
    channels = experiment.channels
    shards = training.shards
    shardSize = training.shardSize
    seed = training.seed
    self.fold = fold
    pipeline = try PatchPipeline(
      size: experiment.patch.extents,
      sampling: PatchSampling(foregroundProbability: Float(training.foregroundFraction)),
      augmentations: experiment.augmentations)
    order = SubjectOrder(count: subjects.count, seed: training.seed, fold: fold)
    labelPatch = Array(repeating: 0, count: shape.count)
    images = Array(repeating: 0, count: shardSize * channels * shape.count)
    labels = Array(repeating: 0, count: shardSize * shape.outputCount)
  }

  /// Fills ``images`` and ``labels`` with one shard of one step.
  mutating func fill(step: Int, shard: Int) {
    // The buffers leave `self` for as long as spans of them live.
    var (images, labels, labelPatch): ([Float], [UInt8], [UInt8]) = ([], [], [])
    swap(&images, &self.images)
    swap(&labels, &self.labels)
    swap(&labelPatch, &self.labelPatch)
    defer {
      swap(&images, &self.images)
      swap(&labels, &self.labels)
      swap(&labelPatch, &self.labelPatch)
    }
    for sample in 0..<shardSize {
      let draw = (step * shards + shard) * shardSize + sample
      let subject = subjects[order.subject(ofDraw: draw)]
      var stream = RandomStream(seed: seed, "patch", fold, step, shard, sample)
      let length = channels * shape.count
      var allImages = images.mutableSpan
      var imageSlice = allImages._mutatingExtracting((sample * length)..<((sample + 1) * length))
      var patch = labelPatch.mutableSpan
      subject.withVoxels { image, classes in
        pipeline.draw(
          image: image, labels: classes, shape: subject.shape,
          spacing: subject.grid.prepared.spacing, foreground: subject.foreground, stream: &stream,
          imageOutput: &imageSlice, labelOutput: &patch)
      }
      copyCenter(of: patch.span, to: &labels, sample: sample)
    }
  }

  /// Copies the part of the label patch that the network's output covers.
  private func copyCenter(of patch: Span<UInt8>, to labels: inout [UInt8], sample: Int) {
    let (outer, inner, margin) = (shape.extents, shape.outputExtents, shape.margins)
    var target = labels.mutableSpan
    var to = sample * shape.outputCount
    for d in 0..<inner[0] {
      for h in 0..<inner[1] {
        let from = ((d + margin[0]) * outer[1] + h + margin[1]) * outer[2] + margin[2]
        for w in 0..<inner[2] { target[to + w] = patch[from + w] }
        to += inner[2]
      }
    }
  }
}
