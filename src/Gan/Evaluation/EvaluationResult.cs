using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Evaluation;

/// <summary>How pictures compare with a data set's test pictures.</summary>
internal sealed record Figures
{
    /// <summary>Pictures that were judged.</summary>
    public required int Count { get; init; }

    /// <summary><see cref="FrechetDistance"/> in the classifier's features.</summary>
    public required double Frechet { get; init; }

    /// <summary>The kernel distance in them.</summary>
    public required KernelDistance Kernel { get; init; }

    /// <summary>Precision and recall in them.</summary>
    public required PrecisionRecall PrecisionRecall { get; init; }

    /// <summary>The mean probability of the most probable class.</summary>
    public required double Confidence { get; init; }

    /// <summary>The classes that the classifier sees.</summary>
    public required ClassHistogram Classes { get; init; }

    /// <summary>Their divergence from those that it sees in the test pictures.</summary>
    public required double Divergence { get; init; }
}

/// <summary>
/// All figures of an evaluation. Two kinds of floor stand beside those of the pictures in question. Real training pictures in their place are as near to the
/// test pictures as one can come by learning from the training set; on MNIST, whose test pictures other people wrote, they are at 0.26. Two random halves of
/// real pictures (parts, where fewer are judged) are only as far apart as chance puts sets of their size, about 0.1 there. Halves in the order of the files would not do: the first and the last
/// half of MNIST's test pictures are at 3.
/// </summary>
/// <param name="Made">Of the pictures in question.</param>
/// <param name="Real">Of real pictures in their place: <see cref="ReferenceSet.HeldBack"/>, at most as many.</param>
/// <param name="Parts">Of those and the test pictures, mixed at random and parted into as many again: their sizes, and the Fréchet distance between them, the floor.</param>
/// <param name="TestClasses">The classes that the classifier sees in the test pictures.</param>
/// <param name="Nearest">Of the first pictures, the nearest training pictures.</param>
internal sealed record EvaluationResult(Figures Made, Figures Real, ((int First, int Second) Counts, double Frechet) Parts, ClassHistogram TestClasses, IReadOnlyList<NearestPictures> Nearest)
{
    private const int Samples = 8;
    private const int Neighbours = 5;

    /// <summary>Judges pictures.</summary>
    /// <param name="pictures">The pictures in question, at least <see cref="ReferenceSet.Fewest"/>.</param>
    /// <param name="real">The data set.</param>
    /// <param name="classifier">Its classifier.</param>
    /// <param name="device">Where the classifier is.</param>
    /// <param name="threads">Threads of the processor.</param>
    /// <param name="seed">Of the kernel distance's subsets.</param>
    public static EvaluationResult Of(ImageBytes pictures, ReferenceSet real, Classifier classifier, Device device, int threads, ulong seed)
    {
        var dots = new GramBlocks(device, Classifier.Features);
        var test = classifier.Judge(real.Test);
        var testClasses = ClassHistogram.Of(test.Classes);
        var heldBack = classifier.Judge(real.HeldBack.Subsample(pictures.Count, SeedStream.Subsets.Of(seed)));
        return new EvaluationResult(
            Compare(classifier.Judge(pictures)),
            Compare(heldBack),
            PartsOf([.. heldBack.Features, .. test.Features], heldBack.Count, SeedStream.Subsets.Of(seed)),
            testClasses,
            [.. Enumerable.Range(0, Samples).Select(i => NearestPictures.Of(pictures.Slice(i, 1).Pixels, real.Training, Neighbours, threads))]);

        Figures Compare(Judgement judged)
        {
            var classes = ClassHistogram.Of(judged.Classes);
            // as many of both, because balls shrink as a set grows; at random, because files come in an order
            int rows = Math.Min(judged.Count, test.Count);
            return new Figures
            {
                Count = judged.Count,
                Frechet = FrechetDistance.Between(judged.Features, test.Features, dots.Width),
                Kernel = KernelDistance.Between(dots, judged.Features, test.Features, SeedStream.Subsets.Of(seed)),
                PrecisionRecall = PrecisionRecall.Of(dots, Rows(test.Features, rows), Rows(judged.Features, rows), threads),
                Confidence = judged.Confidence,
                Classes = classes,
                Divergence = classes.DivergenceFrom(testClasses),
            };
        }

        float[] Rows(float[] features, int count) => count * dots.Width == features.Length
            ? features
            : Subsample.Rows(features, dots.Width, count, SeedStream.Subsets.Of(seed));
    }

    private static ((int First, int Second) Counts, double Frechet) PartsOf(ReadOnlySpan<float> features, int first, RandomStream random)
    {
        int width = Classifier.Features, all = features.Length / width;
        float[] mixed = Subsample.Rows(features, width, all, random);
        return ((first, all - first), FrechetDistance.Between(mixed.AsSpan(0, first * width), mixed.AsSpan(first * width), width));
    }
}
