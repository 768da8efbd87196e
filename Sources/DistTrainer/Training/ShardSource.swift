internal import Collective
internal import CounterRandom
internal import Volumes

/// The inputs of one shard.
struct ShardBatch: Sendable {
  /// The images, `[shardSize, C, spatial…]`.
  var images: [Float]
  /// Their classes on the network's output, `[shardSize, spatial…]`.
  var labels: [UInt8]
  /// Where in their volumes they lie, `[shardSize, 3]` (``PatchPosition``).
  var positions: [Float]
  /// The time it took to have the subjects at hand.
  var load = Duration.zero
  /// The time it took to draw and change the patches.
  var augment = Duration.zero
  /// The classes of one patch.
  fileprivate var labelPatch: [UInt8]
}

/// One shard of one step.
struct ShardPlace: Equatable {
  var step: Int
  var shard: Int
}

/// Hands out shards, made by whom and when it sees fit; what they hold is the same.
protocol ShardProvider: AnyObject {
  /// Exchanges `batch` for a shard, which is one that this rank owns.
  ///
  /// - Throws: ``FeedingError`` where a subject of this shard could not be read.
  func fetch(_ batch: inout ShardBatch, _ place: ShardPlace) throws(FeedingError)

  /// Ends what works ahead.
  func close()
}

/// Makes the inputs of shards: a few patches of a few subjects.
///
/// What a shard holds is a function of seed, fold, step and shard alone; so any thread may make it.
/// Each has a source of its own, for the order of subjects is remembered.
struct ShardSource: Sendable {
  private let subjects: any SubjectStore
  private let pipeline: PatchPipeline
  private let shape: PatchShape
  private let channels: Int
  private let shards: Int
  private let shardSize: Int
  private let seed: UInt64
  private let fold: Int
  private var order: SubjectOrder
  private var scratch: [Float] = []
  /// Where the making of shards is recorded.
  var trace = TraceLog()

  /// - Throws: `VolumeError` for settings that make no sense.
  init(_ experiment: Experiment, subjects: any SubjectStore, fold: Int) throws {
    let training = experiment.configuration.training
    self.subjects = subjects
    shape = experiment.patch
    channels = experiment.channels
    shards = training.shards
    shardSize = training.shardSize
    seed = training.seed
    self.fold = fold
    pipeline = try PatchPipeline(
      size: experiment.patch.extents, sampling: training.patchSampling,
      augmentations: experiment.augmentations)
    order = SubjectOrder(
      count: subjects.count, drawsEach: training.sampling.drawsPerVolume, seed: training.seed,
      fold: fold)
  }

  /// Room for one shard.
  func makeBatch() -> ShardBatch {
    ShardBatch(
      images: Array(repeating: 0, count: shardSize * channels * shape.count),
      labels: Array(repeating: 0, count: shardSize * shape.outputCount),
      positions: Array(repeating: 0, count: shardSize * 3),
      labelPatch: Array(repeating: 0, count: shape.count))
  }

  /// Fills `batch` with one shard of one step.
  ///
  /// - Throws: ``FeedingError``.
  mutating func fill(_ batch: inout ShardBatch, step: Int, shard: Int) throws(FeedingError) {
    let clock = ContinuousClock()
    (batch.load, batch.augment) = (.zero, .zero)
    for sample in 0..<shardSize {
      let start = clock.now
      let index = order.subject(ofDraw: (step * shards + shard) * shardSize + sample)
      let subject: PreparedSubject
      do {
        subject = try subjects.subject(index)
      } catch {
        throw FeedingError(subject: subjects.name(index), cause: error)
      }
      let loaded = clock.now
      var stream = RandomStream(seed: seed, "patch", fold, step, shard, sample)
      draw(
        of: subject, sample: sample, &stream, images: &batch.images, labels: &batch.labels,
        positions: &batch.positions, patch: &batch.labelPatch)
      let made = clock.now
      batch.load += start.duration(to: loaded)
      batch.augment += loaded.duration(to: made)
      trace.add(.load, from: start, to: loaded, number: shard)
      trace.add(.augment, from: loaded, to: made, number: shard)
    }
  }

  /// Draws one patch.
  private mutating func draw(
    of subject: PreparedSubject, sample: Int, _ stream: inout RandomStream,
    images: inout [Float], labels: inout [UInt8], positions: inout [Float],
    patch: inout [UInt8]
  ) {
    let length = channels * shape.count
    var all = images.mutableSpan
    var image = all._mutatingExtracting((sample * length)..<((sample + 1) * length))
    var classes = patch.mutableSpan
    let origin = subject.withVoxels { volume, reference in
      pipeline.draw(
        image: volume, labels: reference, shape: subject.shape,
        spacing: subject.grid.prepared.spacing, foreground: subject.foreground, stream: &stream,
        imageOutput: &image, labelOutput: &classes)
    }
    let position = PatchPosition.values(
      origin: origin, patch: shape.extents, volume: subject.shape)
    positions.replaceSubrange((3 * sample)..<(3 * sample + 3), with: position)
    shape.arrange(&image, channels: channels, scratch: &scratch)
    var target = labels.mutableSpan
    copyCenter(of: classes.span, to: &target, sample: sample)
  }

  /// Copies the part of the label patch that the network's output covers.
  private func copyCenter(
    of patch: Span<UInt8>, to target: inout MutableSpan<UInt8>, sample: Int
  ) {
    let (outer, inner, margin) = (shape.extents, shape.outputExtents, shape.margins)
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
