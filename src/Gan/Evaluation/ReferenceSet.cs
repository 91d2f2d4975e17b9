using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Evaluation;

// training: what the classifier learns from | what is held back from it; test: what pictures are held against

/// <summary>
/// A labelled data set in the parts that an evaluation needs. The classifier learns from neither the test pictures nor those held back. The latter are
/// judged beside a generator's, in the same way and against the same test pictures: what a generator would have whose pictures are as real as the training
/// pictures. There are as many of both, because smaller sets are farther apart, and unseen alike, because a classifier is surer of what it learnt from.
/// </summary>
internal sealed class ReferenceSet
{
    /// <summary>The fewest pictures that are judged, or held against: with fewer, covariances of 64 features mean nothing.</summary>
    public const int Fewest = 200;

    private const int MostHeldBack = 10_000;
    private const int ShareHeldBack = 6; // one in so many

    private ReferenceSet(ImageSet training, int count, ImageSet test, int testFrom, string testIs, IReadOnlyList<string> warnings)
    {
        (Name, Where, TestIs, Warnings) = (training.Name, training.Where, testIs, warnings);
        int heldBack = Math.Min(MostHeldBack, count / ShareHeldBack), tests = Math.Min(MostHeldBack, test.Count - testFrom);
        if (Math.Min(heldBack, tests) < Fewest)
        {
            throw new GanException(
                ExitCode.Data,
                $"{Name} from {Where} has {count:N0} pictures for training and {tests:N0} for testing, and an evaluation needs at least {Fewest * ShareHeldBack:N0} and {Fewest}. Use a larger set.");
        }
        Training = training.Bytes.Slice(0, count);
        TrainingLabels = training.Labels.AsMemory(0, count);
        LearntFrom = count - heldBack;
        Test = test.Bytes.Slice(testFrom, tests);
        TestLabels = test.Labels.AsMemory(testFrom, tests);
    }

    /// <summary>The set's name on the command line.</summary>
    public string Name { get; }

    /// <summary>Where its files are.</summary>
    public string Where { get; }

    /// <summary>What the user should know of it.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>`test` for a set's own test part, `held out` for the last of the training pictures where it has none: a generator may have seen those.</summary>
    public string TestIs { get; }

    /// <summary>The training pictures but those held out for the test.</summary>
    public ImageBytes Training { get; }

    /// <summary>Their classes.</summary>
    public ReadOnlyMemory<byte> TrainingLabels { get; }

    /// <summary>How many of them the classifier learns from, the first ones; the others are held back.</summary>
    public int LearntFrom { get; }

    /// <summary>The training pictures that the classifier doesn't see.</summary>
    public ImageBytes HeldBack => Training.Slice(LearntFrom, Training.Count - LearntFrom);

    /// <summary>The test pictures.</summary>
    public ImageBytes Test { get; }

    /// <summary>Their classes.</summary>
    public ReadOnlyMemory<byte> TestLabels { get; }

    /// <summary>Opens a data set and its test part.</summary>
    /// <exception cref="GanException">Data: it isn't there or damaged, has no labels, or too few pictures.</exception>
    public static ReferenceSet Open(DatasetRequest request)
    {
        if (!Datasets.Names.Contains(request.Name))
        {
            throw new GanException(
                ExitCode.Data,
                $"The pictures in {request.Name} have no labels, and the classifier that judges pictures learns from labels. "
                + $"Name a labelled data set like them with --dataset: {string.Join(", ", Datasets.Names.Where(name => name != "auto"))}.");
        }
        var opened = Datasets.Open(request with { DigitsCount = Digits.DefaultCount + MostHeldBack });
        var all = opened.Images;
        if (all.Name == "digits")
            return new ReferenceSet(all, Digits.DefaultCount, all, Digits.DefaultCount, "test", opened.Warnings); // training draws none of the last
        if (TestOf(request, all) is var (test, warnings))
            return new ReferenceSet(all, all.Count, test, 0, "test", [.. opened.Warnings, .. warnings]);
        int heldOut = all.Count / ShareHeldBack;
        string lacks = all.Name == "cifar10" ? Cifar10Files.TestName : MnistFiles.NamesOf(MnistFiles.Test.Files);
        string warning = $"{all.Where} lacks {lacks}: the last {heldOut:N0} training pictures serve as test pictures, and a generator may have learnt from them.";
        return new ReferenceSet(all, all.Count - heldOut, all, all.Count - heldOut, "held out", [.. opened.Warnings, warning]);
    }

    // The set's own test part where it lies beside the training part, or, for MNIST in the usual places, in another of them or on a mirror.
    private static (ImageSet Images, IReadOnlyList<string> Warnings)? TestOf(DatasetRequest request, ImageSet training)
    {
        bool isThere = MnistFiles.Missing(training.Where, MnistFiles.Test).Count == 0;
        switch (training.Name)
        {
            case "cifar10":
                return Cifar10Files.LoadTest(training.Where) is { } test ? (test, []) : null;
            case "fashion-mnist" when isThere:
                return (MnistFiles.LoadFashion(training.Where, MnistFiles.Test), []);
            case "mnist" when isThere:
                return MnistFiles.Load(training.Where, MnistFiles.Test);
            case "mnist" when request.DataDir is null:
                try
                {
                    var opened = Datasets.Open(request with { Name = "mnist", Part = MnistFiles.Test });
                    return (opened.Images, opened.Warnings);
                }
                catch (GanException)
                {
                    return null; // it can't be had: training pictures serve
                }
            default:
                return null;
        }
    }
}
