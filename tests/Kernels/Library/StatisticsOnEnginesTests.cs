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
        foreach (var (n, c) in Sizes)
        {
            using var t = new BatchNormTests.Tensors(_device, n, c);
            BatchNormTests.CheckForward(t, n, c);
            using var want = new BatchNormTests.Tensors(Engine.Cpu.Device, n, c);
            BatchNormTests.CheckForward(want, n, c);
            t.AssertSame(want, $"[{n},{c}]");
        }
    }

    [Test]
    public void BatchNormBackward()
    {
        foreach (var (n, c) in Sizes)
        {
            using var t = new BatchNormTests.Tensors(_device, n, c);
            BatchNormTests.CheckBackward(t, n, c);
            using var want = new BatchNormTests.Tensors(Engine.Cpu.Device, n, c);
            BatchNormTests.CheckBackward(want, n, c);
            t.AssertSame(want, $"[{n},{c}]");
        }
    }

    [Test]
    public void BatchNormBackwardThroughAnActivation()
    {
        using var t = new BatchNormTests.Tensors(_device, 9, 19);
        using var want = new BatchNormTests.Tensors(Engine.Cpu.Device, 9, 19);
        foreach (var here in (BatchNormTests.Tensors[])[t, want])
        {
            BatchNorm.Forward(here.X, here.Gamma, here.Beta, 1e-3f, here.Y, here.Mean, here.Variance, here.Rstd);
            BatchNorm.Backward(here.X, here.Gamma, here.Mean, here.Rstd, here.DY, default(Autograd.Tanh), here.DX, here.DGamma, here.DBeta);
        }
        t.AssertSame(want, "through tanh");
    }

    [Test]
    public void BatchNormOfALargeMean()
    {
        using var t = new BatchNormTests.Tensors(_device, 128, 17);
        BatchNormTests.CheckLargeMean(t, 128, 17);
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
    /// Updates that compute their gradients, of one use of a layer and of two, beside one whose gradient is a tensor: the bits of an update
    /// by gradients that were computed before. Rows of four numbers and others; tiles whole and at their edges.
    /// </summary>
    [Test]
    public void AdamComputesItsGradients([Values(0, 3, 33)] int more)
    {
        foreach (var (rows, inputs, outputs) in DeferredSizes)
        {
            Assert.That(UpdatedBy(_device, rows, more, inputs, outputs, deferred: true), Is.EqualTo(
                UpdatedBy(Engine.Cpu.Device, rows, more, inputs, outputs, deferred: false)), $"{rows}+{more}, {inputs}x{outputs}");
        }
    }

    private (int Rows, int Inputs, int Outputs)[] DeferredSizes => engine.IsFast
        ? [(1, 1, 1), (5, 3, 17), (33, 32, 36), (128, 100, 256), (64, 257, 1), (31, 40, 33), (0, 4, 4)]
        : [(33, 36, 4), (5, 3, 2)];

    private static List<uint> UpdatedBy(Device device, int rows, int more, int inputs, int outputs, bool deferred)
    {
        var made = new List<Tensor>();
        Tensor Some(int seed, params int[] extents)
        {
            made.Add(Numbers.Some(device, new Shape(extents), seed, 0.3f));
            return made[^1];
        }

        Tensor x = Some(1, rows, inputs), dy = Some(2, rows, outputs), moreX = Some(3, more, inputs), moreDy = Some(4, more, outputs);
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
            Slot(20, weight, new(x, dy, more == 0 ? null : new(moreX, moreDy)), gradient =>
            {
                MatMul.Run(x, true, dy, false, gradient);
                if (more > 0)
                    MatMul.Accumulate(moreX, true, moreDy, false, gradient);
            }),
            Slot(30, bias, new(null, dy, more == 0 ? null : new(null, moreDy)), gradient =>
            {
                Reduce.SumRows(dy, gradient);
                if (more == 0)
                    return;
                Tensor first = Some(0, outputs), second = Some(0, outputs);
                Reduce.SumRows(dy, first);
                Reduce.SumRows(moreDy, second);
                Elementwise.Zip(default(Autograd.Add), first, second, gradient);
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
    }

    [Test]
    public void AdamOfNothingIsNoWork() => AdamStepTests.CheckSlots(_device, [0, 0]);

    /// <summary>
    /// A lone sample, and around the sixteen slices of rows by sixteen columns that a group has; more where they take no time.
    /// </summary>
    private (int N, int C)[] Sizes => engine.IsFast
        ? [(1, 1), (1, 17), (2, 15), (15, 7), (16, 16), (17, 17), (65, 33), (128, 131), (129, 5), (1023, 19), (19, 1023)]
        : [(1, 1), (17, 17), (130, 3)];
}
