using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Evaluation;

// training pictures: [classifier's | held back]; test pictures: what pictures are compared with

/// <summary>
/// A labelled data set, split for an evaluation. The classifier is trained on neither the test pictures nor those held back. The latter are
/// evaluated like generated pictures, and show the metrics of a generator whose pictures are as real as the training pictures. There are as
/// many of both, because smaller sets are farther apart, and both are unseen, because a classifier is surer of its training pictures.
/// </summary>
internal sealed class ReferenceSet
{
    /// <summary>The least number of pictures in each set: with fewer, the covariance of 64 features means nothing.</summary>
    public const int Fewest = 200;

    private const int MaxHeldBack = 10_000;
    private const int HeldBackFraction = 6; // one of six

    private ReferenceSet(ImageSet training, int count, ImageSet test, int testStart, string testSource, IReadOnlyList<string> warnings)
    {
        (Name, Where, TestSource, Warnings) = (training.Name, training.Where, testSource, warnings);
        int heldBack = Math.Min(MaxHeldBack, count / HeldBackFraction), tests = Math.Min(MaxHeldBack, test.Count - testStart);
        if (Math.Min(heldBack, tests) < Fewest)
        {
            throw new GanException(
                ExitCode.Data,
                $"{Name} from {Where} has {count:N0} pictures for training and {tests:N0} for testing, and an evaluation needs at least "
                + $"{Fewest * HeldBackFraction:N0} and {Fewest}. Use a larger set.");
        }
        Training = training.Bytes.Slice(0, count);
        TrainingLabels = training.Labels.AsMemory(0, count);
        ClassifierCount = count - heldBack;
        Test = test.Bytes.Slice(testStart, tests);
        TestLabels = test.Labels.AsMemory(testStart, tests);
    }

    /// <summary>The name on the command line.</summary>
    public string Name { get; }

    /// <summary>The folder of the set.</summary>
    public string Where { get; }

    /// <summary>Warnings for the user.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>`test` for a set's own test part; `held out` for the last training pictures, which a generator may have seen.</summary>
    public string TestSource { get; }

    /// <summary>The training pictures, without those held out for the test.</summary>
    public ImageBytes Training { get; }

    /// <summary>The classes of the training pictures.</summary>
    public ReadOnlyMemory<byte> TrainingLabels { get; }

    /// <summary>Number of training pictures for the classifier, the first ones; the others are held back.</summary>
    public int ClassifierCount { get; }

    /// <summary>The training pictures that the classifier doesn't see.</summary>
    public ImageBytes HeldBack => Training.Slice(ClassifierCount, Training.Count - ClassifierCount);

    /// <summary>The test pictures.</summary>
    public ImageBytes Test { get; }

    /// <summary>The classes of the test pictures.</summary>
    public ReadOnlyMemory<byte> TestLabels { get; }

    /// <summary>Opens a data set and its test part.</summary>
    /// <exception cref="GanException">Data: missing or damaged files, no labels, or too few pictures.</exception>
    public static ReferenceSet Open(DatasetRequest request)
    {
        if (!Datasets.Names.Contains(request.Name))
        {
            throw new GanException(
                ExitCode.Data,
                $"The pictures in {request.Name} have no labels, which the classifier of an evaluation needs. Name a similar labelled data "
                + $"set with --dataset: {string.Join(", ", Datasets.Names.Where(name => name != "auto"))}.");
        }
        var opened = Datasets.Open(request with { DigitsCount = Digits.DefaultCount + MaxHeldBack });
        var all = opened.Images;
        if (all.Name == "digits") // training draws none of the last ones
            return new ReferenceSet(all, Digits.DefaultCount, all, Digits.DefaultCount, "test", opened.Warnings);
        if (OpenTest(request, all) is var (test, warnings))
            return new ReferenceSet(all, all.Count, test, 0, "test", [.. opened.Warnings, .. warnings]);
        int heldOut = all.Count / HeldBackFraction;
        string lacks = CifarOf(all.Name)?.Test ?? MnistFiles.NamesOf(MnistFiles.Test.Files);
        string warning = $"{all.Where} lacks {lacks}: the last {heldOut:N0} training pictures serve as test pictures, "
            + "and a generator may have been trained on them.";
        return new ReferenceSet(all, all.Count - heldOut, all, all.Count - heldOut, "held out", [.. opened.Warnings, warning]);
    }

    // The test part beside the training part; for MNIST also of other folders of the search path, or downloaded.
    private static (ImageSet Images, IReadOnlyList<string> Warnings)? OpenTest(DatasetRequest request, ImageSet training)
    {
        bool isThere = MnistFiles.Missing(training.Where, MnistFiles.Test).Count == 0;
        switch (training.Name)
        {
            case var name when CifarOf(name) is { } files:
                return files.LoadTest(training.Where) is { } test ? (test, []) : null;
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
                    return null; // training pictures serve
                }
            default:
                return null;
        }
    }

    private static CifarFiles? CifarOf(string name) =>
        ((CifarFiles[])[Cifar10Files.Files, Cifar100Files.Files]).FirstOrDefault(files => files.Name == name);
}
