using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;

namespace GanFromScratch.Gan.Evaluation;

// training pictures: [learnt from | held back]; test pictures: what pictures are compared with

/// <summary>
/// A data set, split for an evaluation. Features are learnt from neither the test pictures nor those held back. The latter are evaluated
/// like generated pictures, and show the metrics of a generator whose pictures are as real as the training pictures. There are about as
/// many of both, because smaller sets are farther apart, and both are unseen, because a classifier is surer of its training pictures.
/// </summary>
internal sealed record ReferenceSet
{
    /// <summary>The number of pictures in each set below which figures are rough: the covariance of 64 features means little.</summary>
    public const int Enough = 200;

    /// <summary>The least number of pictures in each set: two for each subset of the kernel distance.</summary>
    public const int Fewest = 20;
    private const string HeldOut = "held out";
    private const int FewestForClassifier = 800; // to learn from
    private const int MaxHeldBack = 10_000;
    private const int HeldBackFraction = 6; // one of six
    private readonly int[]? _numbers;

    private ReferenceSet(ImageSet training, int count, ImageSet test, int testStart, string testSource, int[]? numbers = null)
    {
        (Name, Where, TestSource, _numbers) = (training.Name, training.Where, testSource, numbers);
        int heldBack = PartOf(count, parts: 2), tests = Math.Min(MaxHeldBack, test.Count - testStart);
        LearntCount = count - heldBack;
        Training = training.Bytes.Slice(0, count);
        Seen = testSource == HeldOut ? training.Bytes : Training;
        Test = test.Bytes.Slice(testStart, tests);
        if (training.Labels is null || training.Labels.Distinct().Count() < 2)
            return; // nothing to tell apart
        Classes = training.Classes!;
        TrainingLabels = training.Labels.AsMemory(0, count);
        TestLabels = test.Labels.AsMemory(testStart, tests);
    }

    /// <summary>The name on the command line.</summary>
    public string Name { get; }

    /// <summary>The folder of the set.</summary>
    public string Where { get; }

    /// <summary>Whether these are pictures of the user's, rather than a known set.</summary>
    public bool IsOwn => Name == PictureFolder.Name;

    /// <summary>What pictures are compared by.</summary>
    public FeatureKind Features { get; private init; }

    /// <summary>Warnings for the user.</summary>
    public IReadOnlyList<string> Warnings { get; private init; } = [];

    /// <summary>`test` for a set's own test part; `held out` for training pictures, which a generator may have seen.</summary>
    public string TestSource { get; }

    /// <summary>The training pictures, without those held out for the test.</summary>
    public ImageBytes Training { get; }

    /// <summary>All pictures that a generator may have been trained on.</summary>
    public ImageBytes Seen { get; }

    /// <summary>The names of the classes; none without labels.</summary>
    public IReadOnlyList<string> Classes { get; } = [];

    /// <summary>The classes of the training pictures; none without labels.</summary>
    public ReadOnlyMemory<byte> TrainingLabels { get; }

    /// <summary>Number of training pictures that features are learnt from, the first ones; the others are held back.</summary>
    public int LearntCount { get; }

    /// <summary>The training pictures that features are learnt from.</summary>
    public ImageBytes Learnt => Training.Slice(0, LearntCount);

    /// <summary>The training pictures that features aren't learnt from.</summary>
    public ImageBytes HeldBack => Training.Slice(LearntCount, Training.Count - LearntCount);

    /// <summary>The classes of those, as pictures of one pixel each, so that they are drawn as the pictures are.</summary>
    public ImageBytes HeldBackLabels => new(new PictureShape(1, 1, 1), TrainingLabels[LearntCount..]);

    /// <summary>The test pictures.</summary>
    public ImageBytes Test { get; }

    /// <summary>The classes of the test pictures; none without labels.</summary>
    public ReadOnlyMemory<byte> TestLabels { get; }

    /// <summary>The least number of pictures that can be compared with these.</summary>
    public int FewestPictures => Features == FeatureKind.Classifier ? Enough : Fewest;

    private string Parts => $"{LearntCount:N0} pictures to learn from, {HeldBack.Count:N0} held back and {Test.Count:N0} to compare with";

    private bool Suffices => LearntCount >= Fewest && Math.Min(HeldBack.Count, Test.Count) >= Fewest;

    private bool SufficesForClassifier => LearntCount >= FewestForClassifier && Math.Min(HeldBack.Count, Test.Count) >= Enough;

    /// <summary>The number in the data set of one of the pictures that were <see cref="Seen"/>.</summary>
    public int NumberOf(int seen) => _numbers is null ? seen : _numbers[seen];

    /// <summary>Opens a data set and its test part.</summary>
    /// <param name="request">The data set.</param>
    /// <param name="features">What pictures are to be compared by; null: a classifier if the set has labels and enough pictures.</param>
    /// <exception cref="GanException">Data: missing or damaged files, too few pictures, or no labels for a classifier.</exception>
    public static ReferenceSet Open(DatasetRequest request, FeatureKind? features = null) =>
        Of(request, Datasets.Open(request with { DigitsCount = Digits.DefaultCount + MaxHeldBack }), features);

    /// <summary>Splits an opened data set.</summary>
    /// <inheritdoc cref="Open"/>
    internal static ReferenceSet Of(DatasetRequest request, OpenedDataset opened, FeatureKind? features)
    {
        var real = Split(request, opened.Images);
        if (!real.Suffices)
        {
            throw new GanException(
                ExitCode.Data,
                $"{real.Name} from {real.Where} has {real.Parts}, and an evaluation needs at least {Fewest} of each. Use a larger set.");
        }
        string? lacks = real.Classes.Count == 0 ? "has no classes, which a classifier learns"
            : real.SufficesForClassifier ? null
            : $"has {real.Parts}, and a classifier needs at least {FewestForClassifier}, {Enough} and {Enough}";
        if (lacks is not null && features == FeatureKind.Classifier)
        {
            throw new GanException(
                ExitCode.Data, $"{real.Name} from {real.Where} {lacks}. Leave --features out, so that pixels are compared.");
        }
        string[] why = lacks is null || real.Classes.Count == 0 || features is not null
            ? []
            : [$"{real.Name} from {real.Where} {lacks}: pixels are compared."];
        return real with
        {
            Features = features ?? (lacks is null ? FeatureKind.Classifier : FeatureKind.Pixels),
            // of a set that nobody named it isn't clear which one it is
            Warnings = [.. opened.Warnings, .. request.Name == "auto" ? [opened.Description] : (string[])[], .. real.Warnings, .. why],
        };
    }

    private static ReferenceSet Split(DatasetRequest request, ImageSet all)
    {
        if (all.Name == Digits.SetName) // training draws none of the last ones
            return new ReferenceSet(all, Digits.DefaultCount, all, Digits.DefaultCount, "test");
        var (test, warnings) = OpenTest(request, all);
        if (test is not null)
            return new ReferenceSet(all, all.Count, request.Pictures.Of(test, request.Threads), 0, "test") { Warnings = warnings };
        int heldOut = PartOf(all.Count, parts: 3), rest = all.Count - heldOut;
        if (all.Name == PictureFolder.Name)
        {
            int[] order = DrawnApart(all.Count, heldOut);
            var drawn = Picked(all, order);
            return new ReferenceSet(drawn, rest, drawn, rest, HeldOut, order);
        }
        string lacks = CifarOf(all.Name)?.Test ?? MnistFiles.NamesOf(MnistFiles.Test.Files);
        string warning = $"{all.Where} lacks {lacks}: the last {heldOut:N0} training pictures serve as test pictures, "
            + "and a generator may have been trained on them.";
        return new ReferenceSet(all, rest, all, rest, HeldOut) { Warnings = [.. warnings, warning] };
    }

    // a sixth, or as many as are enough, as long as that leaves as many for each of the other parts
    private static int PartOf(int count, int parts) =>
        Math.Min(MaxHeldBack, Math.Max(count / HeldBackFraction, Math.Min(Enough, count / parts)));

    // The numbers of the pictures that are learnt from, are held back and are held out, each part drawn at random and then put in order:
    // one's own pictures come class by class.
    private static int[] DrawnApart(int count, int heldOut)
    {
        var order = new int[count];
        SeedStream.HeldOut.Of(seed: 0).Shuffle(order);
        int rest = count - heldOut, learnt = rest - PartOf(rest, parts: 2);
        Array.Sort(order, 0, learnt);
        Array.Sort(order, learnt, rest - learnt);
        Array.Sort(order, rest, heldOut);
        return order;
    }

    private static ImageSet Picked(ImageSet all, int[] order)
    {
        int length = all.Shape.Length;
        var pixels = new byte[all.Pixels.Length];
        for (int i = 0; i < order.Length; i++)
            all.Pixels.AsSpan(order[i] * length, length).CopyTo(pixels.AsSpan(i * length));
        byte[]? labels = all.Labels is { } of ? [.. order.Select(picture => of[picture])] : null;
        return new ImageSet(all.Name, all.Where, all.Count, all.Shape, pixels, labels, all.Classes);
    }

    // The test part beside the training part; for MNIST also of other folders of the search path, or downloaded. Null: it isn't to be had.
    private static (ImageSet? Images, IReadOnlyList<string> Warnings) OpenTest(DatasetRequest request, ImageSet training)
    {
        bool isThere = MnistFiles.Missing(training.Where, MnistFiles.Test).Count == 0;
        switch (training.Name)
        {
            case var name when CifarOf(name) is { } files:
                return (files.LoadTest(training.Where), []);
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
                catch (GanException fault)
                {
                    return (null, [fault.Message]); // training pictures serve
                }
            default:
                return (null, []);
        }
    }

    private static CifarFiles? CifarOf(string name) =>
        ((CifarFiles[])[Cifar10Files.Files, Cifar100Files.Files]).FirstOrDefault(files => files.Name == name);
}
