using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Batch normalisation and Adam on every engine: the same checks, against the same loops, as on the processor, and its bits.
/// </summary>
[TestFixtureSource(typeof(Engine), nameof(Engine.WithKernels))]
internal sealed class StatisticsOnEnginesTests(Engine engine)
{
    private Device _device = null!;

    [OneTimeSetUp]
    public void Open() => _device = engine.Device;

    [Test]
    public void BatchNormForward()
    {
        foreach (int[] extents in Sizes)
        {
            using var t = new BatchNormTests.Tensors(_device, extents);
            BatchNormTests.CheckForward(t);
            using var want = new BatchNormTests.Tensors(Engine.Cpu.Device, extents);
            BatchNormTests.CheckForward(want);
            t.AssertSame(want, $"{t.X.Shape}");
        }
    }

    [Test]
    public void BatchNormBackward()
    {
        foreach (int[] extents in Sizes)
        {
            using var t = new BatchNormTests.Tensors(_device, extents);
            BatchNormTests.CheckBackward(t);
            using var want = new BatchNormTests.Tensors(Engine.Cpu.Device, extents);
            BatchNormTests.CheckBackward(want);
            t.AssertSame(want, $"{t.X.Shape}");
        }
    }

    [TestCase(9, 19)]
    [TestCase(3, 6, 5, 19)]
    public void BatchNormBackwardThroughAnActivation(params int[] extents)
    {
        using var t = new BatchNormTests.Tensors(_device, extents);
        using var want = new BatchNormTests.Tensors(Engine.Cpu.Device, extents);
        foreach (var here in (BatchNormTests.Tensors[])[t, want])
        {
            BatchNorm.Forward(here.X, here.Gamma, here.Beta, 1e-3f, here.Y, here.Mean, here.Variance, here.Rstd);
            BatchNorm.Backward(here.X, here.Gamma, here.Mean, here.Rstd, here.DY, default(Autograd.Tanh), here.DX, here.DGamma, here.DBeta);
        }
        t.AssertSame(want, "through tanh");
    }

    /// <summary>Statistics that are moved in the same pass are those that are moved by themselves.</summary>
    [TestCase(9, 19)]
    [TestCase(3, 6, 5, 19)]
    public void BatchNormMovesStatistics(params int[] extents)
    {
        using var t = new BatchNormTests.Tensors(_device, extents);
        using Tensor mean = Numbers.Some(_device, t.Mean.Shape, seed: 5), variance = Numbers.Some(_device, t.Mean.Shape, seed: 6);
        float[] meanBefore = mean.ToArray(), varianceBefore = variance.ToArray();
        BatchNorm.Forward(t.X, t.Gamma, t.Beta, 1e-3f, t.Y, t.Mean, t.Variance, t.Rstd, new RunningStatistics(mean, variance, 0.8f));
        float[] movedMean = mean.ToArray(), movedVariance = variance.ToArray();
        mean.CopyFrom(meanBefore);
        variance.CopyFrom(varianceBefore);
        MovingAverage.Move(mean, t.Mean, 0.8f);
        MovingAverage.Move(variance, t.Variance, 0.8f);
        Numbers.AssertSame(movedMean, mean.ToArray(), "mean");
        Numbers.AssertSame(movedVariance, variance.ToArray(), "variance");
    }

    [TestCase(128, 17)]
    [TestCase(2, 8, 8, 17)]
    public void BatchNormOfALargeMean(params int[] extents)
    {
        using var t = new BatchNormTests.Tensors(_device, extents);
        BatchNormTests.CheckLargeMean(t);
    }

    [Test]
    public void BatchNormInference([Values(0, 1, 7)] int n, [Values(1, 17, 37, 256)] int c)
    {
        using var t = new BatchNormTests.Tensors(_device, n, c);
        BatchNormTests.CheckInference(t, c);
        using var want = new BatchNormTests.Tensors(Engine.Cpu.Device, n, c);
        BatchNormTests.CheckInference(want, c);
        t.AssertSame(want, "inference");
    }

    [Test]
    public void BatchNormStatisticsMove([Values(1, 255, 256, 257)] int c) => BatchNormTests.CheckStatistics(_device, c);

    /// <summary>Slots whose ends fall within, at and past a chunk, empty ones among them, and at both ends.</summary>
    [Test]
    public void AdamUpdatesEverySlotOnce() => AdamStepTests.CheckSlots(_device, [0, 1, 17, 0, 255, 256, 257, 2047, 2048, 2049, 4097, 0]);

    /// <summary>
    /// As many as a launch takes, eight where arguments are few and sixteen elsewhere, one more, and some launches' worth.
    /// </summary>
    [Test]
    public void AdamUpdatesMoreParametersThanALaunchTakes([Values(8, 9, 16, 17, 35)] int slots) =>
        AdamStepTests.CheckSlots(_device, [.. Enumerable.Range(0, slots).Select(i => (i % 5 * 37) + 1)]);

    /// <summary>Ninety slots, in six launches or twelve.</summary>
    [Test]
    public void AdamMarksFaults() => AdamStepTests.CheckFaults(_device);

    /// <summary>
    /// Updates that compute their gradients, of one use of a layer and of more, beside one whose gradient is a tensor: the bits of an
    /// update by gradients that were computed before. Rows of four numbers and others; tiles whole and at their edges.
    /// </summary>
    [TestCase]
    [TestCase(3)]
    [TestCase(33)]
    [TestCase(33, 5)]
    [TestCase(4, 33, 1)]
    public void AdamComputesItsGradients(params int[] more)
    {
        foreach (var (rows, inputs, outputs) in DeferredSizes)
        {
            using var dy = new Tensor(_device, new Shape(rows, outputs));
            var shares = more.Aggregate(new DeferredGradient(null, dy), (all, _) => all.With(new(null, dy)));
            bool deferred = _device is AcceleratorDevice device && shares.Shares <= AdamStep.MostShares(device);
            Assert.That(AdamStep.CanFuse(shares), Is.EqualTo(deferred));
            Assert.That(UpdatedBy(_device, rows, more, inputs, outputs, deferred), Is.EqualTo(
                UpdatedBy(Engine.Cpu.Device, rows, more, inputs, outputs, deferred: false)),
                $"{string.Join('+', more.Prepend(rows))}, {inputs}x{outputs}");
        }
    }

    [Test]
    public void AdamRefusesMoreSharesThanItTakes()
    {
        using Tensor w = Tensor.Filled(_device, new Shape(5), 1), dy = Tensor.Filled(_device, new Shape(3, 5), 1);
        using var faults = Tensor.Filled(_device, new Shape(1), 0);
        int most = _device is AcceleratorDevice device ? AdamStep.MostShares(device) : 0; // the processor fuses no sum of rows
        var gradient = Enumerable.Range(0, most).Aggregate(new DeferredGradient(null, dy), (all, _) => all.With(new(null, dy)));
        var refused = Assert.Throws<ArgumentException>(
            () => AdamStep.Run([new(w, null, w, w, gradient)], new AdamNumbers(2e-4f, 0.5f, 0.999f, 1.5f, 1e-7f, 7), faults));
        Assert.That(refused.Message, Does.Contain("the gradient of [5] has to be computed first"));
    }

    /// <summary>The update adds a bias's gradient up in one chain.</summary>
    [Test]
    public void SumsInBlocksAreNotDeferred()
    {
        using Tensor rows = new(_device, new Shape(8, 5)), pixels = new(_device, new Shape(2, 2, 2, 5));
        Assert.That(AdamStep.CanFuse(new(null, pixels)), Is.False);
        Assert.That(AdamStep.CanFuse(new(null, rows, new(null, pixels))), Is.False);
        Assert.That(AdamStep.CanFuse(new(null, rows, new(null, rows))));
    }

    private (int Rows, int Inputs, int Outputs)[] DeferredSizes => engine.IsFast
        ? [(1, 1, 1), (5, 3, 17), (33, 32, 36), (128, 100, 256), (64, 257, 1), (31, 40, 33), (0, 4, 4)]
        : [(33, 36, 4), (5, 3, 2)];

    private static List<uint> UpdatedBy(Device device, int rows, int[] more, int inputs, int outputs, bool deferred)
    {
        var made = new List<Tensor>();
        Tensor Some(int seed, params int[] extents)
        {
            made.Add(Numbers.Some(device, new Shape(extents), seed, 0.3f));
            return made[^1];
        }

        (Tensor X, Tensor Dy)[] shares =
            [.. more.Prepend(rows).Select((n, i) => (Some((2 * i) + 1, n, inputs), Some((2 * i) + 2, n, outputs)))];
        var (x, dy) = shares[0];
        AdamSlot Slot(int seed, Shape shape, DeferredGradient? gradient, Action<Tensor>? compute)
        {
            int[] extents = [.. Enumerable.Range(0, shape.Rank).Select(i => shape[i])];
            Tensor value = Some(seed, extents), mean = Some(seed + 1, extents), square = Some(seed + 2, extents);
            var g = Some(seed + 3, extents);
            square.CopyFrom(Array.ConvertAll(square.ToArray(), MathF.Abs));
            if (deferred && gradient is not null)
                return new(value, null, mean, square, gradient);
            compute?.Invoke(g);
            return new(value, g, mean, square);
        }

        var (weight, bias) = (new Shape(inputs, outputs), new Shape(outputs));
        AdamSlot[] slots =
        [
            Slot(10, new Shape(37), null, null),
            Slot(20, weight, Gradient(share => share.X), gradient =>
            {
                MatMul.Run(x, true, dy, false, gradient);
                foreach (var share in shares[1..])
                    MatMul.Accumulate(share.X, true, share.Dy, false, gradient);
            }),
            Slot(30, bias, Gradient(_ => null), gradient =>
            {
                Reduce.SumRows(dy, gradient);
                foreach (var share in shares[1..])
                {
                    Tensor sum = Some(0, outputs), next = Some(0, outputs);
                    sum.CopyFrom(gradient.ToArray());
                    Reduce.SumRows(share.Dy, next);
                    Elementwise.Zip(default(Autograd.Add), sum, next, gradient);
                }
            }),
        ];
        using var faults = Tensor.Filled(device, new Shape(slots.Length), 0);
        AdamStep.Run(slots, new AdamNumbers(2e-4f, 0.5f, 0.999f, 1.5f, 1e-7f, 7), faults);
        List<uint> bits =
        [
            .. slots.SelectMany(slot => (Tensor[])[slot.Value, slot.Mean, slot.Square]).Append(faults)
                .SelectMany(tensor => tensor.ToArray()).Select(BitConverter.SingleToUInt32Bits),
        ];
        made.ForEach(tensor => tensor.Dispose());
        return bits;

        DeferredGradient Gradient(Func<(Tensor X, Tensor Dy), Tensor?> x) =>
            shares.Select(share => new DeferredGradient(x(share), share.Dy)).Aggregate((all, next) => all.With(next));
    }

    [Test]
    public void AdamOfNothingIsNoWork() => AdamStepTests.CheckSlots(_device, [0, 0]);

    /// <summary>
    /// A lone sample, and around the sixteen slices of rows by sixteen columns that a group has; pictures around a block of 64 pixels. More
    /// where they take no time.
    /// </summary>
    private int[][] Sizes => engine.IsFast
        ?
        [
            [1, 1], [1, 17], [2, 15], [15, 7], [16, 16], [17, 17], [65, 33], [128, 131], [129, 5], [1023, 19], [19, 1023],
            .. BatchNormTests.Pictures,
        ]
        : [[1, 1], [17, 17], [130, 3], [1, 1, 1, 1], [5, 1, 13, 17], [1, 43, 3, 3]];
}
