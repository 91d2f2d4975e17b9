using GanFromScratch.Gan.Models;
using GanFromScratch.Kernels;

namespace GanFromScratch.Gan.Evaluation;

/// <summary>
/// A set of pictures beside the test pictures, as their features show both: what a <see cref="QualityMetric"/> is computed from.
/// </summary>
/// <param name="pictures">The pictures that are measured.</param>
/// <param name="test">The test pictures.</param>
/// <param name="classes">Number of classes; 0 without a classifier.</param>
/// <param name="gram">Multiplies features.</param>
/// <param name="threads">Threads of the processor.</param>
/// <param name="seed">The seed of random subsets.</param>
internal sealed class Comparison(PictureFeatures pictures, PictureFeatures test, int classes, GramBlocks gram, int threads, ulong seed)
{
    private PrecisionRecall? _precisionRecall;

    /// <summary>The pictures that are measured.</summary>
    public PictureFeatures Pictures => pictures;

    /// <summary>The test pictures.</summary>
    public PictureFeatures Test => test;

    /// <summary>Number of classes; 0 without a classifier.</summary>
    public int Classes => classes;

    /// <summary>The classes that the pictures were asked for, or have; null: none are known.</summary>
    public ReadOnlyMemory<byte>? Asked { get; init; }

    /// <summary>The share of pictures that the classifier takes for what they were asked for, from 0 to 1.</summary>
    public double ShareAsAsked => ClassifierTraining.Accuracy(pictures, Asked!.Value.Span);

    /// <summary>Multiplies features.</summary>
    public GramBlocks Gram => gram;

    /// <summary>The stream that random subsets are drawn from, from its start.</summary>
    public RandomStream Random => SeedStream.Subsets.Of(seed);

    /// <summary>Precision and recall, computed once for both metrics.</summary>
    public PrecisionRecall PrecisionRecall => _precisionRecall ??= OfEqualSets();

    // as many of both, because balls shrink as a set grows; at random, because files come in an order
    private PrecisionRecall OfEqualSets()
    {
        int count = Math.Min(pictures.Count, test.Count);
        return PrecisionRecall.Of(gram, Rows(test, count), Rows(pictures, count), threads);
    }

    private float[] Rows(PictureFeatures set, int count) =>
        count == set.Count ? set.Rows : Subsample.Rows(set.Rows, gram.Width, count, Random);
}
