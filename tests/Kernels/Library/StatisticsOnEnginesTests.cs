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

    [Test]
    public void AdamOfNothingIsNoWork() => AdamStepTests.CheckSlots(_device, [0, 0]);

    /// <summary>
    /// A lone sample, and around the sixteen slices of rows by sixteen columns that a group has; more where they take no time.
    /// </summary>
    private (int N, int C)[] Sizes => engine.IsFast
        ? [(1, 1), (1, 17), (2, 15), (15, 7), (16, 16), (17, 17), (65, 33), (128, 131), (129, 5), (1023, 19), (19, 1023)]
        : [(1, 1), (17, 17), (130, 3)];
}
