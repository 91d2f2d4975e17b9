using System.Globalization;
using GanFromScratch.Gan.Evaluation;
using GanFromScratch.Gan.Models;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>The figures against the same formulas in NumPy, in double and without blocks.</summary>
public sealed class MetricsAgainstNumPyTests
{
    private const int Width = 64;

    // The root of S₁S₂ by the eigenvalues of the product itself, which is another way to it than the program's.
    private const string Script = """
        import sys, numpy as np
        d = int(sys.argv[3])
        a, b = (np.fromfile(f, np.float32).reshape(-1, d).astype(float) for f in sys.argv[1:3])
        ca, cb = np.cov(a.T), np.cov(b.T)
        root = np.sqrt(np.maximum(np.linalg.eigvals(ca @ cb).real, 0)).sum()
        print(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca) + np.trace(cb) - 2 * root)
        k = lambda x, y: (x @ y.T / d + 1) ** 3
        n = min(len(a), len(b)); a, b = a[:n], b[:n]
        off = lambda m: (m.sum() - np.trace(m)) / (n * (n - 1))
        print(off(k(a, a)) + off(k(b, b)) - 2 * k(a, b).mean())
        dist = lambda x, y: np.linalg.norm(x[:, None] - y[None], axis=2)
        radius = lambda x: np.sort(dist(x, x), axis=1)[:, 3]
        ab = dist(a, b)
        print((ab <= radius(a)[:, None]).any(0).mean())
        print((ab <= radius(b)[None]).any(1).mean())
        """;

    private CpuDevice _device = null!;
    private GramBlocks _dots = null!;

    [OneTimeSetUp]
    public void SetUp() => _dots = new GramBlocks(_device = new CpuDevice(2), Width);

    [OneTimeTearDown]
    public void TearDown() => _device.Dispose();

    [TestCase(700, 600, 0.1f, 1.1f)]
    [TestCase(550, 1100, 1f, 0.3f)]
    public void EveryFigure(int reals, int mades, float mean, float deviation)
    {
        string python = ToolRequirement.Python("numpy");
        float[] real = Normal(1, reals, 0, 1), made = Normal(2, mades, mean, deviation);
        using var folder = new TestFolder();
        string a = folder.File("a", Bytes(real)), b = folder.File("b", Bytes(made));
        var result = Processes.Run(python, "-c", Script, a, b, $"{Width}");
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        double[] expected =
        [
            .. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => double.Parse(line, CultureInfo.InvariantCulture))
        ];

        int n = Math.Min(real.Length, made.Length);
        var found = PrecisionRecall.Of(_dots, real, made, threads: 2);
        Assert.That(FrechetDistance.Between(real, made, Width), Is.EqualTo(expected[0]).Within(1e-9 * expected[0]));
        Assert.That(
            KernelDistance.Unbiased(_dots, real.AsMemory(0, n), made.AsMemory(0, n)),
            Is.EqualTo(expected[1]).Within(1e-6 * (1 + expected[1])));
        Assert.That(found.Precision, Is.EqualTo(expected[2]));
        Assert.That(found.Recall, Is.EqualTo(expected[3]));
        Assert.That((expected[2] + expected[3]) / 2, Is.GreaterThan(0.1).And.LessThan(0.9), "a case that tells something");
    }

    /// <summary>The subsets' rows are each set's shuffled, and none of them serves twice.</summary>
    [Test]
    public void TheKernelDistanceIsTheMeanOverSubsets()
    {
        const int Size = 30;
        float[] real = Normal(3, 10 * Size, 0, 1), made = Normal(4, (10 * Size) + 5, 0.2f, 1);
        var random = SeedStream.Subsets.Of(7);
        int[] orderA = new int[10 * Size], orderB = new int[(10 * Size) + 5];
        random.Shuffle(orderA);
        random.Shuffle(orderB);
        double[] values =
            [.. Enumerable.Range(0, 10).Select(s => KernelDistance.Unbiased(_dots, Rows(real, orderA, s), Rows(made, orderB, s)))];
        var (mean, error) = KernelDistance.Between(_dots, real, made, SeedStream.Subsets.Of(7));
        Assert.That(mean, Is.EqualTo(values.Average()).Within(1e-12));
        Assert.That(error, Is.EqualTo(Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / 90)).Within(1e-12));
        Assert.That(mean, Is.GreaterThan(3 * error), "a shift of 0.2 in 64 dimensions is seen");

        static float[] Rows(float[] of, int[] order, int subset) =>
            [.. order.Skip(subset * Size).Take(Size).SelectMany(row => of[(row * Width)..((row + 1) * Width)])];
    }

    /// <summary>Of one distribution, the distance is 0 within its own error: the estimate has no bias.</summary>
    [Test]
    public void TwoSetsOfOneKindAreAtNoKernelDistance()
    {
        var (mean, error) = KernelDistance.Between(_dots, Normal(5, 2000, 0, 1), Normal(6, 2000, 0, 1), SeedStream.Subsets.Of(0));
        Assert.That(Math.Abs(mean), Is.LessThan(3 * error));
        Assert.That(error, Is.GreaterThan(0).And.LessThan(0.05));
    }

    [Test]
    public void CopiesHaveFullPrecisionAndOneCopiedPictureNoRecall()
    {
        float[] real = Normal(8, 400, 0, 1);
        Assert.That(PrecisionRecall.Of(_dots, real, real, 2), Is.EqualTo(new PrecisionRecall(1, 1)));
        float[] same = [.. Enumerable.Repeat(real[..Width], 400).SelectMany(row => row)];
        var (precision, recall) = PrecisionRecall.Of(_dots, real, same, 2);
        Assert.That(precision, Is.EqualTo(1));
        Assert.That(recall, Is.LessThanOrEqualTo(1 / 400.0), "all balls are points: at most the copied picture is in one");
    }

    [Test]
    public void AnyNumberOfThreadsFindsTheSame()
    {
        float[] real = Normal(9, 900, 0, 1), made = Normal(10, 900, 0.1f, 0.9f);
        using var alone = new CpuDevice(1);
        var dots = new GramBlocks(alone, Width);
        Assert.That(PrecisionRecall.Of(dots, real, made, 1), Is.EqualTo(PrecisionRecall.Of(_dots, real, made, 3)));
        Assert.That(
            KernelDistance.Between(dots, real, made, SeedStream.Subsets.Of(1)),
            Is.EqualTo(KernelDistance.Between(_dots, real, made, SeedStream.Subsets.Of(1))));
    }

    private float[] Normal(ulong seed, int rows, float mean, float deviation)
    {
        using var values = new Tensor(_device, new Shape(rows, Width));
        RandomNumbers.Normal(new RandomStream(seed, 0), mean, deviation, values);
        return values.ToArray();
    }

    private static byte[] Bytes(float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];
}
