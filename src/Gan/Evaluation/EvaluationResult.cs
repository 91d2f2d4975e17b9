using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Evaluation;

/// <summary>The values of metrics for one set of pictures.</summary>
/// <param name="Count">Number of pictures.</param>
/// <param name="Values">A value for each metric.</param>
internal sealed record QualityValues(int Count, IReadOnlyDictionary<QualityMetric, QualityValue> Values)
{
    /// <summary>The value of one metric.</summary>
    public QualityValue this[QualityMetric metric] => Values[metric];

    /// <summary>Computes metrics.</summary>
    public static QualityValues Of(Comparison sets, IEnumerable<QualityMetric> metrics) =>
        new(sets.Pictures.Count, metrics.ToDictionary(metric => metric, metric => metric.Compute(sets)));
}

/// <summary>
/// All values of an evaluation. Two floors stand beside those of the generated pictures. Real training pictures in their place are as near
/// to the test pictures as one can come by learning from the training set; on MNIST, whose test pictures other people wrote, their Fréchet
/// distance is 0.26. Two random parts of real pictures differ by chance alone, about 0.1 there. Parts in the order of the files would not
/// do: the distance between the first and the last half of MNIST's test pictures is 3.
/// </summary>
/// <param name="Generated">The generated pictures, or others that are evaluated.</param>
/// <param name="Real">Real pictures in their place: <see cref="ReferenceSet.HeldBack"/>, at most as many.</param>
/// <param name="Part">Real and test pictures, mixed and split in two: one part against the other, by metrics with a floor.</param>
/// <param name="TestCount">Number of test pictures.</param>
/// <param name="TestClasses">The classes of the test pictures; null without a classifier.</param>
/// <param name="Nearest">The nearest training pictures of the first pictures.</param>
internal sealed record EvaluationResult(
    QualityValues Generated, QualityValues Real, QualityValues Part, int TestCount, ClassHistogram? TestClasses,
    IReadOnlyList<NearestPictures> Nearest)
{
    private const int Samples = 8;
    private const int Neighbours = 5;

    /// <summary>Whether the pictures were asked for by class.</summary>
    public bool AreAskedFor => Generated.Values.ContainsKey(QualityMetric.AskedFor);

    /// <summary>Evaluates pictures.</summary>
    /// <param name="pictures">The generated pictures, at least <see cref="ReferenceSet.FewestPictures"/>.</param>
    /// <param name="asked">The class that each was asked for; null: they weren't.</param>
    /// <param name="real">The data set.</param>
    /// <param name="extractor">Features that were learnt from the data set, on <paramref name="device"/>.</param>
    /// <param name="device">The device that computes.</param>
    /// <param name="threads">Threads of the processor.</param>
    /// <param name="seed">The seed of random subsets.</param>
    public static EvaluationResult Of(
        ImageBytes pictures, byte[]? asked, ReferenceSet real, IFeatureExtractor extractor, Device device, int threads, ulong seed)
    {
        bool areAskedFor = asked is not null && real.Features == FeatureKind.Classifier;
        var metrics = QualityMetric.Of(real.Features, areAskedFor);
        int classes = real.Features == FeatureKind.Classifier ? real.Classes.Count : 0;
        var gram = new GramBlocks(device, extractor.Width);
        var test = extractor.Extract(real.Test);
        var heldBack = extractor.Extract(real.HeldBack.Subsample(pictures.Count, SeedStream.Subsets.Of(seed)));
        var labels = areAskedFor ? real.HeldBackLabels.Subsample(pictures.Count, SeedStream.Subsets.Of(seed)).Pixels : default;
        var (first, second) = PictureFeatures.Mix(heldBack, test, SeedStream.Subsets.Of(seed));
        return new EvaluationResult(
            QualityValues.Of(Beside(extractor.Extract(pictures), test, asked), metrics),
            QualityValues.Of(Beside(heldBack, test, labels), metrics),
            QualityValues.Of(Beside(first, second, null), metrics.Where(metric => metric.HasFloor)),
            test.Count,
            classes == 0 ? null : ClassHistogram.Of(test.Classes, classes),
            [.. Enumerable.Range(0, Samples)
                .Select(i => NearestPictures.Of(pictures.Slice(i, 1).Pixels, real.Seen, Neighbours, threads))]);

        Comparison Beside(PictureFeatures set, PictureFeatures other, ReadOnlyMemory<byte>? asked) =>
            new(set, other, classes, gram, threads, seed) { Asked = asked };
    }
}
